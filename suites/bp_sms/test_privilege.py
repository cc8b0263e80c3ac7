"""What a user without the privilege, and one of another tenant, must not reach (Step 1; Step 4, scope)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked, NotApplicable
from suites.bp_sms import steps
from suites.bp_sms.mailbox import KNOWN, SENT, Item
from suites.bp_sms.notices import RECEIVER, STATUS, may_set
from suites.bp_sms.refusals import UNKNOWN_CLIENT
from suites.bp_sms.tokens import ISSUED, bearing, token_of

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.outbox import Outbox
    from suites.bp_sms.refusals import Refusals
    from suites.bp_sms.steps import Session
    from suites.bp_sms.tokens import Client, Tokens

SETTERS = (STATUS, RECEIVER)
HIDDEN = "an unknown sid is answered 404 whoever asks; known_message_sid names one that decides"


@pytest.fixture
def unprivileged(tokens: Tokens, clients: dict[str, Client], refusals: Refusals) -> Answer:
    """The answer to the token request of the user without the privilege; NotApplicable where it tells nothing of it."""
    answer, unknown = tokens.ask(clients["unprivileged"]), refusals[UNKNOWN_CLIENT]
    if token_of(answer) is None and kind_of(answer) == kind_of(unknown):
        raise NotApplicable(f"the user is refused like one that does not exist: {shown(answer)}")
    return answer


def kind_of(answer: Answer) -> tuple[int, Any]:
    """Return status and name of a refusal."""
    return answer.status, object_in(answer).get("error")


@pytest.mark.requirement("bp_sms.privilege.needed-to-read")
@pytest.mark.parametrize("item", [KNOWN, SENT], indirect=True)
def test_a_message_cannot_be_read_without_the_privilege(
    api: Api, item: Item, unprivileged: Answer, judge: Judge
) -> None:
    """A user without the privilege gets no token, or one that does not open a message."""
    assert item.message
    if token := token_of(unprivileged):
        answer = steps.read(bearing(api, token), item.sid)
        # The owner got the message, so that 404 hides it.
        judge.that(
            answer.status in {401, 403, 404} and steps.message_in(answer) is None,
            "401, 403 or 404 for a user without the privilege",
            shown(answer),
            unprivileged,
            answer,
        )
    else:
        judge_no_token(judge, unprivileged)


@pytest.mark.requirement("bp_sms.privilege.needed-to-read")
def test_an_unknown_message_cannot_be_asked_for_without_the_privilege(
    api: Api, a: Session, unprivileged: Answer, rng: Random, judge: Judge
) -> None:
    """Where a user with the privilege gets 404 for a sid that nobody has, one without it is refused."""
    token = token_of(unprivileged)
    if token is None:
        judge_no_token(judge, unprivileged)
        return
    sid = steps.random_sid(rng)
    proper = a.read(sid)
    if proper.status != 404:
        judge.inconclusive(f"an unknown sid is answered {shown(proper)} to the user with the privilege")
    answer = steps.read(bearing(api, token), sid)
    if answer.status == 404:
        judge.not_applicable(HIDDEN)
    expected = "401 or 403 for a user without the privilege"
    judge.that(answer.status in {401, 403}, expected, shown(answer), unprivileged, answer)


def judge_no_token(judge: Judge, answer: Answer) -> None:
    """Judge that a token request was refused, and did not just go wrong."""
    if answer.status in range(200, 300):
        raise Blocked(ISSUED, f"a token request that succeeds gives no token: {shown(answer)}")
    judge.that(steps.refuses(answer), "a token or a refusal for a user without the privilege", shown(answer), answer)


@pytest.mark.requirement("bp_sms.privilege.needed-to-write")
def test_a_message_without_recipient_is_refused_for_lack_of_the_privilege(
    api: Api, unprivileged: Answer, judge: Judge
) -> None:
    """A user without the privilege is refused before the message is looked at, which would do to reach nobody."""
    caller = writer(api, unprivileged, judge)
    if caller is not None:
        answer = caller.call("sendMessage", json={"Body": "Conformance test"})
        judge_shut(judge, answer, "sendMessage", complete=False)


@pytest.mark.requirement("bp_sms.privilege.needed-to-write", impact="intrusive")
def test_a_message_cannot_be_sent_without_the_privilege(
    api: Api, unprivileged: Answer, outbox: Outbox, judge: Judge
) -> None:
    """A user without the privilege cannot send, though the message is complete."""
    steps.skip_unless_sending(api)
    caller = writer(api, unprivileged, judge)
    if caller is not None:
        judge_shut(judge, caller.call("sendMessage", json=outbox.members()), "sendMessage", complete=True)


@pytest.mark.requirement("bp_sms.privilege.needed-to-write", impact="intrusive")
@pytest.mark.parametrize("setter", SETTERS)
def test_an_address_cannot_be_set_without_the_privilege(
    api: Api, unprivileged: Answer, a: Session, setter: str, judge: Judge
) -> None:
    """A user without the privilege cannot change where callbacks go."""
    if not may_set(api.table):
        pytest.skip(f"the target file does not allow {setter}")
    caller = writer(api, unprivileged, judge)
    if caller is None:
        return
    # The address that is set anyway: should the setter take it, nothing has changed.
    answer = caller.call(setter, json=steps.own_setting(api.table, setter))
    if answer.status in range(200, 300):
        steps.restore(a, setter)
    judge_shut(judge, answer, setter, complete=True)


def writer(api: Api, unprivileged: Answer, judge: Judge) -> Caller | None:
    """Return a caller without the privilege; None when the token request was refused, which is as good."""
    if token := token_of(unprivileged):
        return bearing(api, token)
    judge_no_token(judge, unprivileged)
    return None


def judge_shut(judge: Judge, answer: Answer, operation: str, *, complete: bool) -> None:
    """Judge that a write was refused for lack of the privilege."""
    if answer.status in {400, 404, 422} and not complete:
        judge.not_applicable(f"an incomplete {operation} is answered {answer.status} before the privilege is looked at")
    judge.that(
        answer.status in {401, 403} and not {"sid", "uri"} & object_in(answer).keys(),
        f"401 or 403 from {operation} without the privilege, and nothing done",
        shown(answer),
        answer,
    )


@pytest.mark.requirement("bp_sms.privilege.needed-to-write", impact="intrusive")
def test_a_refused_message_is_not_queued(api: Api, unprivileged: Answer, outbox: Outbox, judge: Judge) -> None:
    """The refusal of a message names none that was queued before."""
    steps.skip_unless_sending(api)
    caller = writer(api, unprivileged, judge)
    if caller is None:
        return
    answer = caller.call("sendMessage", json=outbox.members("Conformance test without privilege"))
    judge.that(
        steps.message_in(answer) is None and not answer.values("Location"),
        "a refusal that names no message",
        shown(answer),
        answer,
    )


@pytest.mark.requirement("bp_sms.privilege.refusal-form")
def test_the_missing_privilege_is_told_at_one_of_two_places(
    api: Api, a: Session, unprivileged: Answer, rng: Random, judge: Judge
) -> None:
    """The token request, or Get Message, is answered with a status that means refusal."""
    sid = api.table["known_message_sid"] or steps.random_sid(rng)
    a.read(sid)
    token = token_of(unprivileged)
    if token is None:
        judge.that(
            unprivileged.status in {400, 401, 403},
            "a token, or 400, 401 or 403 from the token endpoint",
            shown(unprivileged),
            unprivileged,
        )
        judge.reading("at-the-token-endpoint")
        return
    answer = steps.read(bearing(api, token), sid)
    if answer.status == 404:
        judge.not_applicable("Get Message answers 404, which does not tell the missing privilege")
    expected = "401 or 403 from Get Message without the privilege"
    judge.that(answer.status in {401, 403}, expected, shown(answer), answer)
    judge.reading(f"at-the-api-{answer.status}")


@pytest.mark.requirement("bp_sms.isolation.other-tenants-message")
@pytest.mark.parametrize("item", [KNOWN, SENT], indirect=True)
def test_a_message_of_another_tenant_is_as_one_that_does_not_exist(
    item: Item, tokens: Tokens, clients: dict[str, Client], rng: Random, judge: Judge
) -> None:
    """A user of another tenant does not get the message, and cannot tell that it exists."""
    assert item.message
    peer = tokens.caller(clients["peer"])
    foreign, unknown = steps.read(peer, item.sid), steps.read(peer, steps.random_sid(rng))
    judge.that(steps.refuses(foreign), "a refusal of a message of another tenant", shown(foreign), foreign)
    judge.warn(
        told(foreign) == told(unknown),
        f"the answer for a message that does not exist: {shown(unknown)}",
        shown(foreign),
        foreign,
        unknown,
    )


def told(answer: Answer) -> tuple[int, Any]:
    """Return status and error text of an answer."""
    body = object_in(answer)
    return answer.status, (body.get("error"), body.get("error_description")) if body else answer.text
