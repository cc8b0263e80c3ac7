"""Logins that must fail: wrong credentials, near misses of the password, bodies that are no login (Authenticate)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.bp_stats import steps
from suites.bp_stats.refusals import CUT, EMPTY, LEFT_OUT, NEAR_MISSES, NOBODY, OTHER_TYPES, TRUE, WRONG_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.refusals import Refusal, Refusals

NO_TENANT = "unknown-tenant.example.com"

BAD_REQUEST = {400, 415, 422}
UNAUTHORIZED = {401, 403}
READINGS = {"bad-request": BAD_REQUEST, "unauthorized": UNAUTHORIZED}

# Python; Java and its kin; any language that names file and line. Newlines may be those of a JSON string.
STACK_TRACE = re.compile(
    r"Traceback \(most recent|(?:^|\\n)(?:\s|\\t)*at [\w$.<>]+\(|[\w$]+\.(?:java|kt|cs|js|py):\d+", re.MULTILINE
)

# What changes from one refusal to the next: identifiers, dates and times of day, epoch numbers.
CHANGING = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{16,}"
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.,]+)?(?:Z|[+-]\d\d:?\d\d)?|\d\d:\d\d(?::\d\d)?|\d{10,}"
)


def refused(refusal: Refusal, judge: Judge, what: str, statuses: set[int]) -> None:
    """Judge that a login was refused with one of the statuses and that nothing in the answer opens a session."""
    answer = refusal.answer
    judge.that(answer.status in statuses, f"{_words(statuses)} for {what}", shown(answer), answer)
    judge.that(
        not refusal.opened,
        f"no session from the refusal of {what}",
        "a token of the refusal is accepted by dispositions",
        answer,
    )


def _words(statuses: set[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))


@pytest.mark.requirement("bp_stats.auth.wrong-credentials-401")
def test_a_wrong_password_opens_no_session(refusals: Refusals, judge: Judge) -> None:
    """A wrong password answers 401, and no usable session comes of it."""
    refused(refusals.of_passwords(WRONG_PASSWORD)[WRONG_PASSWORD], judge, WRONG_PASSWORD, {401})


@pytest.mark.requirement("bp_stats.auth.wrong-credentials-401")
def test_an_unknown_user_opens_no_session(refusals: Refusals, judge: Judge) -> None:
    """A user who does not exist answers 401, and no usable session comes of it."""
    refused(refusals.of_nobody(), judge, "a user who does not exist", {401})


@pytest.mark.requirement("bp_stats.auth.wrong-credentials-401")
def test_an_unknown_tenant_opens_no_session(refusals: Refusals, judge: Judge) -> None:
    """Right credentials in a tenant that does not exist are refused."""
    (refusal,) = refusals.of(tenant=refusals.body(tenant_url=NO_TENANT)).values()
    refused(refusal, judge, "an unknown tenant", {401, 403, 404})
    judge.warn(refusal.answer.status == 401, "401 for an unknown tenant", shown(refusal.answer), refusal.answer)


@pytest.mark.requirement("bp_stats.auth.near-miss-passwords-refused")
def test_only_the_exact_password_opens_a_session(refusals: Refusals, judge: Judge) -> None:
    """Shortened, lengthened, padded and case-changed passwords are refused, as many as the target file allows."""
    found = refusals.of_passwords(*NEAR_MISSES)
    for how, refusal in found.items():
        refused(refusal, judge, f"the password {how}", {401})
    judge.note(near_misses_tried=len(found))


@pytest.mark.requirement("bp_stats.auth.near-miss-passwords-refused")
@pytest.mark.parametrize(
    "what, statuses",
    [
        pytest.param(EMPTY, {400, 401}, id="empty"),
        # A value of another type is also a malformed body, which may be called just that.
        pytest.param(TRUE, BAD_REQUEST | UNAUTHORIZED, id="true"),
    ],
)
def test_no_password_at_all_opens_no_session(refusals: Refusals, judge: Judge, what: str, statuses: set[int]) -> None:
    """An empty password, and JSON true in its place, are refused."""
    refused(refusals.of_passwords(what)[what], judge, what, statuses)


def faceless(answer: Answer, username: str) -> str:
    """Return the body without what changes from one refusal to the next, and without the user's name."""
    return CHANGING.sub("…", answer.text.replace(username, "…"))


@pytest.mark.requirement("bp_stats.auth.unknown-user-not-told-apart")
def test_a_refusal_does_not_tell_whether_the_user_exists(refusals: Refusals, judge: Judge) -> None:
    """The same wrong password is refused in the same words for a user who exists and for one who does not."""
    known = refusals.of_passwords(WRONG_PASSWORD)[WRONG_PASSWORD].answer
    unknown = refusals.of_nobody().answer
    judge.that(
        known.status == unknown.status,
        "one status for every refused login",
        f"{known.status} for a wrong password, {unknown.status} for an unknown user",
        known, unknown,
    )  # fmt: skip
    judge.that(
        faceless(known, refusals.user.username) == faceless(unknown, NOBODY),
        "the same words for a wrong password and for an unknown user",
        f"{shown(known)}; {shown(unknown)}",
        known, unknown,
    )  # fmt: skip


def judge_refusals(judge: Judge, found: Mapping[str, Refusal]) -> None:
    """Judge that each login was refused in one of the two accepted ways, and nothing of the server's inside shown."""
    answers = {what: refusal.answer for what, refusal in found.items()}
    for what, answer in answers.items():
        refused(found[what], judge, what, BAD_REQUEST | UNAUTHORIZED)
        judge.that(not STACK_TRACE.search(answer.text), f"no stack trace for {what}", shown(answer), answer)
    statuses = {answer.status for answer in answers.values()}
    # Each refusal is acceptable by itself. Only where all agree there is a reading to speak of.
    for reading in (name for name, accepted in READINGS.items() if statuses and statuses <= accepted):
        judge.reading(reading)
    judge.note(**{what: answer.status for what, answer in answers.items()})


@pytest.mark.requirement("bp_stats.auth.incomplete-body-refused")
@pytest.mark.parametrize("member", ["tenant_url", "username"])
def test_each_member_is_needed_as_a_string(api: Api, refusals: Refusals, judge: Judge, member: str) -> None:
    """A login that lacks a member, or has it as another type, is refused."""
    right = steps.credentials(api, refusals.user)[member]
    cases = {"left out": ..., "null": None, "a number": 1, "an array": [right], "an object": {"value": right}}
    found = refusals.of(**{f"{member} {how}": refusals.body(**{member: value}) for how, value in cases.items()})
    if member == "tenant_url" and found[f"{member} left out"].answer.status == 200:
        # The host may name the tenant.
        judge.note(**{f"{member} left out": found.pop(f"{member} left out").answer.status})
    judge_refusals(judge, found)


@pytest.mark.requirement("bp_stats.auth.incomplete-body-refused")
def test_the_password_is_needed_as_a_string(refusals: Refusals, judge: Judge) -> None:
    """A login that lacks the password, or has it as another type, is refused, as far as the target file allows."""
    judge_refusals(judge, refusals.of_passwords(LEFT_OUT, *OTHER_TYPES))


@pytest.mark.requirement("bp_stats.auth.incomplete-body-refused")
def test_a_body_that_is_no_login_is_refused(refusals: Refusals, judge: Judge) -> None:
    """A login body that is empty, no object or cut short is refused."""
    whole = refusals.body()
    bodies = {
        "no body": b"",
        "an empty array": b"[]",
        "a string": b'"x"',
        "a body cut in the middle": whole[: len(whole) // 2],
        CUT: whole[:-1],
    }
    judge_refusals(judge, refusals.of(**bodies))
