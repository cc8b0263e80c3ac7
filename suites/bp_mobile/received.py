"""What a target sent, read once: its answers may hold any JSON at any place, and what does not fit is passed over here.

What the rows on shapes judge they look at themselves, as it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fixtures.api import object_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fixtures.exchange import Answer

MESSAGE, JOINED = "chat_session_message", "chat_session_party_joined"

Event = dict[str, Any]


def name_in(answer: Answer, member: str) -> str | None:
    """Return a member of a 200 that can name something in a URL: a text that is not empty and has a UTF-8."""
    return name_of(object_in(answer).get(member)) if answer.status == 200 else None


def name_of(value: object) -> str | None:
    """Return a value that can be sent as a name: a text that is not empty and holds no halves of characters."""
    whole = isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)
    return str(value) if whole and value else None


def events_of(answer: Answer) -> list[Event]:
    """Return the events of an answer, objects that name their type; none when there is no array of events."""
    found = object_in(answer).get("events")
    events = found if isinstance(found, list) else []
    return [event for event in events if isinstance(event, dict) and isinstance(event.get("event"), str)]


def word(event: Event, name: str) -> str:
    """Return a member that is a text or a whole number as text, empty for anything else: it names and tells apart."""
    value = event.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def number(event: Event, name: str) -> float | None:
    """Return a member that can be read as a number."""
    try:
        return float(word(event, name))
    except (ValueError, OverflowError):
        return None


def messages(events: Iterable[Event]) -> list[Event]:
    """Return the messages among the events."""
    return [event for event in events if event["event"] == MESSAGE]


def texts(events: Iterable[Event]) -> list[str]:
    """Return the texts of the messages among the events."""
    return [word(event, "msg") for event in messages(events)]


def joined(events: Iterable[Event]) -> list[str]:
    """Return the party_id of each party that joined, in order."""
    return [party for event in events if event["event"] == JOINED and (party := word(event, "party_id"))]


def is_terminal(event: Event) -> bool:
    """Say whether an event tells that the session is over."""
    return event["event"] in {"chat_session_ended", "chat_session_inactivity_timeout"} or (
        event["event"] == "chat_session_status" and word(event, "state") in {"failed", "completed"}
    )
