"""Polls: held, woken, one at a time, and released when the client goes away."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from fixtures.reference.settings import Settings
from tests.reference.mobile_client import ROOT, Mobile, field_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from fixtures.reference.server import Running

SLOW = Settings(poll_hold_s=8, bot_delay_s=0.01)
QUICK = Settings(poll_hold_s=0.3, bot_delay_s=0.01)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def _quiet(target: Running, settings: Settings, **readings: str) -> Mobile:
    """A client whose chat has nothing new."""
    target.swap(readings={f"bp_mobile.{id_}": name for id_, name in readings.items()}, settings=settings)
    return Mobile(target.base_url).opened().greeted()


def _kinds(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200
    return [event["event"] for event in answer.json()["events"]]


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("empty-array", 200, b'{"events":[]}'),
        ("no-content", 204, b""),
        ("no-events-code", 400, b'{"error_code":"5511","error_message":"There are no events."}'),
    ],
)
def test_an_idle_poll_is_held_and_answered_by_the_reading(target: Running, name: str, status: int, body: bytes) -> None:
    target.swap(readings={"bp_mobile.poll.idle-answer": name}, settings=QUICK)
    mobile = Mobile(target.base_url).opened()
    time.sleep(0.2)
    assert len(_kinds(mobile.poll())) == 4
    began = time.monotonic()
    answer = mobile.poll()
    assert 0.25 < time.monotonic() - began < 3
    assert (answer.status_code, answer.content) == (status, body)


def test_a_held_poll_is_answered_as_soon_as_something_happens(target: Running, pool: ThreadPoolExecutor) -> None:
    mobile = _quiet(target, SLOW)
    began = time.monotonic()
    held = pool.submit(mobile.poll)
    time.sleep(0.1)
    mobile.write("hello")
    assert held.result().json()["events"][0]["msg"] == "hello"
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(("name", "status"), [("bad-request", 400), ("too-many-requests", 429)])
def test_a_second_poll_is_refused_and_does_not_disturb_the_first(
    target: Running, pool: ThreadPoolExecutor, name: str, status: int
) -> None:
    mobile = _quiet(target, SLOW, **{"poll.second-poll-refused": name})
    held = pool.submit(mobile.poll)
    time.sleep(0.1)
    for _ in range(2):
        second = mobile.poll()
        assert (second.status_code, second.json()["error_code"]) == (status, "5509")
    assert not held.done()
    mobile.write("hello")
    assert _kinds(held.result()) == ["chat_session_message"]
    mobile.write("again")
    assert _kinds(mobile.poll()) == ["chat_session_message"]


def _abandon(mobile: Mobile) -> None:
    """Begin a poll, and close the connection while it is held."""
    parts = urlsplit(mobile.base_url)
    request = (
        f"GET {ROOT}/chats/{mobile.chat}/events?tenantUrl={mobile.tenant} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: {field_of(mobile.app_id, mobile.client_id)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(request.encode())
        time.sleep(0.1)


def test_a_poll_is_released_when_the_client_goes_away(target: Running, pool: ThreadPoolExecutor) -> None:
    mobile = _quiet(target, SLOW)
    _abandon(mobile)
    time.sleep(0.1)
    held = pool.submit(mobile.poll)
    time.sleep(0.1)
    mobile.write("hello")
    assert _kinds(held.result()) == ["chat_session_message"]


def test_what_happens_after_the_client_went_away_waits_for_its_next_poll(target: Running) -> None:
    mobile = _quiet(target, SLOW)
    _abandon(mobile)
    mobile.write("hello")
    time.sleep(0.1)
    assert _kinds(mobile.poll()) == ["chat_session_message"]


def test_a_held_poll_blocks_nothing_else(target: Running, pool: ThreadPoolExecutor) -> None:
    mobile, other = _quiet(target, SLOW), Mobile(target.base_url).opened().greeted()
    held = [pool.submit(mobile.poll), pool.submit(other.poll)]
    time.sleep(0.1)
    began = time.monotonic()
    assert mobile.is_live()
    assert mobile.send({"event": "chat_session_typing"}).status_code == 200
    assert time.monotonic() - began < 4
    assert not any(each.done() for each in held)
    for client, each in zip((mobile, other), held, strict=True):
        client.write("hello")
        assert _kinds(each.result()) == ["chat_session_message"]


def test_an_end_answers_the_held_poll(target: Running, pool: ThreadPoolExecutor) -> None:
    mobile = _quiet(target, SLOW)
    held = pool.submit(mobile.poll)
    time.sleep(0.1)
    mobile.end()
    assert _kinds(held.result()) == ["chat_session_ended"]
    assert mobile.poll().status_code == 404


def test_polls_bring_what_the_history_has_each_event_once(target: Running, pool: ThreadPoolExecutor) -> None:
    target.swap(settings=QUICK)
    mobile = Mobile(target.base_url).opened()
    texts = [f"text {number}" for number in range(10)]
    seen: list[dict[str, Any]] = []

    def poll() -> None:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and len(seen) < 14:
            answer = mobile.poll()
            if answer.status_code == 200:
                seen.extend(answer.json()["events"])
            else:
                time.sleep(0.01)

    pollers = [pool.submit(poll) for _ in range(3)]
    for text in texts:
        mobile.write(text)
        mobile.history()
        mobile.open()
    for poller in pollers:
        poller.result()
    polled = [(event["msg_id"], event["msg"]) for event in seen if "msg" in event]
    kept = [(e["msg_id"], e["msg"]) for e in mobile.history() if "msg" in e and e["party_id"] != mobile.chat]
    assert sorted(polled) == sorted(kept)
    assert [text for _, text in kept][1:] == texts


def test_a_look_takes_nothing(target: Running) -> None:
    target.swap(settings=QUICK)
    mobile = Mobile(target.base_url).opened()
    time.sleep(0.2)
    assert mobile.call("HEAD", f"/chats/{mobile.chat}/events").status_code == 200
    assert len(_kinds(mobile.poll())) == 4


@pytest.mark.parametrize(("name", "own"), [("not-echoed", 0), ("echoed", 3)])
def test_whether_own_messages_come_back_is_a_reading(target: Running, name: str, own: int) -> None:
    mobile = _quiet(target, QUICK, **{"poll.own-events": name})
    mobile.write("a", "b", "c")
    time.sleep(0.1)
    events = mobile.poll().json()["events"]
    assert [event["party_id"] == mobile.chat for event in events].count(True) == own
    assert len(events) == own + 3
