"""The login and its cookie: token, cookie by hand, members of the answer, content types, privileges (Authenticate)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json
from fixtures.api import shown
from fixtures.identities import lease
from fixtures.outcomes import Blocked, NotApplicable
from suites.bp_stats import logins, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.identities import Identity
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from suites.bp_stats.steps import Session

NONE_ACTIVE = "bp_stats.data.none-active-404"
AUTHENTICATED = {"getDispositions": {200}, "getSubscriptionData": {200, 204, 404}}
"""Operations by which a session is tried, and the answers that a valid one may get without a subscription."""
NOT_AUTHENTICATED = {*range(300, 400), 401, 403}
REFUSED_AT_LOGIN = {401, 403}
REFUSED_AT_CREATE = {400, 401, 403}
REFUSED_AT_DATA = {401, 403, 404}
NOT_THIS_TYPE = {400, 401, 403, 415}
OTHER_SESSION = "5f0c1c52-9a55-4e0e-8d5b-3f0f6a1c7e21"


def members_of(answer: Answer) -> dict[str, Any]:
    """Return the members of a login's answer; raises Blocked."""
    try:
        body = answer.json()
    except strict_json.NotJson as problem:
        raise Blocked(steps.LOGIN, str(problem)) from None
    return body if isinstance(body, dict) else {}


@pytest.mark.requirement("bp_stats.auth.token-equals-cookie")
def test_the_session_cookie_is_the_token(api: Api, a: Session, judge: Judge) -> None:
    """The login sets one session cookie, whose value is the token of the body."""
    answer = logins.fresh_login(a)
    name = api.table["cookie_name"]
    values = answer.cookies(name)
    judge.that(values, f"the login sets the cookie {name}", "no such Set-Cookie field", answer)
    judge.that(
        set(values) == {steps.token_of(answer)},
        f"the cookie {name} is the token of the body",
        f"token {steps.token_of(answer)}, cookie {' and '.join(values)}",
        answer,
    )


@pytest.mark.requirement("bp_stats.auth.cookie-works-when-supplied-by-hand")
def test_a_cookie_written_by_hand_authenticates_on_another_connection(api: Api, a: Session, judge: Judge) -> None:
    """The token of the body as the only cookie is enough, whoever used the session before."""
    browser = api.anonymous()
    login = browser.call("authenticate", json=steps.credentials(api, logins.owner(a)))
    token = logins.taken(login)
    # First as a browser does it: on the connection of the login, with every cookie that it set. Some servers bind the
    # session to what they saw then.
    jar = "; ".join(field.partition(";")[0] for field in login.values("Set-Cookie"))
    cookies = (("Cookie", jar),) if jar else ()
    first = {operation: browser.call(operation, headers=cookies).status for operation in AUTHENTICATED}

    elsewhere = logins.bearing(api, token)
    for operation, accepted in AUTHENTICATED.items():
        answer = elsewhere.call(operation)
        refused = answer.status in NOT_AUTHENTICATED
        if refused and first["getDispositions"] == 200 and first[operation] == answer.status:
            raise Blocked(NONE_ACTIVE, f"{operation} refuses a session on the connection of its login too")
        judge.that(
            not refused, f"{operation} takes the token as cookie on another connection", shown(answer), answer
        )
        if answer.status not in accepted:
            judge.inconclusive(f"{operation} answered {shown(answer)}")


@pytest.mark.requirement("bp_stats.auth.cookie-among-others")
@pytest.mark.parametrize(
    "field",
    [
        pytest.param("{own}; theme=dark; lang=en", id="first"),
        pytest.param("theme=dark; {own}; lang=en", id="in-the-middle"),
        pytest.param("theme=dark; lang=en; {own}", id="last"),
        pytest.param("{name}-OLD={other}; {own}", id="after-a-longer-name"),
        pytest.param("{own}; {name}-OLD={other}", id="before-a-longer-name"),
        pytest.param("MY-{name}={other}; {own}", id="after-a-name-that-ends-alike"),
    ],
)
def test_the_session_cookie_counts_among_others(api: Api, a: Session, judge: Judge, field: str) -> None:
    """The session cookie is found by its name, wherever it stands among foreign cookies."""
    logins.need_accepted(a)
    name, own = api.table["cookie_name"], "=".join((api.table["cookie_name"], a.token))
    text = field.format(own=own, name=name, other=OTHER_SESSION)
    answer = api.anonymous().call("getDispositions", headers=(("Cookie", text),))
    judge.that(answer.status == 200, f"200 with Cookie: {text}", shown(answer), answer)


@pytest.mark.requirement("bp_stats.auth.example-members")
def test_user_id_belongs_to_the_user(a: Session, b: Session, judge: Judge) -> None:
    """user_id is a string, the same at each login of a user and another one for another user."""
    first, second = (logins.fresh_login(a) for _ in range(2))
    other = logins.fresh_login(b)
    ids = [members_of(answer).get("user_id") for answer in (first, second, other)]
    judge.that(all(isinstance(each, str) and each for each in ids), "user_id as a string", f"{ids}", first, other)
    judge.that(ids[0] == ids[1], "the same user_id at each login of A", f"{ids[0]}, then {ids[1]}", first, second)
    judge.that(ids[0] != ids[2], "another user_id for B", f"{ids[0]} for both", first, other)


@pytest.mark.requirement("bp_stats.auth.example-members")
def test_privileges_are_an_array_of_strings(a: Session, judge: Judge) -> None:
    """Privileges is an array of strings, which may be empty."""
    answer = logins.fresh_login(a)
    found = members_of(answer).get("privileges")
    judge.that(
        isinstance(found, list) and all(isinstance(each, str) for each in found),
        "privileges as an array of strings",
        f"{found!r}",
        answer,
    )


def log_in_as(api: Api, user: Identity, content_type: str | None) -> Answer:
    """Log in with right credentials under a content type."""
    return api.anonymous().call("authenticate", json=steps.credentials(api, user), content_type=content_type)


@pytest.mark.requirement("bp_stats.auth.content-type-of-login")
def test_a_charset_on_the_documented_type_does_no_harm(api: Api, a: Session, judge: Judge) -> None:
    """A login is JSON with and without a charset parameter."""
    for content_type in ("application/json", "application/json; charset=utf-8"):
        answer = log_in_as(api, logins.owner(a), content_type)
        judge.that(
            answer.status == 200 and steps.token_of(answer),
            f"200 with a token for a login as {content_type}",
            shown(answer),
            answer,
        )


@pytest.mark.requirement("bp_stats.auth.content-type-of-login")
@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param("text/plain", id="text"),
        pytest.param("application/x-www-form-urlencoded", id="form"),
        pytest.param(None, id="none"),
    ],
)
def test_another_content_type_is_read_or_refused(api: Api, a: Session, judge: Judge, content_type: str | None) -> None:
    """Right credentials under another content type, or none, open a session or are refused as the client's error."""
    answer = log_in_as(api, logins.owner(a), content_type)
    said = f"as {content_type}" if content_type else "without Content-Type"
    judge.note(**{said: answer.status})
    if answer.status == 200 and steps.token_of(answer):
        judge.reading("lenient")
        return
    judge.that(
        answer.status in NOT_THIS_TYPE,
        f"200 with a token, or 400, 401, 403 or 415, for a login {said}",
        shown(answer),
        answer,
    )
    judge.that(not logins.opens_session(api, answer), f"no session from a refused login {said}", shown(answer), answer)
    judge.reading("strict")


@pytest.fixture
def unprivileged(run: Run, identities: dict[str, Identity]) -> Iterator[Identity]:
    """The user without the privilege, leased."""
    with lease(run.leases, "bp_stats.unprivileged", shared=("bp_stats.tenant",)):
        yield identities["unprivileged"]


@pytest.mark.requirement("bp_stats.auth.missing-privilege")
def test_without_the_privilege_there_are_no_statistics(
    api: Api, a: Session, unprivileged: Identity, judge: Judge
) -> None:
    """A user who lacks the privilege is refused at the login or the create, or sees grids without rows."""
    login = steps.attempt(api, unprivileged)
    token = steps.token_of(login)
    if login.status in REFUSED_AT_LOGIN:
        judge.reading("refused-at-login")
        return
    judge.that(login.status == 200 and token, "the login is taken, or refused with 401 or 403", shown(login), login)
    session = steps.Session(unprivileged, token or "", logins.bearing(api, token or ""))
    # What the refusal is worth: the same definition gives rows to a user who has the privilege.
    steps.subscribe(a, steps.example())
    created = steps.create(session, steps.example())
    if created.status in REFUSED_AT_CREATE:
        judge.reading("refused-at-create")
        return
    if created.status == 409:
        judge.inconclusive("the tenant had no free subscription (409)")
    judge.that(created.status < 500, "the create is taken, or refused with 400, 401 or 403", shown(created), created)
    try:
        judge_data(a, session, judge)
    finally:
        steps.delete(session)


def judge_data(privileged: Session, session: Session, judge: Judge) -> None:
    """Look for rows in the data of the user without the privilege, once the other user has some."""
    if not any(steps.grids(steps.settle(privileged), "1", steps.SERVICES).values()):
        raise NotApplicable("user A sees no rows either: the users may supervise nothing")
    answer = steps.wait(session)
    judge.that(
        answer.status in {200, 204, *REFUSED_AT_DATA},
        "no data, or a refusal with 401, 403 or 404",
        shown(answer),
        answer,
    )
    if answer.status == 200:
        rows = sum(len(grid) for grid in steps.grids(steps.content(answer), "1", steps.SERVICES).values())
        judge.that(rows == 0, "grids without rows for a user without the privilege", f"{rows} rows", answer)
    judge.reading("empty-data")
