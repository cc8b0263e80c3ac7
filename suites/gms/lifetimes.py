"""What becomes of user data, stored items and bookings in the course of time: all of them are followed side by side."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from fixtures.api import shown
from fixtures.outcomes import Inconclusive, NotApplicable
from reports.verdicts import Attribution
from suites.gms import steps, stored
from suites.gms.steps import BOOKING_TIME, INTERACTION, MATCH
from suites.gms.stored import pause_until

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from random import Random

    from fixtures.exchange import Answer
    from suites.gms.desk import Desk

    Stage = Literal["early", "half", "late"]

LONG_S = 60
SHORT_TTL_S = 10
"""The life that user data are given where their own is too long to wait for."""
WRONG_TTLS = ("0", "-5", "abc")
USER_DATA, SHORT, LONG, BOOKING = "user data", "short", "long", "booking"
FOLLOWED = {
    "gms.data.expires": (USER_DATA,),
    "gms.storage.ttl-respected": (SHORT, LONG),
    "gms.storage.wrong-ttl-means-30": WRONG_TTLS,
    "gms.match.expired-booking": (BOOKING,),
}
"""What has to be followed for a requirement."""


@dataclass(slots=True)
class Life:
    """Items with a marked value, or a booking: how created, how long they should live, and what was seen of them."""

    ttl: float
    mark: str
    created: Answer
    ask: Callable[[], Answer]
    reads: dict[Stage, Answer] = field(default_factory=dict)

    def read(self, stage: Stage) -> Answer:
        """Return the read of a stage; raises Inconclusive where it decides nothing or was not made."""
        if stage not in self.reads:
            raise Inconclusive("max_wait_seconds does not allow the wait", Attribution.TARGET_FILE)
        return steps.decisive(self.reads[stage])

    def shows(self, stage: Stage) -> bool:
        """Whether a read shows the marked value."""
        return self.mark in self.read(stage).text

    def age(self, stage: Stage) -> float:
        """The seconds from before the create until after the read: the items were no older."""
        return self.read(stage).ended - self.created.started


class Lifetimes:
    """What is to be followed and can be, created at once and read when it is young, older, and gone."""

    def __init__(self, desk: Desk, rng: Random, wanted: Collection[str]) -> None:
        """Follow what is needed for these requirements, until the last of it is gone."""
        self.desk = desk
        self.rng = rng
        self.lives: dict[str, Life] = {}
        self.problems: dict[str, Inconclusive | NotApplicable] = {}
        table = desk.api.table
        short = table["storage_ttl_seconds"]
        storages = {SHORT: (str(short), short), LONG: (str(LONG_S), LONG_S)}
        storages |= {text: (text, table["wrong_ttl_seconds"]) for text in WRONG_TTLS}
        begins: dict[str, Callable[[], Life]] = {USER_DATA: self._user_data}
        if {INTERACTION, MATCH} <= (table["services"] or {}).keys():
            begins[BOOKING] = self._left_alone
        # Last: nothing may keep the suite from an early look at the shortest of them.
        begins |= {name: partial(self._stored, *how) for name, how in storages.items()}
        followed = {name for requirement in wanted for name in FOLLOWED.get(requirement, ())}
        for name, create in begins.items():
            if name in followed:
                self._begin(name, create)
        for moment, life, stage in sorted(self._schedule(), key=lambda event: event[0]):
            pause_until(self.desk.api, moment)
            self._look(life, stage)
        self._clear()

    def of(self, name: str) -> Life:
        """Return what became of one of them; raises Inconclusive where it did not begin."""
        problem = self.problems.get(name)
        if isinstance(problem, NotApplicable):
            raise NotApplicable(str(problem))
        if problem is not None:
            raise Inconclusive(str(problem), problem.attribution)
        return self.lives[name]

    def _begin(self, name: str, create: Callable[[], Life]) -> None:
        try:
            life = self.lives[name] = create()
        except (Inconclusive, NotApplicable) as problem:
            self.problems[name] = problem
        else:
            if name not in {SHORT, BOOKING}:
                self._look(life, "early")

    def _user_data(self) -> Life:
        table = self.desk.api.table
        ttl, fields = table["data_ttl_seconds"], {steps.mark(self.rng): steps.mark(self.rng)}
        (mark,) = fields.values()
        asked = {}
        if ttl + table["expiry_grace_seconds"] > table["max_wait_seconds"] and "_ttl" in table["honoured"]:
            ttl, asked = SHORT_TTL_S, {"_ttl": str(SHORT_TTL_S)}
        kept = stored.keep(self.desk, steps.phone(table, self.rng), {**asked, **fields})
        return Life(ttl, mark, kept.created, kept.answer)

    def _left_alone(self) -> Life:
        """Book what nobody is to match before its time is over."""
        booking = self.desk.book(steps.phone(self.desk.api.table, self.rng))
        self.desk.keep(booking)
        asked = self.desk.short.get(BOOKING_TIME)
        ttl = float(asked) if asked else self.desk.api.table["booking_seconds"]
        return Life(ttl, booking.id, booking.answer, lambda: self.desk.match(booking.key))

    def _stored(self, text: str, ttl: float) -> Life:
        self.desk.learned.need_storage()
        caller, mark = self.desk.caller, steps.mark(self.rng)
        created = steps.post(caller, "createStorage", {"idOrTtl": text}, {steps.mark(self.rng): mark})
        id_ = steps.text(created, "id")
        if steps.refuses(created) or id_ is None:
            return Life(ttl, mark, created, lambda: created)
        return Life(ttl, mark, created, lambda: caller.call("readStorage", path={"idOrTtl": id_}))

    def _schedule(self) -> Iterator[tuple[float, Life, Stage]]:
        table = self.desk.api.table
        grace = table["expiry_grace_seconds"]
        end = max((self._end(name) for name in self.lives if name != LONG), default=0.0)
        for name, life in self.lives.items():
            if life.created.status != 200:
                continue
            late = end if name == LONG else self._end(name)
            # A read that prolongs the life must come when the grace is over, or what is added would not show.
            half = life.created.ended + min(max(life.ttl / 2, grace), life.ttl)
            # Not at once: a life in milliseconds would be taken for one in seconds.
            early = life.created.ended + life.ttl / 6
            stages = [(late, "late")] if name in {BOOKING, LONG} else [(half, "half"), (late, "late")]
            stages += [(early, "early")] if name == SHORT else []
            for moment, stage in stages:
                if moment - life.created.ended <= table["max_wait_seconds"]:
                    yield moment, life, stage  # type: ignore[misc]

    def _end(self, name: str) -> float:
        life = self.lives[name]
        return life.created.ended + life.ttl + float(self.desk.api.table["expiry_grace_seconds"])

    def _look(self, life: Life, stage: Stage) -> None:
        with suppress(Inconclusive):
            life.reads[stage] = life.ask()

    def _clear(self) -> None:
        """Delete what was stored for long; the rest has lapsed."""
        if LONG in self.lives and (id_ := steps.text(self.lives[LONG].created, "id")):
            with suppress(Inconclusive):
                self.desk.caller.call("deleteStorage", path={"idOrTtl": id_})


def told(life: Life, stage: Stage) -> str:
    """Say when a read came, and what it showed."""
    return f"{shown(life.read(stage))} at the age of {life.age(stage):.1f} s"
