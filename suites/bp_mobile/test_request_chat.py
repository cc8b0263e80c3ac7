"""Request Chat: what its answer says, and what a request may hold."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import Chat, Client, chat_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_mobile.clients import Clients

STATES = frozenset({"queued", "connected", "ivr", "establishing", "connecting", "failed", "completed"})


@pytest.mark.requirement("bp_mobile.chats.documented-request")
def test_documented_request_opens_a_chat(api: Api, client: Client, judge: Judge) -> None:
    """The example of the document opens a chat: a number for a callback, and parameters."""
    number = api.table["callback_phone_number"]
    body = {"phone_number": number, "parameters": {"first_name": "Given", "last_name": "Family"}}
    answer = steps.served(steps.request(client, body))
    if answer.status in {201, 202, 203}:
        raise Blocked("bp_mobile.common.success-is-200", f"the documented request answered {shown(answer)}")
    judge.that(answer.status == 200, "200 to the documented request", shown(answer), answer)
    if chat_id_of(answer) is None:
        raise Blocked(steps.PROPERTIES, f"the answer names no chat: {shown(answer)}")


def _first_and_second(client: Client) -> Iterator[tuple[str, Answer]]:
    for which in ("first", "second"):
        answer = steps.served(steps.request(client))
        if answer.status != 200:
            raise Blocked(steps.OPEN, f"the {which} Request Chat answered {shown(answer)}")
        yield which, answer


@pytest.mark.requirement("bp_mobile.chats.response-shape")
def test_both_answers_have_the_documented_members(client: Client, judge: Judge) -> None:
    """The answers that open a chat and return to it have chat_id, state and is_new_chat; the id works in a path."""
    for which, answer in _first_and_second(client):
        found = object_in(answer)
        chat_id = chat_id_of(answer)
        judge.that(chat_id, f"chat_id, a text that is not empty, in the {which} answer", shown(answer), answer)
        state = isinstance(found.get("state"), str) and found["state"]
        judge.that(state, f"state, a text that is not empty, in the {which} answer", shown(answer), answer)
        judge.that("is_new_chat" in found, f"is_new_chat in the {which} answer", shown(answer), answer)
        number = found.get("phone_number", "")
        judge.that(isinstance(number, str), "phone_number a text, if present", shown(answer), answer)
        chat = Chat(client, str(chat_id), answer)
        read = steps.history(chat)
        if read.status == 404:
            steps.unless_ended(chat)
            sent = steps.send(chat, steps.message(steps.marked("Does the id work elsewhere?")))
            judge.that(sent.status != 404, "a chat_id that works as a segment of a path", shown(read), read, sent)
            judge.inconclusive(f"only the history does not know the id: {shown(read)}")


@pytest.mark.requirement("bp_mobile.chats.is-new-chat-boolean")
def test_is_new_chat_is_a_boolean(client: Client, judge: Judge) -> None:
    """is_new_chat is true or false, no text: a client takes the text false for a new chat."""
    for which, answer in _first_and_second(client):
        found = object_in(answer).get("is_new_chat")
        judge.that(isinstance(found, bool), f"a JSON boolean in the {which} answer", repr(found), answer)


@pytest.mark.requirement("bp_mobile.chats.state-and-ewt-form")
def test_state_and_ewt_have_the_published_forms(client: Client, judge: Judge) -> None:
    """state is one of the published names, ewt a text of decimal seconds or empty, wherever they occur."""
    answers = [client.call("checkAvailability"), *(answer for _, answer in _first_and_second(client))]
    for answer in (*answers, steps.active(client)):
        found = object_in(answer)
        if "state" in found:
            judge.that(
                received.word(found, "state") in STATES, "a published name of a state", repr(found["state"]), answer
            )
        ewt = found.get("ewt", "")
        good = isinstance(ewt, str) and all(letter in "0123456789" for letter in ewt)
        judge.that(good, "ewt as a text of decimal seconds, or empty", repr(ewt), answer)


def _is_ordinary(chat: Chat) -> bool:
    """Say whether a chat is the active one of its client and can be ended."""
    if not steps.live(chat):
        return False
    steps.end(chat)
    return True


FEW = 3
"""Chats with generated parameters where people may answer: each has many values."""
_NAME = st.text("abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789_", min_size=1, max_size=24)
_VALUE = st.text(
    st.one_of(st.sampled_from("\"'\\/<>&%\n\r\t{}[]😀👩‍🚀éßЖ漢あ한אب"), st.characters(codec="utf-8")), max_size=200
)


@pytest.mark.requirement("bp_mobile.chats.parameter-values")
def test_any_text_is_a_parameter(clients: Clients, judge: Judge, given: Given) -> None:
    """Parameters of any name and text, and any name of the customer, open an ordinary new chat."""
    steps.end(steps.open_chat(clients.fresh()))

    def opens(parameters: dict[str, str], name: str) -> None:
        client, chosen = clients.fresh(), str(uuid.uuid4())
        body = {"from": name, "parameters": {**parameters, "chat_id": chosen, "state": f"state-{chosen[:8]}"}}
        answer = steps.request(client, body)
        found = object_in(answer)
        judge.that(chat_id_of(answer), "200 with a chat, whatever the parameters say", shown(answer), answer)
        judge.that(found["chat_id"] != chosen, "an id made by the server", "the parameter chat_id", answer)
        judge.that(found.get("state") != f"state-{chosen[:8]}", "the session's state", "the parameter state", answer)
        clients.release(client)

    opens({"first_name": 'O\'Neill "Zoë" \\ <b>\n😀', "unknown_name": "x", "CASE_9": "漢字 한글 עברית"}, "Zoë 😀 \"'\\")

    @given(st.dictionaries(_NAME, _VALUE, max_size=18), _VALUE, examples=None if clients.unattended else FEW)
    def generated(parameters: dict[str, str], name: str) -> None:
        opens(parameters, name)

    generated()


WRONG: dict[str, Any] = {
    "an array": [],
    "a text": "x",
    "a number": 1,
    "parameters a text": {"parameters": "first_name"},
    "parameters an array": {"parameters": ["first_name"]},
    "parameters null": {"parameters": None},
    "phone_number an object": {"phone_number": {}},
    "from a number": {"from": 7},
}


@pytest.mark.requirement("bp_mobile.chats.wrong-json-types")
def test_wrong_types_are_refused_or_ignored(clients: Clients, judge: Judge) -> None:
    """JSON of another type is answered 400 and opens nothing, or is ignored and opens one ordinary chat."""
    steps.end(steps.open_chat(clients.fresh()))
    seen: dict[str, str] = {}
    for name, body in (*WRONG.items(), ("null", None)):
        client = clients.fresh()
        answer = client.call("requestChat", json=body)
        found = chat_id_of(answer)
        judge.that(found or answer.status == 400, f"400, or 200 with a chat, to {name}", shown(answer), answer)
        if found:
            good = _is_ordinary(Chat(client, found, answer))
            judge.that(good, f"an ordinary chat after {name}", "it is not active", answer)
        else:
            judge.that(steps.active_id(client) is None, f"no chat after {name} was refused", "it was opened", answer)
        seen[name] = "ignored" if found else "bad-request"
        clients.release(client)
    judge.reading(next(iter(seen.values())))
    judge.note(readings=seen)


@pytest.mark.requirement("bp_mobile.chats.server-members-not-adopted")
@pytest.mark.parametrize("whose", ["invented", "another client's"])
def test_members_of_the_answer_have_no_effect_in_the_request(
    client: Client, other: Client, judge: Judge, whose: str
) -> None:
    """chat_id, state and is_new_chat in a request neither choose the chat nor join another client's."""
    chosen = str(uuid.uuid4()) if whose == "invented" else steps.open_chat(other).id
    answer = steps.served(steps.request(client, {"chat_id": chosen, "state": "connected", "is_new_chat": False}))
    if answer.status == 400:
        judge.note(refused=True)
    found = chat_id_of(answer)
    judge.that(
        answer.status == 400 or (found is not None and found != chosen),
        "an id made by the server, or 400",
        shown(answer),
        answer,
    )
    if found is not None and steps.is_new(answer) is not True:
        steps.same_again(steps.open_chat(client))
        judge.fail("is_new_chat true, as always when a chat is opened", shown(answer), answer)
