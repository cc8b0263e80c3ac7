"""Methods that a path does not have, and requests that are merely wrong: refused, without effect, never a fault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import strategies as st

from fixtures.api import encode, located, shown
from fixtures.exchange import Request
from specs import openapi
from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import JSON

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_mobile.clients import Chat, Client

REFUSALS = {
    400: "refused",
    403: "refused",
    404: "not-found",
    405: "method-not-allowed",
    501: "not-implemented",
}


def _by_method(client: Client, operation: str, method: str, path: str) -> Answer:
    """Send a request of the client with a method that its operation does not have."""
    url = client.api.root + path + encode({"tenantUrl": str(client.api.table["tenant_url"])})
    body = None if method in {"GET", "HEAD", "OPTIONS"} else b"{}"
    fields = (*client.caller.headers, *((("Content-Type", JSON),) if body else ()))
    return client.caller.send(operation, Request(method, url, fields, body))


@pytest.mark.requirement("bp_mobile.common.method-not-allowed")
def test_undocumented_methods_on_chats_open_nothing(client: Client, judge: Judge) -> None:
    """PUT, PATCH, DELETE and GET on /chats are refused, and the client has no chat afterwards."""
    steps.end(steps.open_chat(client))
    seen: dict[str, str] = {}
    for method in ("PUT", "PATCH", "DELETE", "GET"):
        answer = _by_method(client, "requestChat", method, "/chats")
        judge.that(answer.status in REFUSALS, f"a refusal of {method} on /chats", shown(answer), answer)
        judge.that(steps.active_id(client) is None, "no chat opened", "the client has an active chat", answer)
        seen[method] = REFUSALS[answer.status]
    judge.reading(seen["PUT"])
    judge.note(readings=seen)


@pytest.mark.requirement("bp_mobile.common.method-not-allowed")
def test_undocumented_methods_leave_a_chat_as_it_is(chat: Chat, judge: Judge) -> None:
    """PUT, PATCH and DELETE on the paths of a live chat are refused; it lives on with its history."""
    said = steps.remembered(chat, steps.marked("said before"))
    seen: dict[str, str] = {}
    paths = {
        "/chats/active": "getActiveChat",
        located("/chats/{chatId}", {"chatId": chat.id}): "getChatHistory",
        located("/chats/{chatId}/history", {"chatId": chat.id}): "getChatHistory",
    }
    for path, operation in paths.items():
        for method in ("PUT", "PATCH", "DELETE"):
            answer = _by_method(chat.client, operation, method, path)
            name = path.replace(quote(chat.id, safe=""), "{chatId}")
            judge.that(answer.status in REFUSALS, f"a refusal of {method} on {name}", shown(answer), answer)
            seen[f"{method} {name}"] = REFUSALS[answer.status]
    judge.that(steps.live(chat), "the chat still live", "it is not active any more")
    judge.that(said in received.texts(steps.stored(chat)), "the history unchanged", "it lacks the message")
    others = {
        f"{method} /chats/active": _by_method(chat.client, "getActiveChat", method, "/chats/active").status
        for method in ("POST", "OPTIONS")
    }
    judge.reading(seen["PUT /chats/active"])
    judge.note(readings=seen, statuses=others)


FAULTS = "bp_mobile.common.client-faults-are-not-5xx"
ENDING = frozenset({"chat_session_end", "chat_session_disconnect"})
ODD = st.sampled_from([None, True, 0, -1, 1.5, "", "x" * 20_000, [], {}, "\u0000\u200b\U0001f600", ["x"], {"a": None}])
IDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_characters="/\\.?#%"), min_size=1, max_size=40
)


def _events() -> list[dict[str, Any]]:
    """Return one of each client event of the document, but for those that end the chat."""
    shapes = openapi.document("bp_mobile").raw["components"]["schemas"]
    return [event for event in shapes["ClientEvent"]["examples"] if event["event"] not in ENDING]


def _nested(depth: int) -> Any:
    value: Any = "deep"
    for _ in range(depth):
        value = {"a": [value]}
    return value


@st.composite
def _damaged(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an event with members dropped or of another type."""
    event = dict(draw(st.sampled_from(_events())))
    for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=2, unique=True)):
        if draw(st.booleans()):
            del event[name]
        else:
            event[name] = draw(ODD)
    return event


def _never_5xx(judge: Judge, what: str, *answers: Answer) -> None:
    for answer in answers:
        judge.that(answer.status < 500, f"a status below 500 to {what}", shown(answer), answer)


UNUSUAL: dict[str, dict[str, Any]] = {
    "a text that is null": {"event": "chat_session_message", "msg": None},
    "numbers for texts": {"event": "chat_session_message", "msg": 7, "msg_id": 8},
    "a member nested deep": {"event": "chat_session_message", "msg": "x", "msg_id": _nested(100)},
    "a long text": {"event": "chat_session_message", "msg": "x" * 300_000},
    "a file that is not there": {
        "event": "chat_session_file",
        "msg_id": "a:1",
        "file_id": "no-such-file",
        "file_type": "image",
    },
    "a form nested deep": {
        "event": "chat_session_form_data",
        "form_request_id": "7",
        "form_name": "f",
        "data": _nested(100),
    },
}


@pytest.mark.requirement(FAULTS)
def test_unusual_events_are_no_fault_of_the_server(chat: Chat, judge: Judge) -> None:
    """Events that are wrong or unusual are answered below 500, and the chat still answers."""
    for name, event in UNUSUAL.items():
        _never_5xx(judge, f"an event with {name}", steps.send(chat, event))
        judge.that(steps.live(chat), f"the chat still live after {name}", "it is not active any more")


@pytest.mark.requirement(FAULTS)
def test_damaged_requests_are_no_fault_of_the_server(chat: Chat, judge: Judge, given: Given) -> None:
    """Members dropped, nulled or of another type, strange ids and queries are answered below 500."""

    @given(st.lists(_damaged() | ODD, max_size=3), ODD, IDS)
    def generated(events: list[Any], odd: Any, chat_id: str) -> None:
        client, query = chat.client, {"timestamp": chat_id, chat_id: "x"}
        _never_5xx(
            judge,
            "a damaged request",
            chat.call("sendEvents", body=json.dumps({"events": events}).encode()),
            chat.call("sendEvents", body=json.dumps({"events": odd}).encode()),
            client.call("requestChat", body=json.dumps({"parameters": odd, "from": odd, chat_id: odd}).encode()),
            client.call("getChatHistory", path={"chatId": chat_id}, query=query),
            client.call("getNewChatEvents", path={"chatId": chat_id}, patient=False),
            client.call("getActiveChat", query=query),
        )

    generated()
    judge.that(steps.live(chat), "the chat still live", "it is not active any more")
