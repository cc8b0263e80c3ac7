"""What the doctor knows of bp_sms: how its clients get tokens, and how to look for what the target file promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.api import shown
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check
from suites.bp_sms import steps
from suites.bp_sms.mailbox import KEYS
from suites.bp_sms.notices import open_listener
from suites.bp_sms.tokens import Tokens, declared, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from fixtures.preflight import Discovery

TYPICAL_REQUESTS = {"quick": 250, "standard": 270, "thorough": 330}
KNOCK: tuple[str, Mapping[str, str]] = ("getMessage", {"MessageSid": "00000000-0000-4000-8000-000000000000"})
REFUSED = "is refused ({0}): check client_id, client_secret and scope"


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
        if role == "unprivileged" or (answer.status == 200 and token_of(answer)):
            yield Check(name, "ok", f"answers {answer.status}")
        elif answer.status in steps.REFUSED:
            yield Check(name, "failed" if role == "a" else "warning", REFUSED.format(answer.status))
        else:
            yield Check(name, "warning", f"answers {shown(answer)}; the tests will judge that")


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


def discoveries(_api: Api) -> Iterator[Discovery]:
    """Nothing: messages are not listed, and a client knows of no other."""
    return iter(())
