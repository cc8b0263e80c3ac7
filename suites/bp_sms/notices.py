"""What the target reports of its own accord: changes of status to the address that it was given, gathered once."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixtures.api import shown
from fixtures.listener import listening
from fixtures.outcomes import Blocked
from suites.bp_sms import steps
from suites.bp_sms.outbox import POLL_S, POLLS, Followed, status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.listener import Address, Listener, Notice
    from fixtures.target import ApiTable
    from suites.bp_sms.outbox import Outbox, Sent
    from suites.bp_sms.steps import Session

SETTERS_ACCEPT = "bp_sms.callback.setters-accept"
STATUS, RECEIVER = "setStatusCallback", "setMessageReceiver"


@dataclass(frozen=True)
class Notices:
    """Three messages: one, one with an address of its own, one more; and what was posted to either address."""

    token: str
    """The access token with which they were sent."""
    first: Followed
    own: Followed
    last: Followed
    at_number: tuple[Notice, ...]
    at_message: tuple[Notice, ...]

    @property
    def posts(self) -> tuple[Notice, ...]:
        """Everything that was posted, in the order of arrival."""
        return tuple(sorted((*self.at_number, *self.at_message), key=lambda notice: notice.arrived))


@contextmanager
def open_listener(api: Api) -> Iterator[Listener]:
    """Listen where the target file says; raises Inconclusive when nothing arrives there."""
    with listening(api, api.table["callback_bind"], api.table["callback_url"]) as listener:
        listener.check()
        yield listener


@contextmanager
def set_to(session: Session, operation: str, url: str) -> Iterator[Answer]:
    """Set an address of send_from for the length of a `with` block, and put the one of the target file back."""
    answer = session.call(operation, json={"url": url, "number": session.caller.api.table["send_from"]})
    try:
        yield answer
    finally:
        steps.restore(session, operation)


def may_set(table: ApiTable) -> bool:
    """Say whether the target file allows to change the addresses, and has those to put back."""
    keys = ("callbacks_offered", "allow_callbacks", "send_from", "status_callback_restore_url", "receiver_restore_url")
    return all(table[key] for key in keys)


def tried(session: Session, operation: str, setting: Mapping[str, Any]) -> Answer:
    """Call a setter with what it should refuse, and put the address back when it does not."""
    answer = session.call(operation, json=setting)
    if answer.status in range(200, 300):
        steps.restore(session, operation)
    return answer


def need_set(answer: Answer) -> None:
    """Raise Blocked unless a setter took the address."""
    if answer.status not in range(200, 300):
        raise Blocked(SETTERS_ACCEPT, f"a setter answered {shown(answer)}")


def watched(session: Session, outbox: Outbox) -> Notices:
    """Send three messages, and listen to what is posted of them until delivery_wait_s is over; raises Blocked."""
    with open_listener(session.caller.api) as listener:
        number = listener.address("statusNotification")
        message = listener.address("statusNotification")
        with set_to(session, STATUS, number.url) as answer:
            need_set(answer)
            sent = (
                outbox.send("Conformance test, one"),
                outbox.send("Conformance test, two", StatusCallback=message.url),
                outbox.send("Conformance test, three"),
            )
            followed = _listen(session, listener, (number, message), sent)
        first, own, last = followed
        return Notices(session.token, first, own, last, listener.notices(number), listener.notices(message))


def _listen(
    session: Session, listener: Listener, addresses: tuple[Address, ...], sent: tuple[Sent, ...]
) -> list[Followed]:
    """Read the messages for the whole of delivery_wait_s, then wait until the last statuses have been posted."""
    table = session.caller.api.table
    deadline = time.monotonic() + table["delivery_wait_s"]
    reads: dict[str, list[Answer]] = {each.sid: [] for each in sent}
    while time.monotonic() < deadline:
        for sid, answers in reads.items():
            answers.append(session.read(sid))
        time.sleep(min(POLL_S, table["delivery_wait_s"] / POLLS))
    last = {(sid, status(answers[-1])) for sid, answers in reads.items()}
    listener.wait(
        lambda: last <= {told(notice) for address in addresses for notice in listener.notices(address)},
        table["callback_wait_s"],
    )
    # The status may have changed with the last post: what Get Message says is asked once more.
    return [Followed(each, (*reads[each.sid], session.read(each.sid))) for each in sent]


def message_of(notice: Notice) -> dict[str, Any]:
    """Return the object that was posted, empty for anything else."""
    try:
        body = notice.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def speaking_of(posts: tuple[Notice, ...], sid: str) -> tuple[Notice, ...]:
    """Return the posts that name a message, in whatever form: others of the number's messages may be posted between."""
    return tuple(notice for notice in posts if sid in notice.text)


def told(notice: Notice) -> tuple[str, str | None]:
    """Return sid and status of the message in a post."""
    found = message_of(notice)
    named = found.get("status")
    sid = str(found.get("sid")).encode("utf-8", "replace").decode()  # half a character can stand in no path
    return sid, named if isinstance(named, str) else None
