"""The pool of access numbers: which of them the suite has booked, and how to get them back.

Before another booking is made, the oldest is let go of: by match-interaction, where a match puts the number back, or
else by waiting until it has lapsed. What a run waits for numbers in all is bounded by max_wait_seconds, and what its
tests may book is planned by that.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from fixtures.outcomes import Inconclusive
from reports.verdicts import Attribution
from suites.gms import forms, steps
from suites.gms.steps import BOOKING_TIME, MATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer

INSTANCES: Final = "instances"
RESERVED: Final = 200
"""Instances that are not for generated examples and races: those of all scenarios, also where something is refused."""
SHARES: Final = 8
"""Into how many shares the rest goes: one for each property test and race that makes more at a greater depth."""
SCENARIOS: Final = 60
"""Bookings of the scenarios that must have one, where numbers are dear."""
PLENTY: Final = 200
"""A run that can book so often need not be thrifty."""
SHORT_S: Final = 2
"""How long a booking is asked to live at least, where numbers are dear and a request may say so."""
ANSWERS: Final = 8
"""So many answers of the slowest create come within the life of such a booking."""
RETRY_S: Final = 1.0
"""Pause before the pool is tried again, where nobody knows when a number comes back."""


@dataclass(slots=True)
class Held:
    """An access number that is booked: surely until `sure`, perhaps until `ends`, moments of the monotonic clock."""

    number: str
    code: str | None
    sure: float
    ends: float
    matched: bool = False
    kept: bool = False
    """Whether it is to lapse by itself."""


class Pool:
    """What the suite holds of the numbers, and how many instances of services it has made."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.caller = steps.known(api)
        self.waited = 0.0
        """Seconds that the run has waited for numbers so far."""
        self._held: list[Held] = []
        self._match_releases: bool | None = None
        self._slowest = 0.0
        self._learning = False
        self._seen_size: int | None = None
        self._lock = threading.Lock()

    # ---- what the run can afford -------------------------------------------------------------------------------------

    @property
    def size(self) -> int | None:
        """How many bookings the pool holds: as declared, or as seen when it was full; None while nobody knows."""
        declared: int | None = self.api.table["pool_size"]
        return declared or self._seen_size

    @property
    def releases(self) -> bool:
        """Whether a match puts the number back into the pool; found out at the first question."""
        if MATCH not in (self.api.table["services"] or {}):
            return False
        if self._match_releases is None and not self._learning:
            self._learning = True
            self.learn_release()
            self._learning = False
        return self._match_releases is not False

    @property
    def dear(self) -> bool:
        """Whether numbers are few and come back by time alone, so that a run has to be thrifty."""
        return self.size is not None and self.affordable < PLENTY and not self.releases

    @property
    def affordable(self) -> int:
        """How many bookings a run can make that waits for each number as long as max_wait_seconds allows in all."""
        table = self.api.table
        life = table["booking_seconds"] + table["expiry_grace_seconds"]
        return (self.size or PLENTY) * (1 + int(table["max_wait_seconds"] // life))

    @property
    def short(self) -> dict[str, str]:
        """The field that makes a booking short, where numbers are dear and the target file lets a request say it."""
        table = self.api.table
        seconds = max(SHORT_S, ceil(ANSWERS * self._slowest))
        worth = BOOKING_TIME in table["honoured"] and table["booking_seconds"] > seconds and self.dear
        return {BOOKING_TIME: str(seconds)} if worth else {}

    def share(self, wanted: int, *, each: int = 1) -> int:
        """Return how many of the wanted examples or rounds a test may have that makes this many instances in each.

        The same whatever ran before it, and scenarios keep what they need.
        """
        share = (int(self.api.table["max_services"]) - RESERVED) // SHARES
        if self.dear:
            share = min(share, (self.affordable - SCENARIOS) // SHARES)
        return min(wanted, max(1, share // each))

    # ---- room --------------------------------------------------------------------------------------------------------

    def room(self, bookings: int = 1) -> None:
        """Count that many bookings, or one instance, and make room for them in the pool; raises Inconclusive."""
        self.count(max(1, bookings))
        self.free(bookings)

    def count(self, instances: int = 1) -> None:
        """Count instances that are about to be made; raises Inconclusive when there are too many."""
        with self._lock:
            self.api.recorder.spent[INSTANCES] += instances
        if self.api.recorder.spent[INSTANCES] > self.api.table["max_services"]:
            raise Inconclusive("max_services allows no more instances", Attribution.TARGET_FILE)

    def free(self, bookings: int) -> None:
        """Make room in the pool, for bookings that are to live at the same time; raises Inconclusive."""
        size, declared = self.size, self.api.table["pool_size"]
        if size is None or not bookings:
            return  # nobody says how many there are: a full pool says so itself
        if declared and bookings > declared:
            raise Inconclusive(f"pool_size is {declared}, and {bookings} bookings are needed", Attribution.TARGET_FILE)
        while len(self._live()) + min(bookings, size) > size:
            self._make_way()

    def is_free(self, bookings: int = 1) -> bool:
        """Say whether so many bookings can be made without a wait, as far as anybody knows."""
        return self.size is None or self.releases or len(self._live()) + bookings <= self.size

    def outlast(self, send: Callable[[], Answer]) -> Answer:
        """Send a create, and again while the pool is full and there is time to wait; raises Inconclusive."""
        answer = send()
        table = self.api.table
        until = time.monotonic() + table["booking_seconds"] + table["expiry_grace_seconds"]
        while steps.is_full(answer) and time.monotonic() < until:
            if self._seen_size is None:
                self._seen_size = max(1, sum(map(_is_sure, self._live())))
            self._make_way()
            answer = send()
        return answer

    def empty(self) -> None:
        """Let go of every booking, so that the whole pool is free; raises Inconclusive."""
        for held in self._live():
            if not self._let_go(held):
                self.wait(held.ends - time.monotonic())
        self._held.clear()

    def lapse(self) -> None:
        """Wait until every booking of before has lapsed, as far as the suite knows; raises Inconclusive."""
        table = self.api.table
        longest = table["booking_seconds"] + table["expiry_grace_seconds"]
        known = [held.ends - time.monotonic() for held in self._live()]
        self.wait(max(known, default=longest))

    def wait(self, seconds: float, what: str = "access numbers to come back") -> None:
        """Wait; raises Inconclusive where max_wait_seconds does not allow it, in this wait or in all of them."""
        most = self.api.table["max_wait_seconds"]
        if seconds > most:
            raise Inconclusive(f"{seconds:.0f} s are more than max_wait_seconds allows", Attribution.TARGET_FILE)
        if self.waited + seconds > most:
            raise Inconclusive(
                f"the run has waited {self.waited:.0f} s for {what}, and max_wait_seconds allows {most:.0f} s in all",
                Attribution.TARGET_FILE,
            )
        if seconds > 0:
            self.waited += seconds
            self.api.pause(seconds, what)

    # ---- what answers say --------------------------------------------------------------------------------------------

    def told(self, answer: Answer, *, seconds: float | None = None) -> Answer:
        """Learn what an answer to a create holds of the pool, and return the answer; `seconds`: what it asked for."""
        number, code = steps.text(answer, "_access_number"), steps.text(answer, "_access_code")
        self._slowest = max(self._slowest, answer.ended - answer.started)
        if number:
            with self._lock:
                self._given_again(number, code, answer.ended)
                self._hold(number, code, answer.started, answer.ended, seconds, steps.reserved_for(answer))
        return answer

    def matched(self, fields: Mapping[str, str], answer: Answer) -> None:
        """Learn of a match that was sent otherwise: the number may be free then."""
        if steps.started(answer):
            with self._lock:
                for held in self._held:
                    if held.number == fields.get("_access_number") and held.code in {None, fields.get("_access_code")}:
                        held.matched = True

    def reserved(self, number: str, code: str | None) -> Held | None:
        """Return what is held of a number, with this code or without one, that nobody has matched."""
        return next(
            (held for held in self._live() if (held.number, held.code) == (number, code) and not held.matched), None
        )

    def learn_release(self) -> None:
        """Find out whether a match puts the number back: by a booking that is there, or one that is made for it."""
        raise NotImplementedError

    def _hold(
        self,
        number: str,
        code: str | None,
        asked: float,
        ended: float,
        seconds: float | None = None,
        told: float | None = None,
    ) -> None:
        """Hold a number: for as long as the answer told, or else as long as it was asked for or is declared."""
        table = self.api.table
        least = min(seconds or table["booking_seconds"], told or table["booking_seconds"])
        most = max(seconds or 0, told or table["booking_seconds"])
        self._held.append(Held(number, code, asked + least, ended + most + table["expiry_grace_seconds"]))

    def _given_again(self, number: str, code: str | None, now: float) -> None:
        """Drop what was matched and had this number: without two codes to tell them apart, it is no more booked."""
        again = [held for held in self._held if held.matched and held.number == number and None in {held.code, code}]
        if any(now < held.sure for held in again):
            self._match_releases = True
        self._held = [held for held in self._held if held not in again]

    # ---- letting go --------------------------------------------------------------------------------------------------

    def _live(self) -> list[Held]:
        now = time.monotonic()
        self._held = [held for held in self._held if held.ends > now]
        return self._held

    def _make_way(self) -> None:
        """Put one number back by a match, or wait for the one that comes back first; raises Inconclusive."""
        held = self._live()
        oldest = min(held, key=lambda each: (each.kept, not each.matched, each.ends), default=None)
        if oldest and self._let_go(oldest):
            self._held.remove(oldest)
        elif self.api.table["pool_size"]:
            self.wait(max(0.05, min((each.ends for each in held), default=0.0) - time.monotonic()))
        else:  # a guess: somebody else may have numbers, too, and the pool says itself when it is full again
            first = min((each.sure for each in held), default=0.0) - time.monotonic()
            self.wait(first if first > 0 else RETRY_S)
            self._held = [each for each in self._held if each.sure > time.monotonic()]

    def _let_go(self, held: Held) -> bool:
        """Match a booking, and say whether that put its number back. Whether matches do is seen at the first one."""
        if self._match_releases is False or MATCH not in (self.api.table["services"] or {}) or not _is_sure(held):
            return False
        if held.kept:
            return False
        if not held.matched:
            held.matched = self._matches(held)
            if not held.matched and _is_sure(held):
                self._match_releases = False
        if held.matched and self._match_releases is None:
            again = self._matches(held)
            self._match_releases = not again if again or _is_sure(held) else None
        return held.matched and bool(self._match_releases)

    def _matches(self, held: Held) -> bool:
        key = {"_access_number": held.number} | ({"_access_code": held.code} if held.code else {})
        body = forms.urlencoded({**steps.demanded(self.api.table, MATCH), **key})
        return steps.started(steps.create(self.caller, steps.name_of(self.api.table, MATCH), body))


def _is_sure(held: Held) -> bool:
    return time.monotonic() < held.sure
