"""The desk: creates instances and bookings, and keeps within what the pool and the target file allow."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive, Unanswered
from reports.verdicts import Attribution
from suites.gms import forms, steps
from suites.gms.pool import Pool
from suites.gms.steps import INTERACTION, MATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Unpack

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer, Fields
    from fixtures.wire import Wire
    from suites.gms.forms import Body, File, Kind

NUMBER = "gms.request-interaction.access-number"
BOOKING_TIME = "_booking_expiration_timeout"


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

    @property
    def key(self) -> dict[str, str]:
        """The fields by which a match finds it: number, phone and code as they were given."""
        given = {"_access_number": self.number, "_phone_number": self.phone, "_access_code": self.code or ""}
        return {name: value for name, value in given.items() if value}


class Desk(Pool):
    """Every instance of a run is made here, or told here: `create` does both, `room` and `told` are the halves."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._hopeless = False
        self._spare: Booking | None = None
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
    ) -> Answer:
        """Create a service by its role, with what it demands beside the fields; return whatever comes back."""
        body = forms.body(kind, {**steps.demanded(self.api.table, role), **fields}, files)
        seconds = fields.get(BOOKING_TIME, "")
        return self.send(
            role, body, caller=caller, headers=headers, seconds=float(seconds) if seconds.isdecimal() else None
        )

    def send(
        self,
        role: str,
        body: Body,
        *,
        caller: Caller | None = None,
        headers: Fields = (),
        seconds: float | None = None,
    ) -> Answer:
        """Create a service with this very body; `seconds`: how long it asks to be booked."""
        if role == MATCH:
            return steps.create(caller or self.caller, steps.name_of(self.api.table, role), body, headers=headers)
        name = steps.name_of(self.api.table, role)
        return self._counted(
            role, lambda: steps.create(caller or self.caller, name, body, headers=headers), seconds=seconds
        )

    def wire(self, line: Wire, role: str, body: Body, *, headers: Fields = ()) -> Answer:
        """Create a service over a raw connection, with credentials and no header field that is not needed."""
        typed = (("Content-Type", body.content_type),) if body.content_type else ()
        target = f"/service/{quote(steps.name_of(self.api.table, role))}"
        fields = (*self.caller.headers, *typed, *headers)
        return self._counted(
            role, lambda: line.call("createService", target=target, headers=fields, body=body.content)
        )

    def _counted(self, role: str, exchange: Callable[[], Answer], *, seconds: float | None = None) -> Answer:
        books = role in steps.BOOKED
        self.room(1 if books else 0)
        try:
            return self.told(exchange(), seconds=seconds)
        except Unanswered:
            if books:  # perhaps something was booked, and nobody knows what
                self._hold("", None, 0.0, time.monotonic(), seconds)
            raise

    def start(self, role: str, fields: Mapping[str, str] | None = None, **how: Unpack[How]) -> str:
        """Create a service that books nothing, and return its id; raises Inconclusive."""
        answer = self.create(role, fields or {}, **how)
        if not steps.started(answer):
            raise Inconclusive(f"{role} was not created: {shown(answer)}", Attribution.TARGET_FILE)
        return steps.id_of(answer) or ""

    def book(
        self, phone: str, fields: Mapping[str, str] | None = None, *, code: bool = False, **how: Unpack[How]
    ) -> Booking:
        """Create a booking for a phone, once more after booking_seconds where the pool was busy; raises Blocked.

        `code` asks for an access code. What the answer holds beside id and number is not looked at.
        """
        wanted = {"_phone_number": phone} | ({"_provide_code": "true"} if code else {}) | dict(fields or {})
        return self.booking(self.insist(INTERACTION, wanted, **how), phone)

    def insist(self, role: str, fields: Mapping[str, str], **how: Unpack[How]) -> Answer:
        """Do as `create`; what is refused is tried once more after booking_seconds, since the pool may be busy."""
        answer = self.create(role, fields, **how)
        if steps.refuses(answer) and not self._hopeless:
            self.lapse()
            answer = self.create(role, fields, **how)
            self._hopeless = steps.refuses(answer)
        return answer

    def booking(self, answer: Answer, phone: str = "") -> Booking:
        """Return the booking that the answer to a create speaks of; raises Blocked."""
        id_, number = steps.id_of(answer), steps.text(answer, "_access_number")
        if answer.status != 200 or id_ is None:
            raise Blocked(steps.CREATES, f"nothing was booked: {shown(answer)}")
        if number is None:
            raise Blocked(NUMBER, f"the booking has no number: {shown(answer)}")
        return Booking(answer, id_, number, steps.text(answer, "_access_code"), phone)

    # ---- what there is already ---------------------------------------------------------------------------------------

    def booked(self) -> Booking:
        """Return a booking that nobody has matched and that lives on for a while, for tests that leave it alone.

        Raises Blocked.
        """
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
        held = self.reserved(booking.number, booking.code)
        return held is not None and held.sure - time.monotonic() > self.api.table["booking_seconds"] / 2

    # ---- matching ----------------------------------------------------------------------------------------------------

    def match(
        self, fields: Mapping[str, str], *, kind: Kind = "urlencoded", caller: Caller | None = None
    ) -> Answer:
        """Look for a booking by these fields (Booking.key names all of them); return whatever comes back."""
        answer = self.create(MATCH, fields, kind=kind, caller=caller)
        self.matched(fields, answer)
        return answer
