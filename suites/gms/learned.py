"""What the target file need not say, since the target shows it to the users that the file names: once in a run.

What the file does say is a promise, and is judged by it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from fixtures.outcomes import Inconclusive, NotApplicable
from suites.gms import steps
from suites.gms.steps import INTERACTION, MATCH

if TYPE_CHECKING:
    from suites.gms.desk import Booking, Desk

MARK = "conformance"
VALUE = "as-it-was-sent"
SERVICE, STORAGE = "service", "storage"
NOWHERE = "00000000-0000-4000-8000-000000000000"
"""An id that no create hands out: a call to it changes nothing."""


class Learned:
    """What was found out; each answer is looked for at the first question."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def data_route(self) -> str | None:
        """How user data can be read back: as declared, or as it works for a marked item; None where it does not."""
        desk = self._desk
        if declared := desk.api.table["data_route"]:
            return str(declared)
        if not steps.named(desk.api.table, INTERACTION):
            return None
        booking = desk.book(str(desk.api.table["phone_number"]), {MARK: VALUE})
        if self._shown_by_service(booking.id):
            return SERVICE
        return STORAGE if self._shown_by_storage(booking) else None

    def need_route(self) -> str:
        """Return how user data can be read back; raises NotApplicable where nobody says it, and no way works."""
        if self.data_route == STORAGE and not steps.named(self._desk.api.table, MATCH):
            raise NotApplicable("data_route = storage needs services.match_interaction, which names the data")
        if self.data_route is None:
            raise NotApplicable("user data can be read neither below the id of the service nor by the Storage API")
        return self.data_route

    @cached_property
    def storage_api(self) -> bool:
        """Whether the Storage API answers: as declared, or as a create there shows."""
        table, caller = self._desk.api.table, self._desk.caller
        if table["storage_api"] is not None:
            return bool(table["storage_api"])
        seconds = str(table["storage_ttl_seconds"])
        answer = steps.decisive(steps.post(caller, "createStorage", {"idOrTtl": seconds}, {MARK: VALUE}))
        return answer.status == 200 and bool(steps.text(answer, "id") or steps.text(answer, "_id"))

    def need_storage(self) -> None:
        """Raise NotApplicable where nobody says that there is a Storage API, and none answers."""
        if not self.storage_api:
            raise NotApplicable("no Storage API answers below {base_path}/storage")

    @cached_property
    def keeper(self) -> str:
        """The role whose instances keep user data that can be read back: one without a number, where those are dear."""
        desk = self._desk
        if desk.plain == INTERACTION or self.data_route != SERVICE:
            return INTERACTION
        with suppress(Inconclusive):
            if self._shown_by_service(desk.start(desk.plain, {MARK: VALUE})):
                return desk.plain
        return INTERACTION

    def _shown_by_service(self, id_: str) -> bool:
        with suppress(Inconclusive):
            return steps.service_items(self._desk.caller, id_).get(MARK) == VALUE
        return False

    def _shown_by_storage(self, booking: Booking) -> bool:
        if not steps.named(self._desk.api.table, MATCH):
            return False
        data_id = steps.text(self._desk.match(booking.key), "_data_id")
        with suppress(Inconclusive):
            return data_id is not None and steps.storage_items(self._desk.caller, data_id).get(MARK) == VALUE
        return False
