from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.reference.bp_sms import numbers
from fixtures.reference.bp_sms.base import DELIVERED, FAILED, RECEIVED, known_sid
from fixtures.reference.bp_sms.segments import segments
from fixtures.reference.settings import Settings
from tests.reference.sms_client import ROOT, Sms

if TYPE_CHECKING:
    from fixtures.reference.server import Running

MEDIUM = "https://media.example.com/picture.jpg"
QUICK = Settings(sms_step_s=0.05)


@pytest.fixture
def sms(target: Running) -> Sms:
    target.swap(settings=QUICK)
    return Sms(target.base_url).log_in()


def _swapped(target: Running, reading: str, name: str) -> Sms:
    target.swap(readings={reading: name}, settings=QUICK)
    return Sms(target.base_url).log_in()


def test_a_message_is_queued_then_sent_then_delivered(sms: Sms) -> None:
    answer = sms.send()
    queued = answer.json()
    assert answer.status_code == 200
    assert (queued["status"], queued["direction"], queued["date_sent"]) == ("queued", "outbound-api", None)
    assert queued["uri"] == f"{ROOT}/Messages/{queued['sid']}"
    seen = [queued["status"]]
    while seen[-1] != "delivered":
        shown = sms.read(queued["sid"]).json()
        seen.append(shown["status"])
    assert seen == sorted(seen, key=["queued", "sent", "delivered"].index)
    kept = ("body", "from", "to", "date_created", "uri", "sid", "account_sid")
    assert [shown[name] for name in kept] == [queued[name] for name in kept]
    assert (shown["error_code"], shown["error_message"], shown["price"]) == (None, None, None)
    assert parsedate_to_datetime(shown["date_sent"]) >= parsedate_to_datetime(shown["date_created"])
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", shown["date_updated"])


@pytest.mark.parametrize("text", ["\u00e9\U0001f600 e\u0301 \u05d0", '"\\<b>&amp;', " outer \r\n\t ", "x" * 2000])
def test_a_text_comes_back_as_it_was_sent(sms: Sms, text: str) -> None:
    sent = sms.send(Body=text).json()
    assert sent["body"] == sms.read(sent["sid"]).json()["body"] == text


def test_numbers_come_back_as_they_were_sent_and_senders_count_without_their_plus(sms: Sms) -> None:
    for to, sender in (("12025550143", "12025550101"), ("+12025550143", "+12025550101")):
        sent = sms.send(To=to, From=sender).json()
        assert (sent["to"], sent["from"]) == (to, sender)


def test_messenger_addresses_keep_their_prefix(sms: Sms) -> None:
    sent = sms.send(To=numbers.VISITOR, From=numbers.INTEGRATION).json()
    assert (sent["to"], sent["from"]) == (numbers.VISITOR, numbers.INTEGRATION)


def test_a_form_is_read_like_json(sms: Sms) -> None:
    form = {"To": numbers.CUSTOMER, "From": numbers.SERVICE_NUMBER, "Body": "gr\u00fcezi", "MediaUrl3": MEDIUM}
    sent = sms.call("POST", "/Messages", data=form).json()
    assert (sent["to"], sent["body"], sent["num_media"]) == (numbers.CUSTOMER, "gr\u00fcezi", "1")


@pytest.mark.parametrize("name", ["To", "From", "Body"])
@pytest.mark.parametrize("value", [None, "", 12025550143, [], {}])
def test_a_missing_empty_or_mistyped_member_is_refused(sms: Sms, name: str, value: Any) -> None:
    for changes in ({name: value}, {f"{name}x": value, name: None}):
        answer = sms.send(**changes)
        assert answer.status_code == 400
        assert "sid" not in answer.json()


def test_null_members_and_other_bodies_are_refused(sms: Sms) -> None:
    for body in ('{"To":null,"From":"12025550101","Body":"x"}', "[]", "{", "null", ""):
        answer = sms.call("POST", "/Messages", data=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
    assert sms.call("POST", "/Messages", data="{}", headers={"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("sender", [numbers.NEIGHBOURS_NUMBER, "12025550102", "messenger:integration-7", "x"])
def test_only_numbers_of_the_tenant_may_send(sms: Sms, sender: str) -> None:
    assert sms.send(From=sender).status_code == 403


@pytest.mark.parametrize(
    ("to", "reading", "name", "status"),
    [
        (numbers.DEAD_NUMBER, "bp_sms.send.unreachable-recipient", "queued-then-failed", 200),
        (numbers.DEAD_NUMBER, "bp_sms.send.unreachable-recipient", "refused-at-once", 400),
        ("abc", "bp_sms.send.unreachable-recipient/malformed", "refused-at-once", 400),
        ("+", "bp_sms.send.unreachable-recipient/malformed", "refused-at-once", 400),
        ("1" * 40, "bp_sms.send.unreachable-recipient/malformed", "queued-then-failed", 200),
    ],
)
def test_who_cannot_be_reached_never_gets_the_message(
    target: Running, to: str, reading: str, name: str, status: int
) -> None:
    sms = _swapped(target, reading, name)
    answer = sms.send(To=to)
    assert answer.status_code == status
    if status == 200:
        failed = sms.settled(answer.json()["sid"])
        assert failed["status"] == "failed"
        assert failed["error_message"]
        assert failed["date_sent"] is None


def test_media_make_the_text_optional_and_are_never_confirmed(sms: Sms) -> None:
    sent = sms.send(Body=None, MediaURLs=[MEDIUM]).json()
    assert (sent["body"], sent["num_media"], sent["subresource_uris"]) == ("", "1", {"media": MEDIUM})
    several = sms.send(MediaURLs=[MEDIUM] * 10).json()
    assert list(several["subresource_uris"]) == [f"media{number}" for number in range(10)]
    assert sms.send(MediaURLs=[MEDIUM] * 11).status_code == 400
    assert sms.send(MediaURLs=["picture.jpg"]).status_code == 400


@pytest.mark.parametrize(
    ("name", "known"),
    [("both", {"MediaURLs", "MediaUrls"}), ("MediaURLs", {"MediaURLs"}), ("MediaUrls", {"MediaUrls"})],
)
def test_the_spelling_of_media_is_a_reading(target: Running, name: str, known: set[str]) -> None:
    sms = _swapped(target, "bp_sms.send.media-member", name)
    spellings = ("MediaURLs", "MediaUrls")
    assert {one for one in spellings if sms.send(**{"Body": None, one: [MEDIUM]}).status_code == 200} == known


def test_surplus_members_change_nothing(sms: Sms) -> None:
    surplus = {"sid": "mine", "status": "delivered", "account_sid": "x", "date_sent": "x", "price": "1", "MaxPrice": 1}
    sent = sms.send(**surplus, direction="inbound", ValidityPeriod=1, other=None).json()
    plain = sms.send().json()
    own = ("sid", "uri", "date_created", "date_updated")
    assert {k: v for k, v in sent.items() if k not in own} == {k: v for k, v in plain.items() if k not in own}


def test_equal_messages_at_the_same_time_are_different_messages(sms: Sms) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = [answer.json() for answer in pool.map(lambda n: sms.send(Body=f"text {n // 2}"), range(16))]
    assert len({each["sid"] for each in sent}) == 16
    assert all(sms.read(each["sid"]).json()["body"] == each["body"] for each in sent)


@pytest.mark.parametrize(
    "change",
    [
        lambda sid: sid[:-1],
        str.upper,
        lambda sid: f"{sid}%00",
        lambda sid: f"%2e%2e%2f{sid}",
        lambda _: "MM0123456789abcdef0123456789abcdef",
        lambda _: "a" * 4000,
        lambda _: "'%20or%20%C3%A9",
        lambda _: "%25",
    ],
)
def test_what_names_no_message_is_not_found(sms: Sms, change: Any) -> None:
    answer = sms.read(change(known_sid(QUICK, DELIVERED)))
    assert answer.status_code == 404
    assert "body" not in answer.json()


@pytest.mark.parametrize(
    ("kind", "direction"), [(DELIVERED, "outbound-api"), (FAILED, "outbound-api"), (RECEIVED, "inbound")]
)
def test_a_message_of_each_kind_is_there_from_the_start(sms: Sms, kind: str, direction: str) -> None:
    shown = sms.read(known_sid(QUICK, kind)).json()
    assert (shown["status"], shown["direction"]) == (kind, direction)
    assert shown["account_sid"] == known_sid(QUICK, "tenant.example.com")


def test_members_of_the_object_go_by_their_readings(target: Running) -> None:
    sid = known_sid(QUICK, DELIVERED)
    null = _swapped(target, "bp_sms.get.sid-member", "null-value").read(sid).json()
    assert (null["sid"], null["uri"]) == (None, f"{ROOT}/Messages/{sid}")
    named = _swapped(target, "bp_sms.message.account-identifier", "tenant-id").read(sid).json()
    assert named["tenant_id"]
    assert "account_sid" not in named
    assert _swapped(target, "bp_sms.send.long-body", "always-one").send(Body="x" * 161).json()["num_segments"] == "1"
    assert _swapped(target, "bp_sms.send.long-body", "counted").send(Body="x" * 161).json()["num_segments"] == "2"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1), ("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3), ("{" * 80, 1), ("{" * 81, 2),
        ("\u0416" * 70, 1), ("\u0416" * 71, 2), ("\U0001f600" * 35, 1), ("\U0001f600" * 36, 2),
    ],
)  # fmt: skip
def test_segments_are_counted_in_septets_or_in_units_of_utf_16(text: str, count: int) -> None:
    assert segments(text) == count
