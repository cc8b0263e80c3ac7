"""The life of a booking: reserved until it is matched, or until its time is over."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import together
from fixtures.plugin.supplies import hypothesis_settings
from fixtures.sequences import judge_sequences
from reports.verdicts import Attribution
from suites.gms import steps
from suites.gms.booking_model import SUSPECTS, Bookings, scene_of, second_match
from suites.gms.lifetimes import BOOKING
from suites.gms.matching import Attempts, found

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from suites.gms.desk import Desk
    from suites.gms.lifetimes import Lifetimes

CROWD = 4
BOOKINGS = 6
"""About as many has one sequence."""
EXAMPLES = 6
"""The part of the depth's examples, one in so many, that sequences of many requests with a wait may use."""


@pytest.fixture(scope="module")
def released(desk: Desk) -> bool:
    """Whether a match releases the booking; raises Blocked where nobody could tell."""
    return second_match(desk, desk.lend(str(desk.api.table["phone_number"])))


@pytest.mark.requirement("gms.match.second-match")
def test_a_second_match_is_404_or_finds_the_same(desk: Desk, judge: Judge, phone: str) -> None:
    """The same match sent twice finds the booking, then nothing, or the same booking again."""
    booking = desk.lend(phone)
    attempts = Attempts(desk, booking)
    attempts.right()
    second = steps.decisive(desk.match(booking.key))
    attempts.in_time(second)
    if second.status == 404:
        judge.reading("released")
        return
    if found(second) not in {None, booking.id} and desk.api.table["pool_size"] is None:
        judge.inconclusive("somebody else may have got the number in between", Attribution.TARGET_FILE)
    judge.that(found(second) == booking.id, "404, or 200 with the same _id", shown(second), second)
    judge.reading("kept")


@pytest.mark.requirement("gms.match.parallel-matches")
def test_matches_at_once_act_as_if_in_turn(
    desk: Desk, judge: Judge, depth: Depth, api: Api, rng: Random, released: bool
) -> None:
    """Where a match releases the booking, one of several that arrive together finds it; else every one does."""
    for _ in range(desk.share(depth.rounds)):
        booking = desk.lend(steps.phone(api.table, rng))
        calls = [partial(desk.match, booking.key, caller=steps.known(api)) for _ in range(CROWD)]
        answers = [steps.decisive(timed.result) for timed in together(calls)]
        Attempts(desk, booking).in_time(max(answers, key=lambda answer: answer.ended))
        hits = [answer for answer in answers if answer.status == 200]
        if not hits:
            judge.inconclusive("none of the matches found the booking")
        for answer in hits:
            judge.that(found(answer) == booking.id, "the _id of the booking", shown(answer), answer)
        for answer in answers:
            judge.that(answer in hits or answer.status == 404, "200 or 404 to each match", shown(answer), answer)
        wanted = 1 if released else CROWD
        judge.that(len(hits) == wanted, f"{wanted} of {CROWD} matches find the booking", f"{len(hits)} do", *hits)
    judge.reading("one-wins" if released else "all-see-it")


@pytest.mark.requirement("gms.match.bookings-follow-model")
def test_any_sequence_of_bookings_follows_the_model(
    desk: Desk, judge: Judge, depth: Depth, run: Run, rng: Random, released: bool
) -> None:
    """Whatever is booked and matched in whatever order, each match finds what is reserved then, and nothing else."""
    scene = scene_of(desk, rng, released=released)
    judge.note(a_match="releases" if scene.match_releases else "keeps", lapses=scene.brief)

    examples = desk.share(max(2, depth.examples // EXAMPLES), each=BOOKINGS)
    settings = hypothesis_settings(depth, examples=examples, shrink=False)
    suspects = SUSPECTS[: desk.share(len(SUSPECTS), each=1 if desk.short else BOOKINGS)] if desk.dear else SUSPECTS
    judge_sequences(lambda: Bookings(scene), suspects, judge, seed=run.options.seed, settings=settings)


@pytest.mark.requirement("gms.match.expired-booking")
def test_a_number_finds_nothing_after_its_time(lifetimes: Lifetimes, judge: Judge, api: Api) -> None:
    """Once booking_seconds and the grace are over, the key of a booking is 404."""
    life = lifetimes.of(BOOKING)
    answer = life.read("late")
    if found(answer) not in {None, life.mark} and api.table["pool_size"] is None:
        judge.inconclusive("somebody else may have got the number since", Attribution.TARGET_FILE)
    judge.that(answer.status == 404, "404 after the booking time and the grace", shown(answer), answer)
