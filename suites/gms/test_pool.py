"""The pool of access numbers: who shares a number, what happens when it runs out, and what does not use it up."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import together
from fixtures.outcomes import Inconclusive, NotApplicable, Unanswered
from reports.verdicts import Attribution
from suites.gms import forms, steps
from suites.gms.forms import BOUNDARY, Body
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from fixtures.api import Caller
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from suites.gms.desk import Desk

CODE = "_provide_code"
CROWD = 4
LARGEST = 6
"""The largest pool that is used up."""
MOST_AT_ONCE = 8
UNTOLD = "shared without code"
"""No reading, and not judged: one number for two phones, and no code tells the callers apart."""


class Creates:
    """Creates of request-interaction on one connection, past the desk's own repetitions."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.table = desk.api.table
        self.code = {CODE: "true"} if CODE in self.table["honoured"] else {}
        self.first = {"_phone_number": str(self.table["phone_number"])}
        """What the first booking of a full pool asks for: no code."""
        self.name = steps.name_of(self.table, INTERACTION)
        self.short = desk.short
        """Asked before a test depends on what is free: it may take a booking to know what a match does."""

    def send(self, fields: dict[str, str], caller: Caller | None = None) -> Answer:
        """Send one create, which is never repeated: a full pool may ask to wait."""
        self.desk.count()
        body = forms.urlencoded({**steps.demanded(self.table, INTERACTION), **fields})
        return steps.create(caller or self.desk.caller, self.name, body, patient=False)

    def book(self, fields: dict[str, str]) -> Answer:
        """Send one create, and tell the desk what it booked."""
        return self.desk.told(self.send(fields), seconds=asked_for(fields))

    def at_once(self, several: list[dict[str, str]]) -> list[Answer]:
        """Send creates at the same time, each on a connection of its own, and tell the desk what they booked."""
        callers = [steps.known(self.desk.api) for _ in several]
        calls = [partial(self.send, fields, caller) for fields, caller in zip(several, callers, strict=True)]
        return [
            self.desk.told(timed.result, seconds=asked_for(fields))
            for timed, fields in zip(together(calls), several, strict=True)
        ]

    def wishes(self, rng: Random, count: int) -> list[dict[str, str]]:
        """Return what that many creates ask for: another phone each, and a code where that is honoured."""
        return [
            {"_phone_number": steps.phone(self.table, rng), **self.code, **self.short} for _ in range(count)
        ]

    def all_of(self, judge: Judge, several: list[dict[str, str]], *, at_once: bool = False) -> list[Answer]:
        """Send creates; one that is not answered fails the test."""
        try:
            return self.at_once(several) if at_once else [self.book(fields) for fields in several]
        except Unanswered as problem:
            judge.fail("an answer to each create, also when no number is left", str(problem))

    def life(self, answer: Answer) -> float:
        """Return for how many seconds a number is booked."""
        declared: float = self.table["booking_seconds"]
        return min(declared, steps.reserved_for(answer) or declared)

    def in_time(self, judge: Judge, first: Answer, *last: Answer) -> None:
        """Check that the first booking was alive all the time; raises Inconclusive."""
        if max(answer.ended for answer in last) - first.started > self.life(first):
            judge.inconclusive("the first booking may have lapsed before the last create was answered")

    def fill(self, rng: Random, size: int) -> list[Answer]:
        """Let go of all bookings, then book the whole pool, with codes but for the first one."""
        self.desk.empty()
        first = self.first | self.short
        return [self.book(fields) for fields in (first, *self.wishes(rng, size - 1))]

    def refused(self, count: int) -> list[Answer]:
        """Send broken creates while the pool is free."""
        self.desk.empty()
        bodies = broken_bodies()
        return [self.desk.told(self.desk.send(INTERACTION, bodies[number % len(bodies)])) for number in range(count)]


@dataclass(slots=True)
class Filled:
    """What came of broken creates and of bookings for the whole pool after them."""

    creates: Creates
    rng: Random
    size: int
    broken: list[Answer]
    first: list[Answer]
    """The first try to book the whole pool."""
    held: list[Answer]
    """The one that held it."""

    def again(self) -> list[Answer]:
        """Book the whole pool after broken creates, now that the suite is known to be alone there."""
        if self.first is not self.held:
            self.broken = self.creates.refused(self.size + 2)
            self.first = self.creates.fill(self.rng, self.size)
        return self.first

    def fresh(self) -> list[Answer]:
        """Return bookings of the whole pool that live on for a while."""
        if time.monotonic() - self.held[0].started > self.creates.life(self.held[0]) / 2:
            self.held = self.creates.fill(self.rng, self.size)
        return self.held


@pytest.fixture(scope="module")
def creates(desk: Desk) -> Creates:
    """Creates of request-interaction."""
    return Creates(desk)


@pytest.fixture(scope="module")
def filled(creates: Creates, run: Run) -> Filled:
    """The pool, once the suite has held all of it alone; raises Inconclusive."""
    table, rng = creates.table, random.Random(f"{run.options.seed}/pool")  # noqa: S311 - phones, no secrets
    size: int = table["pool_size"]
    if size > LARGEST:
        raise Inconclusive(f"a pool of {size} is too large to be used up", Attribution.TARGET_FILE)
    broken = creates.refused(size + 2)
    first = held = creates.fill(rng, size)
    if not all(map(steps.started, held)):
        creates.desk.lapse()
        held = creates.fill(rng, size)
    if not all(map(steps.started, held)):
        raise Inconclusive("the pool never held pool_size bookings of the suite alone")
    return Filled(creates, rng, size, broken, first, held)


def asked_for(fields: dict[str, str]) -> float | None:
    """Return the seconds for which a create asks to be booked, None where it does not say."""
    return float(fields[steps.BOOKING_TIME]) if steps.BOOKING_TIME in fields else None


def number_of(answer: Answer) -> str | None:
    """Return the number that was handed out."""
    return steps.text(answer, "_access_number")


def key(answer: Answer) -> tuple[str | None, str | None]:
    """Return what tells bookings for one phone apart."""
    return number_of(answer), steps.text(answer, "_access_code")


def booked(answers: Iterable[Answer]) -> list[Answer]:
    """Return the answers that hold a number."""
    return [answer for answer in answers if answer.status == 200 and number_of(answer)]


@pytest.mark.requirement("gms.request-interaction.live-bookings-distinct")
def test_bookings_for_one_phone_at_once_are_told_apart(
    creates: Creates, judge: Judge, phone: str, depth: Depth
) -> None:
    """Creates that arrive together for one phone never get the same number with the same code, or without codes."""
    crowd = min(CROWD, creates.desk.size or CROWD)
    if crowd < 2:
        raise NotApplicable("a pool of one holds no two bookings")
    for turn in range(2 if creates.desk.dear else max(2, creates.desk.share(depth.rounds, each=crowd))):
        creates.desk.free(crowd)
        code = creates.code if turn % 2 else {}  # codes would hide a number that is handed out twice
        taken = booked(creates.at_once([{"_phone_number": phone, **creates.short, **code}] * crowd))
        if not taken:
            judge.inconclusive("nothing was booked")
        creates.in_time(judge, min(taken, key=lambda answer: answer.started), *taken)
        keys = [key(answer) for answer in taken]
        good = len(set(keys)) == len(keys)
        seen = f"numbers and codes {sorted(map(str, keys))}"
        judge.that(good, "bookings that differ in number or code", seen, *taken)


@pytest.mark.requirement("gms.request-interaction.pool-exhausted")
def test_the_pool_runs_out(creates: Creates, filled: Filled, judge: Judge, rng: Random) -> None:
    """A create for which no number is left is refused, or gets a further number, or one in use with another code.

    So it is for another phone, and for one that has a booking; and creates that race for the last numbers end as if
    they had come one after the other.
    """
    held = filled.fresh()
    if len(booked(held)) < filled.size:
        judge.inconclusive("the pool ran out before pool_size bookings")
    surplus, again = creates.all_of(judge, [*creates.wishes(rng, 1), creates.first])
    creates.in_time(judge, held[0], again)
    reading = surplus_reading(judge, held, surplus)
    alike = key(again) in map(key, held[:1])
    judge.that(not alike, "another number or code for a phone that has a booking", shown(again), again, held[0])
    surplus_reading(judge, held, again)
    if reading == UNTOLD:
        judge.note(two_phones_with_one_number_and_no_code=True)
    else:
        judge.reading(reading)
    if reading == "extended":
        judge.note(target_file="pool_size is smaller than the pool")
    creates.desk.empty()
    judge_race(creates, judge, rng, shares=reading in {"shared-with-code", UNTOLD})


def surplus_reading(judge: Judge, held: list[Answer], surplus: Answer) -> str:
    """Judge an answer for which there was no free number, and return the reading that it shows."""
    if surplus.status in steps.ERRORS or "exception" in steps.content(surplus):
        judge.that(steps.refuses(surplus), "a refusal that holds no number", shown(surplus), surplus)
        return "refused"
    judge.that(surplus.status == 200 and number_of(surplus), "200 with a number, or a refusal", shown(surplus), surplus)
    if number_of(surplus) not in map(number_of, held):
        return "extended"
    return UNTOLD if key(surplus)[1] is None or key(surplus) in map(key, held) else "shared-with-code"


def judge_race(creates: Creates, judge: Judge, rng: Random, *, shares: bool) -> None:
    """Judge creates at once for more bookings than there are numbers: none is given twice unless the target does so."""
    size = creates.table["pool_size"]
    crowd = min(MOST_AT_ONCE, size + 2)
    first = creates.all_of(judge, creates.wishes(rng, size + 2 - crowd))
    racing = creates.all_of(judge, creates.wishes(rng, crowd), at_once=True)
    creates.in_time(judge, min((*first, *racing), key=lambda answer: answer.started), *racing)
    held = booked(first)
    for answer in racing:
        if answer not in booked(racing):
            surplus_reading(judge, held, answer)
        twice = number_of(answer) in {number_of(other) for other in held} - {None}
        seen = f"{number_of(answer)} twice"
        judge.that(shares or not twice, "no number given twice, as in creates one by one", seen, answer, *held)
        held.append(answer)


def broken_bodies() -> tuple[Body, ...]:
    """Return multipart bodies that nobody can read."""
    part = forms.text_part("_phone_number", "6505550100")
    whole = forms.joined([part])
    return (
        Body("multipart/form-data", whole),
        Body(f"multipart/form-data; boundary={BOUNDARY}", whole[: len(whole) // 2]),
        Body(f"multipart/form-data; boundary={BOUNDARY}", forms.joined([part.replace(b'name="_phone_number"', b"")])),
    )


@pytest.mark.requirement("gms.request-interaction.refused-create-books-nothing")
def test_creates_that_are_refused_use_no_numbers(filled: Filled, judge: Judge) -> None:
    """After more broken creates than the pool has numbers, all of its numbers can still be booked."""
    answers = filled.again()
    for answer in filled.broken:
        if answer.status not in steps.CLIENT_ERRORS:
            judge.inconclusive(f"a broken create is not refused as such: {shown(answer)}")
    for answer in answers:
        judge.that(steps.started(answer), f"{filled.size} bookings after refused creates", shown(answer), answer)
