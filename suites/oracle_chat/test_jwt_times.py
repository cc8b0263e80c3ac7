"""When the token begins and ends."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from suites.oracle_chat import issued as tokens
from suites.oracle_chat.issued import is_number

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.issued import Issued
    from suites.oracle_chat.tour import Tour

Run = tuple["Issued", ...]
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
APART_S = 2.0
CALLS = 3


@pytest.mark.requirement("oracle_chat.jwt.times")
def test_issue_and_end_are_seconds_in_that_order(run_tokens: Run, judge: Judge) -> None:
    """exp and iat are numbers of seconds between 2015 and 2100, and the token ends after its issue."""
    for each in run_tokens:
        claims = each.token.claims
        for name in ("iat", "exp"):
            value = claims.get(name)
            judge.that(is_number(value), f"{name}, a number", _shown(name, value), each.answer)
            in_time = EARLIEST <= each.seconds(name) < LATEST
            judge.that(in_time, f"{name} in seconds between 2015 and 2100", _shown(name, value), each.answer)
        life = each.seconds("exp") - each.seconds("iat")
        judge.that(life > 0, "exp later than iat", f"exp {life:g} s after iat", each.answer)
        if "nbf" in claims:
            begins = claims["nbf"]
            judge.that(is_number(begins), "nbf, a number", _shown("nbf", begins), each.answer)
            judge.that(begins <= each.seconds("exp"), "nbf not after exp", f"nbf {begins}", each.answer)


def _shown(name: str, value: object) -> str:
    return "no such claim" if value is None else f"{name} {value!r}"


@pytest.mark.requirement("oracle_chat.jwt.not-expired-on-arrival")
def test_a_token_is_valid_when_it_comes(tour: Tour, api: Api, judge: Judge) -> None:
    """exp lies after the Date of the answer, and nbf, if any, not after it, as far as the clocks may differ."""
    timed = [each for each in map(tokens.readable, tour.successes) if each and _says_when(each)]
    if not timed:
        judge.not_applicable("no token of the run can be read that says when it ends or begins")
    for each in timed:
        at = tokens.clocks(each.answer, api.table["clock_skew_seconds"])
        ends, begins = (each.token.claims.get(name) for name in ("exp", "nbf"))
        if is_number(ends):
            alive = any(ends - clock.now > -clock.skew for clock in at)
            judge.that(alive, "a token that has not ended", f"it ended {at[0].now - ends:.0f} s before", each.answer)
        if is_number(begins):
            begun = any(begins - clock.now <= clock.skew for clock in at)
            judge.that(begun, "a token that has begun", f"it begins {begins - at[0].now:.0f} s later", each.answer)


def _says_when(each: Issued) -> bool:
    return any(is_number(each.token.claims.get(name)) for name in ("exp", "nbf"))


@pytest.mark.requirement("oracle_chat.jwt.lifetime")
def test_a_token_lives_no_longer_than_declared(run_tokens: Run, api: Api, judge: Judge) -> None:
    """exp minus iat is at most jwt_max_lifetime_seconds."""
    most = api.table["jwt_max_lifetime_seconds"]
    lives = {each.seconds("exp") - each.seconds("iat"): each for each in run_tokens}
    longest = max(lives)
    judge.that(longest <= most, f"a life of at most {most} s", f"{longest:g} s", lives[longest].answer)
    judge.note(lifetime_s=round(longest))


@pytest.mark.requirement("oracle_chat.jwt.fresh-each-call")
def test_calls_that_lie_apart_get_tokens_of_their_own(a: Client, api: Api, judge: Judge) -> None:
    """Of calls two seconds apart each has a token of its own, issued at the time of the call."""
    fresh: list[Issued] = []
    for number in range(CALLS):
        if number:
            time.sleep(APART_S)
        fresh.append(tokens.read(a.ask()))
    for each in fresh:
        at = tokens.clocks(each.answer, api.table["clock_skew_seconds"])
        right = any(abs(each.seconds("iat") - clock.now) <= clock.skew + 1 for clock in at)
        off = each.seconds("iat") - at[0].now
        judge.that(right, "iat at the time of the call", f"{off:+.0f} s from its Date", each.answer)
    for before, after in pairwise(fresh):
        both = (before.answer, after.answer)
        judge.that(before.text != after.text, "another token two seconds later", "the same one", *both)
        for claim in ("iat", "exp"):
            step = after.seconds(claim) - before.seconds(claim)
            judge.that(step >= 0, f"{claim} that does not go back", f"{claim} {-step:g} s earlier", *both)
