"""What a scenario entry says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.api import object_in

if TYPE_CHECKING:
    from fixtures.exchange import Answer


def listed(answer: Answer) -> list[tuple[str, str]] | None:
    """Return name and type of each parameter; None when the answer has another form."""
    found = object_in(answer).get("parameters") if answer.status == 200 else None
    if not isinstance(found, list) or not all(isinstance(entry, dict) and len(entry) == 1 for entry in found):
        return None
    pairs = [pair for entry in found for pair in entry.items()]
    return pairs if all(isinstance(kind, str) for _, kind in pairs) else None
