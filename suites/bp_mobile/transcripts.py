"""Which messages of a history or a poll are whose, and in which order a history lists them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import LOOK_S
from suites.bp_mobile.received import word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from suites.bp_mobile.clients import Chat
    from suites.bp_mobile.received import Event


def own(chat: Chat, events: Iterable[Event], msg_ids: Collection[str] = ()) -> list[Event]:
    """Return the client's own messages: known by the chat id as their party, or else by a msg_id that was sent.

    Either is enough, so that a server that gets one of them wrong is judged on the other rows all the same. But a bot
    may repeat what it heard, id and all: what a party says that joined, or that stands beside the own message, is not
    the client's.
    """
    said = received.messages(events)
    mine = [event for event in said if word(event, "party_id") == chat.id]
    sent = set(msg_ids) - {word(event, "msg_id") for event in mine}
    rest = [event for event in said if word(event, "msg_id") in sent and word(event, "party_id") not in strangers(chat)]
    nobodys = {word(event, "msg_id") for event in rest if not word(event, "party_id")}
    rest = [event for event in rest if word(event, "msg_id") not in nobodys or not word(event, "party_id")]
    places = {id(event) for event in (*mine, *rest)}
    return [event for event in said if id(event) in places]


def strangers(chat: Chat) -> set[str]:
    """Return the parties that were seen to join, without the client."""
    return chat.client.parties - {chat.id}


def others(chat: Chat, events: Iterable[Event], msg_ids: Collection[str] = ()) -> list[Event]:
    """Return the stored events that are not the client's own messages."""
    events = list(events)
    mine = {id(event) for event in own(chat, events, msg_ids)}
    return [event for event in events if event["event"] in steps.STORED and id(event) not in mine]


def watched(
    chat: Chat, enough: Callable[[list[Event]], bool], within_s: float | None = None, *, pause_s: float = LOOK_S / 2
) -> list[Event]:
    """Read the history until its stored events are enough, or event_settle_s are over; return them."""
    deadline = time.monotonic() + (chat.api.table["event_settle_s"] if within_s is None else within_s)
    while not enough(found := steps.stored(chat)) and time.monotonic() < deadline:
        time.sleep(pause_s)
    return found


def replied(chat: Chat, msg_ids: Collection[str], replies: int) -> list[Event]:
    """Read the history until it holds so many messages of the server, or bot.within_s are over; return those."""

    def replies_in(events: list[Event]) -> list[Event]:
        return received.messages(others(chat, events, msg_ids))

    within_s = float(steps.bot(chat, "within_s", 20))
    return replies_in(watched(chat, lambda events: len(replies_in(events)) >= replies, within_s))


def oldest_first(events: Sequence[Event], earlier: str, later: str) -> list[Event]:
    """Return a history oldest first, whichever way it lists; `earlier` and `later` are texts sent in that order."""
    texts = received.texts(events)
    turned = earlier in texts and later in texts and texts.index(later) < texts.index(earlier)
    return list(reversed(events)) if turned else list(events)


def identity(event: Event) -> str:
    """Return what an event is recognised by in an answer, a poll and the history."""
    members = ("event", "party_id", "msg_id", "msg", "file_id", "latitude", "longitude")
    return " | ".join(str(event.get(name)) for name in members)


def named(event: Event) -> str:
    """Return who said a message, and its id."""
    return f"{word(event, 'party_id')} {word(event, 'msg_id')}"
