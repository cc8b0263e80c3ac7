"""The desk: creates instances and bookings, and keeps within what the pool and the target file allow.

A booking holds an access number of a small pool. Before another one is made, the desk lets go of the oldest: by
match-interaction, where a match puts the number back, or else by waiting until it has lapsed.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive, Unanswered
from reports.verdicts import Attribution
from suites.gms import forms, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer, Fields
    from fixtures.wire import Wire
    from suites.gms.forms import Body, File, Kind

INTERACTION, MATCH, ACCESS = "request_interaction", "match_interaction", "request_access"
NUMBER = "gms.request-interaction.access-number"
BOOKING_TIME = "_booking_expiration_timeout"


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


@dataclass(slots=True)
class Held:
    """An access number that is booked: surely until `sure`, perhaps until `ends`, moments of the monotonic clock."""

    number: str
    code: str | None
    sure: float
    ends: float
    matched: bool = False


class Desk:
    """Every instance of a run is made here, or told here: `create` does both, `room` and `told` are the halves."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.caller = steps.known(api)
        self._held: list[Held] = []
        self._made = 0
        self._match_releases: bool | None = None
        self._hopeless = False
        self._lock = threading.Lock()

    # ---- creating ----------------------------------------------------------------------------------------------------

    def create(
        self,
        role: str,
        fields: Mapping[str, str],
        *,
        kind: Kind = "urlencoded",
        files: Iterable[File] = (),
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
        books = role in {INTERACTION, ACCESS}
        self.room(1 if books else 0)
        try:
            return self.told(exchange(), seconds=seconds)
        except Unanswered:
            if books:  # perhaps something was booked, and nobody knows what
                self._hold("", None, 0.0, time.monotonic(), seconds)
            raise

    def start(
        self,
        role: str,
        fields: Mapping[str, str] | None = None,
        *,
        kind: Kind = "urlencoded",
        caller: Caller | None = None,
    ) -> str:
        """Create a service that books nothing, and return its id; raises Inconclusive."""
        answer = self.create(role, fields or {}, kind=kind, caller=caller)
        if not steps.started(answer):
            raise Inconclusive(f"{role} was not created: {shown(answer)}", Attribution.TARGET_FILE)
        return steps.id_of(answer) or ""

    def book(
        self,
        phone: str,
        fields: Mapping[str, str] | None = None,
        *,
        kind: Kind = "urlencoded",
        files: Iterable[File] = (),
        code: bool = False,
        caller: Caller | None = None,
    ) -> Booking:
        """Create a booking for a phone, once more after booking_seconds where the pool was busy; raises Blocked.

        `code` asks for an access code. What the answer holds beside id and number is not looked at.
        """
        wanted = {"_phone_number": phone} | ({"_provide_code": "true"} if code else {}) | dict(fields or {})
        answer = self.insist(INTERACTION, wanted, kind=kind, files=files, caller=caller)
        return self.booking(answer, phone)

    def insist(
        self,
        role: str,
        fields: Mapping[str, str],
        *,
        kind: Kind = "urlencoded",
        files: Iterable[File] = (),
        caller: Caller | None = None,
    ) -> Answer:
        """Do as `create`; what is refused is tried once more after booking_seconds, since the pool may be busy."""
        files = tuple(files)
        answer = self.create(role, fields, kind=kind, files=files, caller=caller)
        if steps.refuses(answer) and not self._hopeless:
            self.lapse()
            answer = self.create(role, fields, kind=kind, files=files, caller=caller)
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

    # ---- matching ----------------------------------------------------------------------------------------------------

    def match(
        self, fields: Mapping[str, str], *, kind: Kind = "urlencoded", caller: Caller | None = None
    ) -> Answer:
        """Look for a booking by these fields (Booking.key names all of them); return whatever comes back."""
        answer = self.create(MATCH, fields, kind=kind, caller=caller)
        self.matched(fields, answer)
        return answer

    def matched(self, fields: Mapping[str, str], answer: Answer) -> None:
        """Learn of a match that was sent otherwise: the number may be free then."""
        if steps.started(answer):
            with self._lock:
                for held in self._held:
                    if held.number == fields.get("_access_number") and held.code in {None, fields.get("_access_code")}:
                        held.matched = True

    # ---- the pool ----------------------------------------------------------------------------------------------------

    def room(self, bookings: int = 1) -> None:
        """Count that many bookings, or one instance, and make room for them in the pool; raises Inconclusive."""
        self._made += max(1, bookings)
        if self._made > self.api.table["max_services"]:
            raise Inconclusive("max_services allows no more instances", Attribution.TARGET_FILE)
        self.free(bookings)

    def free(self, bookings: int) -> None:
        """Make room in the pool, for bookings that are to live at the same time; raises Inconclusive."""
        size = self.api.table["pool_size"]
        if size is None or not bookings:
            return  # nobody says how many there are: a refused booking is tried again
        if bookings > size:
            raise Inconclusive(f"pool_size is {size}, and {bookings} bookings are needed", Attribution.TARGET_FILE)
        while len(self._live()) + bookings > size:
            oldest = min(self._held, key=lambda held: (not held.matched, held.ends))
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

    def told(self, answer: Answer, *, seconds: float | None = None) -> Answer:
        """Learn what an answer to a create holds of the pool, and return the answer."""
        number, code = steps.text(answer, "_access_number"), steps.text(answer, "_access_code")
        if number:
            with self._lock:
                self._given_again(number, code, answer.ended)
                self._hold(number, code, answer.started, answer.ended, seconds)
        return answer

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

    def lapse(self) -> None:
        """Wait until every booking of before has lapsed; raises Inconclusive."""
        table = self.api.table
        self.wait(table["booking_seconds"] + table["expiry_grace_seconds"])

    def wait(self, seconds: float) -> None:
        """Sleep; raises Inconclusive for longer than max_wait_seconds."""
        if seconds > self.api.table["max_wait_seconds"]:
            raise Inconclusive(f"{seconds:.0f} s are more than max_wait_seconds allows", Attribution.TARGET_FILE)
        time.sleep(max(0.0, seconds))

    def _live(self) -> list[Held]:
        now = time.monotonic()
        self._held = [held for held in self._held if held.ends > now]
        return self._held

    def _let_go(self, held: Held) -> bool:
        """Match a booking, and say whether that put its number back. Whether matches do is seen at the first one."""
        if self._match_releases is False or MATCH not in (self.api.table["services"] or {}) or not _is_sure(held):
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
        fields = {"_access_number": held.number} | ({"_access_code": held.code} if held.code else {})
        return steps.started(self.create(MATCH, fields))


def _is_sure(held: Held) -> bool:
    return time.monotonic() < held.sure
