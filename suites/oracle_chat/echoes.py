"""What comes back of what a client sent, and what to make of an answer to a value that may not suit the target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fixtures import strict_json
from fixtures.api import object_in, shown
from suites.oracle_chat import steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client

ABSENT: Final = "absent"
"""Stands for a member that an answer does not have; what a client sends is never this word alone."""


def promised(client: Client, judge: Judge, answer: Answer, what: str) -> dict[str, Any]:
    """Return the members of the answer to a call that must succeed.

    A refusal breaks the requirement, unless a basic call is refused too: then it raises Blocked.
    """
    if answer.status not in steps.CREATED:
        client.succeed()
        judge.fail(f"success with {what}", shown(answer), answer)
    return steps.taken(answer)


def tried(answer: Answer) -> dict[str, Any] | None:
    """Return the members of the answer to a call that may be refused; None for a 4xx. Raises Blocked."""
    return None if steps.refuses_as_client_error(answer) else steps.taken(answer)


def no_server_error(client: Client, judge: Judge, answer: Answer, what: str) -> dict[str, Any] | None:
    """Return what came back of a value that may be taken or refused, None for a refusal; judge that it is one of both.

    Where a basic call does not succeed either it raises Blocked.
    """
    refused = steps.refuses_as_client_error(answer)
    answered = refused or steps.succeeds(answer)
    if not answered:
        client.succeed()
    judge.that(answered, f"success, or a refusal with a 4xx, for {what}", shown(answer), answer)
    return None if refused else object_in(answer)


def of(members: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an answer has for the attributes that were sent."""
    return {name: members.get(name, ABSENT) for name in sent}


def fate_of(answer: Answer, name: str, sent: str) -> str:
    """Say in a word what came of a text of which the documents say nothing."""
    if not steps.succeeds(answer):
        return f"status {answer.status}"
    found = object_in(answer).get(name, ABSENT)
    return "unchanged" if found == sent else repr(found)


def judge_echo(judge: Judge, answer: Answer, members: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    """Judge that every text that was sent came back as it is."""
    found = of(members, sent)
    wrong = [name for name in sent if found[name] != sent[name]]
    judge.that(
        not wrong,
        "the texts that were sent: " + ", ".join(f"{name} {sent[name]!r}" for name in wrong),
        ", ".join(f"{name} {found[name]!r}" for name in wrong),
        answer,
    )


def parsed(text: str) -> Any:
    """Return the value of a JSON text, None where it is none."""
    try:
        return strict_json.parse(text.encode("utf-8", "surrogatepass"))
    except strict_json.NotJson:
        return None


def promises(api: Api, name: str) -> bool:
    """Say whether the target file itself says which value of the attribute the target accepts."""
    return name in api.table["attributes"] and name not in steps.example_request(api.table).undeclared


def numeric(api: Api, *names: str) -> dict[str, int]:
    """Return the attributes, of these, whose value in the target file is a whole number."""
    values = {name: str(value) for name, value in api.table["attributes"].items() if name in names}
    return {name: int(value) for name, value in values.items() if value.isascii() and value.isdecimal()}


@dataclass
class Fates:
    """What became of several values of one attribute, where the documents leave that open: taken or refused."""

    taken: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def add(self, what: str, *, taken: bool) -> None:
        """Note one of them."""
        (self.taken if taken else self.refused).append(what)

    def tell(self, judge: Judge, *, taken: str) -> None:
        """Tell the judge the reading, `taken` naming the one in which all are, and the table."""
        judge.reading("mixed" if self.taken and self.refused else taken if self.taken else "refused")
        judge.note(taken=self.taken, refused=self.refused)
