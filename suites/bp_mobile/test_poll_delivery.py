"""What the polls of a chat deliver, held against its history."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import example
from hypothesis import strategies as st

from suites.bp_mobile import polling, steps, transcripts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_mobile.clients import Chat, Clients

ACTIONS = ("say", "say two", "poll", "poll at once", "history", "active", "request")
LATE = ("say", "history", "say two", "active", "request", "poll", "say", "poll", "say")
"""A first poll after several replies, and messages between two polls and after the last one."""


class Conversation:
    """One chat, what was said in it, and what its answers and polls delivered."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.ids: list[str] = []
        self.in_answers: list[steps.Event] = []
        self.in_polls: list[steps.Event] = []

    def do(self, action: str) -> None:
        """Take one step; a poll comes when the bot has said all it has to say, or at once."""
        match action:
            case "say":
                self.say(1)
            case "say two":
                self.say(2)
            case "poll":
                self.history()
                self.do("poll at once")
            case "poll at once":
                self.in_polls += steps.events_of(steps.poll(self.chat))
            case "history":
                steps.stored(self.chat)
            case "active":
                steps.active(self.chat.client)
            case "request":
                steps.request(self.chat.client)

    def say(self, count: int) -> None:
        """Send so many messages in one request."""
        sent = [steps.message(f"said {len(self.ids) + number}") for number in range(count)]
        self.ids += [event["msg_id"] for event in sent]
        self.in_answers += steps.events_of(steps.deliver(self.chat, *sent))

    def servers(self, events: Sequence[steps.Event]) -> list[str]:
        """Return the stored events of the server among these, by identity."""
        return [transcripts.identity(event) for event in transcripts.others(self.chat, events, self.ids)]

    def history(self) -> list[str]:
        """Return the server's stored events of the history, oldest first, once the bot has said all it has to say."""
        expected = len(self.ids) + bool(steps.bot(self.chat, "greets"))
        transcripts.replied(self.chat, self.ids, expected)
        events = steps.stored(self.chat)
        return self.servers(transcripts.oldest_first(events, "said 0", f"said {len(self.ids) - 1}"))


@pytest.mark.requirement("bp_mobile.poll.sequence-equals-history")
def test_polls_deliver_the_history_once(clients: Clients, judge: Judge, depth: Depth, given: Given) -> None:
    """Whenever a client polls and whatever it does between, its polls bring each stored event of the server once."""

    @given(st.lists(st.sampled_from(ACTIONS), min_size=2, max_size=8), examples=max(1, depth.examples // 6))
    @example(LATE)
    def deliver(actions: Sequence[str]) -> None:
        talk = Conversation(steps.open_chat(clients.fresh()))
        talk.do("say")
        for action in actions:
            talk.do(action)
        talk.history()
        talk.in_polls += polling.quieted(talk.chat, idle_polls=1)[0]
        expected, polled = talk.history(), talk.servers(talk.in_polls)
        again = [event for event, count in Counter(polled).items() if count > 1]
        judge.that(not again, "each event in the polls once", f"more than once: {told(again)}")
        delivered = set(polled) | set(talk.servers(talk.in_answers))
        lost = [event for event in expected if event not in delivered]
        judge.that(not lost, "each stored event of the server delivered", f"never delivered: {told(lost)}")
        foreign = [event for event in polled if event not in expected]
        judge.that(not foreign, "each stored event of the polls in the history", f"missing: {told(foreign)}")
        in_order = [event for event in expected if event in polled]
        judge.that(polled == in_order, "the polls in the order of the history", told(polled))
        clients.release(talk.chat.client)

    deliver()


def told(events: Sequence[str]) -> str:
    """Name the events by their last members, the texts."""
    return ", ".join(event.split(" | ")[3] for event in events)
