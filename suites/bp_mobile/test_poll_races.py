"""Several polls of one chat at the same time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fixtures.concurrency import together
from fixtures.outcomes import Blocked
from suites.bp_mobile import polling, received, scenario, steps, transcripts
from suites.bp_mobile.overlap import overlapping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Clients

POLLERS, REPLIES = 3, 10
BREATH_S = 0.05
"""Pause between two messages, and of a poller that was refused because another one polls."""
SETTLING = 2
DELIVERY = "bp_mobile.poll.sequence-equals-history"


@pytest.mark.requirement("bp_mobile.race.concurrent-polls")
@overlapping(holds=3)
def test_several_polls_at_once_deliver_each_event_once(clients: Clients, judge: Judge) -> None:
    """Of pollers that never rest, all together get every message of the server once."""
    scenario.require_replies(clients.api)
    chat = steps.open_chat(clients.fresh())
    polling.greeted(chat)
    polling.quieted(chat, idle_polls=1)
    delivered, kept = delivery(chat, POLLERS, REPLIES)
    if not kept:
        judge.inconclusive("no reply came")
    if delivered != kept:
        clients.release(chat.client)
        calm = steps.open_chat(clients.fresh())
        polling.greeted(calm)
        polling.quieted(calm, idle_polls=1)
        one, all_of_it = delivery(calm, 1, 3)
        if one != all_of_it:
            raise Blocked(DELIVERY, "a single poll does not bring what the history holds either")
    twice = sum(count > kept[name] for name, count in delivered.items())
    missing = sum(count > delivered[name] for name, count in kept.items())
    judge.that(not twice, "every event by one poll", f"{twice} events by more than one, or not in the history")
    judge.that(not missing, "every event of the history by some poll", f"{missing} by none")


def delivery(chat: Chat, pollers: int, replies: int) -> tuple[Counter[str], Counter[str]]:
    """Let messages bring replies while pollers poll; return which messages polls brought, and which the history has."""
    msg_ids: set[str] = set()
    before = named(received.messages(transcripts.others(chat, steps.stored(chat))))
    done = threading.Event()

    def speak() -> list[Answer]:
        within_s = float(steps.bot(chat, "within_s", 20))
        try:
            for number in range(replies):
                msg_ids.add(steps.say(chat, steps.marked(f"question {number}")))
                time.sleep(BREATH_S)
            transcripts.watched(chat, lambda events: len(others(events)) >= before.total() + replies, within_s)
        finally:
            done.set()
        return []

    def poll() -> list[Answer]:
        mine = chat.again()
        found: list[Answer] = []
        while not (done.is_set() and found and steps.is_idle(found[-1])):
            found.append(steps.poll(mine))
            if polling.is_refused(found[-1]):
                if done.is_set():
                    break
                time.sleep(BREATH_S)
        return found

    def others(events: list[received.Event]) -> list[received.Event]:
        return received.messages(transcripts.others(chat, events, msg_ids))

    calls: list[Callable[[], list[Answer]]] = [speak, *(poll for _ in range(pollers))]
    answers = [answer for each in together(calls) for answer in each.result]
    came = [event for answer in answers for event in received.events_of(answer)]
    for _ in range(SETTLING):
        came += polling.quieted(chat, idle_polls=1)[0]
        delivered, kept = named(others(came)), named(others(steps.stored(chat))) - before
        if delivered == kept:
            break  # else somebody may have said something between the last poll and the look at the history
    return delivered, kept


def named(events: Sequence[received.Event]) -> Counter[str]:
    """Count messages by who sent them and their id."""
    return Counter(map(transcripts.named, events))
