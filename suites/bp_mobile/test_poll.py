"""Get New Chat Events: how long a poll may take, and what it says when nothing happened."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.api import encode, shown
from fixtures.exchange import Request
from fixtures.outcomes import Inconclusive, Unanswered
from fixtures.wire import connection
from suites.bp_mobile import polling, steps, transcripts

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.wire import Wire
    from suites.bp_mobile.clients import Chat

LISTEN_S = 0.1
"""Silence after an answer without content."""
REMARK = "the vendor's clients need 200 with the member events: others give the chat up or stall"


@pytest.mark.requirement("bp_mobile.poll.idle-hold-bounded")
def test_an_idle_poll_is_answered_in_time(chat: Chat, judge: Judge) -> None:
    """Each poll of a quiet chat is answered completely within hold_max_s, and its connection can be used again."""
    longest, idle = float(chat.api.table["hold_max_s"]), 0
    deadline = time.monotonic() + polling.patience_s(chat)
    with connection(chat.api) as wire:
        while idle < 2:
            try:
                answer = polling.raw_poll(wire, chat, within_s=longest)
            except Unanswered as problem:
                judge.fail(f"a complete answer to a poll within {longest:.0f} s", str(problem))
            judge.that(answer.status != 504, "an answer of the server before a proxy gives up", shown(answer), answer)
            idle = idle + 1 if steps.is_idle(answer) else 0
            if time.monotonic() > deadline:
                judge.inconclusive("the chat never came to rest: the scenario goes on by itself")
        if wire.reusable:
            follows_on(wire, chat, judge)


def follows_on(wire: Wire, chat: Chat, judge: Judge) -> None:
    """Judge that the connection takes another request."""
    target = f"/chats/{chat.id}/history" + encode({"tenantUrl": str(chat.api.table["tenant_url"])})
    try:
        wire.call("getChatHistory", target=target, headers=chat.client.caller.headers)
    except Unanswered as problem:
        judge.fail("an answer to the next request on the connection of an idle poll", str(problem))


@pytest.mark.requirement("bp_mobile.poll.idle-answer")
def test_an_idle_poll_says_so_in_a_known_form(chat: Chat, judge: Judge) -> None:
    """A poll without news is answered with an empty array, 204, or error code 5511, and the chat goes on."""
    seen: list[str] = []
    deadline = time.monotonic() + polling.patience_s(chat)
    with connection(chat.api) as wire:
        while True:
            answer = polling.raw_poll(wire, chat, within_s=chat.api.table["hold_max_s"] + steps.MARGIN_S)
            events = [transcripts.identity(event) + str(event) for event in steps.events_of(answer)]
            if not events:
                break
            judge.that(not set(events) <= set(seen), "new events or none", "the events of an earlier poll", answer)
            seen += events
            if time.monotonic() > deadline:
                judge.inconclusive("the chat never came to rest: the scenario goes on by itself")
        surplus = wire.surplus(LISTEN_S)
    if answer.status == 404:
        steps.unless_ended(chat)
    reading = reading_of(answer, surplus)
    judge.that(
        reading, '200 with {"events": []}, 204 without a body, or error code 5511 with a status below 500',
        shown(answer) + (f" and {len(surplus)} octets after it" if surplus else ""), answer,
    )  # fmt: skip
    judge.that(steps.live(chat), "the chat live after an idle poll", "another active chat, or none", answer)
    judge.reading(reading or "")
    if reading != "empty-array":
        judge.note(published_clients=REMARK)


def reading_of(answer: Answer, surplus: bytes) -> str | None:
    """Return the form in which a poll says that nothing happened; None for any other answer."""
    if answer.status == 204:
        framed = [length for length in answer.values("Content-Length") if length != "0"]
        return None if surplus or framed or answer.body else "no-content"
    if not steps.is_idle(answer):
        return None
    return "empty-array" if answer.status == 200 else "no-events-code"


@pytest.mark.requirement("bp_mobile.poll.own-events")
def test_own_messages_come_back_never_or_once(chat: Chat, judge: Judge) -> None:
    """Polls bring the client's own messages not at all, or each once under the chat id."""
    texts = [f"mine {number}" for number in range(3)]
    for text in texts:
        steps.say(chat, text)
    if steps.bot(chat, "replies", "none") == "echo":
        within_s = float(steps.bot(chat, "within_s", 20))
        transcripts.watched(chat, lambda events: steps.texts(events).count(texts[-1]) > 1, within_s)
    polled, _ = polling.quieted(chat, idle_polls=1 if transcripts.has_bot(chat) else 2)
    joined = {event.get("party_id") for event in polled if event.get("event") == transcripts.JOINED}
    returned = [event for event in transcripts.messages(polled) if event.get("msg") in texts]
    if steps.bot(chat, "replies", "none") == "echo":
        for text in texts:
            replies = [event for event in returned if event["msg"] == text and event.get("party_id") in joined]
            returned = [event for event in returned if event not in replies[:1]]
    found = sorted((event["msg"], event.get("party_id")) for event in returned)
    judge.that(
        found in ([], [(text, chat.id) for text in texts]),
        "no own message in the polls, or each once with the chat id as party_id",
        ", ".join(f"{text} from {'the chat id' if party == chat.id else party}" for text, party in found),
    )  # fmt: skip
    judge.reading("echoed" if found else "not-echoed")
    if found:
        judge.note(published_clients="they show a message twice that comes back")


@pytest.mark.requirement("bp_mobile.poll.reads-do-not-drain")
def test_only_polls_take_events(chat: Chat, others_chat: Chat, judge: Judge) -> None:
    """A greeting in the history is still in the polls after history, active chat and Request Chat were asked."""
    within_s = float(steps.bot(chat, "within_s", 20))
    waiting = transcripts.messages(transcripts.watched(chat, lambda events: bool(steps.texts(events)), within_s))
    if not waiting:
        judge.inconclusive("the bot did not greet in time")
    steps.history(chat)
    steps.active(chat.client)
    steps.request(chat.client)
    wanted = {transcripts.identity(event) for event in waiting}
    polled = steps.polled(chat, lambda events: wanted <= {transcripts.identity(event) for event in events})
    lost = wanted - {transcripts.identity(event) for event in polled}
    expected = "the greeting in the polls after the history, the active chat and Request Chat"
    judge.that(not lost, expected, "it never came")
    judge.note(head_takes_events=head_drains(others_chat))


def head_drains(chat: Chat) -> bool:
    """Send HEAD to the events of a chat that was greeted, and say whether it took the greeting from the polls."""
    within_s = float(steps.bot(chat, "within_s", 20))
    waiting = {
        transcripts.identity(event)
        for event in transcripts.watched(chat, lambda events: bool(steps.texts(events)), within_s)
    }
    url = f"{chat.api.root}/chats/{chat.id}/events" + encode({"tenantUrl": str(chat.api.table["tenant_url"])})
    chat.client.caller.send("getNewChatEvents", Request("HEAD", url, chat.client.caller.headers), patient=False)
    polled, _ = polling.quieted(chat, idle_polls=1)
    return not waiting <= {transcripts.identity(event) for event in polled}


@pytest.mark.requirement("bp_mobile.poll.wakes-on-event")
def test_a_held_poll_is_answered_when_an_event_comes(chat: Chat, judge: Judge) -> None:
    """A reply ends a held poll as soon as it is there, clearly before an idle poll would end."""
    hold = polling.idle_hold(chat)
    if hold < polling.NO_HOLD_S:
        judge.that(True, "a poll that is held, or never is", "it never is")
        return
    known = {transcripts.identity(event) for event in steps.stored(chat)}
    question = steps.message("Are you there?")
    with polling.held(chat) as poll:
        if poll.over(hold / 5):
            judge.inconclusive("the scenario sent something of its own")
        steps.deliver(chat, question)
        # The bot may be slow: what counts is how soon the poll ends once the history has the reply.
        in_time = poll.over(hold / 5) or woken(chat, poll, known, question["msg_id"], hold)
    answer = poll.answer()
    expected = "the held poll answered with the event once it is there"
    judge.that(steps.events_of(answer), expected, f"without it: {shown(answer)}", answer)
    judge.that(in_time, expected, "held on", answer)


def woken(chat: Chat, poll: polling.Held, known: set[str], question: str, hold: float) -> bool:
    """Watch for the reply in the history, and say whether the poll ends with it; raises Inconclusive for a slow bot."""
    while not poll.over(hold / 20):
        replies = transcripts.others(chat, steps.stored(chat), {question})
        if any(transcripts.identity(event) not in known for event in replies):
            return poll.over(hold / 5)
    if not steps.events_of(poll.answer()):
        raise Inconclusive("the bot was slower than the poll")
    return True
