"""The session cookie as a credential: what else is taken for it, where it counts, its attributes, its end."""

from __future__ import annotations

import string
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures import strict_json
from fixtures.api import shown
from suites.bp_stats import logins, steps

if TYPE_CHECKING:
    import random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.steps import Session

COOKIE_OCTETS = string.ascii_letters + string.digits + "!#$%&'()*+-./:<=>?@[]^_`{|}~"
"""Characters of a cookie's value (RFC 6265, 4.1.1)."""
LONG = 4096
TOO_LONG = {400, 431}
NO_COOKIE = {400, 403}
"""Answers to a value that no cookie may hold, beside 401: a gateway may refuse it."""
ATTRIBUTES = ("Path", "Domain", "SameSite", "Max-Age")
FLAGS = ("Secure", "HttpOnly", "Expires")


def other_digit(token: str) -> str:
    """Return the token with its last letter or digit changed into another one, whatever the letter case."""
    place = max((index for index, letter in enumerate(token) if letter.isalnum()), default=len(token) - 1)
    return token[:place] + ("1" if token[place] != "1" else "2") + token[place + 1 :]


def not_the_token(run: Run, user_name: str, login: Answer, token: str, rng: random.Random) -> dict[str, str]:
    """Return cookie values that must open nothing, by what they are."""
    altered = {
        "the token cut by one character": token[:-1],
        "the token with one digit changed": other_digit(token),
        "the token with one character more": f"{token}0",
    }
    for what, value in altered.items():
        run.recorder.redactor.alter(token, value, what.removeprefix("the token ").removeprefix("with "))
    try:
        user_id = login.json().get("user_id")
    except (strict_json.NotJson, AttributeError):
        user_id = None
    return {
        **altered,
        "an empty value": "",
        "a random UUID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        **({"the user id": user_id} if isinstance(user_id, str) and set(user_id) <= set(COOKIE_OCTETS) else {}),
        **({"the user name": user_name} if set(user_name) <= set(COOKIE_OCTETS) else {}),
        "quotes": "'\"'",
        "text that looks like SQL": "' OR '1'='1' --",
        "4 KB": "x" * LONG,
    }


def allowed_for(value: str) -> set[int]:
    """Return the statuses that refuse this value of the cookie."""
    if len(value) == LONG:
        return {401, *TOO_LONG}
    return {401} if set(value) <= set(COOKIE_OCTETS) else {401, *NO_COOKIE}


@pytest.mark.requirement("bp_stats.session.invalid-cookie-401")
@pytest.mark.parametrize("operation", ["createSubscription", "getSubscriptionData", "getDispositions"])
def test_nothing_but_the_token_opens_the_session(
    api: Api, run: Run, a: Session, judge: Judge, rng: random.Random, operation: str
) -> None:
    """Values beside the token, names, ids, quotes and a very long value answer 401 as session cookie."""
    user = logins.owner(a)
    login = logins.fresh_login(a)
    token = logins.taken(login)
    logins.need_accepted(steps.Session(user, token, logins.bearing(api, token)))
    body: dict[str, Any] = {"json": steps.example()} if operation == "createSubscription" else {}
    for what, value in not_the_token(run, user.username, login, token, rng).items():
        answer = api.anonymous().call(operation, headers=(steps.cookie(api, value),), **body)
        judge.that(
            answer.status in allowed_for(value),
            f"401 on {operation} with {what} as session cookie",
            shown(answer),
            answer,
        )


@pytest.mark.requirement("bp_stats.session.invalid-cookie-401")
def test_no_generated_value_opens_a_session(api: Api, run: Run, a: Session, judge: Judge, given: Given) -> None:
    """No other value of the cookie's alphabet, and no token with one character changed, is accepted."""
    logins.need_accepted(a)
    changed = st.builds(
        lambda place, letter: a.token[:place] + letter + a.token[place + 1 :],
        st.integers(0, len(a.token) - 1),
        st.sampled_from(string.ascii_letters + string.digits),
    )
    values = st.one_of(changed, st.text(COOKIE_OCTETS, min_size=1, max_size=64))
    stranger = api.anonymous()

    @given(values.filter(lambda value: value.lower() != a.token.lower()))
    def check(value: str) -> None:
        if len(value) == len(a.token):
            run.recorder.redactor.alter(a.token, value, "one character changed")
        answer = stranger.call("getDispositions", headers=(steps.cookie(api, value),))
        judge.that(answer.status == 401, f"401 with {value} as session cookie", shown(answer), answer)

    check()
    swapped = run.recorder.redactor.alter(a.token, a.token.swapcase(), "letter case swapped")
    # Whether letter case counts is recorded, not judged.
    judge.note(token_in_other_letter_case=logins.bearing(api, swapped).call("getDispositions").status)


@pytest.mark.requirement("bp_stats.session.token-only-in-cookie")
def test_the_token_counts_nowhere_but_in_the_cookie(api: Api, a: Session, judge: Judge) -> None:
    """In the query string and in a made-up header field the token does nothing; Authorization is recorded."""
    logins.need_accepted(a)
    stranger = api.anonymous()
    name = api.table["cookie_name"]
    elsewhere: dict[str, dict[str, Any]] = {
        "?token=": {"query": {"token": a.token}},
        f"?{name}=": {"query": {name: a.token}},
        "X-Auth-Token": {"headers": (("X-Auth-Token", a.token),)},
    }
    for where, request in elsewhere.items():
        answer = stranger.call("getDispositions", **request)
        judge.that(answer.status == 401, f"401 with the token in {where}", shown(answer), answer)
    answer = stranger.call("getDispositions", headers=(("Authorization", f"Bearer {a.token}"),))
    judge.note(authorization_bearer=answer.status)


@pytest.mark.requirement("bp_stats.session.cookie-attributes")
def test_attributes_of_the_session_cookie_are_recorded(api: Api, a: Session, judge: Judge) -> None:
    """Path, Domain, lifetime and flags of the session cookie."""
    login = logins.fresh_login(a)
    name = api.table["cookie_name"]
    fields = [field for field in login.values("Set-Cookie") if field.partition("=")[0].strip() == name]
    if not fields:
        judge.note(session_cookie="not set")
        return
    parts = (part.strip().partition("=") for part in fields[0].split(";")[1:])
    found = {key.strip().lower(): value.strip() for key, _, value in parts}
    judge.note(**{key: found.get(key.lower()) for key in ATTRIBUTES}, **{key: key.lower() in found for key in FLAGS})
    path = found.get("path", "")
    if path.startswith("/") and not covers(path, f"{api.table.base_path}/subscription"):
        judge.note(hint=f"Path={path} keeps the cookie from {api.table.base_path}/subscription")


def covers(cookie_path: str, request_path: str) -> bool:
    """Say whether a cookie with this path is sent to that path (RFC 6265, 5.1.4)."""
    return request_path == cookie_path or request_path.startswith(cookie_path.rstrip("/") + "/")


@pytest.mark.requirement("bp_stats.session.logout-undocumented")
def test_what_a_logout_does_is_recorded(a: Session, judge: Judge) -> None:
    """DELETE /auth, which only the vendor's own client sends: its status, and what becomes of the cookie."""
    logins.need_accepted(a)
    judge.note(logout=a.caller.call("logout").status, dispositions_afterwards=steps.dispositions(a).status)
