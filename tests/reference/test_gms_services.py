from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.reference.gms import readings
from fixtures.reference.settings import Settings
from tests.reference.gms_client import PHONE, ROOT, Gms, refusal

if TYPE_CHECKING:
    import requests

    from fixtures.reference.server import Running

UNKNOWN = "39a98e24-0000-4000-8000-000000000001"
MULTIPART = {"_phone_number": (None, PHONE), "_provide_code": (None, "true")}


@pytest.fixture
def gms(target: Running) -> Gms:
    return Gms(target.base_url)


def _swapped(target: Running, reading: str, name: str) -> Gms:
    target.swap(readings={reading: name})
    return Gms(target.base_url)


def test_both_kinds_of_body_start_a_service(gms: Gms) -> None:
    urlencoded = gms.create("request-interaction", {"_phone_number": PHONE, "_provide_code": "true"})
    multipart = gms.create("request-interaction", files=MULTIPART)
    assert urlencoded.status_code == multipart.status_code == 200
    members = {"_id", "_access_number", "_access_code", "_expiration_time"}
    assert set(urlencoded.json()) == set(multipart.json()) == members
    assert urlencoded.json()["_id"] != multipart.json()["_id"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (
            'multipart/form-data; boundary="a b"',
            '--a b\r\nCONTENT-DISPOSITION: form-data; name="{0}"\r\n\r\ntrue\r\n--a b--',
        ),
        (
            "multipart/form-data; boundary=x",
            'before\r\n--x\r\nX-A: b\r\nContent-Disposition: form-data; filename=f; name="f"\r\n\r\n'
            "--\r\n--x\r\ncontent-disposition: form-data; name={0}\r\n\r\ntrue\r\n--x--\r\nafter",
        ),
    ],
)
def test_unusual_spellings_of_multipart_are_understood(gms: Gms, content_type: str, body: str) -> None:
    data = body.format("_provide_code").encode()
    answer = gms.call("POST", "/service/request-interaction", data=data, headers={"Content-Type": content_type})
    assert "_access_code" in answer.json()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--'),
        ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb'),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--"),
        ("multipart/form-data; boundary=x", ""),
        ("application/x-www-form-urlencoded", "a=%FF"),
        ("application/x-www-form-urlencoded", b"a=\xff"),
    ],
)
def test_a_broken_body_is_refused_and_books_nothing(gms: Gms, content_type: str, body: Any) -> None:
    for _ in range(7):
        answer = gms.call("POST", "/service/request-interaction", data=body, headers={"Content-Type": content_type})
        assert refusal(answer) == 400
    assert len({gms.booked()["_access_number"] for _ in range(6)}) == 6


def test_long_values_and_many_fields_are_taken_and_more_is_refused(gms: Gms) -> None:
    path = gms.instance("request-outbound-notify", long="x" * 65_536, **{f"n{place}": "v" for place in range(200)})
    assert len(gms.call("GET", f"{path}/storage").json()) == 201
    assert refusal(gms.create("request-chat", {"long": "x" * 1_100_000})) == 413


@pytest.mark.parametrize(
    ("name", "status", "has_code"),
    [("refused-4xx", 415, False), ("body-ignored", 200, False), ("parsed-as-form", 200, True)],
)
def test_another_type_of_body_goes_by_the_reading(target: Running, name: str, status: int, has_code: bool) -> None:
    gms = _swapped(target, readings.WRONG_TYPE, name)

    def create(body: str, content_type: str) -> requests.Response:
        return gms.call("POST", "/service/request-interaction", data=body, headers={"Content-Type": content_type})

    text = create("_provide_code=true", "text/plain")
    assert (text.status_code, "_access_code" in text.json()) == (status, has_code)
    assert "_access_code" not in create("<a>&_provide_code=true</a>", "text/xml").json()


@pytest.mark.parametrize("reading", readings.READINGS[readings.ID_MEMBER])
def test_the_id_is_spelled_by_the_reading(target: Running, reading: str) -> None:
    gms = _swapped(target, readings.ID_MEMBER, reading)
    spelled = {"underscore-id": {"_id"}, "plain-id": {"id"}, "both-equal": {"_id", "id"}}[reading]
    for service in ("request-interaction", "request-chat"):
        created = gms.create(service).json()
        assert {"_id", "id"} & set(created) == spelled
        assert len({created[name] for name in spelled}) == 1


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "request-interaction-x",
        "Request-Interaction",
        UNKNOWN,
        "callback/other",
        "%2e%2e%2fx",
        "a%00",
        "a%0d%0aX:1",
        "é",
    ],
)
def test_only_configured_services_start(gms: Gms, path: str) -> None:
    answer = gms.create(path)
    assert refusal(answer) == 404
    assert "X" not in answer.headers


def test_what_is_no_resource_or_method_is_refused_like_everything_else(gms: Gms) -> None:
    assert refusal(gms.call("GET", "/nothing")) == 404
    answer = gms.call("GET", "/service/request-chat")
    assert (refusal(answer), answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_a_client_cannot_choose_the_id(gms: Gms) -> None:
    path = gms.instance("request-interaction", mark="first")
    other = gms.instance("request-interaction", _id=path.rpartition("/")[2], mark="second")
    assert other != path
    assert gms.call("GET", f"{path}/storage").json() == {"mark": "first"}


def test_parallel_creates_get_their_own_ids_and_numbers(gms: Gms) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: gms.booked(), range(6)))
    assert len({answer["_id"] for answer in answers}) == len({answer["_access_number"] for answer in answers}) == 6


def test_a_poll_service_says_status_and_dialog_as_often_as_it_is_asked(gms: Gms) -> None:
    path = gms.instance("request-inbound-poll")
    for _ in range(3):
        status = gms.post(f"{path}/status").json()
        assert status == {"status": "waiting-for-agent", "dialog": "/waitingforagent.html"}
    assert gms.call("POST", f"{path}/status", files={"a": (None, "b")}).json() == status
    assert refusal(gms.post(f"{path}/nothing")) == 404


def test_other_services_take_no_specific_requests(gms: Gms) -> None:
    booked = gms.booked()
    for request in ("status", "update", "check-queue-position", "ixn/chat"):
        assert refusal(gms.post(f"/service/{booked['_id']}/{request}")) == 400
    assert gms.match(booked["_access_number"]).json()["_id"] == booked["_id"]


@pytest.mark.parametrize("id_", [UNKNOWN, "request-inbound-poll"])
def test_an_unknown_instance_takes_nothing(gms: Gms, id_: str) -> None:
    for request in ("status", "update", "check-queue-position", "ixn/chat", "ixn/chat/refresh"):
        assert refusal(gms.post(f"/service/{id_}/{request}")) == 404
    assert refusal(gms.call("GET", f"/service/{id_}/storage")) == 404


def test_the_other_specific_service_answers_with_what_it_was_asked(gms: Gms) -> None:
    path = gms.instance("request-outbound-notify")
    answer = gms.post(f"{path}/check-availability", {"language": "french"})
    assert answer.json() == {"language": "french", "available": True}


def test_update_adds_and_replaces_user_data(gms: Gms) -> None:
    path = gms.instance("request-inbound-poll", a="1", b="2")
    assert gms.post(f"{path}/update", {"b": "3", "c": "4", "_d": "5"}).status_code == 200
    assert gms.call("POST", f"{path}/update", files={"c": (None, "6")}).status_code == 200
    assert gms.call("GET", f"{path}/storage").json() == {"a": "1", "b": "3", "c": "6"}


# ---- callbacks -----------------------------------------------------------------------------------------------------


def test_a_callback_takes_json_or_not_by_the_reading(target: Running, gms: Gms) -> None:
    assert gms.create("callback/support", json={"_customer_number": PHONE}).status_code == 200
    assert refusal(gms.create("callback/support", json={"_customer_number": 1})) == 400
    assert refusal(gms.create("callback/support", json=["a"])) == 400
    gms = _swapped(target, readings.JSON_CALLBACK, "refused")
    assert refusal(gms.create("callback/support", json={"_customer_number": PHONE})) == 415


def test_a_callback_demands_its_field(gms: Gms) -> None:
    assert refusal(gms.create("callback/support")) == 400


@pytest.mark.parametrize(
    ("reading", "members"),
    [
        ("position-and-eta", {"_position", "_eta", "_total_waiting", "_agent_ready_threshold_passed"}),
        ("ewt-only", {"ewt"}),
        ("both", {"_position", "_eta", "_total_waiting", "_agent_ready_threshold_passed", "ewt"}),
    ],
)
def test_a_queue_position_has_the_members_of_the_reading(target: Running, reading: str, members: set[str]) -> None:
    gms = _swapped(target, readings.QUEUE_POSITION, reading)
    path = gms.instance("callback/support", _customer_number=PHONE)
    assert set(gms.call("GET", f"{path}/check-queue-position").json()) == members


def test_whoever_comes_later_waits_behind_until_somebody_cancels(gms: Gms) -> None:
    first, second = (gms.instance("callback/support", _customer_number=PHONE) for _ in range(2))

    def place(path: str) -> tuple[int, int]:
        said = gms.post(f"{path}/check-queue-position").json()
        return int(said["_position"]), int(said["_total_waiting"])

    assert (place(first), place(second)) == ((3, 5), (4, 5))
    id_ = first.rpartition("/")[2]
    assert refusal(gms.call("DELETE", f"/service/callback/other/{id_}")) == 404
    assert gms.call("DELETE", f"/service/callback/support/{id_}").status_code == 200
    assert place(second) == (3, 4)
    assert refusal(gms.post(f"{first}/check-queue-position")) == 404


# ---- credentials ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (None, 401),
        ("Bearer abc", 401),
        ("Basic bW9iaWxlLWFwcDp3cm9uZw==", 401),
        ("Basic dXNlcjpNb2JpbGUtQXBwLVdvcmQtOTI=", 401),
        ("Basic bW9iaWxlLWFwcA==", 401),
        ("Basic !!", 400),
        ("Basic /w==", 400),
    ],
)
def test_wrong_credentials_reach_nothing(gms: Gms, field: str | None, status: int) -> None:
    headers = {"Authorization": field} if field else {}
    for path in ("/service/request-chat", "/service/nothing", "/storage/60"):
        answer = gms.post(path, headers=headers, auth=lambda request: request)
        assert refusal(answer) == status
        assert answer.headers.get("WWW-Authenticate", "").startswith("Basic ") == (status == 401)


def test_the_scheme_counts_in_any_letter_case(gms: Gms) -> None:
    field = "bASIC bW9iaWxlLWFwcDpNb2JpbGUtQXBwLVdvcmQtOTI="
    answer = gms.post("/service/request-chat", headers={"Authorization": field}, auth=lambda request: request)
    assert answer.status_code == 200


def test_a_target_that_asks_for_no_credentials_needs_none(target: Running) -> None:
    target.swap(settings=Settings(gms_auth="none"))
    assert Gms(target.base_url).create("request-chat", auth=lambda request: request).status_code == 200
    assert "username" not in target.target_file_text().partition("[apis.gms]")[2].partition("[apis.")[0]


def test_a_chat_service_says_where_its_chat_is_if_it_is_asked(gms: Gms) -> None:
    created = gms.create("request-chat", {"_verbose": "true"}).json()
    assert created["_chatIxnAPI-CREATE-URL"] == f"{ROOT}/service/{created['_id']}/ixn/chat"
    assert set(gms.create("request-chat").json()) == {"_id"}
