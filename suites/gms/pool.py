"""The pool of access numbers: which of them the suite has booked, and how to get them back.

Before another booking is made, the oldest is let go of: by match-interaction, where a match puts the number back, or
else by waiting until it has lapsed.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fixtures.outcomes import Inconclusive
from reports.verdicts import Attribution
from suites.gms import forms, steps
from suites.gms.steps import MATCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer

INSTANCES: Final = "instances"
RESERVED: Final = 200
"""Instances that are not for generated examples and races: those of all scenarios, also where something is refused."""
SHARES: Final = 8
"""Into how many shares the rest goes: one for each property test and race that makes more at a greater depth."""


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
        self._held: list[Held] = []
        self._match_releases: bool | None = None
        self._lock = threading.Lock()

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

    def share(self, wanted: int, *, each: int = 1) -> int:
        """Return how many of the wanted examples or rounds a test may have that makes this many instances in each.

        The same whatever ran before it, and scenarios keep what they need.
        """
        share = (int(self.api.table["max_services"]) - RESERVED) // SHARES
        return min(wanted, max(1, share // each))

    def free(self, bookings: int) -> None:
        """Make room in the pool, for bookings that are to live at the same time; raises Inconclusive."""
        size = self.api.table["pool_size"]
        if size is None or not bookings:
            return  # nobody says how many there are: a refused booking is tried again
        if bookings > size:
            raise Inconclusive(f"pool_size is {size}, and {bookings} bookings are needed", Attribution.TARGET_FILE)
        while len(self._live()) + bookings > size:
            oldest = min(self._held, key=lambda held: (held.kept, not held.matched, held.ends))
            if self._let_go(oldest):
                self._held.remove(oldest)
            else:
                self.wait(min(held.ends for held in self._held) - time.monotonic())

    def empty(self) -> None:
        """Let go of every booking, so that the whole pool is free; raises Inconclusive."""
        for held in self._live():
            if not self._let_go(held):
                self.wait(held.ends - time.monotonic())
        self._held.clear()

    def lapse(self) -> None:
        """Wait until every booking of before has lapsed; raises Inconclusive."""
        table = self.api.table
        self.wait(table["booking_seconds"] + table["expiry_grace_seconds"])

    def wait(self, seconds: float) -> None:
        """Sleep; raises Inconclusive for longer than max_wait_seconds."""
        if seconds > self.api.table["max_wait_seconds"]:
            raise Inconclusive(f"{seconds:.0f} s are more than max_wait_seconds allows", Attribution.TARGET_FILE)
        self.api.pause(seconds, "bookings to lapse")

    # ---- what answers say --------------------------------------------------------------------------------------------

    def told(self, answer: Answer, *, seconds: float | None = None) -> Answer:
        """Learn what an answer to a create holds of the pool, and return the answer."""
        number, code = steps.text(answer, "_access_number"), steps.text(answer, "_access_code")
        if number:
            with self._lock:
                self._given_again(number, code, answer.ended)
                self._hold(number, code, answer.started, answer.ended, seconds)
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

    def _hold(self, number: str, code: str | None, asked: float, ended: float, seconds: float | None) -> None:
        table = self.api.table
        life = seconds or table["booking_seconds"]
        self._held.append(Held(number, code, asked + life, ended + life + table["expiry_grace_seconds"]))

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
