"""What the doctor knows of bp_sms: how its clients get tokens, and how to look for what the target file promises."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from fixtures import wrong_place
from fixtures.api import object_in, shown
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check, Discovery
from fixtures.wrong_place import GATEWAY
from suites.bp_sms import steps
from suites.bp_sms.mailbox import KEYS
from suites.bp_sms.notices import open_listener
from suites.bp_sms.tokens import GRACE_S, Tokens, declared, lifetime, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer

TYPICAL_REQUESTS = {"quick": 250, "standard": 270, "thorough": 330}
KNOCK: tuple[str, Mapping[str, str]] = ("getMessage", {"MessageSid": "00000000-0000-4000-8000-000000000000"})
SHORT_LIFE_S = 240.0
"""Seconds of life of a token whose end a run can well wait for."""
CHECK = {
    "invalid_scope": "scope",
    "invalid_client": "client_id and client_secret",
    "unsupported_grant_type": "token_path: the endpoint knows no client_credentials",
}
"""What to look at, by the name of the error (RFC 6749, 5.2)."""
CREDENTIALS = "client_id, client_secret and scope"


def identities(api: Api) -> Iterator[Check]:
    """Get a token for every declared client; a refusal of a client with the privilege ends the preflight."""
    tokens = Tokens(api)
    for role, client in declared(api.table).items():
        name = f"token of client {role}"
        try:
            answer = tokens.ask(client)
        except Inconclusive as problem:
            yield Check(name, "failed", str(problem))
            continue
        if answer.status == 200 and token_of(answer):
            yield Check(name, "ok", f"answers {answer.status}")
        elif role == "unprivileged" and answer.status in steps.REFUSED:
            level: Literal["ok", "warning"] = "warning" if answer.status == 401 else "ok"
            said = "is refused, as the missing privilege may be told, and as wrong credentials are"
            yield Check(name, level, f"{said}: answers {shown(answer)}")
        elif answer.status in steps.REFUSED or answer.status in GATEWAY:
            yield Check(name, "failed" if role == "a" else "warning", _why_refused(answer))
        else:
            said = wrong_place.cause(answer, "token_path") or f"answers {shown(answer)}"
            yield Check(name, "warning", f"{said}; the tests will judge that")


def _why_refused(answer: Answer) -> str:
    """Say what is the likely cause of a token request that was refused."""
    error = object_in(answer).get("error")
    told = CHECK.get(error, CREDENTIALS) if isinstance(error, str) else CREDENTIALS
    return wrong_place.cause(answer, "token_path") or f"is refused ({answer.status}): check {told}"


def facts(api: Api) -> Iterator[Check]:
    """Read the messages that the target file names, and see whether callbacks could arrive."""
    clients = declared(api.table)
    if "a" in clients:
        yield from _messages(api)
    if api.table["callbacks_offered"] and api.table["allow_callbacks"] and api.table["callback_bind"]:
        yield _listener(api)
    table = api.table
    if table["allow_send"]:
        yield Check("sending", "ok", f"up to {table['send_budget']} messages may be sent")


def _messages(api: Api) -> Iterator[Check]:
    try:
        caller = Tokens(api).caller(declared(api.table)["a"])
        for key in KEYS.values():
            if sid := api.table[key]:
                answer = steps.read(caller, sid)
                yield Check(key, "ok" if answer.status == 200 else "warning", f"answers {answer.status}")
    except Inconclusive as problem:
        yield Check("messages", "warning", str(problem))


def _listener(api: Api) -> Check:
    try:
        with open_listener(api):
            return Check("callback_url", "ok", "what is posted there arrives")
    except Inconclusive as problem:
        return Check("callback_url", "warning", str(problem))


def discoveries(api: Api) -> Iterator[Discovery]:
    """Look at the life of a token, and at the message that the file names; messages are not listed anywhere."""
    client = declared(api.table).get("a")
    if client is None:
        return
    tokens = Tokens(api)
    answer = tokens.ask(client)
    life = lifetime(answer)
    if 0 < life <= SHORT_LIFE_S:
        yield Discovery("expiry_wait_s", math.ceil(life + GRACE_S) + 1, f"a token lives {life:.0f} s")
    if token_of(answer) and (sid := api.table["known_message_sid"]):
        message = steps.message_in(steps.read(tokens.caller(client), sid)) or {}
        for key, member in (("account_sid", "account_sid"), ("send_from", "from")):
            if isinstance(value := message.get(member), str) and value:
                yield Discovery(key, value, f"{member} of the message of known_message_sid")
