"""Files of clients, byte for byte."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from fixtures.reference.bp_mobile import base
from fixtures.reference.bp_mobile.web import MAX_FILE
from fixtures.reference.settings import Settings
from tests.reference.mobile_client import Mobile

if TYPE_CHECKING:
    from fixtures.reference.server import Running

QUICK = Settings(poll_hold_s=0.2, bot_delay_s=0.01)
CONTENTS = {
    "one byte": b"x",
    "all bytes": bytes(range(256)) * 3,
    "line ends": b"\r\n\n\r--\r\n",
    "almost a boundary": b"\r\n--bound\r\n--bounda",
    "64 kB": bytes(number * number % 251 for number in range(65_537)),
    "1 MB": bytes(range(256)) * 4096,
}


@pytest.fixture
def mobile(target: Running) -> Mobile:
    target.swap(settings=QUICK)
    return Mobile(target.base_url).opened()


def _swapped(target: Running, reading: str, name: str) -> Mobile:
    target.swap(readings={f"bp_mobile.{reading}": name}, settings=QUICK)
    return Mobile(target.base_url).opened()


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_file_comes_back_byte_for_byte_under_its_type(mobile: Mobile, content: bytes) -> None:
    file_id = mobile.upload(content, kind="text/plain; charset=utf-8").json()["file_id"]
    for _ in range(2):
        answer = mobile.download(file_id)
        assert answer.content == content
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Überblick Zürich 100%.txt", "Überblick Zürich 100%.txt"),
        ("文書.txt", "文書.txt"),
        ("../../etc/x.txt", "x.txt"),
        ("C:\\\\temp\\\\x.txt", "x.txt"),
        ("a%0D%0AX-Injected: 1.txt", "a%0D%0AX-Injected: 1.txt"),
        ("n" * 200, "n" * 200),
    ],
)
def test_a_name_is_kept_without_folders_and_is_no_header(mobile: Mobile, sent: str, kept: str) -> None:
    body = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{sent}"\r\n\r\nx\r\n--b--\r\n'.encode()
    answer = mobile.call(
        "POST", "/files", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    ).json()
    assert answer["file_name"] == kept
    download = mobile.download(answer["file_id"])
    assert download.headers["Content-Type"] == "application/octet-stream"
    assert download.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert "X-Injected" not in download.headers


@pytest.mark.parametrize("part", ["file", "File", "file-upload-input"])
@pytest.mark.parametrize("name", ["any-name", "file-only"])
def test_the_name_of_the_part_is_a_reading(target: Running, part: str, name: str) -> None:
    mobile = _swapped(target, "files.part-name", name)
    answer = mobile.upload(b"x", part=part)
    assert answer.status_code == (200 if name == "any-name" or part == "file" else 400)


@pytest.mark.parametrize(("name", "status"), [("stored", 200), ("refused", 400)])
def test_an_empty_file_is_a_reading(target: Running, name: str, status: int) -> None:
    mobile = _swapped(target, "files.zero-bytes", name)
    answer = mobile.upload(b"")
    assert answer.status_code == status
    if status == 200:
        assert mobile.download(answer.json()["file_id"]).content == b""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--', "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nx',
            "multipart/form-data; boundary=b",
        ),
        (b"--b\r\nx\r\n--b--", "multipart/form-data; boundary=b"),
        (b"--b--", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"", ""),
    ],
)
def test_an_upload_without_a_file_is_refused(mobile: Mobile, body: bytes, kind: str) -> None:
    answer = mobile.call("POST", "/files", data=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert "file_id" not in answer.json()


def test_files_and_parties_that_are_not_there_are_not_found(mobile: Mobile) -> None:
    for name in (str(uuid.uuid4()), "..%2F..%2Fx", "%00"):
        for kind in ("files", "profilephotos"):
            answer = mobile.call("GET", f"/chats/{mobile.chat}/{kind}/{name}")
            assert (answer.status_code, answer.json()["error_code"]) == (404, "5502")


def test_a_file_is_its_owner_s_alone(mobile: Mobile) -> None:
    file_id = mobile.upload(b"secret").json()["file_id"]
    stranger = Mobile(mobile.base_url).opened()
    assert stranger.download(file_id).status_code == 404
    stranger.chat = mobile.chat
    assert stranger.download(file_id).status_code == 404
    assert mobile.download(file_id, headers={"Authorization": None}).status_code == 403
    assert mobile.download(file_id).content == b"secret"


@pytest.mark.parametrize(("name", "status"), [("served", 200), ("refused", 403)])
def test_a_download_without_a_tenant_is_a_reading(target: Running, name: str, status: int) -> None:
    mobile = _swapped(target, "files.get-without-tenant", name)
    file_id = mobile.upload(b"x").json()["file_id"]
    assert mobile.download(file_id, params={"tenantUrl": None}).status_code == status
    assert mobile.download(file_id).status_code == 200


def test_uploads_at_the_same_time_keep_their_bytes(mobile: Mobile) -> None:
    contents = [f"content {number}".encode() * 1000 for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        ids = [answer.json()["file_id"] for answer in pool.map(mobile.upload, contents)]
    assert [mobile.download(file_id).content for file_id in ids] == contents


@pytest.mark.parametrize(("name", "status"), [("too-large", 413), ("bad-request", 400), ("connection-closed", None)])
def test_a_file_beyond_the_limit_is_refused_by_the_reading(target: Running, name: str, status: int | None) -> None:
    mobile = _swapped(target, "files.size-limit", name)
    for size in (MAX_FILE + 1, MAX_FILE + 1_000_000):
        if status is None:
            with pytest.raises(requests.ConnectionError):
                mobile.upload(bytes(size))
        else:
            answer = mobile.upload(bytes(size))
            assert (answer.status_code, answer.json()["error_code"]) == (status, "5501")
    assert mobile.upload(b"x").status_code == 200


def test_a_file_of_the_limit_is_kept_whole(mobile: Mobile) -> None:
    file_id = mobile.upload(bytes(MAX_FILE)).json()["file_id"]
    assert len(mobile.download(file_id).content) == MAX_FILE


def test_the_oldest_of_a_thousand_files_makes_room_for_the_newest(
    mobile: Mobile, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert base.MAX_FILES == 1000
    monkeypatch.setattr(base, "MAX_FILES", 10)
    ids = [mobile.upload(b"x").json()["file_id"] for _ in range(10)]
    assert mobile.download(ids[0]).status_code == 200
    newest = mobile.upload(b"newest").json()["file_id"]
    assert [mobile.download(each).status_code for each in (ids[0], ids[1], newest)] == [404, 200, 200]
