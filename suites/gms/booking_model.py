"""The life of bookings as a state machine: each one is reserved until it was matched or its time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from fixtures.api import shown
from fixtures.outcomes import Blocked
from fixtures.sequences import Contradiction
from suites.gms import steps
from suites.gms.matching import other_code, other_phone, unknown_number
from suites.gms.steps import BOOKING_TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from fixtures.exchange import Answer
    from suites.gms.desk import Booking, Desk

DISTINCT = "gms.request-interaction.live-bookings-distinct"
SECOND = "gms.match.second-match"
MOST = 3
"""Bookings that live together: other tests of a run may hold some of the pool, too."""
PHONES = 2
"""Few, so that one phone often has several bookings."""
MOST_KEPT = 3
"""Bookings of one sequence where a match does not release them: each holds its number to the end."""
BRIEF_S = 1
"""How long a booking is asked to live that is to lapse within a sequence."""
WHICH = st.integers(0, MOST - 1)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a sequence plays, and what the target does where it may do one thing or another."""

    desk: Desk
    rng: Random
    match_releases: bool
    brief: bool
    """Whether a request may say how long it is booked."""


@dataclass(slots=True)
class Known:
    """A booking: it lives for sure until `sure`, for sure no more after `ends`, moments of the monotonic clock."""

    booking: Booking
    name: str
    sure: float
    ends: float
    brief: bool
    over: bool = False

    def fits(self, key: Mapping[str, str]) -> bool | None:
        """Say whether a match with this key is for this booking; None where no document says it."""
        mine, code = self.booking, key.get("_access_code")
        if key["_access_number"] != mine.number or key.get("_phone_number", mine.phone) != mine.phone:
            return False
        return None if (code is None) != (mine.code is None) else code == mine.code


class Bookings(RuleBasedStateMachine):
    """One sequence of creates, matches and waits; raises Contradiction where the target leaves the model."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.phones = [steps.phone(scene.desk.api.table, scene.rng) for _ in range(PHONES)]
        self.all: list[Known] = []
        self.story: list[str] = []
        self.waited = False
        self.failed = False

    @property
    def reserved(self) -> list[Known]:
        """Bookings that nobody matched, and that were not seen to be over."""
        return [known for known in self.all if not known.over]

    @initialize(phone=st.integers(0, PHONES - 1), code=st.booleans())
    def begin(self, phone: int, code: bool) -> None:
        """Book: without that, whatever follows has nothing to act on."""
        self.book(phone, code)

    @rule(phone=st.integers(0, PHONES - 1), code=st.booleans(), brief=st.booleans())
    def book(self, phone: int, code: bool = False, brief: bool = False) -> None:
        """Book, unless as many live as the sequence may hold."""
        kept = 0 if self.scene.match_releases else len(self.all)
        if len(self.reserved) >= min(MOST, self.scene.desk.size or MOST) or kept >= MOST_KEPT:
            return
        desk, brief = self.scene.desk, brief and self.scene.brief
        self.failed = True  # until the booking is there
        booking = desk.book(self.phones[phone], {BOOKING_TIME: str(BRIEF_S)} if brief else {}, code=code)
        seconds = booking.seconds
        ends = booking.answer.ended + seconds + desk.api.table["expiry_grace_seconds"]
        known = Known(booking, f"booking {len(self.all)}", booking.answer.started + seconds, ends, brief)
        self.story.append(f"{known.name} for phone {phone}" + " with a code" * code + " briefly" * brief)
        if any(other.fits(booking.key) is not False for other in self.reserved):
            raise Blocked(DISTINCT, "two bookings that live together have one number and no different codes")
        self.all.append(known)
        self.failed = False

    @rule(which=WHICH, names_phone=st.booleans())
    def match(self, which: int, names_phone: bool = True) -> None:
        """Match one of the bookings that are reserved, with its phone number or without."""
        if self.reserved:
            known = self.reserved[which % len(self.reserved)]
            key = known.booking.key
            if not names_phone:
                del key["_phone_number"]
            self.look(key, f"the key of {known.name}" + " without phone" * (not names_phone))

    @rule(which=WHICH, wrong=st.sampled_from(["phone", "code", "number"]))
    def match_wrongly(self, which: int, wrong: str) -> None:
        """Match one of the bookings that are reserved, with something wrong."""
        if self.reserved:
            known = self.reserved[which % len(self.reserved)]
            mine, api, rng = known.booking, self.scene.desk.api, self.scene.rng
            others = {
                "phone": {"_phone_number": other_phone(api, rng, mine.phone)},
                "code": {"_access_code": other_code(mine.code)} if mine.code else {},
                "number": {"_access_number": unknown_number(rng)},
            }
            words = f" with a wrong {wrong}" if others[wrong] else ""
            self.look(mine.key | others[wrong], f"the key of {known.name}{words}")

    @rule(which=WHICH)
    def match_former(self, which: int) -> None:
        """Match with the key of a booking that was matched or has lapsed; its number may be another one's now."""
        former = [known for known in self.all if known.over]
        if former:
            known = former[-1 - which % len(former)]
            self.look(known.booking.key, f"the former key of {known.name}")

    @rule()
    def lapse(self) -> None:
        """Once in a sequence wait until the brief bookings are over, if there are any."""
        brief = [known for known in self.reserved if known.brief]
        if brief and not self.waited:
            self.waited = True
            self.scene.desk.wait(max(known.ends for known in brief) - time.monotonic(), "short bookings to lapse")
            self.story.append("a wait")
            for known in brief:
                known.over = True

    def teardown(self) -> None:
        """Match what is left: whatever came between, it has to be there."""
        for known in self.reserved:
            if not (known.over or self.failed):
                self.look(known.booking.key, f"the key of {known.name} in the end")

    def look(self, key: Mapping[str, str], words: str) -> None:
        """Send a match, and compare what it finds with the model."""
        self.failed = True  # until the answer is judged
        answer = steps.decisive(self.scene.desk.match(key))
        found = steps.id_of(answer) if answer.status == 200 else None
        self.story.append(f"a match with {words} ({answer.status})")
        living = [known for known in self.all if self.may_live(known, answer)]
        certain = [known for known in living if known.fits(key) and answer.ended < known.sure]
        possible = {known.booking.id: known for known in living if known.fits(key) is not False}
        nothing = answer.status == 404 and not certain
        expected = " or ".join(known.name for known in certain or possible.values())
        if found not in possible and not nothing:
            names = [known.name for known in self.all if known.booking.id == found]
            got = names[0] if names else shown(answer)
            wanted = expected + " or 404" * (not certain) if possible else "404"
            raise Contradiction(f"{wanted} by {words}", f"{got}, after: {'; '.join(self.story)}", answer)
        seen = [possible[found]] if found in possible else list(possible.values())
        for known in self.all:
            known.over |= known in seen or answer.started >= known.ends
        self.failed = False

    def may_live(self, known: Known, answer: Answer) -> bool:
        """Say whether a booking could be matched when this answer was made."""
        matched = known.over and self.scene.match_releases
        return not matched and answer.started < known.ends


SUSPECTS: tuple[Callable[[Bookings], object], ...] = (
    lambda play: (play.book(0), play.book(0), play.match(1), play.match(0)),
    lambda play: (play.book(0, code=True), play.book(1, code=True), play.match_wrongly(0, "code"),
                  play.match_wrongly(0, "code"), play.match_wrongly(0, "phone"), play.match(0)),
    lambda play: (play.book(0), play.match(0), play.book(1), play.match_former(0), play.match(0)),
    lambda play: (play.book(0, brief=True), play.match_wrongly(0, "phone"), play.match_wrongly(0, "number"),
                  play.book(1), play.lapse(), play.match_former(0), play.book(1), play.match_former(0)),
)  # fmt: skip
"""Orders of steps that servers are known to get wrong; chance would need long to find them all."""


def scene_of(desk: Desk, rng: Random, *, released: bool) -> Scene:
    """Find out what the target does where it may do one thing or another; `released`: by a match."""
    table = desk.api.table
    if BOOKING_TIME not in table["honoured"]:
        return Scene(desk, rng, released, brief=False)
    answer = desk.book(steps.phone(table, rng), {BOOKING_TIME: str(BRIEF_S)}).answer
    return Scene(desk, rng, released, brief=steps.text(answer, "_expiration_time") == str(BRIEF_S))


def second_match(desk: Desk, booking: Booking) -> bool:
    """Match a booking twice, and say whether the first match released it; raises Blocked where nobody could tell."""
    first, second = (steps.decisive(desk.match(booking.key)) for _ in range(2))
    if (first.status, steps.id_of(first)) != (200, booking.id):
        raise Blocked("gms.match.finds-the-booking", f"the match is answered {shown(first)}")
    if second.status != 404 and (second.status, steps.id_of(second)) != (200, booking.id):
        raise Blocked(SECOND, f"a second match is answered {shown(second)}")
    return second.status == 404
