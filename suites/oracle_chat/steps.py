"""The steps that tests of oracle_chat start from: asking for a token, and telling what came back.

A step that the target does not take raises Blocked or Inconclusive: the test that needed it has no verdict of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from fixtures import strict_json
from fixtures.api import object_in, shown
from fixtures.credentials import basic_value
from fixtures.outcomes import Blocked, Inconclusive, Unanswered
from reports.verdicts import Attribution
from specs import openapi
from specs.cases import example

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer, Fields
    from fixtures.target import ApiTable

CREATE: Final = "createChatAuthentication"
ASKED: Final = "question of a basic call"
"""Value of the table, no key of the target file: there where the target demands a question."""
MINIMAL: Final = "oracle_chat.create.minimal-request"
STRICT: Final = "oracle_chat.create.body-is-strict-json"
HAS_TOKEN: Final = "oracle_chat.server-values.jwt-present"  # noqa: S105 - a requirement

ITEM_TYPE: Final = "application/vnd.oracle.adf.resourceitem+json"
"""The framework's own type of JSON."""

QUESTION: Final = "Where is my parcel?"
PRODUCT: Final = ("inventoryItemId", "inventoryOrgId", "prodGroupId")
"""They name one product together."""
CREATED = frozenset({200, 201})
REFUSED = range(400, 500)
CLIENT_TYPE = "CONSUMER"
RESUMING: Final = ("RESUME", "DO_NOT_RESUME", "RESUME")
"""Either resumeType in turn."""
FREE_TEXT = ("firstName", "lastName", "incidentName", "question")
"""Attributes of the document's example that take any text."""
ECHOED_EXAMPLE = (
    "authUserName", "categoryId", "clientType", "contactId", "emailAddress", "firstName", "incidentId", "interfaceId",
    "lastName", "organizationId", "productId", "question", "queueId", "resumeType", "incidentName", "incidentType",
    "inventoryItemId", "inventoryOrgId", "prodGroupId",
)  # fmt: skip
"""Attributes of the document's example, in the order of its answer."""
_TOKEN_SHOWN = re.compile(r'"jwt"\s*:\s*"[^"]|\beyJ[\w-]+\.eyJ[\w-]+\.')


# ---- who asks, and for whom ----------------------------------------------------------------------------------------


def with_chat_user(api: Api) -> Api:
    """Return the API with auth_user_name filled in: where the target file has none, the service user chats."""
    values = api.table.values
    if values.get("auth_user_name") or not values.get("username"):
        return api
    return replace(api, table=replace(api.table, values={**values, "auth_user_name": values["username"]}))


def with_question(api: Api) -> Api:
    """Return the API with a question in its table where the target demands one, which the document leaves open."""
    if has_no_caller(api):
        return api
    caller = api.anonymous().bearing(*credentials(api.table))
    try:
        if not demands(caller.call(CREATE, json=basic_members(api.table))):
            return api
        asked = caller.call(CREATE, json=basic_members(api.table, question=QUESTION))
    except Unanswered:
        return api
    more = {ASKED: QUESTION} if succeeds(asked) else {}
    return replace(api, table=replace(api.table, values={**api.table.values, **more}))


def with_known_values(api: Api) -> Api:
    """Return the API with the values of the document in `attributes` that the target takes, where the file has none.

    A target that knows its ids refuses those of the document's example: the attributes are asked for one by one then.
    """
    own = dict(api.table["attributes"])
    if own != _default_attributes() or has_no_caller(api):
        return api
    caller = api.anonymous().bearing(*credentials(api.table))

    def takes(values: Mapping[str, Any]) -> bool:
        return not demands(caller.call(CREATE, json=basic_members(api.table, **values)))

    groups = [PRODUCT, *((name,) for name in own if name not in PRODUCT)]
    try:
        if takes(own):
            return api
        known = {name: own[name] for names in groups if takes({name: own[name] for name in names}) for name in names}
    except Unanswered:
        return api
    return replace(api, table=replace(api.table, values={**api.table.values, "attributes": known}))


def has_no_caller(api: Api) -> bool:
    """Say whether the target file names nobody who could ask for a token."""
    return not api.table["auth_user_name"] or (api.table["auth"] == "basic" and not api.table["username"])


def demands(answer: Answer) -> bool:
    """Say whether a call was refused for what it says, not for who makes it."""
    return refuses_as_client_error(answer) and answer.status not in {401, 403, 404, 405, 429}


def credentials(table: ApiTable) -> Fields:
    """Return the header fields by which the target file says that the suite authenticates."""
    match table["auth"]:
        case "bearer":
            return (("Authorization", f"Bearer {table['bearer_token']}"),)
        case "none":
            return ()
        case _:
            return (("Authorization", basic_value(table["username"], table["password"])),)


# ---- what is sent --------------------------------------------------------------------------------------------------


def basic_members(table: ApiTable, **changed: Any) -> dict[str, Any]:
    """Return the body of a basic call, members added or changed; one changed to `...` is left out."""
    demanded = {"question": table.values[ASKED]} if ASKED in table.values else {}
    proper = {"clientType": CLIENT_TYPE, "authUserName": table["auth_user_name"], **demanded}
    return {name: value for name, value in {**proper, **changed}.items() if value is not ...}


encoded = strict_json.write
"""Write a value as JSON, letters beyond ASCII as they are; a lone surrogate as an escape."""


@dataclass(frozen=True, slots=True)
class Example:
    """The document's example with the target's own values."""

    members: Mapping[str, Any]
    undeclared: tuple[str, ...]
    """Members that still have the document's value, since the target file names none: the target may refuse them."""


def example_request(table: ApiTable) -> Example:
    """Return the document's example with the values of `attributes` in the example's JSON types."""
    own = table["attributes"]
    said = {} if own == _default_attributes() else own
    printed: dict[str, Any] = example(openapi.document(table.name), "ChatRequest")
    members = {name: _like(value, own[name]) if name in own else value for name, value in printed.items()}
    members["authUserName"] = table["auth_user_name"]
    ids = [name for name in printed if name.endswith("Id") and printed[name] is not None]
    return Example(members, tuple(name for name in (*ids, "incidentType") if name not in said))


def _like(printed: Any, own: Any) -> Any:
    """Return the target's own value as the type that the example prints; null stays null."""
    if printed is None:
        return None
    return int(own) if isinstance(printed, int) and str(own).isdecimal() else str(own)


@cache
def _default_attributes() -> Mapping[str, Any]:
    printed: dict[str, Any] = example(openapi.document("oracle_chat"), "ChatRequest")
    names = (
        "categoryId", "contactId", "organizationId", "queueId", "interfaceId", "incidentType", "inventoryItemId",
        "inventoryOrgId", "prodGroupId",
    )  # fmt: skip
    return {name: printed[name] for name in names}


def mark(rng: Random) -> str:
    """Return a random word that no server can have of its own."""
    return "Zq" + "".join(rng.choices("bcdfghjkmnprstvwxz", k=12))


def marks(rng: Random, names: Iterable[str] = FREE_TEXT) -> dict[str, str]:
    """Return a mark of its own for each of the attributes."""
    return {name: mark(rng) for name in names}


# ---- what came back ------------------------------------------------------------------------------------------------


def token_of(answer: Answer) -> str | None:
    """Return the token in an answer, if there is one."""
    token = object_in(answer).get("jwt")
    return token if isinstance(token, str) and token else None


def succeeds(answer: Answer) -> bool:
    """Say whether the answer is a success: 201 or 200 with a token."""
    return answer.status in CREATED and token_of(answer) is not None


def shows_token(answer: Answer) -> bool:
    """Say whether anything that looks like a token stands in the body, wherever it is."""
    return _TOKEN_SHOWN.search(answer.text) is not None


def refuses(answer: Answer) -> bool:
    """Say whether the call was refused: a 4xx or 5xx answer without a token."""
    return answer.status >= 400 and not shows_token(answer)


def refuses_as_client_error(answer: Answer) -> bool:
    """Say whether the call was refused with a 4xx."""
    return answer.status in REFUSED and not shows_token(answer)


def taken(answer: Answer, requirement: str = MINIMAL) -> dict[str, Any]:
    """Return the members of a success; raises Blocked by the requirement that this answer breaks."""
    if succeeds(answer):
        return object_in(answer)
    if answer.status in CREATED and not object_in(answer):
        raise Blocked(STRICT, f"the answer is no JSON object: {shown(answer)}")
    if answer.status in CREATED:
        raise Blocked(HAS_TOKEN, f"a success without a token: {shown(answer)}")
    raise Blocked(requirement, f"no token came: {shown(answer)}")


def unless_refused(answer: Answer, what: str) -> Answer:
    """Return the answer unless it is a 4xx, to a value that the target file does not declare; raises Inconclusive."""
    if refuses_as_client_error(answer):
        reason = f"{what} was refused, and the target file does not say that it is accepted: {shown(answer)}"
        raise Inconclusive(reason, Attribution.TARGET_FILE)
    return answer
