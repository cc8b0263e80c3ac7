"""What the documents leave open: attributes that were not sent, unknown and unsupported ones, values of other types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from fixtures import generation
from fixtures.api import shown
from specs import openapi
from suites.oracle_chat import echoes, steps
from suites.oracle_chat.tokens import token_in

if TYPE_CHECKING:
    from random import Random

    from schemathesis import Case

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

UNKNOWN = "oracle_chat.echo.unknown-members"
WRONG = "oracle_chat.echo.wrong-json-types"
OF_THE_USER = frozenset({"contactId", "emailAddress", "firstName", "lastName"})
"""What a server may know of a chat user."""
WRONG_VALUES: Final[tuple[Any, ...]] = (True, 1.5, [], {}, {"text": ["nested", {"deeper": 7}]})
WITH_RULES = ("customFields", "mediaList", "chatPriority", "resumeType", "question")
"""Attributes whose other values are another requirement's matter."""


def known_attributes() -> tuple[str, ...]:
    """Return the names of all attributes that a client may send."""
    schema = openapi.document("oracle_chat").raw["components"]["schemas"]["ChatRequest"]
    return tuple(schema["properties"])


@pytest.mark.requirement("oracle_chat.echo.unsent-attributes")
def test_attributes_that_were_not_sent_are_not_invented(a: Client, rng: Random, judge: Judge) -> None:
    """After a call with texts, a basic call for the same user shows the others as absent, null or their default."""
    steps.unless_refused(a.ask(**steps.marks(rng, ("question", "incidentName"))), "a call with free texts")
    answer = a.ask()
    members = steps.taken(answer)
    unsent = [name for name in known_attributes() if name not in steps.basic_members(a.api.table)]
    there = {name: members[name] for name in unsent if name in members}
    valued = {name for name, value in there.items() if value is not None}
    valued -= {"escalationLevel"} if there.get("escalationLevel") in ("0", 0) else set()
    odd = {name: there[name] for name in valued if name not in OF_THE_USER or not there[name]}
    judge.that(not odd, "absent, null or the default for what was not sent", odd, answer)
    judge.reading("filled-from-user" if valued else "null-or-default" if there else "absent")
    judge.note(filled=sorted(valued))


@pytest.mark.requirement(UNKNOWN)
def test_an_unknown_member_does_not_matter(a: Client, tour: Tour, rng: Random, judge: Judge) -> None:
    """A member that nobody knows is ignored, echoed or refused; the call keeps its echo, and the token its claims."""
    steps.taken(tour.basic)
    name, text = steps.mark(rng), steps.mark(rng)
    answers = {
        "a text": judge_unknown(judge, a, {name: text}, [text]),
        "an object": judge_unknown(judge, a, {name: {"inner": text}}, [text]),
    }
    subject, *words = (steps.mark(rng) for _ in range(3))
    internal = {"sub": subject, "role": words[0], "privileges": [words[1]]}
    answers["names of claims"] = judge_unknown(judge, a, internal, [subject, *words])
    judge.reading(answers["a text"])
    judge.note(**answers)


def judge_unknown(judge: Judge, a: Client, unknown: dict[str, Any], values: list[str]) -> str:
    """Send unknown members, judge that they change nothing else, and name the reading."""
    what = f"the unknown members {', '.join(unknown)}"
    sent = {"question": "Any?"}
    answer = a.ask(**sent, **unknown)
    members = echoes.no_server_error(a, judge, answer, what)
    if members is None:
        return "refused"
    echoes.judge_echo(judge, answer, members, steps.basic_members(a.api.table, **sent))
    token = token_in(answer)
    held = [value for value in values if token and value in json.dumps(dict(token.claims))]
    judge.that(not held, f"a token that holds no value of {what}", f"{', '.join(held)} in its claims", answer)
    return "echoed" if any(members.get(name) == value for name, value in unknown.items()) else "ignored"


@pytest.mark.requirement("oracle_chat.echo.unsupported-attributes")
def test_unsupported_attributes_are_echoed_ignored_or_refused(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """Attributes without effect bring no server error and no value but the sent one, the default or null."""
    steps.taken(tour.basic)
    probes = [("escalationLevel", "0"), ("escalationLevel", "3")]
    if "productId" in api.table["attributes"]:
        probes.append(("productId", str(api.table["attributes"]["productId"])))
    table = {f"{name} {value}": judge_unsupported(judge, a, name, value) for name, value in probes}
    common = set.intersection(*table.values())
    judge.reading(min(common) if common else "mixed")
    judge.note(**{what: sorted(names) for what, names in table.items()})


def judge_unsupported(judge: Judge, a: Client, name: str, value: str) -> set[str]:
    """Send one, judge what comes of it, and return the readings that fit."""
    answer = a.ask(**{name: value})
    members = echoes.no_server_error(a, judge, answer, f"{name} {value}")
    if members is None:
        return {"refused"}
    found = members.get(name)
    default = found is None or (name == "escalationLevel" and found in ("0", 0))
    judge.that(default or found == value, f"{name} {value!r} as sent, its default, or null", repr(found), answer)
    return ({"echoed"} if found == value else set()) | ({"ignored"} if default else set())


@pytest.mark.requirement(WRONG)
@pytest.mark.parametrize("name", ["firstName", "question", "queueId", "authUserName"])
def test_a_value_of_another_type_is_refused_or_becomes_a_text(
    name: str, a: Client, tour: Tour, judge: Judge
) -> None:
    """A boolean, a fraction, an array and an object in place of a text are refused, shown as text, or dropped."""
    steps.taken(tour.basic)
    for value in WRONG_VALUES:
        answer = a.ask(**{name: value})
        members = echoes.no_server_error(a, judge, answer, f"{name} {value!r}")
        if members is not None:
            judge_text(judge, answer, f"{name} {value!r}", value, members.get(name))


def judge_text(judge: Judge, answer: Answer, what: str, value: Any, found: Any) -> None:
    """Judge what came back of a value of another type: null, or a text of that very value."""
    texts = {"true"} if value is True else {str(value)} if isinstance(value, float) else set()
    same = isinstance(found, str) and (found.lower() in texts or holds(found, value))
    judge.that(found is None or same, f"a 4xx for {what}, or null or its text in the answer", repr(found), answer)


def holds(text: str, value: Any) -> bool:
    """Say whether a text is the JSON of an array or object."""
    return isinstance(value, list | dict) and echoes.parsed(text) == value


@pytest.mark.requirement(WRONG)
def test_no_value_of_another_type_breaks_the_server(a: Client, tour: Tour, judge: Judge, given: Given) -> None:
    """A generated request with attributes of wrong types, for the usual user, is no error of the server."""
    proper = steps.basic_members(a.api.table)
    steps.taken(tour.basic)

    @given(generation.cases("oracle_chat", steps.CREATE, "negative"))
    def is_answered(case: Case[Any]) -> None:
        if not isinstance(case.body, dict):
            return
        changed = {name: value for name, value in case.body.items() if name not in WITH_RULES}
        answer = a.send({**changed, **proper})
        judge.that(answer.status < 500, "no error of the server for values of other types", shown(answer), answer)

    is_answered()
