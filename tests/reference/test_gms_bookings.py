from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from fixtures.reference.gms import readings
from fixtures.reference.gms.configuration import DNIS, RESERVE
from fixtures.reference.settings import Settings
from tests.reference.gms_client import Gms, refusal

if TYPE_CHECKING:
    from fixtures.reference.server import Running

OTHER_PHONE = "6505550178"


@pytest.fixture
def gms(target: Running) -> Gms:
    return Gms(target.base_url)


def _swapped(target: Running, **chosen: str) -> Gms:
    target.swap(readings={getattr(readings, name): value for name, value in chosen.items()})
    return Gms(target.base_url)


def test_a_code_is_given_to_whoever_asks(gms: Gms) -> None:
    assert "_access_code" not in gms.booked()
    assert "_access_code" not in gms.booked(provide_code="false")
    codes = {gms.booked(provide_code="true")["_access_code"] for _ in range(4)}
    assert len(codes) > 1
    assert all(code.isdecimal() and len(code) == 4 for code in codes)


def test_numbers_come_from_the_named_group_and_how_long_is_said(gms: Gms) -> None:
    booked = gms.booked()
    assert booked["_access_number"] in DNIS.numbers
    assert booked["_expiration_time"] == str(Settings().gms_booking_s)
    reserved = gms.booked(resource_group=RESERVE.name, booking_expiration_timeout="7")
    assert reserved["_access_number"] in RESERVE.numbers
    assert reserved["_expiration_time"] == "7"
    assert refusal(gms.create("request-interaction", {"_resource_group": "nobody"})) == 400


@pytest.mark.parametrize(("reading", "status"), [("accepted", 200), ("refused", 400)])
def test_a_missing_phone_number_goes_by_the_reading(target: Running, reading: str, status: int) -> None:
    gms = _swapped(target, NO_PHONE_NUMBER=reading)
    assert gms.create("request-interaction").status_code == status


@pytest.mark.parametrize("reading", readings.READINGS[readings.POOL_EXHAUSTED])
def test_an_empty_pool_goes_by_the_reading(target: Running, reading: str) -> None:
    gms = _swapped(target, POOL_EXHAUSTED=reading)
    booked = [gms.booked() for _ in range(6)]
    taken = {one["_access_number"] for one in booked}
    surplus = gms.create("request-interaction")
    assert len(taken) == 6
    if reading == "refused":
        assert refusal(surplus) == 503
    elif reading == "extended":
        assert surplus.json()["_access_number"] in set(DNIS.numbers) - taken
    else:
        number, code = surplus.json()["_access_number"], surplus.json()["_access_code"]
        assert number == booked[0]["_access_number"]
        assert gms.match(number, access_code=code).json()["_id"] == surplus.json()["_id"]
        assert gms.match(number).json()["_id"] == booked[0]["_id"]


def test_each_number_matches_its_own_booking(gms: Gms) -> None:
    booked = [gms.booked() for _ in range(3)]
    matched = [gms.match(one["_access_number"]).json() for one in reversed(booked)]
    assert [one["_id"] for one in matched] == [one["_id"] for one in reversed(booked)]
    assert len({one["_data_id"] for one in matched} | {one["_id"] for one in matched}) == 6


def test_what_does_not_fit_matches_nothing_and_changes_nothing(gms: Gms) -> None:
    booked = gms.booked(provide_code="true")
    number, code = booked["_access_number"], booked["_access_code"]
    wrong = f"{(int(code) + 1) % 10_000:04}"
    assert refusal(gms.match(number, phone_number=OTHER_PHONE)) == 404
    assert refusal(gms.match(number, access_code=wrong)) == 404
    assert refusal(gms.match(number, access_code=code[:3])) == 404
    assert refusal(gms.match("999999999999999")) == 404
    assert refusal(gms.match("")) == 400
    assert refusal(gms.create("match-interaction")) == 400
    assert gms.match(number, access_code=code).json()["_id"] == booked["_id"]


@pytest.mark.parametrize(
    ("reading", "name", "second"),
    [
        ("SECOND_MATCH", "released", 404),
        ("SECOND_MATCH", "kept", 200),
        ("PARALLEL_MATCHES", "all-see-it", 200),
    ],
)
def test_a_second_match_goes_by_the_reading(target: Running, reading: str, name: str, second: int) -> None:
    gms = _swapped(target, **{reading: name})
    number = gms.booked()["_access_number"]
    first, again = gms.match(number), gms.match(number)
    assert (first.status_code, again.status_code) == (200, second)
    if second == 200:
        assert again.json() == first.json()


def test_one_of_several_matches_that_come_together_wins(gms: Gms) -> None:
    number = gms.booked()["_access_number"]
    with ThreadPoolExecutor(4) as pool:
        assert Counter(pool.map(lambda _: gms.match(number).status_code, range(4))) == {200: 1, 404: 3}


def test_a_booking_ends_by_time_and_its_number_can_be_had_again(gms: Gms) -> None:
    first = gms.booked(booking_expiration_timeout="1")
    deadline = time.monotonic() + 5
    while (again := gms.booked(booking_expiration_timeout="1"))["_access_number"] != first["_access_number"]:
        assert time.monotonic() < deadline
        gms.match(again["_access_number"])
        time.sleep(0.05)
    assert gms.match(first["_access_number"]).json()["_id"] == again["_id"]
    assert refusal(gms.match(first["_access_number"])) == 404


def test_access_leads_to_a_service_that_lives(gms: Gms) -> None:
    owner = gms.instance("request-inbound-poll", mark="one").rpartition("/")[2]
    fields = {"_id": owner, "_resource_group": DNIS.name, "_provide_code": "true"}
    access = gms.create("request-access", fields).json()
    assert set(access) == {"_access_number", "_access_code", "_expiration_time"}
    matched = gms.match(access["_access_number"]).json()
    assert matched["_id"] == owner
    assert gms.call("GET", f"/storage/{matched['_data_id']}").json() == {"mark": "one"}


@pytest.mark.parametrize("id_", ["39a98e24-0000-4000-8000-000000000001", "", None])
def test_access_to_nothing_is_refused_and_books_nothing(gms: Gms, id_: str | None) -> None:
    for _ in range(7):
        assert refusal(gms.create("request-access", {} if id_ is None else {"_id": id_})) == 404
    assert gms.booked()["_access_number"] == DNIS.numbers[0]
