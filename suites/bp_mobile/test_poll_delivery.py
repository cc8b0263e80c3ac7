"""What the polls of a chat deliver, held against its history."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import example
from hypothesis import strategies as st

from suites.bp_mobile import polling, received, scenario, steps, transcripts
from suites.bp_mobile.overlap import overlapping

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

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
        self.texts: list[str] = []
        self.in_answers: list[received.Event] = []
        self.in_polls: list[received.Event] = []

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
                self.in_polls += received.events_of(steps.poll(self.chat))
            case "history":
                steps.stored(self.chat)
            case "active":
                steps.active(self.chat.client)
            case "request":
                steps.request(self.chat.client)

    def say(self, count: int) -> None:
        """Send so many messages in one request."""
        sent = [steps.message(steps.marked(f"said {len(self.ids) + number}")) for number in range(count)]
        self.ids += [event["msg_id"] for event in sent]
        self.texts += [event["msg"] for event in sent]
        self.in_answers += received.events_of(steps.deliver(self.chat, *sent))

    def servers(self, events: Sequence[received.Event], known: Collection[str] = ()) -> list[str]:
        """Return the stored events of the server among these, by identity; `known` are its events in the history.

        What repeats a text and its id without a party is the server's where the history has it beside the client's own.
        """
        others = transcripts.others(self.chat, events, self.ids)
        names = [transcripts.identity(event) for event in events]
        theirs = {transcripts.identity(event) for event in others} | set(known)
        return [name for name in names if name in theirs]

    def history(self) -> list[str]:
        """Return the server's stored events of the history, oldest first, once the bot has said all it has to say."""
        entry = scenario.of(self.chat.api)
        expected = len(self.ids) * (entry.replies != "none") + entry.greets
        transcripts.replied(self.chat, self.ids, expected)
        events = steps.stored(self.chat)
        return self.servers(transcripts.oldest_first(events, self.texts[0], self.texts[-1]))

    def settled(self) -> tuple[list[str], list[str]]:
        """Poll until the polls have brought what the history holds; return both.

        What somebody says between a poll and a look at the history is in one of the two only, until both are asked
        again.
        """
        deadline = time.monotonic() + float(steps.bot(self.chat, "within_s", 20))
        while True:
            self.in_polls += polling.quieted(self.chat, idle_polls=1)[0]
            expected = self.history()
            polled = self.servers(self.in_polls, expected)
            missing = set(expected) - {*polled, *self.servers(self.in_answers, expected)}
            if (set(polled) <= set(expected) and not missing) or time.monotonic() > deadline:
                return expected, polled
            self.in_polls += steps.polled(self.chat, partial(self.brings, missing))

    def brings(self, missing: set[str], events: Sequence[received.Event]) -> bool:
        """Say whether all that is missing is among the events."""
        return missing <= set(self.servers(events, missing))


@pytest.mark.requirement("bp_mobile.poll.sequence-equals-history")
@overlapping(holds=3)
def test_polls_deliver_the_history_once(clients: Clients, judge: Judge, depth: Depth, given: Given) -> None:
    """Whenever a client polls and whatever it does between, its polls bring each stored event of the server once."""

    scenario.require_speech(clients.api)

    @given(st.lists(st.sampled_from(ACTIONS), min_size=2, max_size=8), examples=max(1, depth.examples // 6))
    @example(LATE)
    def deliver(actions: Sequence[str]) -> None:
        talk = Conversation(steps.open_chat(clients.fresh()))
        talk.do("say")
        for action in actions:
            talk.do(action)
        talk.history()
        expected, polled = talk.settled()
        if not expected:
            judge.inconclusive("the server said nothing")
        again = [event for event, count in Counter(polled).items() if count > 1]
        judge.that(not again, "each event in the polls once", f"more than once: {told(again)}")
        delivered = set(polled) | set(talk.servers(talk.in_answers, expected))
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
