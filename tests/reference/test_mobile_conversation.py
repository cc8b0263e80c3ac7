"""A whole conversation, as the published clients have it, and what each of its methods answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.reference.bp_mobile.scenario import CLOSED_APP, GREETING, OTHER_APP, SCRIPT, TEXTING_APP
from fixtures.reference.settings import Settings
from tests.reference.mobile_client import Mobile

if TYPE_CHECKING:
    from fixtures.reference.server import Running

QUICK = Settings(poll_hold_s=0.3, bot_delay_s=0.01)
TEXT = "Grüezi 😀 e\u0301"


@pytest.fixture
def mobile(target: Running) -> Mobile:
    """A client without a chat."""
    target.swap(settings=QUICK)
    return Mobile(target.base_url)


def test_a_whole_conversation(mobile: Mobile) -> None:
    assert mobile.call("GET", "/availability").json() == {"chat": "available", "ewt": "0"}
    opened = mobile.open(phone_number="3001", parameters={"first_name": "Given", "last_name": "Family"}).json()
    assert (opened["is_new_chat"], opened["state"], opened["phone_number"]) == (True, "ivr", "3001")

    greeting = mobile.until(lambda event: event.get("state") == "connected")
    assert [event["event"] for event in greeting] == [
        "chat_session_status", "chat_session_party_joined", "chat_session_message", "chat_session_status",
    ]  # fmt: skip
    bot = greeting[1]
    assert (bot["type"], greeting[2]["party_id"], greeting[2]["msg"]) == ("scenario", bot["party_id"], GREETING)

    mobile.write("!chat_session_party_joined")
    came = mobile.until("chat_session_message")
    assert [event["event"] for event in came] == [
        "chat_session_party_joined", "chat_session_typing", "chat_session_not_typing", "chat_session_message",
    ]  # fmt: skip
    agent = came[0]["party_id"]
    assert {event["party_id"] for event in came} == {agent}
    photo = mobile.call("GET", f"/chats/{mobile.chat}/profilephotos/{agent}")
    assert (photo.headers["Content-Type"], photo.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")

    assert mobile.send({"event": "chat_session_typing"}).json() == {"events": []}
    mobile.write(TEXT)
    reply = mobile.until("chat_session_message")[-1]
    assert (reply["msg"], reply["party_id"]) == (TEXT, agent)

    uploaded = mobile.upload(b"hello\r\n", "note.txt").json()
    assert uploaded["file_name"] == "note.txt"
    file = {"event": "chat_session_file", "msg_id": "f", "file_type": "attachment", "file_id": uploaded["file_id"]}
    assert mobile.send(file).status_code == 200
    assert mobile.download(uploaded["file_id"]).content == b"hello\r\n"

    sent = mobile.ask("chat_session_file")
    assert (sent["file_type"], sent["party_id"]) == ("image", agent)
    assert mobile.download(sent["file_id"]).headers["Content-Type"] == "image/png"

    stored = [event for event in mobile.history() if event["event"] in {"chat_session_message", "chat_session_file"}]
    assert [event.get("msg") or event["file_name"] for event in stored] == [
        GREETING, "!chat_session_party_joined", came[-1]["msg"], TEXT, TEXT, "note.txt", "!chat_session_file",
        "picture.png",
    ]  # fmt: skip

    assert mobile.end().status_code == 200
    assert [event["event"] for event in mobile.poll().json()["events"]] == ["chat_session_ended"]
    assert [mobile.poll().status_code, mobile.active().status_code, mobile.end().status_code] == [404] * 3
    again = mobile.open().json()
    assert again["is_new_chat"] is True
    assert again["chat_id"] != opened["chat_id"]


def test_while_a_chat_is_live_a_request_returns_it(mobile: Mobile) -> None:
    first = mobile.open().json()
    mobile.write("one")
    answers = [mobile.open(**{"from": "x"}).json(), mobile.open(parameters={}).json()]
    assert [(each["chat_id"], each["is_new_chat"]) for each in answers] == [(first["chat_id"], False)] * 2
    assert mobile.active().json()["chat_id"] == first["chat_id"]
    assert mobile.texts() == ["one"]


def test_a_client_without_a_chat_has_none_whatever_it_asks(mobile: Mobile) -> None:
    for path in ("/availability", "/parameters"):
        assert mobile.call("GET", path).status_code == 200
    assert (mobile.active().status_code, mobile.active().json()["error_code"]) == (404, "5005")
    assert mobile.open().json()["is_new_chat"] is True


def test_hours_and_parameters_are_those_of_the_entry(mobile: Mobile) -> None:
    expected = {"parameters": [{"first_name": "FIRST_NAME"}, {"last_name": "LAST_NAME"}, {"Contact_phone": "PHONE"}]}
    assert mobile.call("GET", "/parameters").json() == expected
    closed = Mobile(mobile.base_url, app_id=CLOSED_APP)
    assert closed.call("GET", "/availability").json() == {"chat": "notAvailable"}
    assert closed.call("GET", "/parameters").json() == {"parameters": [{"account": "ACCOUNT"}]}
    assert Mobile(mobile.base_url, app_id=OTHER_APP).call("GET", "/parameters").json() == {"parameters": []}


@pytest.mark.parametrize(
    "body",
    ["[]", '"x"', "1", "null", '{"parameters":"x"}', '{"parameters":null}', '{"phone_number":{}}', '{"from":1}'],
)
@pytest.mark.parametrize(("name", "status"), [("bad-request", 400), ("ignored", 200)])
def test_json_of_the_wrong_type_is_refused_or_ignored(target: Running, body: str, name: str, status: int) -> None:
    target.swap(readings={"bp_mobile.chats.wrong-json-types": name}, settings=QUICK)
    mobile = Mobile(target.base_url)
    answer = mobile.call("POST", "/chats", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert mobile.is_live() is (status == 200)


@pytest.mark.parametrize("body", ['{"a":', '{"a":1,}', "{'a':1}", b'{"a":"\xff"}', "{} x", "", '{"a":1,"a":2}'])
def test_a_body_that_is_no_json_opens_nothing(mobile: Mobile, body: Any) -> None:
    answer = mobile.call("POST", "/chats", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "5003")
    assert not mobile.is_live()


@pytest.mark.parametrize(
    "label", ["application/json", "application/json; charset=UTF-8", "Application/JSON;charset=utf-8"]
)
@pytest.mark.parametrize(("name", "status"), [("served", 200), ("unsupported-media-type", 415), ("bad-request", 400)])
def test_other_content_types_go_by_the_reading(target: Running, label: str, name: str, status: int) -> None:
    target.swap(readings={"bp_mobile.common.request-content-type": name}, settings=QUICK)
    for other in (None, "text/plain", "application/x-www-form-urlencoded"):
        mobile = Mobile(target.base_url)
        answer = mobile.call("POST", "/chats", data=b"{}", headers={"Content-Type": other})
        assert (answer.status_code, mobile.is_live()) == (status, status == 200)
    assert Mobile(target.base_url).call("POST", "/chats", data="{}", headers={"Content-Type": label}).status_code == 200


def test_members_of_the_answer_are_not_taken_from_the_request(mobile: Mobile) -> None:
    other = Mobile(mobile.base_url).opened()
    answer = mobile.open(chat_id=other.chat, state="connected", is_new_chat=False, parameters={"chat_id": "x"}).json()
    assert answer["chat_id"] != other.chat
    assert (answer["state"], answer["is_new_chat"]) == ("ivr", True)


def test_the_widget_s_first_message_is_taken(mobile: Mobile) -> None:
    mobile.open(initial_message={"event": "chat_session_message", "msg": "hello"})
    assert mobile.texts() == ["hello"]


@pytest.mark.parametrize(
    ("name", "status", "code"), [("bad-request", 400, None), ("business-code", 200, 21), ("absent", 404, None)]
)
def test_an_sms_session_needs_a_number(target: Running, name: str, status: int, code: int | None) -> None:
    target.swap(readings={"bp_mobile.sms.without-phone-number": name}, settings=QUICK)
    answer = Mobile(target.base_url).call("POST", "/requestsms", json={})
    assert (answer.status_code, answer.json().get("sms_error_code")) == (status, code)


def test_an_sms_session_is_begun_by_an_entry_that_texts(mobile: Mobile) -> None:
    body = {"phone_number": "+12025550143", "parameters": {}}
    texting = Mobile(mobile.base_url, app_id=TEXTING_APP)
    assert texting.call("POST", "/requestsms", json=body).json() == {"sms_error_code": 0, "error_message": ""}
    assert mobile.call("POST", "/requestsms", json=body).json()["sms_error_code"] == 21


TERMINAL = {"chat_session_ended", "chat_session_inactivity_timeout", "status_failed"}


@pytest.mark.parametrize("trigger", SCRIPT)
def test_each_trigger_brings_its_event_once(mobile: Mobile, trigger: str) -> None:
    mobile.opened().greeted()
    kind = "chat_session_status" if trigger.startswith("status") else trigger
    event = mobile.ask(trigger, kind)
    assert "timestamp" in event or kind in {"chat_session_status", "chat_session_ended"}
    assert mobile.is_live() is (trigger not in TERMINAL)
    if trigger not in TERMINAL:
        assert all(each["event"] != kind for each in mobile.poll().json()["events"])


def test_a_form_goes_to_and_fro_and_secret_values_stay_hidden(mobile: Mobile) -> None:
    mobile.opened().greeted()
    shown = mobile.ask("chat_session_form_show")
    answers = {"form_request_id": shown["form_request_id"], "form_name": shown["form_name"], "data": {"a": "ö"}}
    assert mobile.send({"event": "chat_session_form_data", **answers}).status_code == 200
    assert mobile.until("chat_session_message")[-1]["msg"].startswith("Thank you")
    secret = mobile.ask("chat_session_secure_form_show")
    assert secret["form_request_id"] != shown["form_request_id"]
    hidden = {"form_request_id": secret["form_request_id"], "form_name": "card", "data": {"number": "0118"}}
    assert mobile.send({"event": "chat_session_secure_form_data", **hidden}).status_code == 200
    cancel = {"event": "chat_session_secure_form_cancel", "form_request_id": secret["form_request_id"]}
    assert mobile.send(cancel).status_code == 200
    assert "0118" not in str(mobile.history()) + str(mobile.until("chat_session_message"))


def test_disconnect_ends_the_conversation_and_keeps_the_session(mobile: Mobile) -> None:
    mobile.opened().greeted()
    agent = mobile.ask("chat_session_party_joined")["party_id"]
    mobile.send({"event": "chat_session_disconnect"})
    assert mobile.until("chat_session_party_left")[-1]["party_id"] == agent
    assert mobile.open().json()["is_new_chat"] is False
    assert mobile.ask("chat_session_form_show")
    mobile.end()
    assert not mobile.is_live()


def test_a_call_is_rejected_and_signaling_is_not_kept(mobile: Mobile) -> None:
    mobile.opened().greeted()
    data = {"type": "REQUEST_CALL", "offerVideo": "false"}
    mobile.send({"event": "chat_session_signaling", "msg_id": "1", "destination_party_id": "x", "data": data})
    assert mobile.until("chat_session_signaling")[-1]["data"]["type"] == "CALL_REJECTED"
    assert "signaling" not in str(mobile.history())


def test_silence_ends_a_chat_after_a_warning_and_messages_keep_it(target: Running) -> None:
    target.swap(settings=Settings(poll_hold_s=0.3, bot_delay_s=0.01, inactivity_s=1.0))
    mobile = Mobile(target.base_url).opened()
    for _ in range(3):
        mobile.until(lambda event: event.get("state") == "connected" or "msg" in event)
        mobile.write("still here")
    assert mobile.is_live()
    kinds = [event["event"] for event in mobile.until("chat_session_inactivity_timeout")]
    assert kinds.index("chat_session_timeout_warning") < kinds.index("chat_session_inactivity_timeout")
    assert not mobile.is_live()


@pytest.mark.parametrize(
    ("name", "pattern", "kind"),
    [
        ("seconds-string", r"\d{10}", str),
        ("milliseconds-string", r"\d{13}", str),
        ("seconds-number", r"\d{10}", int),
        ("milliseconds-number", r"\d{13}", int),
    ],
)
def test_timestamps_have_the_form_of_the_reading(target: Running, name: str, pattern: str, kind: type) -> None:
    target.swap(readings={"bp_mobile.events.timestamps": name}, settings=QUICK)
    mobile = Mobile(target.base_url).opened()
    mobile.write("x")
    values = [event["timestamp"] for event in mobile.until("chat_session_message") if "timestamp" in event]
    values += [event["timestamp"] for event in mobile.history()]
    assert all(type(value) is kind and re.fullmatch(pattern, str(value)) for value in values)


def test_extras_need_a_client(mobile: Mobile) -> None:
    servers = mobile.call("GET", "/iceservers").json()["servers"]
    assert all(isinstance(server["url"], str) for server in servers)
    assert mobile.call("GET", "/configuration").json()["widgets"][0]["urls"]
    assert mobile.call("GET", "/iceservers", headers={"Authorization": None}).status_code == 403
