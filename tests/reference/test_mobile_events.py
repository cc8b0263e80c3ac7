"""What a client sends, and what the history makes of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.reference.settings import Settings
from tests.reference.mobile_client import Mobile

if TYPE_CHECKING:
    from fixtures.reference.server import Running

QUICK = Settings(poll_hold_s=0.2, bot_delay_s=0.01)


def message(text: Any, **members: Any) -> dict[str, Any]:
    return {"event": "chat_session_message", "msg": text, **members}


@pytest.fixture
def mobile(target: Running) -> Mobile:
    target.swap(settings=QUICK)
    return Mobile(target.base_url).opened()


def _swapped(target: Running, reading: str, name: str) -> Mobile:
    target.swap(readings={f"bp_mobile.{reading}": name}, settings=QUICK)
    return Mobile(target.base_url).opened()


@pytest.mark.parametrize(
    "event",
    [
        message("x"),
        {"event": "chat_session_typing"},
        {"event": "chat_session_not_typing"},
        {"event": "chat_session_location", "msg_id": "1", "latitude": "0.5", "longitude": -0.5},
        {"event": "chat_session_form_data", "form_request_id": 7, "form_name": "survey", "data": {"q": "a"}},
        {"event": "chat_session_signaling", "msg_id": "1", "destination_party_id": "x", "data": {"type": "END_CALL"}},
        {"event": "chat_session_signaling", "msg_id": "1", "destination_party_id": "x", "data": "text"},
        {"event": "chat_session_file", "msg_id": "1", "file_id": "nothing", "file_type": "image"},
        {"event": "chat_session_navigation", "msg_id": "1", "title": "t", "page": "https://www.example.com/"},
        {"event": "chat_session_cobrowsing_rejected"},
        {"event": "chat_session_cobrowsing_started", "provider_type": "x", "cobrowsing_url": "https://c.example.com/"},
        {"event": "chat_session_cobrowsing_ended"},
    ],
)
def test_each_event_of_a_client_is_taken(mobile: Mobile, event: dict[str, Any]) -> None:
    assert mobile.send(event).status_code == 200
    assert mobile.is_live()


def test_messages_are_kept_once_in_order_with_their_ids_and_the_chat_as_party(mobile: Mobile) -> None:
    texts = [f"text {number // 2}" for number in range(20)]
    for start in range(0, 20, 5):
        mobile.send(
            *(message(text, msg_id=f"{start}-{number}") for number, text in enumerate(texts[start : start + 5]))
        )
    assert mobile.texts() == texts
    own = [event for event in mobile.history() if event.get("party_id") == mobile.chat]
    assert [event["msg_id"] for event in own][:6] == ["0-0", "0-1", "0-2", "0-3", "0-4", "5-0"]
    stamps = [int(event["timestamp"]) for event in mobile.history()]
    assert stamps == sorted(stamps)


def test_messages_of_several_connections_are_all_kept(mobile: Mobile) -> None:
    def write(writer: int) -> None:
        for number in range(10):
            assert mobile.write(f"{writer}/{number}").status_code == 200

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(write, range(5)))
    texts = mobile.texts()
    assert [[text for text in texts if text[0] == str(writer)] for writer in range(5)] == [
        [f"{writer}/{number}" for number in range(10)] for writer in range(5)
    ]


@pytest.mark.parametrize(
    "members", [{}, {"msg_id": 7}, {"msg_id": "x:1", "channel": "web", "type": "t"}, {"msg_id": None}]
)
def test_a_message_needs_no_id_and_may_have_more(mobile: Mobile, members: dict[str, Any]) -> None:
    mobile.send(message("x", **members))
    [own] = [event for event in mobile.history() if event.get("party_id") == mobile.chat]
    assert isinstance(own["msg_id"], str)
    assert own["msg_id"]


ENVELOPES: list[Any] = [{}, {"events": None}, {"events": {}}, {"events": "x"}, {"events": []}, [], 1, None]
ELEMENTS: list[Any] = [None, 1, "x", {}, {"event": 1}, {"event": "chat_session_message"}, message(None), message(1)]


@pytest.mark.parametrize("body", [*ENVELOPES, *({"events": [element]} for element in ELEMENTS)])
@pytest.mark.parametrize(("name", "status"), [("bad-request", 400), ("ignored", 200)])
def test_what_is_no_list_of_events_is_refused_or_ignored(target: Running, body: Any, name: str, status: int) -> None:
    mobile = _swapped(target, "send.bad-envelope", name)
    assert mobile.call("POST", f"/chats/{mobile.chat}/events", json=body).status_code in {
        status,
        400 if body is None else 0,
    }
    assert mobile.texts() == []
    assert mobile.is_live()


@pytest.mark.parametrize(("name", "status", "kept"), [("all-refused", 400, []), ("rest-stored", 200, ["a", "b", "c"])])
def test_a_batch_with_one_bad_element_is_refused_whole_or_kept_but_for_it(
    target: Running, name: str, status: int, kept: list[str]
) -> None:
    mobile = _swapped(target, "send.mixed-batch", name)
    assert mobile.send(message("a"), message("b"), 7, message("c")).status_code == status
    assert mobile.texts() == kept


@pytest.mark.parametrize("kind", ["made_up", "chat_session_ended", "chat_session_END"])
@pytest.mark.parametrize(("name", "status"), [("ignored", 200), ("refused", 400)])
def test_unknown_events_do_nothing(target: Running, kind: str, name: str, status: int) -> None:
    mobile = _swapped(target, "send.unknown-event-type", name)
    assert mobile.send({"event": kind}).status_code == status
    assert mobile.is_live()
    assert all(event["event"] != kind for event in mobile.history())


@pytest.mark.parametrize(("name", "body"), [("events-array", b'{"events":[]}'), ("empty-body", b"")])
def test_the_answer_to_a_send_is_a_reading(target: Running, name: str, body: bytes) -> None:
    answer = _swapped(target, "send.answer-body", name).write("x")
    assert (answer.status_code, answer.content) == (200, body)


MARKUP = "<b>x</b> a < b & c > d \"q\" 'p' &amp; <script>s</script>"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("verbatim", MARKUP),
        (
            "escaped",
            "&lt;b&gt;x&lt;/b&gt; a &lt; b &amp; c &gt; d &quot;q&quot; &#x27;p&#x27; &amp;amp; "
            "&lt;script&gt;s&lt;/script&gt;",
        ),
        ("sanitised", "x a < b & c > d \"q\" 'p' &amp; s"),
    ],
)
def test_markup_goes_by_the_reading(target: Running, name: str, kept: str) -> None:
    mobile = _swapped(target, "history.markup", name)
    mobile.write(MARKUP)
    assert mobile.texts() == [kept]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("", None), ("   ", None), (" x ", "x"), ("a\r\nb\tc", "a\r\nb\tc"), ("a\0b", "ab"), ("x" * 10_000, "x" * 10_000)],
)
def test_unusual_texts_go_by_the_reading(target: Running, text: str, cleaned: str | None) -> None:
    mobile = _swapped(target, "history.edge-texts", "verbatim")
    mobile.write(text)
    assert mobile.texts() == [text]
    mobile = _swapped(target, "history.edge-texts", "cleaned")
    mobile.write(text)
    assert mobile.texts() == ([] if cleaned is None else [cleaned])
    mobile = _swapped(target, "history.edge-texts", "refused")
    assert mobile.write(text).status_code == (200 if text == cleaned else 400)


def test_a_lone_surrogate_is_refused_and_harms_nothing(mobile: Mobile) -> None:
    body = b'{"events":[{"event":"chat_session_message","msg":"a\\ud800b"}]}'
    headers = {"Content-Type": "application/json"}
    assert mobile.call("POST", f"/chats/{mobile.chat}/events", data=body, headers=headers).status_code == 400
    mobile.write("after")
    assert mobile.texts() == ["after"]


@pytest.mark.parametrize(("name", "status"), [("not-found", 404), ("readable", 200)])
def test_the_history_of_an_ended_chat_is_a_reading(target: Running, name: str, status: int) -> None:
    mobile = _swapped(target, "history.after-end", name)
    mobile.write("x")
    mobile.end()
    assert mobile.call("GET", f"/chats/{mobile.chat}/history").status_code == status
    if status == 200:
        assert mobile.texts() == ["x"]
        stranger = Mobile(mobile.base_url, chat=mobile.chat)
        assert stranger.call("GET", f"/chats/{mobile.chat}/history").status_code == 404


def test_a_new_chat_knows_nothing_of_the_former_one(mobile: Mobile) -> None:
    mobile.write("old")
    mobile.end()
    mobile.opened()
    assert mobile.texts() == []
    assert mobile.history() == [] or mobile.history()[0]["event"] == "chat_session_party_joined"


def test_nothing_after_an_end_in_the_same_batch_is_kept(target: Running) -> None:
    mobile = _swapped(target, "history.after-end", "readable")
    mobile.send(message("a"), {"event": "chat_session_end"}, message("b"))
    assert mobile.texts() == ["a"]
