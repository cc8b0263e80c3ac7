from __future__ import annotations

import string
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.reference.gms import readings
from fixtures.reference.settings import Settings
from tests.reference.gms_client import Gms, refusal

if TYPE_CHECKING:
    import requests

    from fixtures.reference.server import Running

UNKNOWN = "/storage/39a98e24-0000-4000-8000-000000000001"
ITEMS = {
    "a_b": " x+y%20&z=;\"'\\<b>",
    "a_": "007",
    "A.b[0]": "true",
    "é": "é\U0001f600 e\u0301 \u05d0 世",
    "empty": "",
    "all": string.printable,
}


@pytest.fixture
def gms(target: Running) -> Gms:
    return Gms(target.base_url)


def _gone_after(gms: Gms, path: str) -> float:
    """Seconds until the path is not found any more."""
    began = time.monotonic()
    while gms.call("GET", path).status_code == 200:
        assert time.monotonic() < began + 5
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize("multipart", [False, True])
def test_what_does_not_begin_with_an_underscore_is_stored_as_it_came(gms: Gms, multipart: bool) -> None:
    fields = ITEMS | {"_x": "1", "__y": "2"}
    if multipart:
        created = gms.create("request-interaction", files={name: (None, value) for name, value in fields.items()})
    else:
        created = gms.create("request-interaction", fields)
    assert gms.call("GET", f"/service/{created.json()['_id']}/storage").json() == ITEMS
    data_id = gms.match(created.json()["_access_number"]).json()["_data_id"]
    assert gms.call("GET", f"/storage/{data_id}").json() == ITEMS


def test_the_charset_of_a_part_counts(gms: Gms) -> None:
    parts = {
        "named": (None, "é".encode(), "text/plain; charset=utf-8"),
        "latin": (None, "é".encode("latin-1"), "text/plain; charset=ISO-8859-1"),
    }
    created = gms.create("request-chat", files=parts)
    assert gms.call("GET", f"/service/{created.json()['_id']}/storage").json() == {"named": "é", "latin": "é"}
    assert refusal(gms.create("request-chat", files={"bad": (None, b"\xff")})) == 400


CONTENTS = {"empty": b"", "nul": b"\0", "boundary": b"\r\n--x--\r\n\r\n", "every octet": bytes(range(256)) * 256}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_file_comes_back_byte_for_byte(gms: Gms, content: bytes) -> None:
    files = {"FileKey": ("../é.png", content, "image/png"), "word": (None, "x")}
    booked = gms.create("request-interaction", files=files).json()
    data_id = gms.match(booked["_access_number"]).json()["_data_id"]
    assert gms.call("GET", f"/storage/binary/{data_id}/FileKey").content == content
    assert refusal(gms.call("GET", f"/storage/binary/{data_id}/word")) == 404
    assert gms.call("GET", f"/storage/{data_id}").json()["word"] == "x"


def test_user_data_end_with_their_time(gms: Gms) -> None:
    path = gms.instance("request-interaction", mark="x", _ttl="1")
    assert 0.5 < _gone_after(gms, f"{path}/storage") < 3


def test_storage_gives_all_items_and_each_of_them(gms: Gms) -> None:
    for arguments in ({"fields": ITEMS}, {"files": {name: (None, value) for name, value in ITEMS.items()}}):
        created = gms.post("/storage/60", **arguments).json()
        assert list(created) == ["id"]
        path = f"/storage/{created['id']}"
        assert gms.call("GET", path).json() == ITEMS
        for name, value in ITEMS.items():
            assert gms.call("GET", f"{path}/{name.replace('[', '%5B')}").content.decode() == value


def test_storage_is_updated_and_deleted_alone(gms: Gms) -> None:
    first, second = (f"/storage/{gms.post('/storage/60', {'a': '1'}).json()['id']}" for _ in range(2))
    assert gms.post(f"{first}/60", {"b": "2"}).status_code == 200
    assert gms.call("GET", first).json() == {"a": "1", "b": "2"}
    assert gms.call("DELETE", first).status_code == 204
    for path in (first, f"{first}/a"):
        assert refusal(gms.call("GET", path)) == 404
    assert refusal(gms.call("DELETE", first)) == 404
    assert gms.call("GET", second).json() == {"a": "1"}


@pytest.mark.parametrize("ttl", ["1", "0", "-5", "abc", "%C2%B2"])
def test_storage_ends_with_its_time_also_with_a_wrong_one(target: Running, ttl: str) -> None:
    target.swap(settings=Settings(gms_wrong_ttl_s=1))
    gms = Gms(target.base_url)
    path = f"/storage/{gms.post(f'/storage/{ttl}', {'a': '1'}).json()['id']}"
    longer = f"/storage/{gms.post('/storage/999999999999', {'a': '1'}).json()['id']}"
    assert 0.5 < _gone_after(gms, path) < 3
    assert gms.call("GET", longer).status_code == 200


@pytest.mark.parametrize("reading", readings.READINGS[readings.UNKNOWN_STORAGE])
def test_an_unknown_id_goes_by_the_reading(target: Running, reading: str) -> None:
    target.swap(readings={readings.UNKNOWN_STORAGE: reading})
    gms = Gms(target.base_url)
    answer: requests.Response = gms.call("GET", UNKNOWN)
    if reading == "empty-object":
        assert (answer.status_code, answer.json()) == (200, {})
    else:
        assert refusal(answer) == {"not-found": 404, "exception-object": 500}[reading]
