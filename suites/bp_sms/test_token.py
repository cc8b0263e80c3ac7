"""A good token request: what it gets, again and at the same time (Step 4; Request Access Token)."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from fixtures.concurrency import together
from fixtures.gateway import is_gateways_own
from fixtures.outcomes import Blocked
from suites.bp_sms import steps
from suites.bp_sms.refusals import FOREIGN_TENANT
from suites.bp_sms.tokens import ISSUED, bearing, lifetime, token_of

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.refusals import Refusals
    from suites.bp_sms.tokens import Client, Tokens

APART_S = 1.1
"""Pause after which a remainder in whole seconds is smaller."""


@pytest.fixture(scope="module")
def issued(tokens: Tokens, clients: dict[str, Client]) -> Answer:
    """The answer to a proper request."""
    return tokens.ask(clients["a"])


def opens(api: Api, token: str, sid: str) -> bool:
    """Say whether a token is taken by Get Message."""
    return steps.read(bearing(api, token), sid).status not in {401, 403}


@pytest.mark.requirement("bp_sms.token.issued-for-valid-client")
def test_a_proper_request_gets_a_token_and_its_type(issued: Answer, judge: Judge) -> None:
    """Credentials of a privileged user are answered 200 with access_token and token_type at the top level."""
    judge.that(issued.status == 200, "status 200 for a proper token request", shown(issued), issued)
    for member in ("access_token", "token_type"):
        value = object_in(issued).get(member)
        judge.that(isinstance(value, str) and value, f"{member} is a text that is not empty", shown(issued), issued)


@pytest.mark.requirement("bp_sms.token.type-is-bearer")
def test_the_type_is_bearer(issued: Answer, judge: Judge) -> None:
    """The token_type is Bearer, in whatever letter case."""
    kind = object_in(issued).get("token_type")
    judge.that(isinstance(kind, str) and kind.lower() == "bearer", "token_type is Bearer", repr(kind), issued)
    judge.note(spelling=kind)


@pytest.mark.requirement("bp_sms.token.expires-in-seconds")
def test_the_lifetime_is_a_whole_number_of_seconds(issued: Answer, judge: Judge) -> None:
    """expires_in is a positive whole number, as digits in a string or as a number."""
    if token_of(issued) is None:
        raise Blocked(ISSUED, f"no token came: {shown(issued)}")
    life = object_in(issued).get("expires_in")
    judge.that(life is not None, "expires_in in the answer", "no lifetime", issued)
    as_text = isinstance(life, str) and re.fullmatch("0*[1-9][0-9]*", life)
    as_number = isinstance(life, int) and not isinstance(life, bool) and life > 0
    judge.that(as_text or as_number, "a positive whole number as expires_in", repr(life), issued, must=True)
    judge.note(form="digits-in-a-string" if as_text else "number")


@pytest.mark.requirement("bp_sms.token.scope-not-widened")
def test_the_scope_of_an_own_tenant_is_the_one_asked_for(
    issued: Answer, clients: dict[str, Client], judge: Judge
) -> None:
    """The scope in the answer, where there is one, is letter for letter the tenant that was asked for."""
    wanted, granted = clients["a"].scope, object_in(issued).get("scope")
    judge.that(granted in (None, wanted), f"scope {wanted}, or none", repr(granted), issued)


@pytest.mark.requirement("bp_sms.token.scope-not-widened")
@pytest.mark.parametrize("whose", ["nobody", "peer"])
def test_a_foreign_tenant_is_not_granted(
    whose: str, refusals: Refusals, tokens: Tokens, clients: dict[str, Client], judge: Judge
) -> None:
    """A tenant that is not the user's is refused, or the scope says that another one was granted."""
    if whose == "peer" and "peer" not in clients:
        pytest.skip("the target file declares no peer")
    asked = refusals[FOREIGN_TENANT] if whose == "nobody" else tokens.ask(clients["a"], scope=clients["peer"].scope)
    if token_of(asked) is not None:
        granted = object_in(asked).get("scope")
        if granted is None:
            judge.inconclusive("a token came for a foreign tenant, without a scope that says what it opens")
        judge.that(
            asked.status == 200 and granted == clients["a"].scope,
            "a refusal, or the user's own tenant as scope",
            shown(asked),
            asked,
        )
    elif not steps.refuses(asked):
        judge.inconclusive(f"the request for a foreign tenant was answered {shown(asked)}")
    judge.that(True, "a refusal, or the user's own tenant as scope", shown(asked), asked)


@pytest.mark.requirement("bp_sms.token.repeat-request")
def test_a_second_request_brings_a_token_that_works(
    api: Api, tokens: Tokens, clients: dict[str, Client], rng: Random, judge: Judge
) -> None:
    """While a token lives, a second request brings the same one or another, and what it brings works."""
    sid = steps.random_sid(rng)
    first = tokens.ask(clients["a"])
    time.sleep(APART_S)
    second = tokens.ask(clients["a"])
    for answer in (first, second):  # the first one also follows another: that of the preflight
        judge.that(
            answer.status == 200 and token_of(answer), "status 200 and a token for each request", shown(answer), answer
        )
    older, newer = str(token_of(first)), str(token_of(second))
    judge.that(opens(api, newer, sid), "the token of a second request is taken", "401 or 403", second)
    if newer == older:
        judge.reading("same-token")
    else:
        judge.reading("new-token-old-lives" if opens(api, older, sid) else "new-token-old-ends")
    left = [lifetime(answer) for answer in (first, second)]
    judge.note(remainder="smaller" if 0 < left[1] < left[0] else "not smaller")


@pytest.mark.requirement("bp_sms.token.parallel-requests")
def test_requests_at_the_same_time_are_all_answered(
    api: Api, tokens: Tokens, clients: dict[str, Client], rng: Random, depth: Depth, judge: Judge
) -> None:
    """Requests released together each bring a token, and the tokens work."""
    client, sid = clients["a"], steps.random_sid(rng)
    for _ in range(depth.rounds):
        ask = partial(tokens.ask, client, patient=False)
        answers = [timed.result for timed in together([ask] * api.table["parallel"])]
        tokens.forget(client)  # which of them is the newest, nobody knows
        counted = [answer for answer in answers if answer.status not in {429, 503} and not is_gateways_own(answer)]
        if len(counted) < 2:
            judge.inconclusive("the target answered fewer than two of the requests")
        for answer in counted:
            judge.that(
                answer.status == 200 and token_of(answer), "a token for each of the requests", shown(answer), answer
            )
        distinct = {token_of(answer): answer for answer in counted}
        working = sum(opens(api, str(token), sid) for token in distinct)
        enough = 1 if working < len(distinct) and _new_ends_old(api, tokens, client, sid) else len(distinct)
        judge.that(
            working >= enough,
            f"{enough} of {len(distinct)} tokens work that were issued together",
            f"{working} of them",
            *counted,
        )


def _new_ends_old(api: Api, tokens: Tokens, client: Client, sid: str) -> bool:
    """Say whether a new token ends the one before, where the requests come one after another."""
    older = tokens.newest(client)
    return token_of(tokens.ask(client)) != older and not opens(api, older, sid)
