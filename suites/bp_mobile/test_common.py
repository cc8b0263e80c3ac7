"""What holds for all methods: the query, the status of success, and the bytes of a JSON answer."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from fixtures import strict_json
from fixtures.api import object_in, shown
from fixtures.wire import connection
from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import JSON, MOBILE, Chat, Client, authorization, chat_id_of

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Clients

TOLERANCE = "bp_mobile.common.query-string-tolerance"
SHOWS: dict[str, tuple[str, type]] = {
    "checkAvailability": ("chat", str),
    "getExpectedParameters": ("parameters", list),
    "requestChat": ("chat_id", str),
    "getActiveChat": ("chat_id", str),
    "sendEvents": ("events", list),
    "getChatHistory": ("events", list),
}
"""By operation, the member and its type that show that the method itself has answered."""
TEXT = 'Zoë said: "5 < 6",\n\tand left \\ ☎'


def _asked(client: Client, operation: str, path: str, query: str) -> Answer:
    """Send a request whose query goes out letter by letter."""
    fields = (("Authorization", authorization(client.app_id, client.id)), ("User-Agent", MOBILE))
    with connection(client.api) as wire:
        return wire.call(operation, target=f"{path}?{query}", headers=fields)


def _queries(tenant: str) -> dict[str, str]:
    return {
        "unknown parameters behind": f"tenantUrl={tenant}&timestamp=1700000000&nonce=a1b2",
        "unknown parameters in front": f"timestamp=1700000000&nonce=a1b2&tenantUrl={tenant}",
        "dots percent-encoded": f"tenantUrl={tenant.replace('.', '%2E')}",
        "the domain in capitals": f"tenantUrl={tenant.upper()}",
    }


@pytest.mark.requirement(TOLERANCE)
def test_query_is_read_as_a_query(api: Api, chat: Chat, judge: Judge) -> None:
    """Unknown parameters, order, percent-encoding and the letter case of the domain change no answer."""
    client, tenant = chat.client, str(api.table["tenant_url"])
    plain = steps.served(client.call("checkAvailability"))
    if plain.status != 200 or not steps.live(chat):
        judge.inconclusive("the plain query does not bring the documented answers")
    for name, query in _queries(tenant).items():
        answer = _asked(client, "checkAvailability", "/availability", query)
        same = answer.status == 200 and object_in(answer).get("chat") == object_in(plain).get("chat")
        judge.that(same, f"the answer of the plain query to {name}", shown(answer), answer)
        answer = _asked(client, "getActiveChat", "/chats/active", query)
        judge.that(chat_id_of(answer) == chat.id, f"the client's chat with {name}", shown(answer), answer)
    others = {"with a scheme": f"tenantUrl=https://{tenant}", "with a slash at the end": f"tenantUrl={tenant}/"}
    judge.note(
        statuses={
            name: _asked(client, "checkAvailability", "/availability", query).status for name, query in others.items()
        }
    )


@pytest.mark.requirement(TOLERANCE)
def test_a_poll_may_carry_a_timestamp_and_a_nonce(chat: Chat, judge: Judge) -> None:
    """A poll with parameters that the server does not know is served, as the vendor's clients send it."""
    limit = chat.api.table["hold_max_s"] + steps.MARGIN_S
    query = {"timestamp": "1700000000", "nonce": "a1b2"}
    answer = chat.call("getNewChatEvents", query=query, patient=False, timeout_s=limit)
    if answer.status not in {200, 204} and not steps.is_idle(answer):
        plain = steps.poll(chat)
        judge.that(plain.status not in {200, 204}, "the poll served as without them", shown(answer), answer)
        judge.inconclusive(f"the plain poll answered {shown(plain)}")
    judge.that(True, "the poll served", "it was")


@pytest.mark.requirement("bp_mobile.common.success-is-200")
def test_every_success_has_status_200(client: Client, judge: Judge) -> None:
    """A method that succeeds answers 200, also where something is created."""
    answers = {
        "checkAvailability": client.call("checkAvailability"),
        "getExpectedParameters": client.call("getExpectedParameters"),
        "requestChat": client.call("requestChat", json={}),
    }
    active = answers["getActiveChat"] = steps.active(client)
    chat_id = received.name_of(object_in(answers["requestChat"]).get("chat_id"))
    if chat_id and active.status < 400:
        chat = Chat(client, chat_id, active)
        client.chats.append(chat.id)
        said = steps.message(steps.marked("Hello"))
        answers |= {"sendEvents": steps.send(chat, said), "getChatHistory": steps.history(chat)}
    for operation, answer in answers.items():
        if answer.status < 400:
            judge.that(answer.status == 200, f"200 to {operation}", shown(answer), answer)
    if unserved := [operation for operation in SHOWS if not _is_own(operation, answers.get(operation))]:
        judge.inconclusive(f"not served: {', '.join(unserved)}")


def _is_own(operation: str, answer: Answer | None) -> bool:
    """Say whether a 200 is the answer of the method, and not of a page or a proxy in its place."""
    if answer is None or answer.status != 200:
        return False
    member, kind = SHOWS[operation]
    return (operation == "sendEvents" and not answer.body) or isinstance(object_in(answer).get(member), kind)


def _judge_json(judge: Judge, operation: str, answer: Answer) -> None:
    kinds = answer.values("Content-Type")
    judge.that(len(kinds) == 1, f"one Content-Type field in the answer to {operation}", str(len(kinds)), answer)
    judge.that(answer.media_type == "application/json", f"application/json from {operation}", kinds[0], answer)
    try:
        answer.json()
    except strict_json.NotJson as problem:
        judge.fail(f"one JSON text in UTF-8 from {operation}", problem, answer)


@pytest.mark.requirement("bp_mobile.common.strict-json")
def test_answers_are_strict_json(chat: Chat, judge: Judge) -> None:
    """Each JSON answer is labelled once as application/json and is one strict JSON text in UTF-8."""
    client = chat.client
    sent = steps.deliver(chat, steps.message(steps.marked(TEXT)))
    answers = {
        "requestChat": chat.opened,
        "sendEvents": sent,
        "checkAvailability": client.call("checkAvailability"),
        "getExpectedParameters": client.call("getExpectedParameters"),
        "getActiveChat": steps.active(client),
        "getChatHistory": steps.history(chat),
        "getNewChatEvents": steps.poll(chat),
    }
    for operation, answer in answers.items():
        if answer.status == 200 and (answer.body or operation != "sendEvents"):
            _judge_json(judge, operation, answer)
    if answers["getChatHistory"].status != 200:
        judge.inconclusive("the history was not readable, so that no text of a message was judged")


LABELS = ("application/json", "application/json; charset=utf-8", "application/JSON;charset=UTF-8", JSON)
FOREIGN: dict[str, str | None] = {
    "no label": None,
    "text/plain": "text/plain",
    "a form's label": "application/x-www-form-urlencoded",
}
LABEL_READINGS = {200: "served", 415: "unsupported-media-type", 400: "bad-request"}


@pytest.mark.requirement("bp_mobile.common.request-content-type")
def test_json_is_served_under_its_labels(clients: Clients, judge: Judge) -> None:
    """JSON labelled as such is served with and without a charset; under another label all happens or nothing."""
    client = clients.fresh()
    for label in LABELS:
        answer = steps.served(client.call("requestChat", json={}, content_type=label))
        judge.that(answer.status == 200, f"200 to Request Chat under {label}", shown(answer), answer)
    chat = steps.open_chat(client)
    for number, label in enumerate(LABELS):
        event = steps.message(steps.marked(f"label {number}"))
        answer = chat.call("sendEvents", json={"events": [event]}, content_type=label)
        judge.that(answer.status == 200, f"200 to Send Events under {label}", shown(answer), answer)
    seen: dict[str, str] = {}
    for name, foreign in FOREIGN.items():
        stranger = clients.fresh()
        seen[name] = _foreign(chat, stranger, name, foreign, judge)
        clients.release(stranger)
    judge.reading(seen["text/plain"])
    judge.note(readings=seen)


def _foreign(chat: Chat, client: Client, name: str, label: str | None, judge: Judge) -> str:
    """Send JSON under another label as a request for a chat and as a message; return the reading."""
    event = steps.message(steps.marked(f"under {name}"))
    text = event["msg"]
    opened = client.call("requestChat", body=b"{}", content_type=label)
    sent = chat.call("sendEvents", body=json.dumps({"events": [event]}).encode(), content_type=label)
    for answer in (opened, sent):
        judge.that(answer.status in LABEL_READINGS, f"200, 400 or 415 to JSON under {name}", shown(answer), answer)
    arrived = text in received.texts(steps.kept(chat, text) if sent.status == 200 else steps.stored(chat))
    expected = "the message stored" if sent.status == 200 else "no message stored"
    judge.that(arrived == (sent.status == 200), f"{expected} when {name} is answered {sent.status}", arrived, sent)
    has_chat = steps.active_id(client) is not None
    expected = "a chat" if opened.status == 200 else "no chat"
    judge.that(has_chat == (opened.status == 200), f"{expected} when {name} is answered {opened.status}", has_chat)
    return LABEL_READINGS[sent.status]


MARK = f"of a malformed body {uuid.uuid4().hex}"
MALFORMED: dict[str, bytes] = {
    "cut off": b'%s"msg": "%m',
    "with a trailing comma": b'%s"msg": "%m",}]}',
    "with single quotes": b"{'events': [], 'parameters': {}}",
    "with bytes that are no UTF-8": b'%s"msg": "\xff\xfe"}]}',
    "with text after the object": b'%s"msg": "%m"}]} and more',
}
_FRONT = (
    b'{"parameters": {}, "events": [{"event": "chat_session_message", "msg": "%m"}, {"event": "chat_session_message", '
)


@pytest.mark.requirement("bp_mobile.common.malformed-json-400")
def test_malformed_request_opens_nothing(client: Client, judge: Judge) -> None:
    """Request Chat with a body that is no JSON is answered 400, and the client has no chat."""
    steps.served(client.call("checkAvailability"))
    for how in MALFORMED:
        answer = client.call("requestChat", body=_malformed(how))
        judge.that(answer.status == 400, f"400 to a body {how}", shown(answer), answer)
        judge.that(steps.active_id(client) is None, f"no chat opened by a body {how}", "the client has one", answer)


@pytest.mark.requirement("bp_mobile.common.malformed-json-400")
def test_malformed_events_change_nothing(chat: Chat, judge: Judge) -> None:
    """Send Events with a body that is no JSON is answered 400; history and chat stay as they were."""
    said = steps.remembered(chat, steps.marked("said before"))
    for how in MALFORMED:
        answer = chat.call("sendEvents", body=_malformed(how))
        judge.that(answer.status == 400, f"400 to a body {how}", shown(answer), answer)
    judge.that(steps.live(chat), "the chat still live", "it is not active any more")
    found = received.texts(steps.stored(chat))
    judge.that(said in found, "the history as it was", "it lacks the message from before")
    judge.that(MARK not in found, "nothing stored of what was refused", "the text of a malformed body")


def _malformed(how: str) -> bytes:
    return MALFORMED[how].replace(b"%s", _FRONT).replace(b"%m", MARK.encode())
