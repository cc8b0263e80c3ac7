"""Calls have nothing to do with each other: not those at the same time, and not the ones before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in
from suites.oracle_chat import echoes, steps
from suites.oracle_chat.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.archive import Archive
    from suites.oracle_chat.tour import Tour


@pytest.mark.requirement("oracle_chat.echo.parallel-calls-separate")
def test_calls_at_the_same_time_get_their_own_values(tour: Tour, judge: Judge) -> None:
    """Each of eight calls for the same users, released together, gets back exactly the marks that it sent."""
    for racers in tour.race:
        if len(racers) < 2:
            judge.inconclusive("fewer than two of the calls at the same time succeeded")
        for racer in racers:
            echoes.judge_echo(judge, racer.answer, object_in(racer.answer), racer.marks)


@pytest.mark.requirement("oracle_chat.echo.no-carry-over")
def test_nothing_of_an_earlier_call_comes_back(
    api: Api, a: Client, archive: Archive, rng: Random, judge: Judge
) -> None:
    """Marks of one call occur in no later answer for the same user: a success, an error, on either connection."""
    sent = steps.marks(rng)
    sent["emailAddress"] = f"{steps.mark(rng)}@example.com"
    steps.taken(steps.unless_refused(a.ask(**sent), "a call with free texts"))
    marks = [value.partition("@")[0] for value in sent.values()]
    other = Client(api, archive, steps.credentials(api.table), declared=True)
    for where, client in (("the same connection", a), ("a new connection", other)):
        later = client.ask(resumeType="DO_NOT_RESUME")
        steps.taken(later)
        judge_unmarked(judge, later, marks, f"a later call on {where}")
        failed = client.ask(authUserName=...)
        judge_unmarked(judge, failed, marks, f"a later call without a user on {where}")
    resumed = a.ask(resumeType="RESUME")
    judge.note(resumed="marks" if any(mark in resumed.text for mark in marks) else "no marks")


def judge_unmarked(judge: Judge, answer: Answer, marks: Iterable[str], what: str) -> None:
    """Judge that an answer shows none of the marks."""
    shows = [mark for mark in marks if mark in answer.text]
    judge.that(not shows, f"nothing of the earlier call in the answer to {what}", f"{', '.join(shows)} in it", answer)
