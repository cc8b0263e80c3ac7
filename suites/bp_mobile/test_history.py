"""Get Chat History: complete, in order, and that of the current session."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from suites.bp_mobile import polling, received, scenario, steps, transcripts
from suites.bp_mobile.overlap import overlapping
from suites.bp_mobile.received import number, word

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
    mark = uuid.uuid4().hex
    batches = [*([text] for text in SINGLES), *BATCHES]
    sent = [[steps.message(f"{mark} {text}") for text in batch] for batch in batches]
    for events in sent:
        steps.deliver(chat, *events)
    ids = {event["msg_id"] for events in sent for event in events}
    expected = Counter(event["msg"] for events in sent for event in events)

    def mine(events: list[received.Event]) -> Counter[str]:
        return Counter(received.texts(transcripts.own(chat, events, ids)))

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
    """The history is an array, also while it is empty; messages in it have msg and timestamp, and know their party."""
    judge_entries(judge, steps.history(chat))
    place = {"event": "chat_session_location", "msg_id": str(uuid.uuid4()), "latitude": "0.5", "longitude": "-0.5"}
    text = steps.marked("text")
    steps.deliver(chat, place, steps.message(text))
    transcripts.watched(chat, lambda events: text in received.texts(events))
    answer = steps.history(chat)
    judge_entries(judge, answer)
    entries = received.events_of(answer)
    mine = [entry for entry in received.messages(entries) if received.word(entry, "msg") == text]
    judge.that(mine, "an entry with the text that was sent", shown(answer), answer)
    located = [entry for entry in entries if entry["event"] == place["event"]]
    judge.note(
        members_of_locations=sorted({name for entry in located for name in entry}),
        party_id="present" if all("party_id" in entry for entry in received.messages(entries)) else "absent",
    )


def judge_entries(judge: Judge, answer: Answer) -> None:
    """Judge the form of a history and of the entries in it."""
    judge.that(answer.status == 200, "200 to Get Chat History of a live chat", shown(answer), answer)
    found = object_in(answer).get("events")
    judge.that(isinstance(found, list), "an array events", shown(answer), answer)
    for entry in found or ():
        typed = isinstance(entry, dict) and isinstance(entry.get("event"), str)
        judge.that(typed, "event, a string, in each entry", entry, answer)
        if entry["event"] == received.MESSAGE:
            texts = isinstance(entry.get("msg"), str) and isinstance(entry.get("party_id", ""), str)
            expected = "msg and timestamp in a message, and party_id, if present, a string"
            judge.that(texts and "timestamp" in entry, expected, entry, answer)


@pytest.mark.requirement("bp_mobile.history.own-message-identity")
def test_own_messages_are_told_from_the_servers(chat: Chat, judge: Judge) -> None:
    """The client's messages have the chat id as party_id and the msg_id that was sent; no server message has."""
    sent = {event["msg_id"]: event["msg"] for event in (steps.message(steps.marked("own")) for _ in range(2))}
    for msg_id, text in sent.items():
        steps.deliver(chat, steps.message(text, msg_id))
    steps.kept(chat, *sent.values())
    if scenario.replies(chat) or scenario.greets(chat):
        within_s = float(steps.bot(chat, "within_s", 20))
        transcripts.watched(chat, lambda events: len(received.messages(events)) > len(sent), within_s)
    entries = received.messages(steps.stored(chat))
    for msg_id, text in sent.items():
        same = [entry for entry in entries if entry.get("msg") == text]
        judge.that(
            any(entry.get("party_id", chat.id) == chat.id and entry.get("msg_id") == msg_id for entry in same),
            "an own message under the chat id, if under any, with the msg_id that was sent", same,
        )  # fmt: skip
    named = [entry for entry in entries if "party_id" in entry]
    posing = [entry for entry in named if (entry["party_id"] == chat.id) is not (word(entry, "msg_id") in sent)]
    judge.that(not posing, "no server message under the chat id or with a msg_id of the client", posing)


@pytest.mark.requirement("bp_mobile.history.order")
def test_timestamps_restore_the_order(chat: Chat, judge: Judge, depth: Depth) -> None:
    """Sorted by timestamp, messages stand as they were sent, replies behind their questions."""
    apart = [steps.message(steps.marked(f"apart {number}")) for number in range(min(5, 2 + depth.rounds // 2))]
    batch = [steps.message(steps.marked(f"batch {number}")) for number in range(5)]
    for event in apart[:-1]:
        steps.deliver(chat, event)
        time.sleep(APART_S)  # the distance is the point: a server that counts whole seconds must show it
    steps.deliver(chat, apart[-1])
    steps.deliver(chat, *batch)
    texts = [event["msg"] for event in (*apart, *batch)]
    ids = {event["msg_id"] for event in (*apart, *batch)}
    transcripts.watched(chat, lambda events: len(transcripts.own(chat, events, ids)) == len(texts))
    events = received.messages(steps.stored(chat))
    times = [number(event, "timestamp") for event in events]
    if None in times:
        judge.inconclusive("a timestamp is no number, see bp_mobile.events.timestamps")
    listed = transcripts.oldest_first(events, texts[0], texts[-1])
    ordered = sorted(listed, key=lambda event: number(event, "timestamp") or 0.0)
    mine = transcripts.own(chat, ordered, ids)
    judge.that(received.texts(mine) == texts, "own messages in the order of sending", ", ".join(received.texts(mine)))
    seconds = [number(event, "timestamp") for event in mine[: len(apart)]]
    judge.that(
        len(set(seconds)) == len(apart), f"different timestamps for messages {APART_S} s apart", "some are the same"
    )
    places = {id(event): place for place, event in enumerate(ordered)}
    asked = {word(question, "msg"): places[id(question)] for question in mine}
    replies = [event for event in ordered if event not in mine and word(event, "msg") in asked]
    early = [word(event, "msg") for event in replies if places[id(event)] < asked[word(event, "msg")]]
    judge.that(not early, "an answer of the server behind the message that it repeats", f"before it: {early}")


@pytest.mark.requirement("bp_mobile.history.no-signaling")
def test_signaling_is_not_kept(chat: Chat, judge: Judge) -> None:
    """A session description that was sent is not in the history, while a message sent after it is."""
    data: dict[str, Any] = {"type": "END_CALL"}
    event = {"event": "chat_session_signaling", "msg_id": str(uuid.uuid4()), "destination_party_id": str(uuid.uuid4())}
    answer = steps.send(chat, {**event, "data": data})
    if answer.status != 200:
        judge.inconclusive(f"the signaling event was not taken: {shown(answer)}")
    steps.remembered(chat, steps.marked("after signaling"))
    history = steps.history(chat)
    kept = [entry for entry in received.events_of(history) if word(entry, "msg_id") == event["msg_id"]]
    kept += [entry for entry in received.events_of(history) if entry["event"] == event["event"] and entry not in kept]
    judge.that(not kept, "no signaling event in the history", kept, history)


@pytest.mark.requirement("bp_mobile.history.session-scoped")
@overlapping()
def test_a_new_chat_knows_nothing_of_the_last_one(client: Client, judge: Judge) -> None:
    """History and polls of a client's next chat lack the messages of its former chat."""
    chat = steps.open_chat(client)
    text = steps.remembered(chat, steps.marked("former"))
    steps.end(chat)
    following = steps.open_chat(client)
    steps.remembered(following, steps.marked("following"))
    history = steps.history(following)
    found = received.texts(received.events_of(history))
    judge.that(text not in found, "no message of an earlier chat in the history", "one is there", history)
    polled = polling.greeted(following) + polling.quieted(following, idle_polls=1)[0]
    judge.that(text not in received.texts(polled), "no message of an earlier chat in a poll", "the message came")


@pytest.mark.requirement("bp_mobile.history.after-end")
def test_the_history_of_an_ended_chat_is_gone_or_whole(client: Client, judge: Judge) -> None:
    """After its end a chat's history is answered 404, or with all messages that were there; never with other ones."""
    chat = steps.open_chat(client)
    before = {steps.remembered(chat, steps.marked(place)) for place in ("first", "second")}
    steps.end(chat)
    looks = [steps.history(chat)]
    later = steps.remembered(steps.open_chat(client), steps.marked("later"))
    looks.append(steps.history(chat))
    for answer in looks:
        found = set(received.texts(received.events_of(answer)))
        whole = answer.status == 200 and before <= found
        judge.that(
            answer.status == 404 or whole, "404, or 200 with all messages from before the end", shown(answer), answer
        )
        judge.that(later not in found, "nothing of the next chat under the old id", "a message of it", answer)
        judge.reading("not-found" if answer.status == 404 else "readable")
