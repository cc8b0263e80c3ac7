"""Who may ask for a token: HTTP Basic with each call, and the privilege (RFC 7617; RFC 9110, 15.5.2)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from fixtures import wire
from fixtures.api import shown
from fixtures.credentials import basic_value
from suites.oracle_chat import steps
from suites.oracle_chat.refusals import GUESS, NOBODY, STRANGERS

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.refusals import Refusals
    from suites.oracle_chat.tour import Tour

LONG = 8192
BROKEN = {
    "broken Base64": "Basic %%%=not-base64",
    "no colon": "Basic " + base64.b64encode(f"{NOBODY}-alone".encode()).decode(),
    "octets that are not UTF-8": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    "a value of 8 KiB": basic_value(f"{NOBODY}-long", GUESS * (LONG * 3 // 4 // len(GUESS))),
}
"""Malformed Authorization values, none of which names a user that there is, and each another one: some lock them."""


def gets_nothing(answer: Answer) -> bool:
    """Say whether neither a success nor anything like a token came; a redirect to a login page is fine."""
    return not steps.succeeds(answer) and not steps.shows_token(answer)


@pytest.mark.requirement("oracle_chat.auth.no-token-without-credentials")
@pytest.mark.parametrize("cause", STRANGERS)
def test_no_token_without_valid_credentials(cause: str, tour: Tour, refusals: Refusals, judge: Judge) -> None:
    """With missing, made-up, misplaced or nearly right credentials no token comes, in no part of the body."""
    steps.taken(tour.basic)
    answer = refusals[cause]
    judge.that(gets_nothing(answer), f"no token for {cause}", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.auth.refusal-is-401")
@pytest.mark.parametrize("cause", STRANGERS)
def test_missing_or_wrong_credentials_are_answered_with_401(cause: str, refusals: Refusals, judge: Judge) -> None:
    """The status of a call without valid credentials is 401."""
    answer = refusals[cause]
    expected = f"401 for {cause}" + (", at least no error of the server" if answer.status >= 500 else "")
    judge.warn(answer.status == 401, expected, shown(answer), answer)


@pytest.mark.requirement("oracle_chat.auth.nothing-remembered")
def test_a_success_opens_nothing_for_later_requests_on_its_connection(
    api: Api, a: Client, anonymous: Client, refusals: Refusals, judge: Judge
) -> None:
    """On one connection, calls without credentials and of a made-up user are refused right after a success."""
    made_up = refusals.stranger(basic_value(f"{NOBODY}-later", GUESS))
    with wire.connection(api) as connection:
        first = a.over(connection)
        steps.taken(first)
        judge.note(connection="kept" if connection.reusable else "closed after each answer, which opens nothing either")
        bare = anonymous.over(connection)
        judge.that(gets_nothing(bare), "no token without credentials, right after a success", shown(bare), bare)
        foreign = made_up.over(connection)
    judge.that(gets_nothing(foreign), "no token for a made-up user, after a success", shown(foreign), foreign)
    if cookies := "; ".join(field.partition(";")[0] for field in first.values("Set-Cookie")):
        with_cookies = anonymous.send(steps.basic_members(api.table), headers=(("Cookie", cookies),))
        judge.note(cookies_of_the_success_open=steps.succeeds(with_cookies))


@pytest.mark.requirement("oracle_chat.auth.nothing-remembered")
def test_a_success_opens_nothing_for_later_connections(
    a: Client, anonymous: Client, refusals: Refusals, judge: Judge
) -> None:
    """On new connections, calls without credentials and of a made-up user are refused after a success."""
    a.succeed()
    for client, who in ((anonymous, "nobody"), (refusals.stranger(basic_value(NOBODY, GUESS)), "a made-up user")):
        answer = client.ask()
        judge.that(gets_nothing(answer), f"no token for {who}, after a success", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.auth.header-syntax")
@pytest.mark.parametrize("scheme", ["basic", "BASIC"])
def test_the_scheme_counts_in_any_letter_case(
    scheme: str, a: Client, tour: Tour, refusals: Refusals, judge: Judge
) -> None:
    """Right credentials succeed under the scheme name in any letter case."""
    steps.taken(tour.basic)
    value = a.headers[0][1].partition(" ")[2]
    answer = refusals.stranger(f"{scheme} {value}").ask()
    judge.that(steps.succeeds(answer), f"success with the scheme {scheme}", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.auth.header-syntax")
@pytest.mark.parametrize("fault", BROKEN)
def test_a_malformed_authorization_field_is_a_client_error(fault: str, refusals: Refusals, judge: Judge) -> None:
    """A value that is no pair of name and password is refused with a 4xx."""
    answer = refusals.stranger(BROKEN[fault]).ask()
    judge.that(steps.refuses_as_client_error(answer), f"a 4xx for {fault}", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.auth.header-syntax")
@pytest.mark.parametrize("right_one", ["first", "last"])
def test_two_authorization_fields_are_a_client_error(
    right_one: str, api: Api, a: Client, anonymous: Client, judge: Judge
) -> None:
    """Two Authorization fields, of the declared user and of a made-up one, are refused with a 4xx in either order."""
    fields = [*a.headers, ("Authorization", basic_value(f"{NOBODY}-{right_one}", GUESS))]
    with wire.connection(api) as connection:
        answer = anonymous.over(connection, *(fields if right_one == "first" else reversed(fields)))
    judge.that(
        steps.refuses_as_client_error(answer),
        f"a 4xx for two Authorization fields, the right one {right_one}",
        shown(answer),
        answer,
    )


@pytest.mark.requirement("oracle_chat.auth.privilege-needed")
def test_a_user_without_the_privilege_gets_no_token(api: Api, refusals: Refusals, judge: Judge) -> None:
    """A known user who lacks the chat privilege is refused with 403."""
    table = api.table
    value = basic_value(table["unprivileged_username"], table["unprivileged_password"])
    answer = refusals.stranger(value).ask()
    judge.that(steps.refuses(answer), "no token for a user without the privilege", shown(answer), answer)
    judge.that(
        answer.status != 401,
        "403 for a user without the privilege",
        f"{shown(answer)}; the credentials of the target file may be wrong, which looks the same",
        answer,
    )
    judge.that(answer.status == 403, "403 for a user without the privilege", shown(answer), answer)
