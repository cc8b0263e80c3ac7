"""Polling a service that tells how it is: what one poll answers, and that polls change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import together
from fixtures.outcomes import Blocked
from suites.gms import steps

if TYPE_CHECKING:
    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.gms.desk import Desk

ANSWERS = "gms.specific.answers-200-json"
MEMBERS = ("status", "dialog")
TURNS, CROWD = 5, 4
MOST_MORE = 6
"""Polls at most after the others, until another status shows: a service need not change while it is looked at."""


@dataclass(frozen=True, slots=True)
class Polls:
    """What the polls of one instance answered: in turn, then at once, then in turn again."""

    api: Api
    in_turn: tuple[Answer, ...]
    at_once: tuple[Answer, ...]
    later: tuple[Answer, ...]
    twin: str
    """An instance made together with the one that was polled."""

    @property
    def all(self) -> tuple[Answer, ...]:
        """Every answer, in order."""
        return (*self.in_turn, *self.at_once, *self.later)

    @property
    def ended_by_itself(self) -> bool:
        """Whether an instance of the same age that nobody has polled is over, too."""
        return poll(steps.known(self.api), self.twin).status != 200


def poll(caller: Caller, id_: str) -> Answer:
    """Send one status request."""
    return steps.ask(caller, id_, caller.api.table["status_request"], {})


def state(answer: Answer) -> object:
    """Return the status that a poll shows."""
    return steps.content(answer).get("status")


@pytest.fixture(scope="module")
def polls(api: Api, desk: Desk) -> Polls:
    """An instance, polled often; raises Blocked where the first poll is refused."""
    caller, pause = steps.known(api), api.table["poll_seconds"]
    twin, id_ = desk.start("inbound_poll"), desk.start("inbound_poll")
    in_turn = [poll(caller, id_)]
    if in_turn[0].status != 200:
        raise Blocked(ANSWERS, f"the status request is answered {shown(in_turn[0])}")
    while len(in_turn) < TURNS:
        api.pause(pause)
        in_turn.append(poll(caller, id_))
    at_once = [timed.result for timed in together([lambda: poll(steps.known(api), id_)] * CROWD)]
    later: list[Answer] = []
    while len(later) < MOST_MORE and len({str(state(answer)) for answer in (*in_turn, *at_once, *later)}) == 1:
        api.pause(pause)
        later.append(poll(caller, id_))
    return Polls(api, tuple(in_turn), tuple(at_once), tuple(later), twin)


@pytest.mark.requirement("gms.poll.status-body")
def test_a_poll_answers_status_and_dialog(polls: Polls, judge: Judge) -> None:
    """Whatever the status is, the answer is an object in which status and dialog are non-empty strings."""
    taken = [answer for answer in polls.all if answer.status == 200]
    for answer in taken:
        for member in MEMBERS:
            judge.that(steps.text(answer, member), f"a non-empty string {member}", shown(answer), answer)
    judge.note(
        statuses=sorted({steps.text(answer, "status") or "" for answer in taken}),
        dialogs_are_paths=all((steps.text(answer, "dialog") or "").startswith("/") for answer in taken),
    )


@pytest.mark.requirement("gms.poll.repeatable")
def test_polls_can_be_repeated(polls: Polls, judge: Judge) -> None:
    """Later polls and polls at the same time answer 200 with the members of the first one."""
    first = steps.content(polls.in_turn[0]).keys() & set(MEMBERS)
    wanted = " and ".join(sorted(first)) or "an answer"
    for which, answers in (("after others", polls.in_turn[1:]), ("beside others", polls.at_once)):
        for answer in answers:
            same = answer.status == 200 and steps.content(answer).keys() >= first
            if not same and steps.decisive(answer).status != 200 and polls.ended_by_itself:
                judge.inconclusive("the service ended by itself while it was polled")
            judge.that(same, f"200 and {wanted} to a poll {which}, as to the first one", shown(answer), answer)
