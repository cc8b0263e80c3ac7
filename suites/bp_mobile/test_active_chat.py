"""Get Active Chat: the way back into a chat, and the answer to a client that has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import steps

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Client, Clients

MOMENTS = ("right after Request Chat", "when it asks again", "after a message")


@pytest.mark.requirement("bp_mobile.active.same-chat")
def test_a_live_chat_is_named_by_get_active_chat(clients: Clients, judge: Judge) -> None:
    """The owner finds the chat of Request Chat again, with a state, whoever else opens one later."""
    clients.need(2)
    chat = steps.open_chat(clients.fresh())
    for moment in MOMENTS:
        if moment == MOMENTS[1]:
            steps.open_chat(clients.fresh())
        if moment == MOMENTS[2]:
            steps.say(chat, steps.marked("Hello"))
        answer = steps.served(steps.active(chat.client))
        if answer.status == 404:
            steps.unless_ended(chat)
        found = object_in(answer)
        judge.that(
            answer.status == 200 and found.get("chat_id") == chat.id,
            f"200 with the chat_id of Request Chat, letter by letter, {moment}", shown(answer), answer,
        )  # fmt: skip
        judge.that(is_text(found.get("state")), "state, a string that is not empty", shown(answer), answer)
        judge.that(
            isinstance(found.get("phone_number", ""), str), "phone_number, if present, a string", shown(answer), answer
        )


@pytest.mark.requirement("bp_mobile.active.none-is-404")
def test_a_client_without_a_chat_has_no_active_one(client: Client, clients: Clients, judge: Judge) -> None:
    """A fresh client that only asks is answered 404, and its first Request Chat opens a new chat."""
    for _ in range(2):
        steps.served(client.call("checkAvailability"))
        client.call("getExpectedParameters")
        answer = steps.active(client)
        judge.that(answer.status == 404, "404 from Get Active Chat for a client without a chat", shown(answer), answer)
    chat = steps.open_chat(client)
    if not steps.is_new(chat.opened) and not steps.is_new(steps.open_chat(clients.fresh()).opened):
        raise Blocked("bp_mobile.chats.is-new-chat-is-true-once", "no chat is ever called new")
    expected = "is_new_chat true in the first Request Chat"
    judge.that(steps.is_new(chat.opened), expected, shown(chat.opened), chat.opened)


def is_text(value: object) -> bool:
    """Say whether it is a string that is not empty."""
    return isinstance(value, str) and value != ""
