"""One chat in which everything that the target file promises of the bot happens: what the rows on events look at."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_mobile import steps
from suites.bp_mobile.transcripts import own

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.exchange import Answer
    from suites.bp_mobile.clients import Chat
    from suites.bp_mobile.steps import Event

STATIONS = (
    "chat_session_party_joined", "chat_session_message", "chat_session_typing", "chat_session_not_typing",
    "chat_session_form_show", "chat_session_form_show", "chat_session_secure_form_show", "chat_session_location",
    "chat_session_cobrowsing_requested", "chat_session_signaling", "chat_session_timeout_warning", "chat_session_file",
    "status_connected", "chat_session_party_left",
)  # fmt: skip
"""The triggers that leave the chat alive, in their order; the form comes twice, since no two may be alike."""

REST = 10
"""Polls after the last station at most; what comes after that is nothing that the tour set off."""


@dataclass
class Tour:
    """What a chat brought: the answers of its polls, posts and histories, in order."""

    chat: Chat
    polls: list[Answer] = field(default_factory=list)
    posts: list[Answer] = field(default_factory=list)
    histories: list[Answer] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    """Texts of the client by msg_id."""
    said: str = ""
    """The one text that is no trigger."""
    state_when_connected: object = None
    """What Get Active Chat said after the event connected; None without that event."""

    @property
    def answers(self) -> list[Answer]:
        """Every answer that may hold events."""
        return [*self.polls, *self.posts, *self.histories]

    def polled(self, kind: str | None = None) -> list[Event]:
        """Return what polls brought and the client did not send, of one kind or all, in order."""
        events = [event for answer in self.polls for event in steps.events_of(answer)]
        mine = own(self.chat, events, self.sent)
        return [event for event in events if event not in mine and (kind is None or event.get("event") == kind)]

    def kept(self) -> list[Event]:
        """Return what the last history holds, without the client's own messages."""
        events = [event for answer in self.histories[-1:] for event in steps.events_of(answer)]
        mine = own(self.chat, events, self.sent)
        return [event for event in events if event not in mine]

    def post(self, *events: Event) -> None:
        """Send events that the tour needs to be taken."""
        self.posts.append(steps.deliver(self.chat, *events))

    def say(self, text: str) -> None:
        """Send a message that the tour needs to be taken."""
        event = steps.message(text)
        self.sent[str(event["msg_id"])] = text
        self.post(event)

    def poll(self) -> Answer:
        """Poll once; raises Blocked when that is refused, and Inconclusive when the scenario ended the chat."""
        answer = steps.poll(self.chat)
        if answer.status == 404:
            steps.unless_ended(self.chat)
        if answer.status != 200 and not steps.is_idle(answer):
            raise Blocked(steps.POLLED, f"a poll answered {shown(answer)}")
        self.polls.append(answer)
        if any(steps.is_terminal(event) for event in steps.events_of(answer)):
            raise Inconclusive("the scenario ended the chat during the test")
        return answer

    def wait(self, enough: Callable[[], bool]) -> None:
        """Poll until there is enough, or for as long as the bot may take."""
        deadline = time.monotonic() + float(steps.bot(self.chat, "within_s", 20))
        while not enough() and time.monotonic() < deadline:
            self.poll()

    def read(self) -> None:
        """Read the history."""
        answer = steps.history(self.chat)
        if answer.status != 200:
            raise Blocked(steps.KEPT, f"Get Chat History answered {shown(answer)}")
        self.histories.append(answer)


def taken(chat: Chat) -> Tour:
    """Take a chat through everything that is promised; raises Blocked, or Inconclusive."""
    tour = Tour(chat)
    if steps.bot(chat, "greets"):
        tour.wait(lambda: bool(tour.polled("chat_session_message")))
    tour.said = f"Letters{uuid.uuid4().hex}"
    tour.say(tour.said)
    tour.post({"event": "chat_session_typing"}, {"event": "chat_session_not_typing"})
    if steps.bot(chat, "replies", "none") != "none":
        greetings = len(tour.polled("chat_session_message"))
        tour.wait(lambda: len(tour.polled("chat_session_message")) > greetings)
    triggers: Mapping[str, str] = steps.bot(chat, "triggers", {})
    for name in STATIONS:
        if name in triggers:
            _visit(tour, name, triggers[name])
    for _ in range(REST):
        if steps.is_idle(tour.poll()):
            break
    tour.read()
    return tour


def _visit(tour: Tour, name: str, trigger: str) -> None:
    """Set a trigger off and wait for what it brings; whether that came is for the rows to say."""

    def seen() -> int:
        return sum(
            name in {event.get("event"), f"{str(event.get('event'))[13:]}_{event.get('state')}"}
            for event in tour.polled()
        )

    before = seen()
    tour.say(trigger)
    tour.wait(lambda: seen() > before)
    if name == "status_connected" and seen() > before:
        tour.state_when_connected = object_in(steps.active(tour.chat.client)).get("state")
