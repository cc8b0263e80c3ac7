"""Attempts to match a booking: with the right key, or with something in it that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.gms import steps

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from suites.gms.desk import Booking, Desk

FINDS = "gms.match.finds-the-booking"


def found(answer: Answer) -> str | None:
    """Return the id that a match answered, None where it found nothing."""
    return steps.id_of(answer) if answer.status == 200 else None


def unknown_number(rng: Random) -> str:
    """Return 15 digits that are no number of any pool."""
    return f"9{rng.randrange(10**14):014}"


def other_code(code: str, *, first: bool = False) -> str:
    """Return a code that differs in the last character, or in the first, and nowhere else."""
    place = 0 if first else len(code) - 1
    other = str((int(code[place]) + 1) % 10) if code[place].isdecimal() else "0"
    return code[:place] + other + code[place + 1 :]


def other_phone(api: Api, rng: Random, phone: str) -> str:
    """Return the number of another device."""
    while (other := steps.phone(api.table, rng)) == phone:
        pass
    return other


def room_for(desk: Desk, bookings: int) -> int:
    """Return how many bookings may live together: no more than the pool holds, where that is known."""
    return min(bookings, desk.size or bookings)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Matches of one booking."""

    desk: Desk
    booking: Booking

    def send(self, wrong: Mapping[str, str]) -> Answer:
        """Match with other values than those of the booking."""
        return steps.decisive(self.desk.match({**self.booking.key, **wrong}))

    def right(self) -> Answer:
        """Match with the values of the booking; raises Blocked where that does not find it."""
        answer = steps.decisive(self.desk.match(self.booking.key))
        self.in_time(answer)
        if found(answer) != self.booking.id:
            raise Blocked(FINDS, f"the right match is answered {shown(answer)}")
        return answer

    def in_time(self, answer: Answer) -> None:
        """Check that the booking was alive when the answer came; raises Inconclusive."""
        if not self.booking.lives_at(answer.ended):
            raise Inconclusive("the match came so late that the booking may have lapsed")
