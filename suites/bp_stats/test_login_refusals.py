"""Logins that must fail: wrong credentials, near misses of the password, bodies that are no login (Authenticate)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from suites.bp_stats import logins, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from suites.bp_stats.steps import Session

WRONG = "wrong-Password-of-nobody-0"
NOBODY = "nobody-of-this-name"
NO_TENANT = "unknown-tenant.example.com"

BAD_REQUEST = {400, 415, 422}
UNAUTHORIZED = {401, 403}
READINGS = {"bad-request": BAD_REQUEST, "unauthorized": UNAUTHORIZED}

# Python; Java and its kin; any language that names file and line. Newlines may be those of a JSON string.
STACK_TRACE = re.compile(
    r"Traceback \(most recent|(?:^|\\n)(?:\s|\\t)*at [\w$.<>]+\(|[\w$]+\.(?:java|kt|cs|js|py):\d+", re.MULTILINE
)

MEMBERS = ("tenant_url", "username", "password")

# What changes from one refusal to the next: identifiers, dates and times of day, epoch numbers.
CHANGING = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{16,}"
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.,]+)?(?:Z|[+-]\d\d:?\d\d)?|\d\d:\d\d(?::\d\d)?|\d{10,}"
)


def refused(answer: Answer, judge: Judge, api: Api, what: str, statuses: set[int]) -> None:
    """Judge that a login was refused with one of the statuses and that nothing in the answer opens a session."""
    judge.that(answer.status in statuses, f"{_words(statuses)} for {what}", shown(answer), answer)
    judge.that(
        not logins.opens_session(api, answer),
        f"no session from the refusal of {what}",
        "a token of the refusal is accepted by dispositions",
        answer,
    )


def _words(statuses: set[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))


@pytest.mark.requirement("bp_stats.auth.wrong-credentials-401")
@pytest.mark.parametrize(
    "changed",
    [pytest.param({"password": WRONG}, id="wrong-password"), pytest.param({"username": NOBODY}, id="unknown-user")],
)
def test_wrong_credentials_open_no_session(api: Api, a: Session, judge: Judge, changed: dict[str, str]) -> None:
    """A wrong password and an unknown user answer 401, and no usable session comes of it."""
    what = f"a {'wrong password' if 'password' in changed else 'user who does not exist'}"
    with logins.guessing(a) as guesses:
        refused(guesses.attempt(**changed), judge, api, what, {401})


@pytest.mark.requirement("bp_stats.auth.wrong-credentials-401")
def test_an_unknown_tenant_opens_no_session(api: Api, a: Session, judge: Judge) -> None:
    """Right credentials in a tenant that does not exist are refused."""
    with logins.guessing(a) as guesses:
        answer = guesses.attempt(tenant_url=NO_TENANT)
    refused(answer, judge, api, "an unknown tenant", {401, 403, 404})
    judge.warn(answer.status == 401, "401 for an unknown tenant", shown(answer), answer)


def near_misses(password: str) -> dict[str, str]:
    """Return passwords that are almost right, by what was done to them."""
    changed = {
        "without its last character": password[:-1],
        "without its first character": password[1:],
        "with one more character": f"{password}x",
        "in upper case": password.upper(),
        "in lower case": password.lower(),
        "with upper and lower case swapped": password.swapcase(),
        "with a space in front": f" {password}",
        "with a space behind": f"{password} ",
    }
    return {how: wrong for how, wrong in changed.items() if wrong not in {password, ""}}


@pytest.mark.requirement("bp_stats.auth.near-miss-passwords-refused")
def test_only_the_exact_password_opens_a_session(api: Api, run: Run, a: Session, judge: Judge) -> None:
    """Shortened, lengthened, padded and case-changed passwords are refused like any wrong one."""
    password = logins.owner(a).password
    with logins.guessing(a) as guesses:
        for how, wrong in near_misses(password).items():
            run.recorder.redactor.alter(password, wrong, how)
            refused(guesses.attempt(password=wrong), judge, api, f"the password {how}", {401})


@pytest.mark.requirement("bp_stats.auth.near-miss-passwords-refused")
@pytest.mark.parametrize(
    "password, statuses",
    [
        pytest.param("", {400, 401}, id="empty"),
        # A value of another type is also a malformed body, which may be called just that.
        pytest.param(True, BAD_REQUEST | UNAUTHORIZED, id="true"),
    ],
)
def test_no_password_at_all_opens_no_session(
    api: Api, a: Session, judge: Judge, password: Any, statuses: set[int]
) -> None:
    """An empty password, and JSON true in its place, are refused."""
    with logins.guessing(a) as guesses:
        refused(guesses.attempt(password=password), judge, api, f"the password {json.dumps(password)}", statuses)


def faceless(answer: Answer, username: str) -> str:
    """Return the body without what changes from one refusal to the next, and without the user's name."""
    return CHANGING.sub("…", answer.text.replace(username, "…"))


@pytest.mark.requirement("bp_stats.auth.unknown-user-not-told-apart")
def test_a_refusal_does_not_tell_whether_the_user_exists(a: Session, judge: Judge) -> None:
    """The same wrong password is refused in the same words for a user who exists and for one who does not."""
    with logins.guessing(a) as guesses:
        known = guesses.attempt(password=WRONG)
        unknown = guesses.attempt(password=WRONG, username=NOBODY)
    judge.that(
        known.status == unknown.status,
        "one status for every refused login",
        f"{known.status} for a wrong password, {unknown.status} for an unknown user",
        known, unknown,
    )  # fmt: skip
    judge.that(
        faceless(known, logins.owner(a).username) == faceless(unknown, NOBODY),
        "the same words for a wrong password and for an unknown user",
        f"{shown(known)}; {shown(unknown)}",
        known, unknown,
    )  # fmt: skip


def judge_refusals(api: Api, judge: Judge, answers: Mapping[str, Answer]) -> None:
    """Judge that each login was refused in one of the two accepted ways, and nothing of the server's inside shown."""
    for what, answer in answers.items():
        refused(answer, judge, api, what, BAD_REQUEST | UNAUTHORIZED)
        judge.that(not STACK_TRACE.search(answer.text), f"no stack trace for {what}", shown(answer), answer)
    statuses = {answer.status for answer in answers.values()}
    # Each refusal is acceptable by itself. Only where all agree there is a reading to speak of.
    for reading in (name for name, accepted in READINGS.items() if statuses and statuses <= accepted):
        judge.reading(reading)
    judge.note(**{what: answer.status for what, answer in answers.items()})


@pytest.mark.requirement("bp_stats.auth.incomplete-body-refused")
@pytest.mark.parametrize("member", MEMBERS)
def test_each_member_is_needed_as_a_string(api: Api, a: Session, judge: Judge, member: str) -> None:
    """A login that lacks a member, or has it as another type, is refused."""
    right = steps.credentials(api, logins.owner(a))[member]
    cases = {"left out": ..., "null": None, "a number": 1, "an array": [right], "an object": {"value": right}}
    with logins.guessing(a) as guesses:
        answers = {f"{member} {how}": guesses.attempt(**{member: value}) for how, value in cases.items()}
    if member == "tenant_url" and answers[f"{member} left out"].status == 200:
        # The host may name the tenant.
        judge.note(**{f"{member} left out": answers.pop(f"{member} left out").status})
    judge_refusals(api, judge, answers)


@pytest.mark.requirement("bp_stats.auth.incomplete-body-refused")
def test_a_body_that_is_no_login_is_refused(api: Api, a: Session, judge: Judge) -> None:
    """A login body that is empty, no object or cut short is refused."""
    whole = json.dumps(steps.credentials(api, logins.owner(a))).encode()
    bodies = {
        "no body": b"",
        "an empty array": b"[]",
        "a string": b'"x"',
        "a body cut in the middle": whole[: len(whole) // 2],
        "a body without its last brace": whole[:-1],
    }
    with logins.guessing(a) as guesses:
        answers = {what: guesses.send(body) for what, body in bodies.items()}
    judge_refusals(api, judge, answers)
