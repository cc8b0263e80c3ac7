"""Messages that exist: those that the target file names, and one that the suite sent, each read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from reports.verdicts import Attribution
from suites.bp_sms import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.exchange import Answer
    from suites.bp_sms.outbox import Outbox
    from suites.bp_sms.steps import Session

KEYS = {"known": "known_message_sid", "failed": "known_failed_sid", "inbound": "known_inbound_sid"}

KNOWN, FAILED, INBOUND = "known", "failed", "inbound"
SENT = pytest.param("sent", marks=pytest.mark.requirement(impact="intrusive"))
"""Kinds of messages, as parameters of a test; looking at a message of one's own takes sending it."""


class Item:
    """A message as it was read: the sid that was asked for, and the answer."""

    def __init__(self, kind: str, sid: str, answer: Answer) -> None:
        self.kind = kind
        self.sid = sid
        self.answer = answer

    @property
    def message(self) -> dict[str, Any]:
        """The message object; raises Blocked when none came."""
        return steps.message(self.answer, steps.OBJECT)


class Mailbox:
    """Reads each message when a test first asks for it."""

    def __init__(self, session: Callable[[], Session], outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._items: dict[str, Item] = {}

    def open(self, kind: str) -> Item:
        """Return the message of that kind; skips the test if there is none, raises Inconclusive if it has run out."""
        if kind not in self._items:
            self._items[kind] = self._own() if kind == "sent" else self._declared(kind)
        return self._items[kind]

    @property
    def opened(self) -> tuple[Item, ...]:
        """The messages that have been read by now."""
        return tuple(self._items.values())

    def _own(self) -> Item:
        steps.skip_unless_sending(self._session().caller.api)
        followed = self._outbox.followed
        if followed.reads[-1].status == 404:
            raise Blocked(steps.READABLE, "the message that was sent cannot be read")
        return Item("sent", followed.sent.sid, followed.reads[-1])

    def _declared(self, kind: str) -> Item:
        session = self._session()
        sid = session.caller.api.table[KEYS[kind]]
        if sid is None:
            pytest.skip(f"the target file has no {KEYS[kind]}")
        answer = session.read(sid)
        if answer.status == 404:
            raise Inconclusive(f"the message of {KEYS[kind]} has run out: {shown(answer)}", Attribution.TARGET_FILE)
        return Item(kind, sid, answer)
