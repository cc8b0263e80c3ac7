"""Which messages of a history or a poll are whose, and in which order a history lists them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from suites.bp_mobile import steps
from suites.bp_mobile.clients import LOOK_S

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from suites.bp_mobile.clients import Chat
    from suites.bp_mobile.steps import Event

MESSAGE, JOINED = "chat_session_message", "chat_session_party_joined"


def messages(events: Iterable[Event]) -> list[Event]:
    """Return the messages among the events."""
    return [event for event in events if event.get("event") == MESSAGE]


def own(chat: Chat, events: Iterable[Event], msg_ids: Collection[str] = ()) -> list[Event]:
    """Return the client's own messages: known by the chat id as their party, or by a msg_id that was sent.

    Either is enough, so that a server that gets one of them wrong is judged on the other rows all the same.
    """
    return [
        event for event in messages(events) if event.get("party_id") == chat.id or event.get("msg_id") in set(msg_ids)
    ]


def others(chat: Chat, events: Iterable[Event], msg_ids: Collection[str] = ()) -> list[Event]:
    """Return the stored events that are not the client's own messages."""
    events = list(events)
    mine = own(chat, events, msg_ids)
    return [event for event in events if event.get("event") in steps.STORED and event not in mine]


def watched(chat: Chat, enough: Callable[[list[Event]], bool], within_s: float | None = None) -> list[Event]:
    """Read the history until its stored events are enough, or event_settle_s are over; return them."""
    deadline = time.monotonic() + (chat.api.table["event_settle_s"] if within_s is None else within_s)
    while not enough(found := steps.stored(chat)) and time.monotonic() < deadline:
        time.sleep(LOOK_S / 2)
    return found


def replied(chat: Chat, msg_ids: Collection[str], replies: int) -> list[Event]:
    """Read the history until it holds so many messages of the server, or bot.within_s are over; return those."""

    def replies_in(events: list[Event]) -> list[Event]:
        return messages(others(chat, events, msg_ids))

    within_s = float(steps.bot(chat, "within_s", 20))
    return replies_in(watched(chat, lambda events: len(replies_in(events)) >= replies, within_s))


def has_bot(chat: Chat) -> bool:
    """Say whether the target file promises that the bot replies."""
    return bool(steps.bot(chat, "replies", "none") != "none")


def oldest_first(events: Sequence[Event], earlier: str, later: str) -> list[Event]:
    """Return a history oldest first, whichever way it lists; `earlier` and `later` are texts sent in that order."""
    texts = steps.texts(events)
    turned = earlier in texts and later in texts and texts.index(later) < texts.index(earlier)
    return list(reversed(events)) if turned else list(events)


def identity(event: Event) -> str:
    """Return what an event is recognised by in an answer, a poll and the history."""
    members = ("event", "party_id", "msg_id", "msg", "file_id", "latitude", "longitude")
    return " | ".join(str(event.get(name)) for name in members)
