"""What the answers of gms say, and the steps that its tests start from.

A step that the target does not take raises Blocked or Inconclusive: the test that needed it has no verdict of its own.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from fixtures.api import object_in, shown
from fixtures.credentials import basic_value
from fixtures.outcomes import Inconclusive
from reports.verdicts import Attribution
from suites.gms import forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer, Fields
    from fixtures.target import ApiTable
    from suites.gms.forms import Body, File, Kind

CREATES = "gms.create.urlencoded-answers-200"
INTERACTION, MATCH, ACCESS = "request_interaction", "match_interaction", "request_access"
BOOKED = frozenset({INTERACTION, ACCESS})
"""Services that hand out an access number."""
SUCCESS = frozenset({"_id", "id", "_access_number", "_access_code", "_data_id"})
GROUP = "_resource_group"
BOOKING_TIME = "_booking_expiration_timeout"
PLAIN = ("inbound_poll", "request_chat")
"""Services that hand out no access number, and take a create without more."""
CALLBACK = "callback/"
CLIENT_ERRORS = range(400, 500)
ERRORS = range(400, 600)


# ---- who calls -------------------------------------------------------------------------------------------------------


def credentials(table: ApiTable) -> Fields:
    """Return the header field of HTTP Basic with the declared user; none where the target asks for none."""
    return (basic(table["username"] or "", table["password"]),) if table["auth"] == "basic" else ()


def basic(username: str, password: str) -> tuple[str, str]:
    """Return a header field of HTTP Basic (RFC 7617)."""
    return "Authorization", basic_value(username, password)


def stranger(api: Api) -> Caller:
    """Return a caller without credentials, on connections of its own, with the header fields that every call has."""
    said = (("gms_user", api.table["gms_user"]), ("ContactCenterId", api.table["contact_center_id"]))
    return api.anonymous().bearing(*((name, value) for name, value in said if value))


def known(api: Api) -> Caller:
    """Return a caller with the declared credentials, on connections of its own."""
    return stranger(api).bearing(*credentials(api.table))


# ---- what is sent ----------------------------------------------------------------------------------------------------


def named(table: ApiTable, *roles: str) -> list[str]:
    """Return those of the roles for which the target file names a service, in this order."""
    return [role for role in roles if (table["services"] or {}).get(role)]


def name_of(table: ApiTable, role: str) -> str:
    """Return the configured name of a service by its role, such as request_interaction; raises Inconclusive."""
    name = (table["services"] or {}).get(role)
    if not name:
        raise Inconclusive(f"the target file names no service {role}", Attribution.TARGET_FILE)
    return str(name)


def demanded(table: ApiTable, role: str) -> dict[str, str]:
    """Return the fields that a service of this role demands at its creation, and the declared resource group."""
    group = {GROUP: str(table["resource_group"])} if role in BOOKED and table["resource_group"] else {}
    return group | administered(table, role)


def administered(table: ApiTable, role: str) -> dict[str, str]:
    """Return the fields that the administrator has made a service of this role demand."""
    return dict((table["service_fields"] or {}).get(role, {}))


def create(caller: Caller, name: str, body: Body, *, headers: Fields = (), patient: bool = True) -> Answer:
    """Create a service of this name; callback/<name> goes to the operation of callbacks."""
    operation, path = "createService", {"service": name}
    if name.startswith(CALLBACK):
        operation, path = "createCallback", {"name": name.removeprefix(CALLBACK)}
    return caller.call(
        operation, path=path, body=body.content, content_type=body.content_type, headers=headers, patient=patient
    )


def post(
    caller: Caller,
    operation: str,
    path: Mapping[str, str],
    fields: Mapping[str, str],
    *,
    kind: Kind = "urlencoded",
    files: Iterable[File] = (),
) -> Answer:
    """Post fields to any operation that takes a form."""
    body = forms.body(kind, fields, files)
    return caller.call(operation, path=path, body=body.content, content_type=body.content_type)


def ask(caller: Caller, id_: str, request: str, fields: Mapping[str, str], kind: Kind = "urlencoded") -> Answer:
    """Send a specific request to the instance with this id."""
    return post(caller, "serviceRequest", {"service_id": id_, "request": request}, fields, kind=kind)


def random_id(rng: Random) -> str:
    """Return an id that no create has handed out."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def mark(rng: Random) -> str:
    """Return a word that nobody else has sent."""
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=12))


def phone(table: ApiTable, rng: Random) -> str:
    """Return the number of a device that the suite may use, with other last digits."""
    base = str(table["phone_number"])
    return f"{base[:-4]}{rng.randrange(10_000):04}"


# ---- what comes back -------------------------------------------------------------------------------------------------


content = object_in
"""Return the JSON object in an answer, empty for anything else."""


def text(answer: Answer, member: str) -> str | None:
    """Return a member that is a non-empty string, None for anything else."""
    value = content(answer).get(member)
    return value if isinstance(value, str) and value else None


def id_of(answer: Answer) -> str | None:
    """Return the id in the answer to a create: _id, else id; None where there is none or it is no string."""
    return text(answer, "_id") or text(answer, "id")


def started(answer: Answer) -> bool:
    """Say whether a create was taken: 200 and an id."""
    return answer.status == 200 and id_of(answer) is not None


def success_members(answer: Answer) -> list[str]:
    """Return the members of an answer that only a call that went well has."""
    body = content(answer)
    found = sorted(SUCCESS & body.keys())
    return [*found, "status", "dialog"] if {"status", "dialog"} <= body.keys() else found


def refuses(answer: Answer) -> bool:
    """Say whether a call was refused: 4xx, 5xx, or 2xx with an exception; and no member of success in any case."""
    said = answer.status in ERRORS or (answer.status in range(200, 300) and "exception" in content(answer))
    return said and not success_members(answer)


ASKS = "401: the server asks for credentials, or for others than auth, username and password of the target file"


LONGEST_S = 86_400
"""The most seconds that a reservation is believed; what is more has another unit."""


def reserved_for(answer: Answer) -> float | None:
    """Return for how many seconds an answer says that the number is reserved; None where it does not say so."""
    told = text(answer, "_expiration_time") or ""
    seconds = int(told) if told.isascii() and told.isdecimal() and len(told) < 9 else 0
    return float(seconds) if 0 < seconds <= LONGEST_S else None


def is_full(answer: Answer) -> bool:
    """Say whether a create was refused since no access number is left: 503 with an error object."""
    return answer.status == 503 and "exception" in content(answer) and refuses(answer)


UNDECIDED = frozenset({429, 502, 503, 504})
"""Statuses of a target that is busy, and of a gateway whose backend is away: they say nothing of what was asked."""


def decisive(answer: Answer, *, authenticated: bool = True) -> Answer:
    """Return the answer unless it decides nothing, which raises Inconclusive: 401 to declared credentials, UNDECIDED.

    `authenticated` is False where the call has no right credentials, so that a 401 decides.
    """
    if answer.status == 401 and authenticated:
        raise Inconclusive(ASKS, Attribution.CREDENTIALS)
    if answer.status in UNDECIDED:
        raise Inconclusive(f"this answer decides nothing: {shown(answer)}")
    return answer


# ---- stored user data ------------------------------------------------------------------------------------------------


def items(answer: Answer) -> dict[str, Any]:
    """Return the stored items that a read shows; raises Inconclusive where it shows none."""
    body = content(answer)
    if answer.status != 200 or "exception" in body:
        raise Inconclusive(f"the stored data could not be read: {shown(answer)}")
    return body


def service_items(caller: Caller, id_: str) -> dict[str, Any]:
    """Return the user data of an instance by the route below its id; raises Inconclusive."""
    return items(caller.call("readServiceStorage", path={"service_id": id_}))


def storage_items(caller: Caller, data_id: str) -> dict[str, Any]:
    """Return stored items by the Storage API; raises Inconclusive."""
    return items(caller.call("readStorage", path={"idOrTtl": data_id}))
