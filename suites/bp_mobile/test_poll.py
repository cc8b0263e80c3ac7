"""Get New Chat Events: how long a poll may take, and what it says when nothing happened."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.api import encode, located, shown
from fixtures.exchange import Request
from fixtures.outcomes import Inconclusive, Unanswered
from fixtures.wire import connection
from suites.bp_mobile import polling, received, scenario, steps, transcripts
from suites.bp_mobile.overlap import overlapping

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.wire import Wire
    from suites.bp_mobile.clients import Chat

LISTEN_S = 0.1
"""Silence after an answer without content."""
REMARK = "the vendor's clients need 200 with the member events: others give the chat up or stall"


@pytest.mark.requirement("bp_mobile.poll.idle-hold-bounded")
@overlapping(holds=2)
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
    target = located("/chats/{chatId}/history", {"chatId": chat.id}) + encode(
        {"tenantUrl": str(chat.api.table["tenant_url"])}
    )
    try:
        wire.call("getChatHistory", target=target, headers=chat.client.caller.headers)
    except Unanswered as problem:
        judge.fail("an answer to the next request on the connection of an idle poll", str(problem))


@pytest.mark.requirement("bp_mobile.poll.idle-answer")
@overlapping()
def test_an_idle_poll_says_so_in_a_known_form(chat: Chat, judge: Judge) -> None:
    """A poll without news is answered with an empty array, 204, or error code 5511, and the chat goes on."""
    seen: list[str] = []
    deadline = time.monotonic() + polling.patience_s(chat)
    with connection(chat.api) as wire:
        while True:
            answer = polling.raw_poll(wire, chat, within_s=chat.api.table["hold_max_s"] + steps.MARGIN_S)
            events = [transcripts.identity(event) + str(event) for event in received.events_of(answer)]
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
@overlapping(holds=2)
def test_own_messages_come_back_never_or_once(chat: Chat, judge: Judge) -> None:
    """Polls bring the client's own messages not at all, or each once, under the chat id or under nobody's."""
    texts = [steps.marked(f"mine {number}") for number in range(3)]
    for text in texts:
        steps.say(chat, text)
    if scenario.of(chat.api).replies == "echo":
        within_s = float(steps.bot(chat, "within_s", 20))
        transcripts.watched(chat, lambda events: received.texts(events).count(texts[-1]) > 1, within_s)
    polled, _ = polling.quieted(chat, idle_polls=1 if scenario.replies(chat) else 2)
    replies = repeated(chat, texts)
    found = []
    for event in received.messages(polled):
        if (said := who_said(event)) in replies:
            replies.remove(said)  # somebody else said the same, once
        elif said[1] in texts:
            found.append((said[1], "" if said[0] == chat.id else said[0]))
    judge.that(
        sorted(found) in ([], [(text, "") for text in sorted(texts)]),
        "no own message in the polls, or each once with the chat id as party_id",
        ", ".join(f"{text.rsplit(' ', 1)[0]} from {party or 'the client'}" for text, party in sorted(found)),
    )
    judge.reading("echoed" if found else "not-echoed")
    if found:
        judge.note(published_clients="they show a message twice that comes back")


def repeated(chat: Chat, texts: list[str]) -> list[tuple[str, str]]:
    """Return who else said the same, as the history has it: a bot may repeat what it hears, whether declared or not.

    Of each text one entry is the client's own: the one under the chat id, or else the first.
    """
    entries = [who_said(event) for event in received.messages(steps.stored(chat))]
    for text in texts:
        same = [entry for entry in entries if entry[1] == text]
        own = [entry for entry in same if entry[0] in {chat.id, ""}] or same
        if own:
            entries.remove(own[0])
    return [entry for entry in entries if entry[1] in texts]


def who_said(event: received.Event) -> tuple[str, str]:
    """Return the party of a message and its text."""
    return received.word(event, "party_id"), received.word(event, "msg")


@pytest.mark.requirement("bp_mobile.poll.reads-do-not-drain")
@overlapping(chats=2)
def test_only_polls_take_events(chat: Chat, others_chat: Chat, judge: Judge) -> None:
    """A greeting in the history is still in the polls after history, active chat and Request Chat were asked."""
    scenario.require_greeting(chat.api)
    waiting = scenario.greeting(chat)
    if not waiting:
        judge.inconclusive("nobody greeted in time")
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
    waiting = {transcripts.identity(event) for event in scenario.greeting(chat)}
    url = (
        chat.api.root
        + located("/chats/{chatId}/events", {"chatId": chat.id})
        + encode({"tenantUrl": str(chat.api.table["tenant_url"])})
    )
    chat.client.caller.send("getNewChatEvents", Request("HEAD", url, chat.client.caller.headers), patient=False)
    polled, _ = polling.quieted(chat, idle_polls=1)
    return not waiting <= {transcripts.identity(event) for event in polled}


@pytest.mark.requirement("bp_mobile.poll.wakes-on-event")
@overlapping()
def test_a_held_poll_is_answered_when_an_event_comes(chat: Chat, judge: Judge) -> None:
    """A reply ends a held poll as soon as it is there, clearly before an idle poll would end."""
    scenario.require_replies(chat.api)
    hold = polling.idle_hold(chat)
    if hold < polling.NO_HOLD_S:
        judge.that(True, "a poll that is held, or never is", "it never is")
        return
    known = {transcripts.identity(event) for event in steps.stored(chat)}
    question = steps.message(steps.marked("Are you there?"))
    with polling.held_idle(chat, hold) as poll:
        steps.deliver(chat, question)
        # The bot may be slow: what counts is how soon the poll ends once the history has the reply.
        in_time = poll.over(hold / 5) or woken(chat, poll, known, question["msg_id"], hold)
    answer = poll.answer()
    expected = "the held poll answered with the event once it is there"
    judge.that(received.events_of(answer), expected, f"without it: {shown(answer)}", answer)
    judge.that(in_time, expected, "held on", answer)


def woken(chat: Chat, poll: polling.Held, known: set[str], question: str, hold: float) -> bool:
    """Watch for the reply in the history, and say whether the poll ends with it; raises Inconclusive for a slow bot."""
    while not poll.over(hold / 20):
        replies = transcripts.others(chat, steps.stored(chat), {question})
        if any(transcripts.identity(event) not in known for event in replies):
            return poll.over(hold / 5)
    if not received.events_of(poll.answer()):
        raise Inconclusive("the bot was slower than the poll")
    return True
