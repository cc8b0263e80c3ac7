"""The table of odd servers, as a page of the documentation keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile.servers import SERVERS, means

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.hostile.runs import Outcome

PAGE = """\
# Odd servers

What a run makes of a server that implements nothing, or whose answers are made to trip a reader up. Each of these has
one answer, whatever it is asked; the target file is that of the reference target. A run at any of them ends by itself,
with a verdict on the target and a record that can be read, never as an error of the suite. Exit code 7 stands where the
first login says already that nothing can be tested. Seconds and memory are of a small machine with other work to do.

This page is written by `python -m tests.hostile --api {api} --server all --write docs/odd-servers.md`.

| server | what it answers | status | exit | seconds | memory, MB | record, KB |
|---|---|---|---|---|---|---|
{rows}
"""


def page(api: str, outcomes: Iterable[tuple[str, Outcome]]) -> str:
    """Write the page from what the runs at some of the servers came to."""
    return PAGE.format(api=api, rows="\n".join(_row(name, outcome) for name, outcome in outcomes))


def _row(name: str, outcome: Outcome) -> str:
    code = "none" if outcome.code is None else outcome.code
    numbers = f"{outcome.seconds:.0f} | {outcome.megabytes} | {outcome.record_kilobytes}"
    return f"| {name} | {means(SERVERS[name])} | {outcome.status} | {code} | {numbers} |"
