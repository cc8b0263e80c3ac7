"""The access token opens the API, and nothing else does (Step 4; RFC 6750)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import gateway
from fixtures.api import shown
from fixtures.credentials import replaced
from fixtures.outcomes import Blocked
from suites.bp_sms import steps
from suites.bp_sms.notices import RECEIVER, STATUS, may_set
from suites.bp_sms.tokens import bearing

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.steps import Session
    from suites.bp_sms.tokens import Client, Tokens

WRONG = {
    "a random value": None,
    "the token with its last character replaced": lambda session: replaced(session.token),
    "the token with its first character replaced": lambda session: replaced(session.token[::-1])[::-1],
    "the token without its last character": lambda session: session.token[:-1],
    "the client secret": lambda session: session.client.secret,
    "an empty value": lambda _: "",
}
SETTERS = (STATUS, RECEIVER)


@pytest.fixture
def sid(api: Api, rng: Random) -> str:
    """The message by which a token is tried: a known one, or one that does not exist."""
    return api.table["known_message_sid"] or steps.random_sid(rng)


@pytest.mark.requirement("bp_sms.bearer.token-opens-api")
def test_the_token_opens_the_api_more_than_once(
    api: Api, tokens: Tokens, clients: dict[str, Client], sid: str, judge: Judge
) -> None:
    """A token that has just been issued is taken at once, and again."""
    tokens.ask(clients["a"])
    caller = bearing(api, tokens.newest(clients["a"]))
    for _ in range(2):
        answer = steps.read(caller, sid)
        shut = answer.status in {401, 403} or 300 <= answer.status < 400
        judge.that(not shut, "an answer to the access token that is no refusal", shown(answer), answer)
        if not 400 <= answer.status < 500 and steps.message_in(answer) is None:
            judge.inconclusive(f"neither a message nor a refusal of its sid: {shown(answer)}")


def refused(judge: Judge, answer: Answer, what: str, *, known: bool) -> None:
    """Judge that a request was refused for lack of a token; raises Inconclusive when another check came first."""
    judge.that(steps.message_in(answer) is None, f"no message {what}", shown(answer), answer)
    if answer.status in {400, 404} and not known:
        judge.not_applicable(f"another check comes before that of the token: {answer.status} {what}")
    judge.that(answer.status in {401, 403}, f"401 or 403 {what}", shown(answer), answer)


@pytest.mark.requirement("bp_sms.bearer.missing-token-refused")
def test_a_message_cannot_be_read_without_a_token(api: Api, anonymous: Caller, sid: str, judge: Judge) -> None:
    """Get Message without Authorization is refused, and shows nothing of the message."""
    known = sid == api.table["known_message_sid"]
    refused(judge, steps.read(anonymous, sid), "from Get Message without a token", known=known)


@pytest.mark.requirement("bp_sms.bearer.missing-token-refused")
def test_a_message_cannot_be_sent_without_a_token(anonymous: Caller, judge: Judge) -> None:
    """Send Message without Authorization is refused before anything else; the request would not do to send one."""
    answer = gateway.past(lambda: anonymous.call("sendMessage", json={"Body": "Conformance test"}))
    refused(judge, answer, "from Send Message without a token", known=False)


@pytest.mark.requirement("bp_sms.bearer.missing-token-refused", impact="intrusive")
@pytest.mark.parametrize("setter", SETTERS)
def test_an_address_cannot_be_set_without_a_token(api: Api, anonymous: Caller, setter: str, judge: Judge) -> None:
    """A setter without Authorization is refused; where it is offered, a complete request decides."""
    answer = anonymous.call(setter, json={})
    if not api.table["callbacks_offered"] and answer.status in {404, 405}:
        pytest.skip(f"{setter} is not offered")
    if answer.status == 400 and may_set(api.table):
        # The address that is set anyway: should the setter take it, nothing has changed.
        answer = anonymous.call(setter, json=steps.own_setting(api.table, setter))
    refused(judge, answer, f"from {setter} without a token", known=False)


@pytest.mark.requirement("bp_sms.bearer.wrong-token-refused")
@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_live_token_opens_nothing(
    api: Api, a: Session, sid: str, rng: Random, what: str, judge: Judge
) -> None:
    """A random value, a near miss, the secret and an empty value are refused as tokens."""
    need_live(a, sid)
    make = WRONG[what]
    value = make(a) if make else "".join(rng.choices("0123456789ABCDEF", k=len(a.token)))
    if value and value != a.client.secret:
        api.recorder.redactor.alter(a.token, value, what)
    judge_shut(judge, steps.read(bearing(api, value), sid), what, known=sid == api.table["known_message_sid"])
    need_live(a, sid)


@pytest.mark.requirement("bp_sms.bearer.wrong-token-refused")
@pytest.mark.parametrize("scheme", ["Basic", "Conformance"])
def test_the_token_opens_nothing_under_another_scheme(
    api: Api, a: Session, sid: str, scheme: str, judge: Judge
) -> None:
    """The right token under another scheme than Bearer is refused."""
    need_live(a, sid)
    answer = steps.read(bearing(api, a.token, scheme), sid)
    judge_shut(judge, answer, f"the token under {scheme}", known=sid == api.table["known_message_sid"])


def need_live(session: Session, sid: str) -> None:
    """Raise Blocked unless the unchanged token is taken: what is refused otherwise says nothing."""
    answer = session.read(sid)
    if answer.status == 403:
        raise Blocked(steps.OPENS, f"a live token was refused: {shown(answer)}")


def judge_shut(judge: Judge, answer: Answer, what: str, *, known: bool) -> None:
    """Judge that a value was refused as token."""
    if answer.status == 404 and not known:
        judge.not_applicable(f"an unknown sid is answered 404 for {what}; known_message_sid names one that decides")
    judge.that(answer.status in {400, 401, 403}, f"401, 403 or 400 for {what}", shown(answer), answer)


@pytest.mark.requirement("bp_sms.bearer.refusal-is-401")
@pytest.mark.parametrize("kind", ["no token", "an unknown token"])
def test_a_refusal_for_lack_of_a_token_is_401(
    api: Api, a: Session, anonymous: Caller, sid: str, rng: Random, kind: str, judge: Judge
) -> None:
    """Without a token, and with one that nobody issued, Get Message answers 401."""
    need_live(a, sid)
    caller = anonymous
    if kind != "no token":
        stranger = "".join(rng.choices("0123456789ABCDEF", k=len(a.token)))
        caller = bearing(api, api.recorder.redactor.alter(a.token, stranger, "a random value"))
    answer = steps.read(caller, sid)
    if answer.status == 404 and sid != api.table["known_message_sid"]:
        judge.inconclusive("a message that does not exist was answered 404 before the token was looked at")
    judge.that(answer.status == 401, f"401 with {kind}", shown(answer), answer)
