"""Polls that are held while the test does something else, and what the polls of a chat brought."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixtures.api import encode, located, shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_mobile import received, scenario, steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from fixtures.exchange import Answer
    from fixtures.wire import Wire
    from suites.bp_mobile.clients import Chat
    from suites.bp_mobile.received import Event

IDLE = "bp_mobile.poll.idle-answer"
ATTEMPTS = 5
LONG_S = 2.0
"""Idle polls that are held for less are waited for one after the other."""
NO_HOLD_S = 0.3
"""A server whose idle poll takes less is taken for one that never holds."""


@dataclass(frozen=True, slots=True)
class Held:
    """A poll under way on a connection of its own."""

    _future: Future[Answer]

    def over(self, within_s: float = 0.0) -> bool:
        """Wait that long for its end, and say whether it came."""
        return bool(wait([self._future], timeout=within_s).done)

    def answer(self) -> Answer:
        """Wait for its answer; raises Unanswered."""
        return self._future.result()


@contextmanager
def held(chat: Chat) -> Iterator[Held]:
    """Poll beside the block; the poll has ended when the block is left."""
    with ThreadPoolExecutor(1) as pool:
        yield Held(pool.submit(steps.poll, chat.again()))


def duration(answer: Answer) -> float:
    """Return how many seconds the answer took."""
    return answer.ended - answer.started


def raw_poll(wire: Wire, chat: Chat, *, within_s: float) -> Answer:
    """Poll over a raw connection; raises Unanswered after that time."""
    target = located("/chats/{chatId}/events", {"chatId": chat.id})
    target += encode({"tenantUrl": str(chat.api.table["tenant_url"])})
    headers = (*chat.client.caller.headers, *chat.client.cookies())
    return wire.call("getNewChatEvents", target=target, headers=headers, timeout_s=within_s)


def patience_s(chat: Chat) -> float:
    """Return how long a scenario may go on by itself: the bot, and two idle polls after it."""
    return float(steps.bot(chat, "within_s", 20) + 2 * chat.api.table["hold_max_s"])


def greeted(chat: Chat) -> list[Event]:
    """Poll until somebody has greeted, where somebody does; return what came."""
    if not scenario.greets(chat):
        return []
    return steps.polled(chat, lambda events: bool(received.texts(events)))


def quieted(chat: Chat, *, idle_polls: int = 2) -> tuple[list[Event], Answer]:
    """Poll until so many polls in a row bring nothing; return the events that came and the last answer.

    Two make a chat quiet. One is enough where the bot is known to have done all it does. Raises Blocked, or
    Inconclusive when the scenario ends the chat or never rests.
    """
    found: list[Event] = []
    deadline = time.monotonic() + patience_s(chat)
    idle = 0
    while time.monotonic() < deadline:
        answer = steps.poll(chat)
        events = received.events_of(answer)
        if any(received.is_terminal(event) for event in events):
            raise Inconclusive("the scenario ended the chat during the test")
        if answer.status == 404:
            steps.unless_ended(chat)
        if not (events or steps.is_idle(answer)):
            raise Blocked(IDLE, f"a poll answered {shown(answer)}")
        found += events
        idle = 0 if events else idle + 1
        if idle == idle_polls:
            return found, answer
    raise Inconclusive("the chat never came to rest: the scenario goes on by itself")


@contextmanager
def held_idle(chat: Chat, hold: float) -> Iterator[Held]:
    """Poll beside the block, in which the poll is held: nothing came for a fifth of the hold; raises Inconclusive."""
    for _ in range(ATTEMPTS):
        with held(chat) as poll:
            if not poll.over(hold / 5):
                yield poll
                return
    raise Inconclusive("something happened in the chat during every attempt")


def idle_hold(chat: Chat) -> float:
    """Let the bot greet, and return how many seconds an idle poll is held.

    One that is held for long is not waited for again: what still comes is for the caller to pass over.
    """
    greeted(chat)
    if (known := steps.longest_idle(chat.api)) >= LONG_S:
        return known
    _, answer = quieted(chat, idle_polls=1)
    return duration(answer)


def is_refused(answer: Answer) -> bool:
    """Say whether a poll was refused, not answered as idle."""
    return answer.status >= 400 and not steps.is_idle(answer)
