"""One chat in which everything that the target file promises of the bot happens: what the rows on events look at."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_mobile import received, steps, transcripts
from suites.bp_mobile.received import MESSAGE
from suites.bp_mobile.transcripts import own

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.exchange import Answer
    from suites.bp_mobile.clients import Chat
    from suites.bp_mobile.received import Event

STATIONS = (
    "chat_session_party_joined", "chat_session_message", "chat_session_typing", "chat_session_not_typing",
    "chat_session_form_show", "chat_session_form_show", "chat_session_secure_form_show", "chat_session_location",
    "chat_session_cobrowsing_requested", "chat_session_signaling", "chat_session_timeout_warning", "chat_session_file",
    "status_connected", "chat_session_party_left",
)  # fmt: skip
"""The triggers that leave the chat alive, in their order; the form comes twice, since no two may be alike."""

LISTEN_S, PAUSE_S, MORE_S = 5.0, 0.3, 1.0
"""How long an entry of which nothing is promised may take to say something, between two looks, and to say more."""
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
    """The last text that is no trigger."""
    greeting: list[Event] = field(default_factory=list)
    """What the history had of the server before the client said anything, where no greeting is promised."""
    replies: dict[str, list[Event]] = field(default_factory=dict)
    """What each text brought of the server, where no reply is promised."""
    state_when_connected: object = None
    """What Get Active Chat said after the event connected; None without that event."""

    @property
    def answers(self) -> list[Answer]:
        """Every answer that may hold events."""
        return [*self.polls, *self.posts, *self.histories]

    def polled(self, kind: str | None = None) -> list[Event]:
        """Return what polls brought and the client did not send, of one kind or all, in order."""
        events = [event for answer in self.polls for event in received.events_of(answer)]
        mine = own(self.chat, events, self.sent)
        return [event for event in events if event not in mine and (kind is None or event["event"] == kind)]

    def kept(self) -> list[Event]:
        """Return what the last history holds, without the client's own messages."""
        events = [event for answer in self.histories[-1:] for event in received.events_of(answer)]
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
        if any(received.is_terminal(event) for event in received.events_of(answer)):
            raise Inconclusive("the scenario ended the chat during the test")
        return answer

    def wait(self, enough: Callable[[], bool]) -> None:
        """Poll until there is enough, or for as long as the bot may take."""
        deadline = time.monotonic() + float(steps.bot(self.chat, "within_s", 20))
        while not enough() and time.monotonic() < deadline:
            self.poll()

    def listen(self) -> list[Event]:
        """Watch the history, which nobody holds, for something new of the server; return it."""
        known = len(received.messages(transcripts.others(self.chat, steps.stored(self.chat), self.sent)))

        def heard(events: list[Event]) -> list[Event]:
            return received.messages(transcripts.others(self.chat, events, self.sent))

        limit = min(LISTEN_S, float(steps.bot(self.chat, "within_s", LISTEN_S)))
        since = time.monotonic()
        transcripts.watched(self.chat, lambda events: len(heard(events)) > known, limit, pause_s=PAUSE_S)
        time.sleep(min(MORE_S, 2 * (time.monotonic() - since)))  # who says one thing may say another
        return heard(steps.stored(self.chat))[known:]

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
        tour.wait(lambda: bool(tour.polled(MESSAGE)))
    else:
        tour.greeting = tour.listen()
    _speak(tour)
    tour.post({"event": "chat_session_typing"}, {"event": "chat_session_not_typing"})
    triggers: Mapping[str, str] = steps.bot(chat, "triggers", {})
    for name in STATIONS:
        if name in triggers:
            _visit(tour, name, triggers[name])
    for _ in range(REST):
        if steps.is_idle(tour.poll()):
            break
    tour.read()
    return tour


def _speak(tour: Tour) -> None:
    """Say something and hear what comes; where no reply is promised, twice."""
    promised = steps.bot(tour.chat, "replies")
    for _ in range(1 if promised else 2):
        known = len(tour.polled(MESSAGE))
        tour.said = f"Letters{uuid.uuid4().hex}"
        tour.say(tour.said)
        if promised:
            tour.wait(lambda known=known: len(tour.polled(MESSAGE)) > known)  # type: ignore[misc]
        else:
            tour.replies[tour.said] = tour.listen()


def _visit(tour: Tour, name: str, trigger: str) -> None:
    """Set a trigger off and wait for what it brings; whether that came is for the rows to say."""

    def seen() -> int:
        return sum(
            name in {event["event"], f"{event['event'][13:]}_{received.word(event, 'state')}"}
            for event in tour.polled()
        )

    before = seen()
    tour.say(trigger)
    tour.wait(lambda: seen() > before)
    if name == "status_connected" and seen() > before:
        tour.state_when_connected = object_in(steps.active(tour.chat.client)).get("state")
