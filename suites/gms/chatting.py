"""A customer who chats: one instance of the chat service, its session, and what answers show of the transcript."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.gms import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.api import Caller
    from fixtures.exchange import Answer
    from suites.gms.desk import Desk
    from suites.gms.forms import Kind

CHAT = "request_chat"
OPENS = "gms.chat.create-session"
ONCE = "gms.chat.message-appears-once"
TEXT, CLIENT = "Message.Text", "CLIENT"
DISCONNECTED = "DISCONNECTED"
ENTRY = 5
"""Elements of an entry: event, nickname, text, party id, party type."""

Entry = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """Whoever chats on the instance with this id, over the caller's connection."""

    caller: Caller
    id: str
    left: list[Answer] = field(default_factory=list, compare=False)
    """Answers to disconnects."""

    def call(self, operation: str, fields: Mapping[str, str], kind: Kind = "urlencoded") -> Answer:
        """Post fields to an operation of the chat."""
        return steps.post(self.caller, operation, {"service_id": self.id}, fields, kind=kind)

    def open(self) -> Answer:
        """Open the chat with the fields of the target file."""
        return self.call("createChat", self.caller.api.table["chat_fields"])

    def send(self, text: str, kind: Kind = "urlencoded") -> Answer:
        """Send a message."""
        return self.call("sendChat", {"message": text}, kind)

    def say(self, text: str, kind: Kind = "urlencoded") -> None:
        """Send a message that has to be taken; raises Inconclusive: an agent may have to join first."""
        answer = self.send(text, kind)
        if answer.status != 200 or ended(answer):
            raise Inconclusive(f"the message was not taken: {shown(answer)}")

    def refresh(self, position: int) -> Answer:
        """Ask for what is new since a position; 0 is the beginning."""
        return self.call("refreshChat", {"transcriptPosition": str(position)})

    def disconnect(self) -> Answer:
        """Leave the chat."""
        self.left.append(self.call("disconnectChat", {}))
        return self.left[-1]

    def until(self, enough: Callable[[list[Entry]], bool]) -> Answer:
        """Refresh from the beginning until the transcript is enough, for at most chat_seconds; return the last one."""
        table = self.caller.api.table
        deadline = time.monotonic() + table["chat_seconds"]
        while True:
            answer = live(self.refresh(0))
            if enough(entries(answer)) or time.monotonic() > deadline:
                return answer
            self.caller.api.pause(table["poll_seconds"])


class Chats:
    """The chats of one test."""

    def __init__(self, desk: Desk, caller: Caller) -> None:
        self._desk = desk
        self._caller = caller
        self._made: list[Customer] = []

    def service(self) -> Customer:
        """Start an instance of the chat service, without a session."""
        customer = Customer(self._caller, self._desk.start(CHAT, caller=self._caller))
        self._made.append(customer)
        return customer

    def open(self) -> Customer:
        """Start an instance and open its chat; raises Blocked."""
        customer = self.service()
        answer = customer.open()
        if answer.status != 200 or session(answer) is None:
            raise Blocked(OPENS, f"the chat was not opened: {shown(answer)}")
        return customer

    def close(self) -> None:
        """Leave every chat that was not left."""
        for customer in self._made:
            if any(answer.status == 200 for answer in customer.left):
                continue
            with suppress(Inconclusive):
                customer.disconnect()


def session(answer: Answer) -> str | None:
    """Return the session that an answer speaks of."""
    return steps.text(answer, "chatSessionId")


def state(answer: Answer) -> Any:
    """Return the state of the chat in an answer."""
    return steps.content(answer).get("chatIxnState")


def ended(answer: Answer) -> bool:
    """Say whether an answer says that the chat is over, or refuses."""
    return steps.refuses(answer) or state(answer) == DISCONNECTED


def live(answer: Answer) -> Answer:
    """Return the answer to a refresh unless it shows no transcript, which raises Inconclusive."""
    if answer.status != 200 or "exception" in steps.content(answer):
        raise Inconclusive(f"the transcript could not be read: {shown(answer)}")
    return answer


def entries(answer: Answer) -> list[Entry]:
    """Return the entries of the transcript in an answer; what is no array is left out."""
    told = steps.content(answer).get("transcriptToShow")
    return [tuple(entry) for entry in told if isinstance(entry, list)] if isinstance(told, list) else []


def said(transcript: list[Entry]) -> list[Any]:
    """Return the texts of the client in a transcript."""
    return [entry[2] for entry in transcript if len(entry) == ENTRY and entry[0] == TEXT and entry[4] == CLIENT]


POSITION_TYPES = {int: "integer", str: "digits"}
"""The types in which recorded servers tell a position, and the names of these readings."""
DIGITS = re.compile(r"[0-9]{1,15}")


def is_position(value: object) -> bool:
    """Say whether a value is a place in a transcript: an integer, or the digits of one, as recorded servers send it."""
    return type(value) is int or (isinstance(value, str) and DIGITS.fullmatch(value) is not None)


def position(answer: Answer) -> int:
    """Return where the transcript of an answer ends; raises Blocked."""
    found = steps.content(answer).get("transcriptPosition")
    if not is_position(found):
        raise Blocked(OPENS, f"the answer names no position: {shown(answer)}")
    return int(str(found))
