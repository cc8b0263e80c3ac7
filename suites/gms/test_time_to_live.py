"""User data and stored items live as long as they should, and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.gms import steps
from suites.gms.lifetimes import LONG, LONG_S, SHORT, USER_DATA, WRONG_TTLS, told

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from suites.gms.lifetimes import Life, Lifetimes


@pytest.mark.requirement("gms.data.expires")
def test_user_data_are_gone_after_their_time(lifetimes: Lifetimes, judge: Judge) -> None:
    """User data that were readable at first show no more when their time and the grace are over, read or not."""
    life = lifetimes.of(USER_DATA)
    if life.age("early") > life.ttl / 2 or not life.shows("early"):
        judge.inconclusive(f"the data were not readable at first: {told(life, 'early')}")
    judge_gone(judge, life)


@pytest.mark.requirement("gms.storage.ttl-respected")
def test_stored_items_live_for_the_seconds_in_the_path(lifetimes: Lifetimes, judge: Judge) -> None:
    """Items are readable at first and gone after their time, while others with a longer one still show."""
    short, long = lifetimes.of(SHORT), lifetimes.of(LONG)
    for life in (short, long):
        if life.created.status != 200:
            judge.inconclusive(f"nothing was stored: {shown(life.created)}")
    if short.age("early") > short.ttl / 3:
        judge.inconclusive(f"a third of {short.ttl} s is too short here")
    for life in (short, long):
        judge.that(life.shows("early"), f"an item with a life of {life.ttl} s at first", told(life, "early"))
    judge_gone(judge, short)
    if long.age("late") > LONG_S:
        judge.inconclusive(f"the item with a life of {LONG_S} s was read too late")
    judge.that(long.shows("late"), f"an item with a life of {LONG_S} s still", told(long, "late"))


@pytest.mark.requirement("gms.storage.wrong-ttl-means-30")
@pytest.mark.parametrize("ttl", WRONG_TTLS)
def test_a_wrong_time_to_live_has_a_meaning(ttl: str, lifetimes: Lifetimes, judge: Judge) -> None:
    """Items with a time to live that is no number above zero live as long as documented."""
    life = lifetimes.of(ttl)
    created = steps.decisive(life.created)
    judge.that(created.status == 200, f"200 for a time to live of {ttl}", shown(created), created)
    judge.that(life.shows("early"), f"an item with a time to live of {ttl} at first", told(life, "early"))
    if "half" in life.reads and life.age("half") < life.ttl:
        judge.that(
            life.shows("half"), f"the item still after half of {life.ttl} s", told(life, "half"), life.read("half")
        )
    if "late" in life.reads:
        judge_gone(judge, life)
    judge.note(waited="late" in life.reads)


def judge_gone(judge: Judge, life: Life) -> None:
    """Judge that the last read does not show the marked value."""
    answer = life.read("late")
    judge.that(not life.shows("late"), f"nothing left after {life.ttl} s and the grace", told(life, "late"), answer)
