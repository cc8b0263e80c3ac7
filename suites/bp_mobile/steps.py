"""The steps that tests of bp_mobile start from: opening a chat, sending, reading, polling, ending.

A step that the target does not take raises Blocked or Inconclusive: the test that needed it then has no verdict.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_mobile import received
from suites.bp_mobile.clients import END, LOOK_S, Chat, chat_id_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.redaction import Redactor
    from suites.bp_mobile.clients import Client
    from suites.bp_mobile.received import Event

HEADER = "bp_mobile.auth.documented-header-accepted"
OPEN = "bp_mobile.chats.nothing-is-required"
PROPERTIES = "bp_mobile.chats.response-shape"
ACTIVE = "bp_mobile.active.same-chat"
SAME = "bp_mobile.chats.second-request-same-chat"
ONCE = "bp_mobile.chats.is-new-chat-is-true-once"
GONE = "bp_mobile.chats.new-id-after-end"
SENT = "bp_mobile.send.client-events-accepted"
KEPT = "bp_mobile.history.complete-own-messages"
POLLED = "bp_mobile.events.envelope"
UPLOAD = "bp_mobile.files.upload-shape"

REFUSALS = frozenset({401, 403})
STORED = frozenset({"chat_session_message", "chat_session_file", "chat_session_location"})
MARGIN_S = 3.0
"""Seconds that an answer may come later than a held poll may take, before it counts as missing."""


def served(answer: Answer) -> Answer:
    """Return the answer to a documented request; raises Blocked when the client is not let in."""
    if answer.status in REFUSALS:
        raise Blocked(HEADER, f"the documented header is refused: {shown(answer)}")
    return answer


def request(client: Client, body: Any = None) -> Answer:
    """Send Request Chat and return whatever comes back; the body is {} unless said otherwise."""
    return client.call("requestChat", json={} if body is None else body)


def open_chat(client: Client, body: Any = None) -> Chat:
    """Open a chat that the test needs; raises Blocked."""
    answer = served(request(client, body))
    if answer.status != 200:
        raise Blocked(OPEN, f"Request Chat answered {shown(answer)}")
    found = chat_id_of(answer)
    if found is None:
        raise Blocked(PROPERTIES, f"Request Chat names no chat: {shown(answer)}")
    return Chat(client, found, answer)


def is_new(answer: Answer) -> bool | None:
    """Return what is_new_chat means, the strings true and false included; None for anything else."""
    found = object_in(answer).get("is_new_chat")
    if isinstance(found, str):
        return {"true": True, "false": False}.get(found)
    return found if isinstance(found, bool) else None


def same_again(chat: Chat) -> None:
    """Ask for the chat again, on another connection; raises Blocked when not even that brings it back as an old one.

    Called before a test blames a lost chat on what its own request did otherwise.
    """
    answer = served(request(chat.client.again()))
    if chat_id_of(answer) != chat.id:
        unless_ended(chat)
        raise Blocked(SAME, f"a second Request Chat answered {shown(answer)}")
    if is_new(answer) is not False:
        raise Blocked(ONCE, f"a second Request Chat answered {shown(answer)}")


def active(client: Client) -> Answer:
    """Ask for the active chat and return whatever comes back."""
    return client.call("getActiveChat")


def active_id(client: Client) -> str | None:
    """Return the id of the client's active chat, None when it has none; raises Blocked."""
    answer = served(active(client))
    found = chat_id_of(answer)
    if found is None and answer.status != 404:
        raise Blocked(ACTIVE, f"Get Active Chat answered {shown(answer)}")
    return found


def send(chat: Chat, *events: Event) -> Answer:
    """Send events and return whatever comes back."""
    return chat.call("sendEvents", json={"events": list(events)})


def message(text: str, msg_id: str | None = None) -> Event:
    """Make a chat_session_message, with a msg_id of its own unless one is given."""
    return {"event": "chat_session_message", "msg_id": msg_id or str(uuid.uuid4()), "msg": text}


def deliver(chat: Chat, *events: Event) -> Answer:
    """Send events that the test needs to be taken; raises Blocked, or Inconclusive when the scenario ended the chat."""
    answer = send(chat, *events)
    if answer.status == 404:
        unless_ended(chat)
    if answer.status != 200:
        raise Blocked(SENT, f"Send Events answered {shown(answer)}")
    return answer


def marked(text: str) -> str:
    """Return a text that nobody else can have written: the test's own, with a mark that cannot be guessed."""
    return f"{text} {uuid.uuid4().hex}"


def say(chat: Chat, text: str) -> str:
    """Send a message that the test needs, and return its msg_id; raises Blocked."""
    event = message(text)
    deliver(chat, event)
    return str(event["msg_id"])


def history(chat: Chat) -> Answer:
    """Read the history and return whatever comes back."""
    return chat.call("getChatHistory")


def stored(chat: Chat) -> list[Event]:
    """Return the stored events of the history, oldest first; raises Blocked."""
    answer = history(chat)
    if answer.status == 404:
        unless_ended(chat)
    if answer.status != 200:
        raise Blocked(KEPT, f"Get Chat History answered {shown(answer)}")
    return [event for event in received.events_of(answer) if event["event"] in STORED]


def kept(chat: Chat, *expected: str) -> list[Event]:
    """Read the history until it holds these texts, or event_settle_s are over; return the stored events."""
    deadline = time.monotonic() + chat.api.table["event_settle_s"]
    while True:
        found = stored(chat)
        if set(expected) <= set(received.texts(found)) or time.monotonic() > deadline:
            return found
        time.sleep(LOOK_S)


def remembered(chat: Chat, text: str) -> str:
    """Send a message and wait until the history holds it: what later looks compare with; raises Blocked."""
    say(chat, text)
    if text not in received.texts(kept(chat, text)):
        raise Blocked(KEPT, "the history does not show a message that was taken")
    return text


def poll(chat: Chat) -> Answer:
    """Poll once, for as long as the server holds it, and return whatever comes back, also 429."""
    limit = chat.api.table["hold_max_s"] + MARGIN_S
    answer = chat.call("getNewChatEvents", patient=False, timeout_s=limit)
    if is_idle(answer):
        _idle[chat.api.recorder.redactor] = max(longest_idle(chat.api), answer.ended - answer.started)
    return answer


_idle: WeakKeyDictionary[Redactor, float] = WeakKeyDictionary()
"""By run, which has one redactor: the longest idle poll so far, in seconds."""


def longest_idle(api: Api) -> float:
    """Return how long an idle poll was held at most, 0 before there was one."""
    return _idle.get(api.recorder.redactor, 0.0)


def polled(chat: Chat, enough: Callable[[list[Event]], bool]) -> list[Event]:
    """Poll until the events so far are enough, or bot.within_s are over; return all of them; raises Blocked."""
    found: list[Event] = []
    deadline = time.monotonic() + bot(chat, "within_s", 20)
    while not enough(found) and time.monotonic() < deadline:
        answer = poll(chat)
        if answer.status not in {200, 204} and not is_idle(answer):
            raise Blocked(POLLED, f"a poll answered {shown(answer)}")
        found += received.events_of(answer)
    return found


def is_idle(answer: Answer) -> bool:
    """Say whether a poll brought nothing: 204, an empty array, or error code 5511 (no events)."""
    if answer.status == 200:
        return object_in(answer).get("events") == []
    return answer.status == 204 or (answer.status < 500 and object_in(answer).get("error_code") == "5511")


def bot(chat: Chat, key: str, default: Any = None) -> Any:
    """Return what the target file says of the automatic agent."""
    return (chat.api.table["bot"] or {}).get(key, default)


def unless_ended(chat: Chat) -> None:
    """Raise Inconclusive when a poll tells that the scenario ended the chat, which no test may blame on the server."""
    if any(received.is_terminal(event) for event in received.events_of(poll(chat))):
        raise Inconclusive("the scenario ended the chat during the test")


def live(chat: Chat) -> bool:
    """Say whether Get Active Chat of the owner names this chat; raises Inconclusive when the scenario ended it."""
    if active_id(chat.client) == chat.id:
        return True
    unless_ended(chat)
    return False


def end(chat: Chat) -> None:
    """End the chat and wait until it is gone; raises Blocked."""
    answer = chat.call("sendEvents", json=END)
    if answer.status not in {200, 404}:
        raise Blocked(SENT, f"chat_session_end answered {shown(answer)}")
    if not gone(chat.client):
        raise Blocked(GONE, f"the chat was still active {chat.api.table['end_settle_s']} s after its end")


def gone(client: Client) -> bool:
    """Wait until the client has no active chat, end_settle_s at most, and say whether it came so far."""
    deadline = time.monotonic() + client.api.table["end_settle_s"]
    while active_id(client) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def multipart(
    name: str, content: bytes, *, part: str = "file", content_type: str | None = "text/plain"
) -> tuple[bytes, str]:
    """Encode one file as multipart/form-data; return body and Content-Type."""
    boundary = f"part-{uuid.uuid4().hex}"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n'
    typed = f"Content-Type: {content_type}\r\n" if content_type else ""
    body = f"{head}{typed}\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def upload(client: Client, name: str, content: bytes, **how: Any) -> Answer:
    """Upload a file and return whatever comes back; `how` as for multipart."""
    body, content_type = multipart(name, content, **how)
    return client.call("uploadFile", body=body, content_type=content_type)


def stored_file(client: Client, name: str, content: bytes, **how: Any) -> str:
    """Upload a file that the test needs, and return its id; raises Blocked."""
    return file_id(served(upload(client, name, content, **how)))


def file_id(answer: Answer) -> str:
    """Return the id that the answer to an upload gives; raises Blocked."""
    found = received.name_in(answer, "file_id")
    if found is None:
        raise Blocked(UPLOAD, f"the upload answered {shown(answer)}")
    return found


def announce(chat: Chat, file_id: str, name: str, *, kind: str = "attachment") -> None:
    """Tell the chat of an uploaded file: files are read only after that; raises Blocked."""
    event = {"event": "chat_session_file", "msg_id": str(uuid.uuid4()), "file_id": file_id}
    deliver(chat, {**event, "file_type": kind, "file_name": name})
