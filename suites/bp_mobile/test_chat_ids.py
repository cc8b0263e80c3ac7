"""The chat id in the path: ids that never existed, and texts that are no ids."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import strategies as st

from fixtures.api import encode, object_in, shown
from fixtures.outcomes import Unanswered
from fixtures.wire import connection
from suites.bp_mobile import polling, received, steps
from suites.bp_mobile.clients import JSON, chat_id_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from fixtures.wire import Wire
    from suites.bp_mobile.clients import Chat, Client, Clients

LATER_S = 5.0
"""How much longer than the history a poll of an unknown chat may take."""
OPERATIONS = {"getChatHistory": "history", "getNewChatEvents": "events", "sendEvents": "events"}
SHAPES: dict[str, Callable[[str], str]] = {
    "in capital letters": str.upper,
    "in small letters": str.lower,
    "with a suffix": lambda name: f"{name}0",
    "cut short": lambda name: name[:-1],
    "and a star": lambda name: f"{name[:-4]}*",
    "and percent signs": lambda name: f"{name[:-4]}%25",
    "and dots": lambda name: f"{name[:-4]}....",
    "with a query": lambda name: f"{name}?x=1",
    "with an encoded query": lambda name: f"{name}%3Fx=1",
    "with a slash": lambda name: f"{name}/",
    "with an encoded slash": lambda name: f"{name}%2F",
    "with an encoded slash and more": lambda name: f"{name}%2Fhistory",
    "behind dots": lambda name: f"../chats/{name}",
    "behind encoded dots": lambda name: f"%2e%2e%2fchats%2f{name}",
    "with a null": lambda name: f"{name}%00",
    "in braces": lambda name: f"%7B{name}%7D",
    "in quotes": lambda name: f"%22{name}%22",
    "with a space": lambda name: f"%20{name}",
}
PROXIED = frozenset({
    "with a slash", "with an encoded slash", "with an encoded slash and more", "behind dots", "behind encoded dots",
    "with a null", "..", ".", "%2e%2e", "%00", "a" * 20,
})  # fmt: skip
"""Spellings that a proxy may put right, redirect or refuse by itself, with a status and in a form of its own."""
WORDS = ("active", "..", ".", "%2e%2e", "%00", "%7B%7D", "%22", "*", "%25", "null", "0", "a" * 4096)


@pytest.mark.parametrize("has_chat", [False, True], ids=["without-a-chat", "with-a-live-chat"])
@pytest.mark.requirement("bp_mobile.chat.unknown-id-is-404")
def test_an_unknown_id_is_not_found(client: Client, judge: Judge, has_chat: bool) -> None:
    """Every method that takes a chat id answers 404 to one that never existed, at once, and nothing happens."""
    chat = steps.open_chat(client) if has_chat else None
    unknown, lost, nobody = str(uuid.uuid4()), steps.marked("lost"), {"fileId": str(uuid.uuid4())}

    def ask(operation: str, **names: str) -> Answer:
        body: dict[str, Any] = {"json": {"events": [steps.message(lost)]}} if operation == "sendEvents" else {}
        answer = steps.served(client.call(operation, path={"chatId": unknown, **names}, patient=False, **body))
        judge.that(answer.status == 404, f"404 to {operation} for a chat that never existed", shown(answer), answer)
        return answer

    if chat is None:
        steps.active_id(client)  # whether a client without a chat is let in at all is judged elsewhere
    seconds = polling.duration(ask("getChatHistory"))
    try:
        late = polling.duration(ask("getNewChatEvents")) > seconds + LATER_S
    except Unanswered as problem:
        if client.api.target.timeout_s < LATER_S or "deadline" not in str(problem):
            raise
        late = True
    judge.that(not late, f"404 to a poll at most {LATER_S:.0f} s later than to the history", "the poll was held longer")
    ask("sendEvents")
    ask("getFile", **nobody)
    ask("getAgentProfilePhoto", partyId=str(uuid.uuid4()))
    if chat is None:
        found = steps.active(client)
        judge.that(object_in(found).get("chat_id") is None, "no chat opened by any of that", shown(found), found)
    else:
        mark = steps.remembered(chat, steps.marked("mark"))
        seen = lost in received.texts(steps.kept(chat, mark))
        judge.that(not seen, "nothing of that in the client's own chat", "a message for the unknown chat is in it")


@pytest.mark.requirement("bp_mobile.chat.hostile-ids")
def test_no_text_as_a_chat_id_reaches_a_foreign_chat(clients: Clients, judge: Judge, rng: random.Random) -> None:
    """Ids with changes, dots, slashes, wildcards and controls end in 4xx or in the caller's own chat."""
    prey, caller = live_pair(clients)
    names = {word[:20]: word for word in WORDS}
    for whose, chat in (("own id", caller.chat), ("foreign id", prey.chat)):
        names |= {f"{whose} {how}": shape(quote(chat.id, safe="")) for how, shape in SHAPES.items()}
    with connection(caller.chat.api) as wire:
        served = [told for told, name in names.items() if caller.tries(wire, "getChatHistory", name, told, judge, prey)]
    for told in (told for told in names if told.startswith("foreign")):
        with connection(caller.chat.api) as wire:
            caller.tries(wire, rng.choice(["getNewChatEvents", "sendEvents"]), names[told], told, judge, prey)
    by_proxy = {told: seen for side in (caller, prey) for told, seen in sorted(side.by_proxy.items())}
    judge.note(own_chat_by=sorted(told for told in served if told.startswith("own")), not_by_the_server=by_proxy)
    prey.is_untouched(caller, judge)


@pytest.mark.requirement("bp_mobile.chat.hostile-ids")
def test_no_generated_text_as_a_chat_id_breaks_the_server(clients: Clients, judge: Judge, given: Given) -> None:
    """Any text at all, encoded as one segment of the path, ends in 4xx or in the caller's own chat."""
    prey, caller = live_pair(clients)

    @given(st.text(st.characters(codec="utf-8"), min_size=1), st.sampled_from(sorted(OPERATIONS)))
    def any_text(name: str, operation: str) -> None:
        body: dict[str, Any] = {"json": {"events": [steps.message(caller.text)]}} if operation == "sendEvents" else {}
        answer = caller.chat.client.call(operation, path={"chatId": name}, patient=False, **body)
        caller.is_harmless(answer, f"{operation} with a generated text", judge, prey)

    any_text()
    prey.is_untouched(caller, judge)


class Side:
    """One of two clients with a live chat, and a text that only its own chat knows."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.text = steps.remembered(chat, steps.marked("known"))
        self.by_proxy: dict[str, str] = {}
        """What something in front of the server answered, by spelling of the id."""

    def tries(self, wire: Wire, operation: str, name: str, told: str, judge: Judge, prey: Side) -> bool:
        """Send an operation with that text, as it stands, for the chat id; judge the answer, and say if it was 200."""
        target = f"/chats/{name}/{OPERATIONS[operation]}"
        query = encode({"tenantUrl": str(self.chat.api.table["tenant_url"])})
        target += query if "?" not in name else f"&{query[1:]}"
        headers, body = self.chat.client.caller.headers, None
        if operation == "sendEvents":
            headers = (*headers, ("Content-Type", JSON))
            body = json.dumps({"events": [steps.message(self.text)]}).encode()
        proxied = told.removeprefix("own id ").removeprefix("foreign id ") in PROXIED
        try:
            answer = wire.call(operation, target=target, headers=headers, body=body)
        except Unanswered as problem:
            if not proxied:
                raise
            self.by_proxy[told] = str(problem)
            return False
        if proxied and not by_the_server(answer):
            self.by_proxy[told] = str(answer.status)
            self.tells_nothing(answer, f"{operation} with the {told}", judge, prey)
            return False
        self.is_harmless(answer, f"{operation} with the {told}", judge, prey)
        return answer.status == 200

    def is_harmless(self, answer: Answer, what: str, judge: Judge, prey: Side) -> None:
        """Judge that an answer is a refusal, or tells of nothing but this client's own chat."""
        if answer.status in {429, 503}:
            return
        judge.that(
            400 <= answer.status < 500 or answer.status in {200, 204},
            f"4xx, or 200 with the caller's own chat, to {what}", shown(answer), answer,
        )  # fmt: skip
        self.tells_nothing(answer, what, judge, prey)

    def tells_nothing(self, answer: Answer, what: str, judge: Judge, prey: Side) -> None:
        """Judge that an answer holds nothing that another client said."""
        said = prey.text in answer.text or chat_id_of(answer) == prey.chat.id
        judge.that(not said, "nothing of another client's chat", f"it is in the answer to {what}", answer)

    def is_untouched(self, other: Side, judge: Judge) -> None:
        """Judge that nobody but this client wrote into its chat."""
        found = received.texts(steps.stored(self.chat))
        judge.that(other.text not in found, "no message of another client in a chat", "one is in its history")


def by_the_server(answer: Answer) -> bool:
    """Say whether an answer is one of the API: what was asked for, or an error object."""
    return answer.status < 300 or bool(received.word(object_in(answer), "error_code"))


def live_pair(clients: Clients) -> tuple[Side, Side]:
    """Return a client to be kept from harm, and one that calls; the chat of the first is the newer one."""
    clients.need(2)
    caller = Side(steps.open_chat(clients.fresh()))
    return Side(steps.open_chat(clients.fresh())), caller
