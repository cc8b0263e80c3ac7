"""The single active session: one chat for each client until it ends, and then a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import END, Chat, chat_id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Client

TIMES = 3


@pytest.mark.requirement("bp_mobile.chats.second-request-same-chat")
def test_second_request_returns_the_same_chat(chat: Chat, judge: Judge) -> None:
    """While a chat is live, Request Chat on any connection and with any body returns it, conversation and all."""
    said = steps.remembered(chat, steps.marked("said before the second request"))
    for body in ({}, {"from": "Visitor", "parameters": {"first_name": "Other"}}):
        answer = steps.request(chat.client.again(), body)
        if chat_id_of(answer) != chat.id:
            steps.unless_ended(chat)
        expected = "the chat_id of the first Request Chat, on a new connection"
        judge.that(chat_id_of(answer) == chat.id, expected, shown(answer), answer)
    seen = steps.active_id(chat.client)
    judge.that(seen == chat.id, "the same chat from Get Active Chat", f"active: {seen}")
    judge.that(said in received.texts(steps.stored(chat)), "the conversation kept", "the history lacks the message")


@pytest.mark.requirement("bp_mobile.chats.is-new-chat-is-true-once")
def test_a_chat_is_new_once(client: Client, judge: Judge) -> None:
    """is_new_chat is true in the answer that opened the chat and false in the two that follow."""
    chat = steps.open_chat(client)
    answers = [chat.opened, steps.request(client), steps.request(client)]
    if any(chat_id_of(answer) != chat.id for answer in answers):
        steps.unless_ended(chat)
        raise Blocked(steps.SAME, "a repeated Request Chat gave another chat")
    found = [steps.is_new(answer) for answer in answers]
    observed = ", ".join(str(object_in(answer).get("is_new_chat")) for answer in answers)
    judge.that(found == [True, False, False], "true, false, false", observed, *answers)


@pytest.mark.requirement("bp_mobile.chats.new-id-after-end")
def test_after_the_end_a_new_chat_has_a_new_id(client: Client, judge: Judge) -> None:
    """chat_session_end ends the chat, the next one is new, and has an id that was never used."""
    ids: list[str] = []
    for _ in range(TIMES):
        chat = steps.open_chat(client)
        judge_new(chat, ids, judge)
        ids.append(chat.id)
        ended = chat.call("sendEvents", json=END)
        if ended.status != 200:
            steps.unless_ended(chat)
            raise Blocked(steps.SENT, f"chat_session_end answered {shown(ended)}")
        settle = client.api.table["end_settle_s"]
        gone = steps.gone(client)
        judge.that(gone, f"the chat gone within {settle} s of its end", "it is still active", ended, must=True)
        steps.history(chat)  # a late look must not bring the id back
    judge_new(steps.open_chat(client), ids, judge)


def judge_new(chat: Chat, ids: Sequence[str], judge: Judge) -> None:
    """Judge that a chat is called new, and that none of the client's earlier ones had its id."""
    new = steps.is_new(chat.opened)
    judge.that(new is True, "is_new_chat true for a new chat", shown(chat.opened), chat.opened, must=True)
    judge.warn(chat.id not in ids, "an id never used before", f"{chat.id} a second time", chat.opened)
