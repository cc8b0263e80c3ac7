"""Send Events: what a client may send, and what comes back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from suites.bp_mobile import polling, received, scenario, steps, transcripts

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Client

PLAIN: dict[str, dict[str, Any]] = {
    "chat_session_message": {"msg": "Hello"},
    "chat_session_typing": {},
    "chat_session_not_typing": {},
    "chat_session_location": {"msg_id": str(uuid.uuid4()), "latitude": "47.3769", "longitude": "8.5417"},
}
LATER: dict[str, dict[str, Any]] = {
    "chat_session_navigation": {"msg_id": str(uuid.uuid4()), "title": "Start page", "page": "https://www.example.com/"},
    "chat_session_cobrowsing_rejected": {},
    "chat_session_cobrowsing_started": {"provider_type": "example", "cobrowsing_url": "https://www.example.com/1"},
    "chat_session_cobrowsing_ended": {},
}
ANSWERS = 10
ROUNDS = 3


def sent_alone(chat: Chat, judge: Judge, kind: str, members: dict[str, Any]) -> None:
    """Send one event, and judge that it is taken and the chat goes on."""
    answer = steps.send(chat, {"event": kind, **members})
    if answer.status == 404:
        steps.unless_ended(chat)
    judge.that(answer.status == 200, f"200 to {kind} with the documented members", shown(answer), answer)
    judge.that(steps.live(chat), f"the chat live after {kind}", "Get Active Chat names another chat or none", answer)


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.requirement("bp_mobile.send.client-events-accepted")
def test_a_documented_client_event_is_taken(chat: Chat, judge: Judge, kind: str) -> None:
    """An event that needs no earlier server event is answered 200, and the chat goes on."""
    sent_alone(chat, judge, kind, PLAIN[kind])


@pytest.mark.parametrize("kind", LATER)
@pytest.mark.requirement("bp_mobile.send.later-client-events-accepted")
def test_an_event_of_later_editions_is_taken(chat: Chat, judge: Judge, kind: str) -> None:
    """Navigation and co-browsing events are answered 200, and the chat goes on."""
    sent_alone(chat, judge, kind, LATER[kind])


@pytest.mark.parametrize("to", ["a-party", "nobody"])
@pytest.mark.requirement("bp_mobile.send.later-client-events-accepted")
def test_signaling_is_taken(chat: Chat, judge: Judge, to: str) -> None:
    """A REQUEST_CALL, data as an object, is answered 200, whether its addressee has joined or is unknown."""
    joined = received.joined(polling.greeted(chat))
    addressee = joined[0] if joined and to == "a-party" else str(uuid.uuid4()).upper()
    sent_alone(chat, judge, "chat_session_signaling", signaling(addressee))


def signaling(addressee: str) -> dict[str, Any]:
    """Return the members of a wish to talk."""
    data = {"type": "REQUEST_CALL", "offerVideo": "false"}
    return {"msg_id": str(uuid.uuid4()), "destination_party_id": addressee, "data": data}


@pytest.mark.requirement("bp_mobile.send.answer-body")
def test_an_answer_has_events_or_no_body(chat: Chat, judge: Judge) -> None:
    """Each of ten answers to Send Events is an object with the array events, or has no body."""
    sent = [steps.message(steps.marked(f"number {number}")) for number in range(ANSWERS)]
    for event in sent:
        answer = steps.deliver(chat, event)
        if answer.body:
            events = object_in(answer).get("events")
            judge.that(isinstance(events, list), "an object with the array events, or no body", shown(answer), answer)
            judge.that(
                not own_echo(chat, received.events_of(answer), sent), "no event of the client itself in the answer",
                shown(answer), answer,
            )  # fmt: skip
        judge.reading("events-array" if answer.body else "empty-body")


def own_echo(chat: Chat, events: list[received.Event], sent: list[received.Event]) -> bool:
    """Say whether one of the events is what was sent, and no reply that repeats it."""
    ids, texts = {event["msg_id"] for event in sent}, {event["msg"] for event in sent}
    nobodys = [event for event in events if not event.get("party_id") and received.word(event, "msg") in texts]
    return bool(nobodys or transcripts.own(chat, events, ids))


@pytest.mark.requirement("bp_mobile.send.answer-does-not-drain")
def test_what_an_answer_shows_still_comes_by_poll(chat: Chat, judge: Judge) -> None:
    """Server messages in the answers to Send Events are in the polls after them, too."""
    scenario.require_replies(chat.api)
    ids: list[str] = []
    shown_early: list[received.Event] = []
    for number in range(ROUNDS):
        event = steps.message(steps.marked(f"question {number}"))
        ids.append(event["msg_id"])
        shown_early += received.messages(received.events_of(steps.deliver(chat, event)))
        expected = number + 1 + scenario.greets(chat)
        if len(transcripts.replied(chat, ids, expected)) < expected:
            judge.inconclusive("the bot did not reply in time")
    wanted = {transcripts.identity(event) for event in shown_early}
    polled = steps.polled(chat, lambda events: wanted <= {transcripts.identity(event) for event in events})
    lost = wanted - {transcripts.identity(event) for event in polled}
    judge.that(not lost, "in the polls, each event that an answer to Send Events showed", f"{len(lost)} never came")
    judge.note(answers_show_events=bool(wanted))


@pytest.mark.requirement("bp_mobile.send.disconnect-keeps-session")
def test_a_disconnect_keeps_the_session(client: Client, chat: Chat, judge: Judge) -> None:
    """After chat_session_disconnect the chat is still the client's active one, until chat_session_end."""
    polling.greeted(chat)
    answer = steps.send(chat, {"event": "chat_session_disconnect"})
    judge.that(answer.status == 200, "200 to chat_session_disconnect", shown(answer), answer)
    found = steps.active(client)
    if found.status == 404 and not scenario.promises(chat, "survives_disconnect"):
        judge.not_applicable("the scenario ended with the disconnect; bot.survives_disconnect would promise otherwise")
    judge.that(named(found, chat), "the chat from Get Active Chat after a disconnect", shown(found), found)
    again = steps.request(client)
    if not named(again, chat) and not scenario.promises(chat, "survives_disconnect"):
        steps.unless_ended(chat)
    judge.that(named(again, chat), "the same chat from Request Chat after a disconnect", shown(again), again)
    judge.that(steps.is_new(again) is False, "is_new_chat false after a disconnect", shown(again), again)
    ended = steps.send(chat, {"event": "chat_session_end"})
    judge.that(ended.status == 200, "200 to chat_session_end after a disconnect", shown(ended), ended)
    judge.that(steps.gone(client), "no active chat after chat_session_end", "the chat is still active", ended)


def named(answer: Answer, chat: Chat) -> bool:
    """Say whether the answer is a 200 that names the chat."""
    return answer.status == 200 and object_in(answer).get("chat_id") == chat.id
