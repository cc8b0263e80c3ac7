"""The desk: creates instances and bookings, and keeps within what the pool and the target file allow."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive, Unanswered
from reports.verdicts import Attribution
from suites.gms import forms, steps
from suites.gms.learned import Learned
from suites.gms.pool import SHORT_S, Pool
from suites.gms.steps import BOOKING_TIME, INTERACTION, MATCH, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Unpack

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer, Fields
    from fixtures.wire import Wire
    from suites.gms.forms import Body, File, Kind

NO_FIELDS: Mapping[str, str] = MappingProxyType({})
YOUNG = 3
"""What is left of its time for sure, one part in so many, when a booking is lent where numbers are dear."""
NUMBER = "gms.request-interaction.access-number"


class How(TypedDict, total=False):
    """How a create is sent, where that matters."""

    kind: Kind
    files: Sequence[File]
    caller: Caller
    headers: Fields


@dataclass(frozen=True, slots=True)
class Booking:
    """An instance of request_interaction, or an access for another one, with its number; the answer says more."""

    answer: Answer
    id: str
    number: str
    code: str | None
    phone: str
    seconds: float
    """How long it is reserved, as far as target file and answer say so."""

    def lives_at(self, moment: float) -> bool:
        """Say whether it must be reserved at a moment of the monotonic clock, unless it was matched."""
        return moment - self.answer.started < self.seconds

    @property
    def key(self) -> dict[str, str]:
        """The fields by which a match finds it: number, phone and code as they were given."""
        given = {"_access_number": self.number, "_phone_number": self.phone, "_access_code": self.code or ""}
        return {name: value for name, value in given.items() if value}


class Desk(Pool):
    """Every instance of a run is made here, or told here: `create` does both, `room` and `told` are the halves."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.learned = Learned(self)
        self._hopeless = False
        self._alive = False
        self._plain: str | None = None
        self._spare: Booking | None = None
        self._lent: dict[bool, Booking] = {}
        """By whether it has a code, what is looked for by several tests where a match keeps it."""
        self._running: dict[str, tuple[str, float]] = {}
        """By role, an instance and the moment until which it counts as young."""

    # ---- creating ----------------------------------------------------------------------------------------------------

    def create(
        self,
        role: str,
        fields: Mapping[str, str],
        *,
        kind: Kind = "urlencoded",
        files: Sequence[File] = (),
        caller: Caller | None = None,
        headers: Fields = (),
        lasting: bool = False,
        refused: bool = False,
    ) -> Answer:
        """Create a service by its role, with what it demands beside the fields; return whatever comes back.

        `lasting`: what is booked is never asked to be short; `refused`: see `send`.
        """
        brief = self.short if role in steps.BOOKED and not (lasting or refused) else {}
        fields = {**steps.demanded(self.api.table, role), **brief, **fields}
        return self.send(role, forms.body(kind, fields, files), fields, caller=caller, headers=headers, refused=refused)

    def send(
        self,
        role: str,
        body: Body,
        fields: Mapping[str, str] = NO_FIELDS,
        *,
        caller: Caller | None = None,
        headers: Fields = (),
        refused: bool = False,
    ) -> Answer:
        """Create a service with this very body, which holds these fields among others.

        `refused`: it should not be taken, so that no number is let go of for it.
        """
        name = steps.name_of(self.api.table, role)

        def sent() -> Answer:
            return steps.create(caller or self.caller, name, body, headers=headers)

        return sent() if role == MATCH else self._counted(role, sent, fields, refused=refused)

    def wire(self, line: Wire, role: str, body: Body, *, headers: Fields = ()) -> Answer:
        """Create a service over a raw connection, with credentials and no header field that is not needed."""
        typed = (("Content-Type", body.content_type),) if body.content_type else ()
        target = f"/service/{quote(steps.name_of(self.api.table, role))}"
        fields = (*self.caller.headers, *typed, *headers)
        return self._counted(
            role, lambda: line.call("createService", target=target, headers=fields, body=body.content)
        )

    def attempt(self, exchange: Callable[[], Answer]) -> Answer:
        """Do what should start nothing; what it books all the same is held."""
        self.count()
        return self.told(self.outlast(exchange))

    def _counted(
        self, role: str, exchange: Callable[[], Answer], fields: Mapping[str, str] = NO_FIELDS, *, refused: bool = False
    ) -> Answer:
        books = role in steps.BOOKED
        asked = fields.get(BOOKING_TIME, "")
        seconds = float(asked) if asked.isdecimal() else None
        self.room(1 if books and not refused else 0)
        try:
            answer = self.told(self.outlast(exchange) if books else exchange(), seconds=seconds)
        except Unanswered:
            if books and not refused:  # perhaps something was booked, and nobody knows what
                self._hold("", None, 0.0, time.monotonic(), seconds)
            raise
        self._alive |= steps.started(answer)
        return answer

    def start(self, role: str, fields: Mapping[str, str] | None = None, **how: Unpack[How]) -> str:
        """Create a service that books nothing, and return its id; raises Inconclusive."""
        answer = self.create(role, fields or {}, **how)
        if not steps.started(answer):
            raise Inconclusive(f"{role} was not created: {shown(answer)}", Attribution.TARGET_FILE)
        return steps.id_of(answer) or ""

    def book(
        self,
        phone: str,
        fields: Mapping[str, str] | None = None,
        *,
        code: bool = False,
        lasting: bool = False,
        **how: Unpack[How],
    ) -> Booking:
        """Create a booking for a phone, once more after booking_seconds where the pool was busy; raises Blocked.

        `code` asks for an access code. What the answer holds beside id and number is not looked at.
        """
        wanted = {"_phone_number": phone} | ({"_provide_code": "true"} if code else {}) | dict(fields or {})
        if not lasting:
            wanted = self.short | wanted
        return self.booking(self.insist(INTERACTION, wanted, lasting=True, **how), phone, wanted)

    def lend(self, phone: str, *, code: bool = False) -> Booking:
        """Return a booking to look for: a new one, or a young one that others look for where matches keep it.

        Raises Blocked.
        """
        if not self.dear:
            return self.book(phone, code=code)
        lent = self._lent.get(code)
        if lent is None or not lent.lives_at(time.monotonic() + lent.seconds / YOUNG):
            lent = self._lent[code] = self.book(phone, code=code)
        return lent

    def insist(
        self, role: str, fields: Mapping[str, str], *, lasting: bool = False, **how: Unpack[How]
    ) -> Answer:
        """Do as `create`; what is refused is tried once more when the suite holds nothing: the pool may be busy."""
        answer = self.create(role, fields, lasting=lasting, **how)
        if steps.refuses(answer) and not self._hopeless:
            self.lapse()
            answer = self.create(role, fields, lasting=lasting, **how)
            self._hopeless = steps.refuses(answer)
        return answer

    def booking(self, answer: Answer, phone: str = "", fields: Mapping[str, str] = NO_FIELDS) -> Booking:
        """Return the booking that the answer to a create with these fields speaks of; raises Blocked."""
        id_, number = steps.id_of(answer), steps.text(answer, "_access_number")
        if answer.status != 200 or id_ is None:
            raise Blocked(steps.CREATES, f"nothing was booked: {shown(answer)}")
        if number is None:
            raise Blocked(NUMBER, f"the booking has no number: {shown(answer)}")
        declared: float = self.api.table["booking_seconds"]
        asked = float(fields.get(BOOKING_TIME, declared))
        seconds = min(declared, asked, steps.reserved_for(answer) or declared)
        return Booking(answer, id_, number, steps.text(answer, "_access_code"), phone, seconds)

    # ---- what there is already ---------------------------------------------------------------------------------------

    def need_alive(self) -> None:
        """See that the target starts a service that there is: else a refusal says nothing. Raises Inconclusive."""
        if self._alive:
            return
        if INTERACTION in steps.named(self.api.table, INTERACTION):
            self.booked()
            return
        role = next(iter(steps.named(self.api.table, *PLAIN, "specific")), None)
        if role is None:
            raise Inconclusive("the target file names no service that could be started", Attribution.TARGET_FILE)
        self.start(role)

    @property
    def plain(self) -> str:
        """The role of what is created where nothing is said of numbers: one without, where those are few or dear."""
        if self._plain is None and (self.size == 1 or self.dear):
            roles = steps.named(self.api.table, *PLAIN)
            self._plain = next((role for role in roles if self._starts(role)), INTERACTION)
        return self._plain or INTERACTION

    def _starts(self, role: str) -> bool:
        with suppress(Inconclusive):
            return bool(self.running(role))
        return False

    def learn_release(self) -> None:
        """Find out whether a match puts the number back: by a booking that is there, or one that is made for it."""
        held = next((each for each in self._live() if each.number and not each.kept), None)
        if held is None or not self._let_go(held):
            with suppress(Inconclusive):
                brief = {BOOKING_TIME: str(SHORT_S)} if BOOKING_TIME in self.api.table["honoured"] else {}
                self.create(INTERACTION, {"_phone_number": str(self.api.table["phone_number"]), **brief}, lasting=True)
                if live := self._live():
                    self._let_go(live[-1])

    def booked(self) -> Booking:
        """Return a booking that nobody has matched and that lives on for a while, for tests that leave it alone.

        Raises Blocked.
        """
        if self.dear:
            return self.lend(str(self.api.table["phone_number"]))
        if self._spare is None or not self._lives(self._spare):
            self._spare = self.book(str(self.api.table["phone_number"]))
        return self._spare

    def running(self, role: str) -> str:
        """Return the id of a young instance that books nothing, for tests that leave it alone; raises Inconclusive."""
        id_, until = self._running.get(role, ("", 0.0))
        if time.monotonic() > until:
            started = time.monotonic()
            id_ = self.start(role)
            self._running[role] = id_, started + self.api.table["booking_seconds"] / 2
        return id_

    def keep(self, booking: Booking) -> None:
        """Let a booking lapse by itself: no room is made by matching it."""
        if held := self.reserved(booking.number, booking.code):
            held.kept = True

    def _lives(self, booking: Booking) -> bool:
        matched = self.reserved(booking.number, booking.code) is None
        return not matched and booking.lives_at(time.monotonic() + booking.seconds / 2)

    # ---- matching ----------------------------------------------------------------------------------------------------

    def match(
        self, fields: Mapping[str, str], *, kind: Kind = "urlencoded", caller: Caller | None = None
    ) -> Answer:
        """Look for a booking by these fields (Booking.key names all of them); return whatever comes back."""
        answer = self.create(MATCH, fields, kind=kind, caller=caller)
        self.matched(fields, answer)
        return answer
