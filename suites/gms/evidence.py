"""What several tests of creates judge: a dozen of them and more, and what asking for an access code brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suites.gms import steps
from suites.gms.forms import KINDS
from suites.gms.steps import INTERACTION, MATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from fixtures.api import Caller
    from fixtures.exchange import Answer
    from suites.gms.desk import Desk
    from suites.gms.forms import Kind

CODE = "_provide_code"
ASKED = 3
"""Creates with a code for each body type."""
PART = 3
"""Where numbers are dear, these creates may wait for one part, in so many, of what the run may wait in all."""
QUOTED = 'said "so" \\ and {"more'
"""A value that breaks JSON wherever it is written into it as it stands."""
OTHERS = ("request_chat", "inbound_poll")
"""Services that book nothing; their ids are looked at, too."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A create and its answer."""

    phone: str
    kind: Kind
    asked: str | None
    """What it says of a code; None: nothing."""
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

    def asking(self, *codes: str | None) -> tuple[Creation, ...]:
        """Those that said this of a code."""
        return tuple(each for each in self.sent if each.asked in codes)


def gathered(desk: Desk, rng: Random) -> Creations:
    """Create alike and differently, in both types, over two connections, before and after a booking was matched.

    All are for one phone but the last; where codes are honoured, some ask for one, and one for none.
    """
    table = desk.api.table
    second = steps.known(desk.api)
    alike = {"_phone_number": steps.phone(table, rng), "note": QUOTED}
    sent: list[Creation] = []

    def create(fields: dict[str, str], kind: Kind, caller: Caller = desk.caller) -> None:
        if sent and desk.dear and not desk.is_free() and desk.waited > table["max_wait_seconds"] / PART:
            return
        answer = desk.insist(INTERACTION, fields, kind=kind, caller=caller)
        sent.append(Creation(fields["_phone_number"], kind, fields.get(CODE), answer))

    honoured = CODE in table["honoured"]
    if desk.dear and honoured:  # what says most goes first, since the rest may find no number
        for kind in KINDS:
            create(alike | {CODE: "true"}, kind)
    for caller in (desk.caller, second):
        for kind in KINDS:
            create(alike, kind, caller)
    if MATCH in (table["services"] or {}):
        key = {"_access_number": steps.text(sent[0].answer, "_access_number") or "", "_phone_number": sent[0].phone}
        desk.match(key)
    for kind in KINDS:
        create(alike, kind)
    for number in range(2 * ASKED):  # in the order of the types, or codes that count up would seem to jump
        create(alike | ({CODE: "true"} if honoured else {}) | {"note": str(number)}, KINDS[number // ASKED])
    for kind in KINDS:
        create({"_phone_number": steps.phone(table, rng)} | ({CODE: "false"} if honoured else {}), kind)
    others = {role: desk.create(role, {}) for role in OTHERS if role in (table["services"] or {})}
    return Creations(tuple(sent), others)


class Codes:
    """What asking for an access code brings, by body type: the parameter whose effect shows in the answer."""

    def __init__(self, desk: Desk, creations: Callable[[], Creations]) -> None:
        self._desk = desk
        self._creations = creations

    @property
    def told_apart(self) -> bool:
        """Whether a code comes if it is asked for, and only then, as far as the target file and the creates say."""
        table = self._desk.api.table
        if CODE not in table["honoured"] or table["code_by_default"]:
            return False
        return table["code_by_default"] is not None or not unasked(self._creations())

    def asked(self, kind: Kind) -> bool:
        """Say whether a plain body of this type that asks for a code was sent and taken."""
        return any(each.kind == kind and steps.started(each.answer) for each in self._creations().asking("true"))

    def come(self, kind: Kind) -> bool:
        """Say whether a plain body of this type brings the code that it asks for; False where that says nothing."""
        if not self.told_apart:
            return False
        return any(each.kind == kind and has_code(each.answer) for each in self._creations().asking("true"))


def unasked(creations: Creations) -> bool:
    """Say whether every create that is taken brings a code, though nothing was said of one."""
    plain = [each.answer for each in creations.asking(None) if steps.started(each.answer)]
    return bool(plain) and all(map(has_code, plain))


def has_code(answer: Answer) -> bool:
    """Say whether an answer hands out an access code."""
    return answer.status == 200 and steps.text(answer, "_access_code") is not None
