from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from fixtures.reference.bp_sms.numbers import CUSTOMER, NEIGHBOURS_NUMBER, SERVICE_NUMBER
from fixtures.reference.bp_sms.posting import is_own_network
from fixtures.reference.settings import Settings
from tests.reference.sms_client import Receiver, Sms, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.reference.server import Running

STATUS, INBOUND = "/SetStatusCallback", "/SetMsgReceiver"


@pytest.fixture
def sms(target: Running) -> Sms:
    target.swap(settings=Settings(sms_step_s=0.03))
    return Sms(target.base_url).log_in()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def _arrive(sms: Sms, **message: str) -> requests.Response:
    return requests.post(f"{sms.base_url}/operator/inbound", json=message, timeout=5)


def test_each_change_of_status_is_posted_as_the_message_object(sms: Sms, receiver: Receiver) -> None:
    assert sms.set(STATUS, f"{receiver.url}/status?x=1").status_code == 200
    sent = sms.send(Body="gr\u00fcezi").json()
    posts = receiver.wait_for(2)
    assert [post["status"] for post in posts] == ["sent", "delivered"]
    assert {(post["sid"], post["body"], post["to"]) for post in posts} == {(sent["sid"], "gr\u00fcezi", sent["to"])}
    assert posts[-1] == sms.read(sent["sid"]).json()
    assert {(path, kind) for path, kind, _ in receiver.posts} == {("/status?x=1", "application/json")}


def test_an_address_can_be_replaced(sms: Sms, receiver: Receiver) -> None:
    for path in ("/old", "/new"):
        sms.set(STATUS, receiver.url + path)
    sms.send()
    receiver.wait_for(2)
    assert {path for path, _, _ in receiver.posts} == {"/new"}


def test_the_address_of_a_message_counts_for_that_message_alone(sms: Sms, receiver: Receiver) -> None:
    sms.set(STATUS, f"{receiver.url}/number")
    first = sms.send(StatusCallback=f"{receiver.url}/message").json()["sid"]
    second = sms.send().json()["sid"]
    receiver.wait_for(4)
    assert {(path, post["sid"]) for path, _, post in receiver.posts} == {("/message", first), ("/number", second)}


def test_a_receiver_that_refuses_is_asked_three_times_at_most(sms: Sms, receiver: Receiver) -> None:
    receiver.refusals = 9
    sms.set(INBOUND, receiver.url)
    _arrive(sms, to=SERVICE_NUMBER, body="x")
    receiver.wait_for(3)
    time.sleep(0.6)
    assert len(receiver.posts) == 3


def test_a_received_message_is_posted_to_the_receiver_of_its_number(sms: Sms, receiver: Receiver) -> None:
    sms.set(STATUS, f"{receiver.url}/status")
    sms.set(INBOUND, f"{receiver.url}/inbound")
    told = _arrive(sms, to=SERVICE_NUMBER, body="\u00dcber 118?").json()
    assert told == {"from": CUSTOMER, "to": SERVICE_NUMBER, "body": "\u00dcber 118?"}
    [post] = receiver.wait_for(1)
    assert {name: post[name] for name in told} == told
    assert (post["direction"], post["status"], receiver.posts[0][0]) == ("inbound", "received", "/inbound")
    assert sms.read(post["sid"]).json() == post


def test_nobody_has_a_number_that_is_not_there(sms: Sms) -> None:
    assert _arrive(sms, to="+12025550155", body="x").status_code == 404


@pytest.mark.parametrize("setter", [STATUS, INBOUND])
@pytest.mark.parametrize(
    ("url", "number", "status"),
    [
        (None, SERVICE_NUMBER, 400),
        ("", SERVICE_NUMBER, 400),
        ("https://hooks.example.com/", None, 400),
        ("https://hooks.example.com/", "", 400),
        ("https://hooks.example.com/", NEIGHBOURS_NUMBER, 403),
        ("https://hooks.example.com/", "anything", 403),
        ("callback", SERVICE_NUMBER, 400),
        ("file:///etc/hosts", SERVICE_NUMBER, 400),
        ("ftp://hooks.example.com/", SERVICE_NUMBER, 400),
        ("http:///x", SERVICE_NUMBER, 400),
        ("http://hooks.example.com:99999/", SERVICE_NUMBER, 400),
        ("http://hooks.example.com/a b\r\nX: y", SERVICE_NUMBER, 400),
        ("http://127.0.0.1/", SERVICE_NUMBER, 400),
        ("http://localhost:22/", SERVICE_NUMBER, 400),
        ("http://169.254.1.1/", SERVICE_NUMBER, 400),
        ("http://[::1]/", SERVICE_NUMBER, 400),
        ("http://10.0.0.1/", SERVICE_NUMBER, 400),
        ("https://hooks.example.com/", "12025550101", 200),
    ],
)
def test_a_setter_checks_address_and_number(sms: Sms, setter: str, url: Any, number: Any, status: int) -> None:
    assert sms.set(setter, url, number).status_code == status


def test_a_refused_setting_leaves_the_former_one(sms: Sms, receiver: Receiver) -> None:
    sms.set(STATUS, receiver.url)
    sms.set(STATUS, "")
    sms.send()
    receiver.wait_for(2)


def test_the_server_does_not_post_to_itself(sms: Sms) -> None:
    assert sms.set(STATUS, f"{sms.base_url}/x").status_code == 400
    assert not is_own_network("http://127.0.0.1:8098/", "127.0.0.1:8080")
