"""User data of instances, read back by the route that the target file names, or else by the one that works."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.gms import forms, steps
from suites.gms.learned import STORAGE
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from suites.gms.desk import Booking, Desk
    from suites.gms.forms import File, Kind

MATCHES = "gms.match.finds-the-booking"
HAS_DATA_ID = "gms.match.returns-data-id"
SURE = 10
"""In this part of the life of the data, one in so many, that nothing at all shows is no matter of time."""


@dataclass(slots=True)
class Kept:
    """An instance whose create brought user data, with its booking if it has a number."""

    desk: Desk
    created: Answer
    booking: Booking | None
    data_id: str | None = None
    """What opens the data by the Storage API, once the booking was matched."""

    def open(self) -> str:
        """Match the booking, once, and return the id of its data; raises Blocked."""
        if self.data_id is None:
            assert self.booking is not None
            answer = self.desk.match(self.booking.key)
            if not steps.started(answer):
                raise Blocked(MATCHES, f"the booking was not found: {shown(answer)}")
            self.data_id = steps.text(answer, "_data_id")
            if self.data_id is None:
                raise Blocked(HAS_DATA_ID, f"the match names no data: {shown(answer)}")
        return self.data_id

    def answer(self) -> Answer:
        """Ask for all of the user data; return whatever comes back. Raises NotApplicable."""
        caller = self.desk.caller
        if self.desk.learned.need_route() == STORAGE:
            return caller.call("readStorage", path={"idOrTtl": self.open()})
        return caller.call("readServiceStorage", path={"service_id": steps.id_of(self.created) or ""})

    def read(self) -> dict[str, Any]:
        """Return the user data; raises Inconclusive where they show nothing, or may have lapsed."""
        answer = self.answer()
        self.in_time(answer)
        items = steps.items(answer)
        if not items and answer.ended - self.created.ended > self.desk.api.table["data_ttl_seconds"] / SURE:
            raise Inconclusive("nothing at all is stored: the data may have lapsed, see data_ttl_seconds")
        return items

    def in_time(self, answer: Answer) -> None:
        """Check that an answer came within half of the life of the data; raises Inconclusive."""
        if answer.ended - self.created.ended > self.desk.api.table["data_ttl_seconds"] / 2:
            raise Inconclusive("the data were read too late: they may have lapsed")


def keep(
    desk: Desk, phone: str, fields: Mapping[str, str], kind: Kind = "urlencoded", files: Sequence[File] = ()
) -> Kept:
    """Create with these user data; raises Blocked, or NotApplicable where they cannot be read back."""
    desk.learned.need_route()
    role = desk.learned.keeper
    if role == INTERACTION:
        return booked(desk, phone, fields, kind, files)
    answer = desk.create(role, {"_phone_number": phone, **fields}, kind=kind, files=files)
    if not steps.started(answer):
        raise Blocked(steps.CREATES, f"{role} was not created: {shown(answer)}")
    return Kept(desk, answer, None)


def booked(
    desk: Desk, phone: str, fields: Mapping[str, str], kind: Kind = "urlencoded", files: Sequence[File] = ()
) -> Kept:
    """Book with these user data; raises Blocked."""
    booking = desk.book(phone, fields, kind=kind, files=files)
    return Kept(desk, booking.answer, booking)


def keep_typed(desk: Desk, phone: str, fields: Mapping[str, str], content_type: str) -> Kept:
    """Create with a multipart body whose parts of user data name their Content-Type; raises Blocked."""
    desk.learned.need_route()
    role = desk.learned.keeper
    said = {**steps.demanded(desk.api.table, role), "_phone_number": phone}
    parts = [forms.text_part(name, value) for name, value in said.items()]
    parts += [forms.text_part(name, value, content_type) for name, value in fields.items()]
    typed = f"multipart/form-data; boundary={forms.BOUNDARY}"
    answer = desk.send(role, forms.Body(typed, forms.joined(parts)))
    if role == INTERACTION:
        return Kept(desk, answer, desk.booking(answer, phone))
    if not steps.started(answer):
        raise Blocked(steps.CREATES, f"{role} was not created: {shown(answer)}")
    return Kept(desk, answer, None)


def pause_until(api: Api, moment: float) -> None:
    """Do nothing until a moment of the monotonic clock, unless the run ends first. Raises Ended."""
    api.pause(moment - time.monotonic(), "data and bookings to lapse")
