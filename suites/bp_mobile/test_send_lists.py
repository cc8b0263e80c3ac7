"""Send Events with lists that are none, with bad elements, unknown types and unusual members."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from suites.bp_mobile import received, steps, transcripts

if TYPE_CHECKING:
    from collections.abc import Collection

    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat

NO_TEXT = str(uuid.uuid4())
BAD_LISTS: dict[str, Any] = {
    "no-events": {},
    "events-null": {"events": None},
    "events-an-object": {"events": {}},
    "events-a-text": {"events": "chat_session_typing"},
    "an-empty-list": {"events": []},
    "a-null": {"events": [None]},
    "a-number": {"events": [1]},
    "a-text": {"events": ["x"]},
    "an-empty-object": {"events": [{}]},
    "a-numeric-type": {"events": [{"event": 1}]},
    "a-message-without-text": {"events": [{"event": "chat_session_message", "msg_id": NO_TEXT}]},
}
UNKNOWN_TYPES = ("chat_session_end_of_line", "chat_session_ended", "chat_session_END")


@pytest.mark.parametrize("body", BAD_LISTS.values(), ids=BAD_LISTS)
@pytest.mark.requirement("bp_mobile.send.bad-envelope")
def test_a_list_that_is_none_has_no_effect(chat: Chat, judge: Judge, body: Any) -> None:
    """What is no proper list of events is refused with 400 or ignored with 200; nothing is stored, the chat goes on."""
    answer = chat.call("sendEvents", json=body)
    judge.that(answer.status in {200, 400}, "400, or 200 and no effect", shown(answer), answer)
    judge.that(steps.live(chat), "the chat live after it", "Get Active Chat names another chat or none", answer)
    left = stored_besides(chat)
    judge.that(not left, "nothing in the history for it", f"{len(left)} messages: {received.texts(left)}", answer)
    judge.reading("bad-request" if answer.status == 400 else "ignored")


def stored_besides(chat: Chat) -> list[received.Event]:
    """Send a message, and return the client's other messages in the history by the time that this one is there."""
    mark = steps.message(steps.marked("mark"))
    steps.deliver(chat, mark)
    found = steps.kept(chat, mark["msg"])
    mine = transcripts.own(chat, found, {mark["msg_id"], NO_TEXT})
    return [event for event in mine if event.get("msg") != mark["msg"]]


@pytest.mark.requirement("bp_mobile.send.mixed-batch")
def test_a_bad_element_leaves_the_others_all_or_none(chat: Chat, judge: Judge) -> None:
    """Three messages around a bare number are refused with 400 and not stored, or answered 200 and stored in order."""
    sent = [steps.message(steps.marked(place)) for place in ("first", "second", "third")]
    texts, ids = [event["msg"] for event in sent], {event["msg_id"] for event in sent}
    answer = chat.call("sendEvents", json={"events": [*sent[:2], 7, sent[2]]})
    judge.that(answer.status in {200, 400}, "400, or 200 for what is good", shown(answer), answer)
    if answer.status == 200:
        steps.kept(chat, *texts)
    mark = steps.message(steps.marked("mark"))
    steps.deliver(chat, mark)
    events = transcripts.own(chat, steps.kept(chat, mark["msg"]), {*ids, mark["msg_id"]})
    found = [text for text in received.texts(turned(events, mark["msg"])) if text in texts]
    expected = texts if answer.status == 200 else []
    judge.that(
        found == expected,
        "after 200 all three messages in order, after 400 none of them",
        f"{answer.status} and stored: {', '.join(text.split()[0] for text in found) or 'none'}", answer,
    )  # fmt: skip
    judge.reading("rest-stored" if answer.status == 200 else "all-refused")


def turned(events: list[received.Event], last: str) -> list[received.Event]:
    """Return events oldest first, whichever way they are listed; the text was the last one sent."""
    return events[::-1] if events and events[0].get("msg") == last else events


@pytest.mark.parametrize("kind", UNKNOWN_TYPES)
@pytest.mark.requirement("bp_mobile.send.unknown-event-type")
def test_an_unknown_type_ends_nothing(chat: Chat, judge: Judge, kind: str) -> None:
    """An event of a type that clients do not have is ignored with 200 or refused with 400, and the chat goes on."""
    answer = steps.send(chat, {"event": kind})
    if answer.status == 404:
        steps.unless_ended(chat)
    judge.that(answer.status in {200, 400}, f"200 or 400 to {kind} from a client", shown(answer), answer)
    found = steps.active(chat.client)
    judge.that(
        object_in(found).get("chat_id") == chat.id, f"the chat live after {kind} from a client", shown(found), found
    )
    history = steps.history(chat)
    posing = [
        event for event in received.events_of(history) if event["event"] == kind and event.get("party_id") != chat.id
    ]
    judge.that(not posing, f"no {kind} in the history as if the server had sent it", shown(history), history)
    judge.reading("ignored" if answer.status == 200 else "refused")


@pytest.mark.requirement("bp_mobile.send.optional-and-extra-members")
def test_any_msg_id_and_unknown_members_are_taken(chat: Chat, others_chat: Chat, judge: Judge) -> None:
    """Messages with a msg_id of any form, without one, or with unknown members are stored once each, in their chat."""
    extra = {"channel": "web", "type": "text", "directive_id": "d-1"}
    # Numbers that no counter of a server reaches: it gives ids of the same forms to its own messages.
    number, another = (str(uuid.uuid4().int)[:12] for _ in range(2))
    variants: dict[str, dict[str, Any]] = {
        "the chat id and a number": {"msg_id": f"{chat.id}:{number}"},
        "a number as text": {"msg_id": another},
        "a bare UUID": {"msg_id": str(uuid.uuid4())},
        "no msg_id": {},
        "unknown members": {"msg_id": str(uuid.uuid4()), **extra},
    }
    texts = {told: steps.marked(told) for told in (*variants, "elsewhere")}
    for told, members in variants.items():
        answer = steps.send(chat, text_event(texts[told], members))
        judge.that(answer.status == 200, f"200 to a message with {told}", shown(answer), answer)
    steps.deliver(others_chat, text_event(texts["elsewhere"], variants["a number as text"]))
    ids = {members["msg_id"] for members in variants.values() if members}
    found = Counter(received.texts(written(chat, steps.kept(chat, *(texts[told] for told in variants)), ids)))
    for told in variants:
        count = found[texts[told]]
        judge.that(count == 1, f"a message with {told} in the history once", f"it is there {count} times")
    elsewhere = received.texts(steps.kept(others_chat, texts["elsewhere"]))
    judge.that(texts["elsewhere"] in elsewhere, "one msg_id in two chats for two messages", "one of them is missing")
    judge.note(**unusual(chat))


def written(chat: Chat, events: list[received.Event], ids: Collection[str]) -> list[received.Event]:
    """Return the client's own messages; where no party is named, of one without a msg_id the first of its text."""
    mine = transcripts.own(chat, events, ids)
    known = set(received.texts(mine))
    nobodys = [event for event in received.messages(events) if not received.word(event, "party_id")]
    firsts = {received.word(event, "msg"): event for event in reversed(nobodys)}
    return [*mine, *(event for text, event in firsts.items() if text not in known)]


def text_event(text: str, members: dict[str, Any]) -> received.Event:
    """Make a message with these members beside its text."""
    return {"event": "chat_session_message", "msg": text, **members}


def unusual(chat: Chat) -> dict[str, int]:
    """Return what comes of a msg_id that is a JSON number, and of one msg_id that is sent twice."""
    twice, text = str(uuid.uuid4()), steps.marked("twice")
    number = steps.send(chat, text_event(steps.marked("by number"), {"msg_id": uuid.uuid4().int >> 80}))
    for _ in range(2):
        steps.send(chat, text_event(text, {"msg_id": twice}))
    kept = Counter(received.texts(transcripts.own(chat, steps.kept(chat, text), {twice})))
    return {"number_as_msg_id": number.status, "same_msg_id_twice": kept[text]}
