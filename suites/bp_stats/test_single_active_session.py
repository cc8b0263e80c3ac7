"""One session per user: the next login ends the former one, and nothing else does (Authenticate > Response)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_stats import logins, steps
from suites.bp_stats.refusals import WRONG_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.refusals import Refusal, Refusals
    from suites.bp_stats.steps import Session

MOST_LOGINS = 6
MADE_UP = "7d1f5c1e-3c5b-4b7e-9a53-0f5d2a6c8e41"


def judge_accepted(judge: Judge, session: Session, whose: str) -> None:
    """Judge that dispositions accept the session."""
    answer = logins.tried(session.caller)
    judge.that(answer.status == 200, f"200 on dispositions with {whose}", shown(answer), answer)


def judge_refused(judge: Judge, session: Session, whose: str) -> None:
    """Judge that dispositions refuse the session."""
    answer = steps.dispositions(session)
    judge.that(answer.status == 401, f"401 on dispositions with {whose}", shown(answer), answer)


@pytest.mark.requirement("bp_stats.session.second-login-ends-first")
def test_the_next_login_opens_a_session_of_its_own(api: Api, a: Session, judge: Judge) -> None:
    """A user who is logged in can log in again, and the new cookie is another one that works."""
    logins.need_accepted(a)
    answer = steps.attempt(api, logins.owner(a))
    token = steps.token_of(answer)
    judge.that(answer.status == 200 and token, "200 with a token for the next login of the user", shown(answer), answer)
    judge.that(token != a.token, "another token than that of the former login", "the same token", answer)
    judge_accepted(judge, steps.Session(a.identity, token or "", logins.bearing(api, token or "")), "the new cookie")


@pytest.mark.requirement("bp_stats.session.second-login-ends-first")
@pytest.mark.parametrize("operation", ["getDispositions", "getSubscriptionData"])
def test_the_former_cookie_is_refused_on_reads(a: Session, judge: Judge, operation: str) -> None:
    """After the user's next login the former cookie answers 401."""
    logins.need_accepted(a)
    logins.log_in_again(a)
    answer = a.caller.call(operation)
    judge.that(answer.status == 401, f"401 on {operation} with the former cookie", shown(answer), answer)


@pytest.mark.requirement("bp_stats.session.second-login-ends-first")
def test_the_former_cookie_creates_nothing(a: Session, judge: Judge) -> None:
    """A create with the former cookie answers 401 and leaves no subscription."""
    logins.need_accepted(a)
    fresh = logins.log_in_again(a)
    created = steps.create(a, steps.small("former"))
    judge.that(created.status == 401, "401 on a create with the former cookie", shown(created), created)
    answer = steps.wait(fresh)
    if answer.status not in {200, 404}:
        judge.inconclusive(f"whether the create left a trace does not show: the data answer {shown(answer)}")
    judge.that(
        answer.status == 404 or "former" not in {app for app, _ in steps.ids_of(answer)},
        "no trace of the refused create in the data",
        shown(answer),
        created, answer,
    )  # fmt: skip


def judge_tokens(judge: Judge, series: Sequence[Session]) -> None:
    """Judge that of a series of sessions the last one is valid and no other."""
    for number, session in enumerate(series[:-1], start=1):
        judge_refused(judge, session, f"the cookie of login {number} of {len(series)}")
    judge_accepted(judge, series[-1], f"the cookie of the last of {len(series)} logins")


@pytest.mark.requirement("bp_stats.session.stale-stays-stale")
def test_no_older_cookie_comes_back(a: Session, judge: Judge) -> None:
    """In a series of logins only the last cookie is valid, also after the others were used."""
    logins.need_accepted(a)
    series = [a]
    for _ in range(MOST_LOGINS - 1):
        series.append(logins.log_in_again(a))
        judge_tokens(judge, series)
    judge_tokens(judge, series)


@pytest.mark.requirement("bp_stats.session.stale-stays-stale")
def test_any_use_of_older_cookies_changes_nothing(a: Session, judge: Judge, given: Given, depth: Depth) -> None:
    """Whatever the order of logins and uses of older cookies, exactly the last one is valid, and none comes twice."""
    logins.need_accepted(a)

    # For each login: which of the cookies so far are used after it.
    series_of_logins = st.lists(st.lists(st.integers(0, MOST_LOGINS - 1), max_size=3), min_size=2, max_size=MOST_LOGINS)

    @given(series_of_logins, examples=max(2, depth.examples // 4))
    def check(uses: list[list[int]]) -> None:
        series: list[Session] = []
        for picks in uses:
            series.append(logins.log_in_again(a))
            repeated = len({session.token for session in series}) < len(series)
            judge.that(not repeated, "a new token at each login", f"a token of {len(series)} logins came twice")
            for pick in picks:
                steps.dispositions(series[pick % len(series)])
            judge_tokens(judge, series)

    check()


@pytest.mark.requirement("bp_stats.session.other-users-unaffected")
def test_the_login_of_another_user_ends_no_session(a: Session, b: Session, judge: Judge) -> None:
    """Sessions of two users live side by side, whoever of them logs in again."""
    first = logins.log_in_again(a)
    logins.need_accepted(first)
    last = {"A": first}
    for who, session in (("B", b), ("B", b), ("A", a)):
        last[who] = logins.log_in_again(session)
        if len(last) == 2:
            judge.that(last["A"].token != last["B"].token, "two users have two tokens", "one token for both")
        for user, current in last.items():
            judge_accepted(judge, current, f"the cookie of user {user} after a login of user {who}")


def judge_kept(judge: Judge, refusal: Refusal, what: str, owner: str) -> None:
    """Judge that the user's session is valid after a login that was refused; raises Blocked if none was, or it was."""
    if refusal.kept is None:
        raise Blocked(logins.BY_HAND, "a new session was refused")
    if refusal.answer.status == 200:
        raise Blocked(owner, f"{what} answered {shown(refusal.answer)}")
    expected = f"200 on dispositions with the user's cookie after {what}"
    judge.that(refusal.kept.status == 200, expected, shown(refusal.kept), refusal.answer, refusal.kept)


@pytest.mark.requirement("bp_stats.session.failed-login-keeps-session")
def test_a_wrong_password_ends_no_session(refusals: Refusals, judge: Judge) -> None:
    """A login refused for its password leaves the user's session as it is."""
    refusal = refusals.of_passwords(WRONG_PASSWORD)[WRONG_PASSWORD]
    judge_kept(judge, refusal, WRONG_PASSWORD, "bp_stats.auth.wrong-credentials-401")


@pytest.mark.requirement("bp_stats.session.failed-login-keeps-session")
def test_a_malformed_login_ends_no_session(refusals: Refusals, judge: Judge) -> None:
    """A login that is no JSON, though the user's name can be read in it, leaves the session as it is."""
    body = f'{{"username": {json.dumps(refusals.user.username)}, "password": '.encode()
    (refusal,) = refusals.of(malformed=body).values()
    judge_kept(judge, refusal, "a malformed login", "bp_stats.auth.incomplete-body-refused")


def log_in_bringing(api: Api, session: Session, cookie: str) -> Session:
    """Log in as the session's user while sending a session cookie; raises Blocked."""
    credentials = steps.credentials(api, logins.owner(session))
    answer = api.anonymous().call("authenticate", json=credentials, headers=(steps.cookie(api, cookie),))
    token = logins.taken(answer)
    return steps.Session(session.identity, token, logins.bearing(api, token))


@pytest.mark.requirement("bp_stats.session.no-fixation")
def test_a_made_up_cookie_does_not_become_the_session(api: Api, a: Session, judge: Judge) -> None:
    """A login that brings a made-up cookie gets a token of the server's choice, and the made-up one opens nothing."""
    fresh = log_in_bringing(api, a, MADE_UP)
    judge.that(fresh.token != MADE_UP, "a token of the server's choice", "the cookie that the client brought")
    made_up = steps.Session(a.identity, MADE_UP, logins.bearing(api, MADE_UP))
    judge_refused(judge, made_up, "the cookie that the client had made up")


@pytest.mark.requirement("bp_stats.session.no-fixation")
def test_a_cookie_of_somebody_else_is_not_taken_over(api: Api, a: Session, b: Session, judge: Judge) -> None:
    """A login that brings another user's valid cookie neither gets it nor ends that user's session."""
    logins.need_accepted(b)
    fresh = log_in_bringing(api, a, b.token)
    judge.that(fresh.token != b.token, "another token than the other user's", "the other user's token")
    judge_accepted(judge, b, "the cookie of the other user, which the login brought along")
