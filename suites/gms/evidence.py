"""What several tests of creates judge: a dozen of them and more, and what asking for an access code brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suites.gms import steps
from suites.gms.desk import INTERACTION, MATCH
from suites.gms.forms import KINDS

if TYPE_CHECKING:
    from random import Random

    from fixtures.exchange import Answer
    from suites.gms.desk import Desk
    from suites.gms.forms import Kind

CODE = "_provide_code"
QUOTED = 'said "so" \\ and {"more'
"""A value that breaks JSON wherever it is written into it as it stands."""
OTHERS = ("request_chat", "inbound_poll")
"""Services that book nothing; their ids are looked at, too."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A create and its answer."""

    phone: str
    answer: Answer

    @property
    def id(self) -> Any:
        """The identifier, whatever it is: the member _id, else id; None where there is neither."""
        body = steps.content(self.answer)
        return body.get("_id", body.get("id"))


@dataclass(frozen=True, slots=True)
class Creations:
    """Creates of request_interaction in the order in which they were sent, and one of each other service."""

    sent: tuple[Creation, ...]
    others: dict[str, Answer]

    @property
    def taken(self) -> tuple[Creation, ...]:
        """Those that were answered with 200."""
        return tuple(each for each in self.sent if each.answer.status == 200)

    @property
    def ids(self) -> list[str]:
        """The identifiers among them that are non-empty strings, in order."""
        return [each.id for each in self.taken if isinstance(each.id, str) and each.id]


def gathered(desk: Desk, rng: Random) -> Creations:
    """Create alike and differently, in both types, over two connections, before and after a booking was matched."""
    table = desk.api.table
    second = steps.known(desk.api)
    alike = {"_phone_number": steps.phone(table, rng), "note": QUOTED}
    sent: list[Creation] = []

    def create(fields: dict[str, str], **how: Any) -> None:
        sent.append(Creation(fields["_phone_number"], desk.insist(INTERACTION, fields, **how)))

    for caller in (desk.caller, second):
        for kind in KINDS:
            create(alike, kind=kind, caller=caller)
    if MATCH in (table["services"] or {}):
        key = {"_access_number": steps.text(sent[0].answer, "_access_number") or "", "_phone_number": sent[0].phone}
        desk.match(key)
    for kind in KINDS:
        create(alike, kind=kind)
    for number in range(8):
        create({"_phone_number": steps.phone(table, rng), "note": str(number)}, kind=KINDS[number % 2])
    others = {role: desk.create(role, {}) for role in OTHERS if role in (table["services"] or {})}
    return Creations(tuple(sent), others)


class Codes:
    """What asking for an access code brings, by body type: the parameter whose effect shows in the answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: dict[Kind, bool] = {}

    @property
    def told_apart(self) -> bool:
        """Whether the target file says that a code comes if it is asked for, and only then."""
        table = self._desk.api.table
        return CODE in table["honoured"] and not table["code_by_default"]

    def come(self, kind: Kind) -> bool:
        """Say whether a plain body of this type brings the code that it asks for; False where that says nothing."""
        if not self.told_apart:
            return False
        if kind not in self._seen:
            asked = {"_phone_number": str(self._desk.api.table["phone_number"]), CODE: "true"}
            self._seen[kind] = has_code(self._desk.insist(INTERACTION, asked, kind=kind))
        return self._seen[kind]


def has_code(answer: Answer) -> bool:
    """Say whether an answer hands out an access code."""
    return answer.status == 200 and steps.text(answer, "_access_code") is not None
