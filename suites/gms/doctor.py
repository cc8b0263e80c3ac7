"""What the doctor knows of gms: whether the credentials are taken, and how to look for the services of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.api import shown
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check, Discovery
from suites.gms import steps
from suites.gms.chatting import CHAT, Chats
from suites.gms.desk import Desk
from suites.gms.evidence import CODE, has_code
from suites.gms.learned import NOWHERE
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api

TYPICAL_REQUESTS = {"quick": 590, "standard": 690, "thorough": 1080}
TYPICAL_INSTANCES = 240
"""Services that depth standard creates on a conforming target."""
KNOCK: tuple[str, Mapping[str, str]] = ("readStorage", {"idOrTtl": NOWHERE})
NOT_STARTED = frozenset({"match_interaction", "request_access", "queue"})
"""Services that need what is not there yet, or call somebody back."""


def identities(api: Api) -> Iterator[Check]:
    """Ask an instance that there is not, with the credentials of the file; 401 ends the preflight."""
    try:
        answer = steps.ask(steps.known(api), NOWHERE, "status", {})
    except Inconclusive as problem:
        yield Check("credentials", "failed", str(problem))
        return
    if answer.status == 401 and api.table["auth"] == "basic":
        yield Check("credentials", "failed", "are refused (401): check auth, username and password")
    elif answer.status == 401:
        yield Check("credentials", "warning", 'are asked for (401): declare auth = "basic", username and password')
    else:
        yield Check("credentials", "ok", f"answers {answer.status}")


def facts(api: Api) -> Iterator[Check]:
    """Create one instance of each service that can stand alone."""
    desk = Desk(api)
    if api.table["max_services"] < TYPICAL_INSTANCES:
        said = f"depth standard creates about {TYPICAL_INSTANCES} instances; what comes after the last is inconclusive"
        yield Check("max_services", "warning", said)
    if desk.dear:
        yield Check("pool", "warning", _thrift(desk))
    for role, name in (api.table["services"] or {}).items():
        if role in NOT_STARTED:
            continue
        try:
            answer = desk.create(role, {})
        except Inconclusive as problem:
            yield Check(f"service {name}", "warning", str(problem))
            continue
        yield Check(f"service {name}", "ok" if steps.started(answer) else "warning", f"answers {shown(answer)}")


def _thrift(desk: Desk) -> str:
    """Say what few numbers that come back by time alone mean for a run."""
    table = desk.api.table
    said = f"no match puts a number back, so that a run can book about {desk.affordable} times"
    facts = f"{desk.size} numbers for {table['booking_seconds']:g} s each"
    return f"{said}: {facts}, max_wait_seconds = {table['max_wait_seconds']:g}"


def discoveries(api: Api) -> Iterator[Discovery]:
    """Make two bookings and look at what they tell; store an item; open a chat and leave it."""
    desk = Desk(api)
    if steps.named(api.table, INTERACTION):
        yield from _of_bookings(desk)
    if route := desk.learned.data_route:
        yield Discovery("data_route", route, "a marked item of a create is read back this way")
    if desk.learned.storage_api:
        yield Discovery("storage_api", True, "a create of stored items is answered with their id")
    if steps.named(api.table, CHAT):
        chats = Chats(desk, desk.caller)
        try:
            chats.open()
            yield Discovery("chat_live", True, "a chat was opened, and left")
        finally:
            chats.close()


def _of_bookings(desk: Desk) -> Iterator[Discovery]:
    """Book without asking for anything, then for a code and for a time of its own."""
    phone = {"_phone_number": str(desk.api.table["phone_number"])}
    plain = steps.decisive(desk.insist(INTERACTION, phone))
    if not steps.started(plain):
        return
    told = steps.reserved_for(plain)
    if told is not None:
        yield Discovery("booking_seconds", told, "_expiration_time of a booking says so")
    yield Discovery("code_by_default", has_code(plain), "what a booking that asks for no code brings")
    other = int((told or desk.api.table["booking_seconds"]) * 2 + 1)
    asking = steps.decisive(desk.insist(INTERACTION, phone | {CODE: "true", steps.BOOKING_TIME: str(other)}))
    honoured = [CODE] if has_code(asking) else []
    honoured += [steps.BOOKING_TIME] if steps.reserved_for(asking) == other else []
    if steps.started(asking):
        yield Discovery("honoured", honoured, "what a booking that asks for a code and for a time of its own brings")
