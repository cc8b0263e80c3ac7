"""Get Chat History: complete, in order, and that of the current session."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from suites.bp_mobile import polling, steps, transcripts

if TYPE_CHECKING:
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Client

SINGLES = [
    "one", "two", "same", "same", "beginning", "beginning and more", "beginning and much more", "eight", "Nine", "nine",
]  # fmt: skip
BATCHES = [["ten", "eleven", "same", "twelve", "thirteen"], ["fourteen", "beginning", "fifteen", "sixteen", "last"]]
APART_S = 1.2
"""Seconds between two messages whose timestamps must differ, also where they are whole seconds."""


@pytest.mark.requirement("bp_mobile.history.complete-own-messages")
def test_each_message_is_kept_once(chat: Chat, judge: Judge) -> None:
    """Twenty messages, half of them in batches, some with equal texts, are in the history once each, and stay there."""
    sent = [[steps.message(text)] for text in SINGLES] + [[steps.message(text) for text in batch] for batch in BATCHES]
    for events in sent:
        steps.deliver(chat, *events)
    ids = {event["msg_id"] for events in sent for event in events}
    expected = Counter(event["msg"] for events in sent for event in events)

    def mine(events: list[steps.Event]) -> Counter[str]:
        return Counter(steps.texts(transcripts.own(chat, events, ids)))

    for look in ("first", "second", "third"):
        found = mine(transcripts.watched(chat, lambda events: mine(events) == expected))
        judge.that(
            found == expected, f"all twenty messages in the {look} look at the history, each as often as it was sent",
            f"too few: {told(expected - found)}; too many: {told(found - expected)}",
        )  # fmt: skip


def told(texts: Counter[str]) -> str:
    """Name texts and how often they count."""
    return ", ".join(f"{count} × {text}" for text, count in texts.items()) or "none"


@pytest.mark.requirement("bp_mobile.history.entry-fields")
def test_each_entry_has_its_members(chat: Chat, judge: Judge) -> None:
    """The history is an array, also while it is empty; messages in it have msg, party_id and timestamp."""
    judge_entries(judge, steps.history(chat))
    place = {"event": "chat_session_location", "msg_id": str(uuid.uuid4()), "latitude": "0.5", "longitude": "-0.5"}
    text = f"text {uuid.uuid4()}"
    steps.deliver(chat, place, steps.message(text))
    transcripts.watched(chat, lambda events: text in steps.texts(events))
    answer = steps.history(chat)
    judge_entries(judge, answer)
    entries = steps.events_of(answer)
    judge.that(
        any(text in entry.values() for entry in entries), "an entry with the text that was sent", shown(answer), answer
    )
    located = [entry for entry in entries if entry.get("event") == place["event"]]
    judge.note(members_of_locations=sorted({name for entry in located for name in entry}))


def judge_entries(judge: Judge, answer: Answer) -> None:
    """Judge the form of a history and of the entries in it."""
    judge.that(answer.status == 200, "200 to Get Chat History of a live chat", shown(answer), answer)
    found = object_in(answer).get("events")
    judge.that(isinstance(found, list), "an array events", shown(answer), answer)
    for entry in found or ():
        typed = isinstance(entry, dict) and isinstance(entry.get("event"), str)
        judge.that(typed, "event, a string, in each entry", entry, answer)
        if entry["event"] == "chat_session_message":
            texts = all(isinstance(entry.get(name), str) for name in ("msg", "party_id"))
            judge.that(texts and "timestamp" in entry, "msg, party_id and timestamp in a message", entry, answer)


@pytest.mark.requirement("bp_mobile.history.own-message-identity")
def test_own_messages_are_told_from_the_servers(chat: Chat, judge: Judge) -> None:
    """The client's messages have the chat id as party_id and the msg_id that was sent; no server message has."""
    sent = {event["msg_id"]: event["msg"] for event in (steps.message(f"{uuid.uuid4()}") for _ in range(2))}
    for msg_id, text in sent.items():
        steps.deliver(chat, steps.message(text, msg_id))
    steps.kept(chat, *sent.values())
    if transcripts.has_bot(chat) or steps.bot(chat, "greets"):
        within_s = float(steps.bot(chat, "within_s", 20))
        transcripts.watched(chat, lambda events: len(transcripts.messages(events)) > len(sent), within_s)
    entries = transcripts.messages(steps.stored(chat))
    for msg_id, text in sent.items():
        same = [entry for entry in entries if entry.get("msg") == text]
        judge.that(
            any(entry.get("party_id") == chat.id and entry.get("msg_id") == msg_id for entry in same),
            "an own message under the chat id, with the msg_id that was sent", same,
        )  # fmt: skip
    posing = [
        entry
        for entry in entries
        if (entry.get("party_id") == chat.id or entry.get("msg_id") in sent) and entry.get("msg_id") not in sent
    ]
    posing += [entry for entry in entries if entry.get("msg_id") in sent and entry.get("party_id") != chat.id]
    judge.that(not posing, "no server message under the chat id or with a msg_id of the client", posing)


@pytest.mark.requirement("bp_mobile.history.order")
def test_timestamps_restore_the_order(chat: Chat, judge: Judge, depth: Depth) -> None:
    """Sorted by timestamp, messages stand as they were sent, replies behind their questions."""
    apart = [steps.message(f"apart {number}") for number in range(min(5, 2 + depth.rounds // 2))]
    batch = [steps.message(f"batch {number}") for number in range(5)]
    for event in apart[:-1]:
        steps.deliver(chat, event)
        time.sleep(APART_S)  # the distance is the point: a server that counts whole seconds must show it
    steps.deliver(chat, apart[-1])
    steps.deliver(chat, *batch)
    texts = [event["msg"] for event in (*apart, *batch)]
    ids = {event["msg_id"] for event in (*apart, *batch)}
    transcripts.watched(chat, lambda events: len(transcripts.own(chat, events, ids)) == len(texts))
    events = transcripts.messages(steps.stored(chat))
    times = [moment(event) for event in events]
    if None in times:
        judge.inconclusive("a timestamp is no number, see bp_mobile.events.timestamps")
    listed = transcripts.oldest_first(events, texts[0], texts[-1])
    ordered = sorted(listed, key=lambda event: moment(event) or 0.0)
    mine = transcripts.own(chat, ordered, ids)
    judge.that(steps.texts(mine) == texts, "own messages in the order of sending", ", ".join(steps.texts(mine)))
    seconds = [moment(event) for event in mine[: len(apart)]]
    judge.that(
        len(set(seconds)) == len(apart), f"different timestamps for messages {APART_S} s apart", "some are the same"
    )
    places = {id(event): place for place, event in enumerate(ordered)}
    replies = [event for event in ordered if event not in mine and event.get("msg") in texts]
    early = [
        event["msg"]
        for event in replies
        for question in mine
        if question["msg"] == event["msg"] and places[id(event)] < places[id(question)]
    ]
    judge.that(not early, "an answer of the server behind the message that it repeats", f"before it: {early}")


def moment(event: steps.Event) -> float | None:
    """Return a timestamp as a number."""
    try:
        return float(event.get("timestamp", ""))
    except (TypeError, ValueError):
        return None


@pytest.mark.requirement("bp_mobile.history.no-signaling")
def test_signaling_is_not_kept(chat: Chat, judge: Judge) -> None:
    """A session description that was sent is not in the history, while a message sent after it is."""
    data: dict[str, Any] = {"type": "END_CALL"}
    event = {"event": "chat_session_signaling", "msg_id": str(uuid.uuid4()), "destination_party_id": str(uuid.uuid4())}
    answer = steps.send(chat, {**event, "data": data})
    if answer.status != 200:
        judge.inconclusive(f"the signaling event was not taken: {shown(answer)}")
    steps.remembered(chat, "after signaling")
    history = steps.history(chat)
    kinds = {entry.get("event") for entry in steps.events_of(history)}
    judge.that(event["event"] not in kinds, "no signaling event in the history", f"{sorted(map(str, kinds))}", history)


@pytest.mark.requirement("bp_mobile.history.session-scoped")
def test_a_new_chat_knows_nothing_of_the_last_one(client: Client, judge: Judge) -> None:
    """History and polls of a client's next chat lack the messages of its former chat."""
    chat = steps.open_chat(client)
    text = steps.remembered(chat, f"former {uuid.uuid4()}")
    steps.end(chat)
    following = steps.open_chat(client)
    steps.remembered(following, f"following {uuid.uuid4()}")
    history = steps.history(following)
    judge.that(text not in history.text, "no message of an earlier chat in the history", "one is there", history)
    polled = polling.greeted(following) + polling.quieted(following, idle_polls=1)[0]
    judge.that(text not in steps.texts(polled), "no message of an earlier chat in a poll", "the message came")


@pytest.mark.requirement("bp_mobile.history.after-end")
def test_the_history_of_an_ended_chat_is_gone_or_whole(client: Client, judge: Judge) -> None:
    """After its end a chat's history is answered 404, or with all messages that were there; never with other ones."""
    chat = steps.open_chat(client)
    before = {steps.remembered(chat, f"{place} {uuid.uuid4()}") for place in ("first", "second")}
    steps.end(chat)
    looks = [steps.history(chat)]
    later = steps.remembered(steps.open_chat(client), f"later {uuid.uuid4()}")
    looks.append(steps.history(chat))
    for answer in looks:
        whole = answer.status == 200 and before <= set(steps.texts(steps.events_of(answer)))
        judge.that(
            answer.status == 404 or whole, "404, or 200 with all messages from before the end", shown(answer), answer
        )
        judge.that(later not in answer.text, "nothing of the next chat under the old id", "a message of it", answer)
        judge.reading("not-found" if answer.status == 404 else "readable")
