"""User data of bookings, read back by the route that the target file names."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.gms import forms, steps
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from suites.gms.desk import Booking, Desk
    from suites.gms.forms import File, Kind

MATCHES = "gms.match.finds-the-booking"
HAS_DATA_ID = "gms.match.returns-data-id"


@dataclass(slots=True)
class Kept:
    """A booking whose create brought user data."""

    desk: Desk
    booking: Booking
    data_id: str | None = None
    """What opens the data by the Storage API, once the booking was matched."""

    def open(self) -> str:
        """Match the booking, once, and return the id of its data; raises Blocked."""
        if self.data_id is None:
            answer = self.desk.match(self.booking.key)
            if not steps.started(answer):
                raise Blocked(MATCHES, f"the booking was not found: {shown(answer)}")
            self.data_id = steps.text(answer, "_data_id")
            if self.data_id is None:
                raise Blocked(HAS_DATA_ID, f"the match names no data: {shown(answer)}")
        return self.data_id

    def answer(self) -> Answer:
        """Ask for all of the user data; return whatever comes back."""
        caller = self.desk.caller
        if self.desk.api.table["data_route"] == "storage":
            return caller.call("readStorage", path={"idOrTtl": self.open()})
        return caller.call("readServiceStorage", path={"service_id": self.booking.id})

    def read(self) -> dict[str, Any]:
        """Return the user data; raises Inconclusive where they show nothing, or may have lapsed."""
        answer = self.answer()
        self.in_time(answer)
        return steps.items(answer)

    def in_time(self, answer: Answer) -> None:
        """Check that an answer came within half of the life of the data; raises Inconclusive."""
        if answer.ended - self.booking.answer.ended > self.desk.api.table["data_ttl_seconds"] / 2:
            raise Inconclusive("the data were read too late: they may have lapsed")


def keep(
    desk: Desk, phone: str, fields: Mapping[str, str], kind: Kind = "urlencoded", files: Sequence[File] = ()
) -> Kept:
    """Book with these user data; raises Blocked."""
    return Kept(desk, desk.book(phone, fields, kind=kind, files=files))


def keep_typed(desk: Desk, phone: str, fields: Mapping[str, str], content_type: str) -> Kept:
    """Book with a multipart body whose parts of user data name their Content-Type; raises Blocked."""
    said = {**steps.demanded(desk.api.table, INTERACTION), "_phone_number": phone}
    parts = [forms.text_part(name, value) for name, value in said.items()]
    parts += [forms.text_part(name, value, content_type) for name, value in fields.items()]
    typed = f"multipart/form-data; boundary={forms.BOUNDARY}"
    answer = desk.send(INTERACTION, forms.Body(typed, forms.joined(parts)))
    return Kept(desk, desk.booking(answer, phone))


def pause_until(api: Api, moment: float) -> None:
    """Do nothing until a moment of the monotonic clock, unless the run ends first. Raises Ended."""
    api.pause(moment - time.monotonic(), "data and bookings to lapse")
