"""What a login must keep to itself: no answer repeats a secret, and no token can be guessed (Authenticate)."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked, NotApplicable
from fixtures.randomness import counting_part
from reports.verdicts import Attribution
from suites.bp_stats import logins, steps
from suites.bp_stats.refusals import CUT, OTHER_TYPES, WRONG, WRONG_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.refusals import Refusals
    from suites.bp_stats.steps import Session

ARRAY = OTHER_TYPES[2]
SHORTEST = 6
"""Characters of a secret below which it turns up by chance."""

LOGINS, LOGINS_IF_SLOW, SLOW_S = 20, 10, 0.5
SHORTEST_TOKEN = 16
LAST = 4
"""Characters at the end that a counter would change; neighbours must differ before them too."""


def holds(answer: Answer, secret: str) -> bool:
    """Say whether the secret stands in the fields or the body, as it is, URL-encoded, as JSON string or as base64."""
    text = "\n".join([*(f"{name}: {value}" for name, value in answer.headers), answer.text])
    spellings = (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode())
    return any(spelling in text for spelling in spellings)


def judge_silence(judge: Judge, answers: Mapping[str, Answer], secrets: Mapping[str, str]) -> None:
    """Judge that none of the answers holds one of the secrets."""
    for what, answer in answers.items():
        for name, secret in secrets.items():
            judge.that(not holds(answer, secret), f"{what} does not repeat {name}", shown(answer), answer)


def refused_logins(api: Api, refusals: Refusals) -> dict[str, Answer]:
    """Fail to log in with wrong credentials, and with the right password in wrong bodies, where that is allowed."""
    if not api.table["failed_logins_allowed"]:
        return {}
    found = refusals.of_passwords(WRONG_PASSWORD) | refusals.of(
        **{"a login without user name": refusals.body(username=...), CUT: refusals.body()[:-1]}
    )
    with suppress(NotApplicable):
        found |= refusals.of_passwords(ARRAY)
    found["a user who does not exist"] = refusals.of_nobody()
    return {f"the refusal of {what}": refusal.answer for what, refusal in found.items()}


@pytest.fixture
def refused(api: Api, refusals: Refusals) -> dict[str, Answer]:
    """The refusals of logins, asked before the session `a` is opened: they are user A's as well."""
    return refused_logins(api, refusals)


@pytest.mark.requirement("bp_stats.auth.no-secret-echoed")
def test_no_answer_repeats_the_password(
    api: Api, refused: dict[str, Answer], a: Session, judge: Judge
) -> None:
    """Neither a login, taken or refused for whatever reason, nor the answers in its session show the password."""
    user = logins.owner(a)
    if len(user.password) < SHORTEST or user.password in f"{user.username} {api.table['tenant_url']}":
        judge.inconclusive("the password is too common a word to be looked for", Attribution.TARGET_FILE)
    answers = dict(refused)
    login = logins.fresh_login(a)
    session = logins.bearing(api, logins.taken(login))
    answers |= {
        "the answer to a login": login,
        "the refusal of a malformed create": session.call("createSubscription", body=b'{"1":'),
        "the answer to a read of the data": session.call("getSubscriptionData"),
    }
    judge_silence(judge, answers, {"the password": user.password, "the wrong password": WRONG})


@pytest.mark.requirement("bp_stats.auth.no-secret-echoed")
def test_no_answer_but_the_login_shows_a_token(api: Api, a: Session, judge: Judge) -> None:
    """Neither refusals, above all those of a former cookie, nor answers in a session show a token."""
    logins.need_accepted(a)
    fresh = logins.log_in_again(a)
    tokens = {"the token of the session": fresh.token, "the token of the former session": a.token}
    if min(map(len, tokens.values())) < SHORTEST:
        judge.inconclusive("the tokens are too short to be looked for")
    answers = {
        "the refusal of dispositions to a former cookie": steps.dispositions(a),
        "the refusal of data to a former cookie": steps.read(a),
        "the refusal of a create to a former cookie": steps.create(a, steps.example()),
    }
    if any(answer.status == 200 for answer in answers.values()):
        raise Blocked("bp_stats.session.second-login-ends-first", "the former cookie is still accepted")
    answers |= {
        "the refusal of dispositions without a cookie": api.anonymous().call("getDispositions"),
        "the answer to dispositions": without_renewal(api, steps.dispositions(fresh), fresh),
        "the answer to a read of the data": without_renewal(api, steps.read(fresh), fresh),
        "the refusal of a malformed create": without_renewal(
            api, fresh.caller.call("createSubscription", body=b'{"1":'), fresh
        ),
    }
    judge_silence(judge, answers, tokens)


@pytest.mark.requirement("bp_stats.auth.no-secret-echoed")
def test_no_refused_login_shows_a_token(api: Api, refusals: Refusals, judge: Judge) -> None:
    """The refusal of a login does not show the token of the session that the user has."""
    answers = refused_logins(api, refusals)
    if not answers:
        raise NotApplicable("failed_logins_allowed = 0 forbids failed logins")
    held = {token for token in refusals.tokens if len(token) >= SHORTEST}
    if not held:
        judge.inconclusive("the tokens are too short to be looked for")
    judge_silence(judge, answers, {f"token {place} of the user": token for place, token in enumerate(sorted(held), 1)})


def without_renewal(api: Api, answer: Answer, session: Session) -> Answer:
    """Return the answer without Set-Cookie fields that hand the session's own cookie out again."""
    renewal = f"{api.table['cookie_name']}={session.token}"
    kept = tuple(
        (name, value)
        for name, value in answer.headers
        if name.lower() != "set-cookie" or value.partition(";")[0].strip() != renewal
    )
    return replace(answer, headers=kept)


@pytest.mark.requirement("bp_stats.session.tokens-unpredictable")
def test_tokens_neither_repeat_nor_count_up(a: Session, judge: Judge) -> None:
    """Tokens of a series of logins are long, all different, and no part of them only grows."""
    answers = [logins.fresh_login(a)]
    wanted = LOGINS_IF_SLOW if answers[0].ended - answers[0].started > SLOW_S else LOGINS
    answers += [logins.fresh_login(a) for _ in range(wanted - 1)]
    tokens = [logins.taken(answer) for answer in answers]
    distinct = len(set(tokens))
    judge.that(distinct == wanted, "no token twice", f"{distinct} tokens in {wanted} logins", *answers)
    shortest = min(map(len, tokens))
    judge.that(shortest >= SHORTEST_TOKEN, f"at least {SHORTEST_TOKEN} characters", f"{shortest} characters", *answers)
    alike = sum(one[:-LAST] == other[:-LAST] for one, other in pairwise(tokens))
    judge.that(not alike, f"neighbours differ before their last {LAST} characters", f"{alike} do not", *answers)
    part = counting_part(tokens)
    judge.that(part is None, "no part of the token grows from login to login", part, *answers)
