"""The end of a token: it opens nothing after the lifetime that was announced (Access Token Response)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked, NotApplicable
from reports.verdicts import Attribution
from suites.bp_sms import steps
from suites.bp_sms.tokens import GRACE_S, ISSUED, bearing, lifetime, token_of

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.tokens import Client, Tokens

SOON_S = 1.0
"""How soon after its end most servers refuse a token."""


class Budget:
    """The seconds that the test may wait in all."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def allows(self, seconds: float) -> bool:
        """Say whether there is time to wait that long."""
        return time.monotonic() + seconds <= self._ends


def ask(tokens: Tokens, client: Client) -> tuple[str, float]:
    """Return a token and how long it lives; raises Blocked, or NotApplicable where no lifetime is announced."""
    answer = tokens.ask(client)
    token, life = token_of(answer), lifetime(answer)
    if token is None:
        raise Blocked(ISSUED, f"the token request answered {shown(answer)}")
    if not life:
        raise NotApplicable("the target does not say when a token ends")
    return token, life


@pytest.mark.requirement("bp_sms.token.expired-token-refused")
def test_a_token_lives_as_long_as_announced_and_no_longer(
    api: Api, tokens: Tokens, clients: dict[str, Client], rng: Random, judge: Judge
) -> None:
    """A token works in the middle of its life and not after its end; then a new request brings one that works."""
    client, sid = clients["a"], steps.random_sid(rng)
    budget = Budget(api.table["expiry_wait_s"])
    token, life = ask(tokens, client)
    if not budget.allows(life + GRACE_S):
        judge.inconclusive(
            f"expiry_wait_s is less than expires_in and {GRACE_S:.0f} s together", Attribution.TARGET_FILE
        )
    if budget.allows(life / 2 + life + GRACE_S):
        api.pause(life / 2, "the middle of a token's life")
        judge_taken(judge, "in the middle of its life", steps.read(bearing(api, token), sid))
        token, life = ask(tokens, client)
    refused = _refused_in_the_end(api, token, life, sid, budget)
    judge.that(
        refused.status in {401, 403}, f"401 or 403 {GRACE_S:.0f} s after the end of a token", shown(refused), refused
    )
    renewed = tokens.ask(client)
    token = token_of(renewed) or ""
    judge.that(renewed.status == 200 and token, "a token after the end of the one before", shown(renewed), renewed)
    judge_taken(judge, "that was issued after the end of the one before", steps.read(bearing(api, token), sid))


def judge_taken(judge: Judge, which: str, answer: Answer) -> None:
    """Judge that a token was not refused."""
    judge.that(answer.status not in {401, 403}, f"a token {which} is taken", shown(answer), answer)


def _refused_in_the_end(api: Api, token: str, life: float, sid: str, budget: Budget) -> Answer:
    """Use a token soon after its end, where there is time; if it is still taken, once more when it lay unused."""
    if budget.allows(life + SOON_S + life + GRACE_S):
        api.pause(life + SOON_S, "the end of a token")
        answer = steps.read(bearing(api, token), sid)
        if answer.status in {401, 403}:
            return answer
    # Use may have prolonged its life by as much as it had before.
    api.pause(life + GRACE_S, "the end of a token")
    return steps.read(bearing(api, token), sid)
