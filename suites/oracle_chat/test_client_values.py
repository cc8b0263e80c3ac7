"""Values for what only the server sets, and for what the client is: a client cannot have its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from suites.oracle_chat import issued as tokens
from suites.oracle_chat import steps
from suites.oracle_chat.tokens import UNTOLD, subject_of, token_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

SETTABLE = ("chatSiteName", "domain", "poolId", "links")
OTHER_TYPES = ("AGENT", "SUPERVISOR", "a random word", 7)


# ---- server-values ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("oracle_chat.server-values.not-client-settable")
@pytest.mark.parametrize("names", [*((name,) for name in SETTABLE), SETTABLE], ids="-".join)
def test_values_of_the_server_are_not_taken_from_the_client(
    a: Client, tour: Tour, rng: Random, names: tuple[str, ...], judge: Judge
) -> None:
    """A marked value is refused, or comes back nowhere: neither in the answer nor in the claims of the token."""
    steps.taken(tour.basic)
    marked = {name: steps.mark(rng).lower() for name in names}
    answer = a.ask(**{name: _value(name, mark) for name, mark in marked.items()})
    if steps.refuses_as_client_error(answer):
        judge.reading("refused")
        return
    judge.that(steps.succeeds(answer), "success or a client error", shown(answer), answer)
    for name, mark in marked.items():
        place = _place(answer, mark)
        judge.that(not place, f"nothing of the client's {name} in the answer", f"it stands in {place}", answer)
    judge.reading("overridden")


def _value(name: str, mark: str) -> Any:
    """Return a proper value for a member, with the mark in it."""
    host = f"{mark}.evil.example.com"
    link = {"rel": "self", "href": f"https://{host}/{mark}", "name": mark, "kind": "item"}
    return {"domain": host, "links": [link]}.get(name, mark)


def _place(answer: Answer, mark: str) -> str:
    """Say where a mark in small letters stands; empty where it stands nowhere."""
    if any(mark in value.lower() for _, value in answer.headers):
        return "a header field"
    token = steps.token_of(answer) or ""
    if mark in answer.text.replace(token, "").lower():
        return "the body"
    readable = token_in(answer)
    return "the token" if readable and readable.holds(mark) else ""


@pytest.mark.requirement("oracle_chat.server-values.jwt-never-adopted")
@pytest.mark.parametrize("kind", ["text", "unsigned token"])
def test_a_made_up_token_is_not_adopted(a: Client, tour: Tour, rng: Random, kind: str, judge: Judge) -> None:
    """A text, and a token that nobody signed, are refused as jwt, or another token comes back without their marks."""
    steps.taken(tour.basic)
    proper = token_in(tour.basic)
    mark = steps.mark(rng).lower()
    claims = {**(proper.claims if proper else {}), "sub": f"{mark}@example.com", "prn": f"{mark}@example.com"}
    made_up = mark if kind == "text" else tokens.unsigned({"alg": "none", "typ": "JWT"}, claims)
    _judge_not_adopted(a.ask(jwt=made_up), made_up, judge, mark=mark)


@pytest.mark.requirement("oracle_chat.server-values.jwt-never-adopted")
def test_the_token_of_another_user_is_not_adopted(a: Client, tour: Tour, judge: Judge) -> None:
    """A live token of the second user, sent with a call for the first, is refused, or the first user's comes back."""
    own, other = tour.two_users(judge)
    if subject_of(own) is not None and subject_of(own) == subject_of(other):
        judge.not_applicable(UNTOLD)  # within a second their tokens are equal
    foreign = steps.token_of(other) or ""
    answer = a.ask(jwt=foreign)
    _judge_not_adopted(answer, foreign, judge)
    if steps.succeeds(answer) and subject_of(other) is not None:
        subject = subject_of(answer)
        judge.that(subject != subject_of(other), "a token for the user who was asked for", f"sub {subject!r}", answer)


def _judge_not_adopted(answer: Answer, sent: str, judge: Judge, *, mark: str | None = None) -> None:
    if steps.refuses_as_client_error(answer):
        judge.that(True, "refused", shown(answer))
        return
    judge.that(answer.status in steps.CREATED, "success or a client error", shown(answer), answer)
    came = steps.token_of(answer)
    judge.that(came is not None and came != sent, "another token than the one sent", "the same, or none", answer)
    if mark:
        place = _place(answer, mark)
        judge.that(not place, "nothing of the token sent in the answer", f"it stands in {place}", answer)


# ---- client-type -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("oracle_chat.client-type.other-values")
@pytest.mark.parametrize("value", OTHER_TYPES)
def test_another_client_type_is_refused(a: Client, tour: Tour, rng: Random, value: Any, judge: Judge) -> None:
    """An agent, a supervisor, a random word and a number get no token, but a client error."""
    steps.taken(tour.basic)
    sent = steps.mark(rng) if value == "a random word" else value
    answer = a.ask(clientType=sent)
    judge.that(steps.refuses_as_client_error(answer), f"4xx for the clientType {value}", _outcome(answer), answer)


def _outcome(answer: Answer) -> str:
    members: Mapping[str, Any] = object_in(answer)
    if not steps.succeeds(answer):
        return shown(answer)
    return f"{answer.status} with a token and clientType {members.get('clientType')!r}"


@pytest.mark.requirement("oracle_chat.client-type.other-values")
def test_the_client_type_in_small_letters_is_recorded(a: Client, tour: Tour, judge: Judge) -> None:
    """What becomes of `consumer` is recorded."""
    steps.taken(tour.basic)
    answer = a.ask(clientType=steps.CLIENT_TYPE.lower())
    judge.that(True, "any answer", shown(answer))
    judge.note(small_letters_are_taken=steps.succeeds(answer))
