"""Messages that the suite sends: as few as it can, within send_budget, each one judged by many tests."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fixtures.api import form, shown
from fixtures.gateway import is_gateways_own
from fixtures.outcomes import Blocked, Inconclusive, Unanswered
from reports.verdicts import Attribution
from suites.bp_sms import steps
from suites.bp_sms.tokens import FORM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from suites.bp_sms.steps import Session

MESSAGES = "messages"
TEXT = "Conformance test"
POLL_S = 2.0
"""Seconds between two reads of a message, where delivery_wait_s leaves time for them."""
POLLS = 16
"""Reads within delivery_wait_s at least."""
SLIGHT_DELAY_S = 10.0
"""How long a message may be unknown after its sending (SMS/MMS API Specification, Get Message)."""


@dataclass(frozen=True)
class Sent:
    """A message that was accepted: what was asked for, the answer, and the sid."""

    asked: Mapping[str, Any]
    answer: Answer
    sid: str

    @property
    def message(self) -> dict[str, Any]:
        """The message object of the answer; raises Blocked."""
        return steps.message(self.answer, steps.ACCEPTED)


@dataclass(frozen=True)
class Followed:
    """A message that was read again and again after it had been sent."""

    sent: Sent
    reads: tuple[Answer, ...]


class Gateway(Unanswered):
    """A gateway answered in the target's place: whether the message is on its way nobody knows."""


class Outbox:
    """Sends for one run, and knows the sids of what it sent."""

    def __init__(self, api: Api, session: Callable[[], Session]) -> None:
        self.api = api
        self._session = session
        self.sids: set[str] = set()
        self._unreadable = False

    def call(self, operation_id: str, **request: Any) -> Answer:
        """Call sendMessage and return whatever comes back but 401; raises Inconclusive once send_budget is spent."""
        spent = self.api.recorder.spent
        if spent[MESSAGES] >= self.api.table["send_budget"]:
            raise Inconclusive("send_budget allows no more messages", Attribution.TARGET_FILE)
        spent[MESSAGES] += 1
        # Not patient: sent again, it could be another message.
        answer = self._session().call(operation_id, **request, patient=False)
        if answer.status in steps.REFUSED:
            spent[MESSAGES] -= 1
        if is_gateways_own(answer):
            raise Gateway(f"a gateway answers for the target: {shown(answer)}")
        if answer.asks_to_wait:
            raise Inconclusive(f"the target takes no more messages now: {shown(answer)}")
        if isinstance(sid := (steps.message_in(answer) or {}).get("sid"), str):
            self.sids.add(sid)
        return answer

    def post(self, members: Mapping[str, Any], *, as_form: bool = False) -> Answer:
        """Send these members, as JSON or as a form, and return whatever comes back; see `call`."""
        body = form(dict(members)) if as_form else json.dumps(members, ensure_ascii=False).encode()
        return self.call("sendMessage", body=body, content_type=FORM[0][1] if as_form else "application/json")

    def members(self, body: str = TEXT, **changed: Any) -> dict[str, Any]:
        """Return a message to the operator's own recipient, members changed; one changed to `...` is left out."""
        table = self.api.table
        proper = {"To": table["send_to"], "From": table["send_from"], "Body": body}
        return {name: value for name, value in {**proper, **changed}.items() if value is not ...}

    def send(self, body: str = TEXT, **changed: Any) -> Sent:
        """Send a message that a test needs; raises Blocked when it is not accepted."""
        members = self.members(body, **changed)
        return accepted(members, self.post(members))

    def arrived(self, sid: str) -> Answer:
        """Read a message, as soon as it can be read; raises Blocked when it cannot."""
        session = self._session()
        # Where one message could not be read in time, the next is not waited for.
        deadline = time.monotonic() + (0.0 if self._unreadable else SLIGHT_DELAY_S)
        while (answer := session.read(sid)).status == 404 and time.monotonic() < deadline:
            time.sleep(SLIGHT_DELAY_S / POLLS)
        self._unreadable = answer.status == 404
        steps.message(answer, steps.READABLE)
        return answer

    def follow(self, sent: Sent, *, to_the_end: bool = False) -> Followed:
        """Read a message until its status is final, or for the whole of delivery_wait_s."""
        session = self._session()
        wait: float = self.api.table["delivery_wait_s"]
        deadline = sent.answer.ended + wait
        reads = [session.read(sent.sid)]
        while time.monotonic() < deadline and (to_the_end or status(reads[-1]) not in steps.FINAL):
            time.sleep(min(POLL_S, wait / POLLS))
            reads.append(session.read(sent.sid))
        return Followed(sent, tuple(reads))

    @cached_property
    def first(self) -> Answer:
        """The answer to a plain message, whatever it is."""
        return self.post(self.members())

    @cached_property
    def plain(self) -> Sent:
        """A plain message that was accepted; raises Blocked."""
        return accepted(self.members(), self.first)

    @cached_property
    def followed(self) -> Followed:
        """A plain message, read from its acceptance on for the whole of delivery_wait_s; raises Blocked."""
        return self.follow(self.plain, to_the_end=True)


def accepted(asked: Mapping[str, Any], answer: Answer) -> Sent:
    """Return the message that was accepted; raises Blocked when it was not, or cannot be read later."""
    sid = steps.message(answer, steps.ACCEPTED).get("sid")
    if not isinstance(sid, str) or not sid or _has_surrogates(sid):
        raise Blocked("bp_sms.send.initial-object", f"the answer to a send has no sid: {shown(answer)}")
    return Sent(asked, answer, sid)


def _has_surrogates(text: str) -> bool:
    """Say whether a text holds half a character, which no path can."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def status(answer: Answer) -> str | None:
    """Return the status of the message in an answer, None where there is none."""
    found = (steps.message_in(answer) or {}).get("status")
    return found if isinstance(found, str) else None
