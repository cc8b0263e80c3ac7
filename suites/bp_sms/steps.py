"""The steps that tests of bp_sms start from: reading a message, sending one, and telling what came back.

A step that the target does not take raises Blocked or Inconclusive: the test that needed it has no verdict of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import gateway
from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_sms.tokens import Client, token_of

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.target import ApiTable

OPENS = "bp_sms.bearer.token-opens-api"
OBJECT = "bp_sms.get.message-object"
ACCEPTED = "bp_sms.send.json-accepted"
READABLE = "bp_sms.send.readable-afterwards"

FINAL = frozenset({"delivered", "failed"})
OUTBOUND = frozenset({"queued", "sent", *FINAL})
REFUSED = range(400, 500)


@dataclass(frozen=True)
class Session:
    """A client with a token that it got, and a caller that carries the token."""

    client: Client
    token: str
    caller: Caller

    def read(self, sid: str) -> Answer:
        """Read a message, and return whatever comes back but 401; raises Blocked."""
        return opened(read(self.caller, sid))

    def call(self, operation: str, **request: Any) -> Answer:
        """Call another operation, and return whatever comes back but 401; raises Blocked."""
        return opened(self.caller.call(operation, **request))


def opened(answer: Answer) -> Answer:
    """Return the answer unless it is 401, to a client that has a live token; raises Blocked."""
    if answer.status == 401:
        raise Blocked(OPENS, f"a live token was refused: {shown(answer)}")
    return answer


def read(caller: Caller, sid: str) -> Answer:
    """Read a message once."""
    return gateway.past(lambda: caller.call("getMessage", path={"MessageSid": sid}))


def message_in(answer: Answer) -> dict[str, Any] | None:
    """Return the message object in an answer, by what no error object has; None where there is none."""
    body = object_in(answer)
    return body if {"sid", "uri", "direction", "num_segments"} & body.keys() else None


def message(answer: Answer, requirement: str) -> dict[str, Any]:
    """Return the message object of a 200; raises Blocked by the requirement that this answer breaks."""
    found = message_in(answer)
    if answer.status != 200 or found is None:
        raise Blocked(requirement, f"no message came: {shown(answer)}")
    return found


def refuses(answer: Answer) -> bool:
    """Say whether a request was refused: a 4xx answer without access token and without message."""
    return answer.status in REFUSED and token_of(answer) is None and message_in(answer) is None


def random_sid(rng: Random) -> str:
    """Return an identifier that no message has."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def restore(session: Session, operation: str) -> Answer:
    """Put the address of the target file back by one of the setters; raises Inconclusive when that fails."""
    answer = session.caller.call(operation, json=own_setting(session.caller.api.table, operation))
    if answer.status not in range(200, 300):
        raise Inconclusive(f"{operation} did not take back the address of the target file: {shown(answer)}")
    return answer


def own_setting(table: ApiTable, operation: str) -> dict[str, Any]:
    """Return the request that sets one of the addresses as the target file says that it is set anyway."""
    key = "status_callback_restore_url" if operation == "setStatusCallback" else "receiver_restore_url"
    return {"url": table[key], "number": table["send_from"]}


def skip_unless_sending(api: Api) -> None:
    """Leave a test out that looks at what the suite sent, where it may not send; others decide its requirement."""
    table = api.table
    if not (table["allow_send"] and table["send_to"] and table["send_from"]):
        pytest.skip("the target file does not allow to send")
