"""Uploads: the form of the answer, the parts of the body, names, empty and large files, and a full store."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked, Unanswered
from suites.bp_mobile import files, steps
from suites.bp_mobile.clients import JSON

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Clients

SHAPE = "bp_mobile.files.upload-shape"
NAMES = (
    "note.txt", "Übersicht.txt", "отчёт.pdf", "報告書.txt", "تقرير.txt", "two words.txt", "100%.txt", "50%25 off.txt",
    "no-extension", "many.dots.tar.gz", "n" * 196 + ".txt", "it's.txt", "semi;colon.txt",
)  # fmt: skip
"""Names that must come back as they are."""
HOSTILE = (
    "../../up.txt", "..\\up.txt", "/etc/up.txt", "C:\\up.txt", "folder/up.txt", "%2e%2e%2fup.txt", "..", "quo%22te.txt",
    'quo\\"te.txt', "line%0D%0AX-Injected: yes.txt", "tab\tname.txt", "nul\x00name.txt", "bell\x07.txt",
)  # fmt: skip
"""Names that must be refused, or lose what leads elsewhere."""
LARGE, TOO_LARGE = 25_000_000, 26_214_401
STORE = 1000
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@pytest.mark.requirement("bp_mobile.files.upload-shape")
def test_an_upload_gives_a_new_id(chat: Chat, judge: Judge) -> None:
    """Two files are answered 200 with a file_id each, a string that is not empty."""
    answers = [steps.served(steps.upload(chat.client, f"{word}.txt", word.encode())) for word in ("first", "second")]
    for answer in answers:
        judge.that(answer.status == 200, "200 to an upload with the part file", shown(answer), answer)
        judge.that(answer.claims_json, "a JSON media type", str(answer.media_type), answer)
        judge.that(files.id_of(answer), "file_id, a string that is not empty", shown(answer), answer)
    ids = {files.id_of(answer) for answer in answers}
    judge.that(len(ids) == len(answers), "another file_id for another file", "the same one", *answers)


@pytest.mark.requirement("bp_mobile.files.upload-shape")
def test_an_upload_without_a_chat_is_recorded(clients: Clients, judge: Judge) -> None:
    """A client without a chat may or may not upload; the server must not break."""
    answer = steps.served(steps.upload(clients.fresh(), "early.txt", b"early"))
    judge.that(answer.status < 500, "200 or 4xx without a chat", shown(answer), answer)
    judge.note(without_chat=answer.status)


@pytest.mark.requirement("bp_mobile.files.part-name")
def test_other_part_names_work_or_are_refused(chat: Chat, judge: Judge) -> None:
    """The part file works; with other names the vendor has used the bytes come back, or there is a 400."""
    first = steps.upload(chat.client, "note.txt", b"in the part file")
    judge.that(files.id_of(first), "200 and a file_id with the part file", shown(first), first)
    for part in ("File", "file-upload-input"):
        content = f"in the part {part}".encode()
        answer = steps.upload(chat.client, "note.txt", content, part=part)
        judge.that(answer.status in {200, 400}, f"200 or 400 with the part {part}", shown(answer), answer)
        found = files.id_of(answer)
        judge.that(bool(found) == (answer.status == 200), "a file_id with 200 only", shown(answer), answer)
        if found:
            file = files.Stored(found, "note.txt", content)
            files.announce(chat, [file])
            download = files.fetch(chat, file.id)
            if not files.is_whole(download, content):
                files.owned(chat)
            judge.that(files.is_whole(download, content), f"the bytes of the part {part}", shown(download), download)
        judge.reading("any-name" if found else "file-only")
    body, kind = steps.multipart("note.txt", b"beside a comment")
    boundary = kind.partition("boundary=")[2].encode()
    comment = b"--" + boundary + b'\r\nContent-Disposition: form-data; name="comment"\r\n\r\nhello\r\n'
    answer = chat.client.call("uploadFile", body=comment + body, content_type=kind)
    judge.that(answer.status < 500, "no 5xx to a file beside a text field", shown(answer), answer)
    judge.note(beside_a_field=answer.status)


@pytest.mark.requirement("bp_mobile.files.missing-part")
def test_an_upload_without_a_file_is_refused(chat: Chat, judge: Judge) -> None:
    """No parts, a text field only, no boundary, a body that breaks off, and JSON are 4xx without a file_id."""
    steps.stored_file(chat.client, "control.txt", b"control")
    body, kind = steps.multipart("note.txt", b"x" * 400)
    boundary = kind.partition("boundary=")[2]
    field = f'--{boundary}\r\nContent-Disposition: form-data; name="comment"\r\n\r\nhello\r\n--{boundary}--\r\n'
    bodies = {
        "no parts": (f"--{boundary}--\r\n".encode(), kind),
        "a text field only": (field.encode(), kind),
        "no boundary": (body, "multipart/form-data"),
        "a body that breaks off": (body[: len(body) // 2], kind),
        "a JSON body": (json.dumps({"file": "hello"}).encode(), JSON),
    }
    for what, (content, content_type) in bodies.items():
        answer = chat.client.call("uploadFile", body=content, content_type=content_type)
        judge.that(400 <= answer.status < 500, f"4xx to an upload with {what}", shown(answer), answer)
        judge.that("file_id" not in object_in(answer), "no file_id", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.files.names")
def test_ordinary_names_come_back(chat: Chat, judge: Judge) -> None:
    """Names in several scripts, with spaces, percent signs and many characters are in the answer as they were sent."""
    for name in NAMES:
        answer = steps.served(steps.upload(chat.client, name, b"named"))
        judge.that(answer.status == 200, f"200 to a file named {name[:40]}", shown(answer), answer)
        found = object_in(answer).get("file_name")
        if found is None:
            judge.warn(False, "file_name in the answer", shown(answer), answer)
            return
        judge.that(found == name, f"the file_name {name[:40]}", str(found)[:80], answer)


@pytest.mark.requirement("bp_mobile.files.names")
def test_hostile_names_lead_nowhere(chat: Chat, judge: Judge) -> None:
    """Folders, quotes and line breaks in a name are refused or dropped, and split no header of the download."""
    stored = []
    for name in HOSTILE:
        answer = steps.served(steps.upload(chat.client, name, b"hostile"))
        shown_name = ascii(name)
        good = answer.status == 200 or 400 <= answer.status < 500
        judge.that(good, f"200 or 4xx to a file named {shown_name}", shown(answer), answer)
        if not (found := files.id_of(answer)):
            continue
        told = str(object_in(answer).get("file_name", ""))
        clean = not (set("/\\") & set(told)) and not CONTROL.search(told)
        judge.that(clean, f"no folders and control characters in the name for {shown_name}", ascii(told), answer)
        stored.append(files.Stored(found, "hostile.bin", b"hostile"))
    files.announce(chat, stored)
    for file in stored:
        answer = files.fetch(chat, file.id)
        injected = answer.values("X-Injected") or [value for _, value in answer.headers if CONTROL.search(value)]
        judge.that(not injected, "header fields of the download without a line of the name", "one", answer)
        judge.that(answer.status < 500, "a download that works, or 4xx", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.files.zero-bytes")
def test_an_empty_file_is_stored_or_refused(chat: Chat, judge: Judge) -> None:
    """A part file without a byte is answered 400, or 200 and the download is empty too."""
    steps.stored_file(chat.client, "control.txt", b"control")
    try:
        answer = steps.upload(chat.client, "empty.txt", b"")
    except Unanswered as problem:
        judge.fail("200 or 400 to an empty file", f"{problem}; a file with bytes was answered")
    judge.that(answer.status in {200, 400}, "200 or 400 to an empty file", shown(answer), answer)
    if answer.status == 400:
        judge.reading("refused")
        return
    found = files.id_of(answer)
    judge.that(found, "a file_id", shown(answer), answer)
    files.announce(chat, [files.Stored(str(found), "empty.txt", b"")])
    download = files.fetch(chat, str(found))
    if download.status != 200:
        files.owned(chat)
    judge.that(files.is_whole(download, b""), "200 without bytes from its download", shown(download), download)
    judge.reading("stored")


@pytest.mark.requirement("bp_mobile.files.size-limit")
def test_the_size_limit_lies_between_25_mb_and_25_mib(chat: Chat, judge: Judge) -> None:
    """25,000,000 bytes are stored whole, 26,214,401 are refused, and a small file works after that."""
    steps.stored_file(chat.client, "control.txt", b"control")
    content = bytes(range(256)) * (TOO_LARGE // 256 + 1)
    large = files.Stored("", "large.bin", content[:LARGE])
    try:
        answer = steps.upload(chat.client, large.name, large.content)
    except Unanswered as problem:
        if "deadline" in str(problem):
            raise
        judge.fail(f"200 to a file of {LARGE} bytes", str(problem))
    judge.that(files.id_of(answer), f"200 and a file_id for a file of {LARGE} bytes", shown(answer), answer)
    large = files.Stored(str(files.id_of(answer)), large.name, large.content)
    files.announce(chat, [large])
    download = files.fetch(chat, large.id)
    told = f"{download.status}, Content-Length {', '.join(download.values('Content-Length')) or 'none'}"
    judge.that(files.is_whole(download, large.content), "the file whole", told, download)
    try:
        refusal: Answer | None = steps.upload(chat.client.again(), "larger.bin", content[:TOO_LARGE])
    except Unanswered as problem:
        if "deadline" in str(problem):
            raise
        refusal = None
    if refusal is not None:
        expected = f"413 or 400 to a file of {TOO_LARGE} bytes"
        judge.that(refusal.status in {400, 413}, expected, shown(refusal), refusal)
    small = steps.upload(chat.client.again(), "small.txt", b"small")
    judge.that(files.id_of(small), "200 to a small file after the refusal", shown(small), small)
    status = refusal.status if refusal else None
    judge.reading({None: "connection-closed", 400: "bad-request"}.get(status, "too-large"))


@pytest.mark.requirement("bp_mobile.files.oldest-replaced")
def test_the_oldest_file_makes_room(chat: Chat, judge: Judge) -> None:
    """Of 1001 files the last is served and the first, which was served while it was alone, is 404."""
    first = files.shared(chat, "first.txt", b"the first")
    files.must_read(chat, first)
    for number in range(2, STORE + 2):
        answer = steps.upload(chat.client, f"{number}.txt", f"number {number}".encode())
        if files.id_of(answer) is None:
            small = steps.upload(chat.client, "again.txt", b"once more")
            if files.id_of(small) is not None:
                raise Blocked(SHAPE, f"one upload of many answered {shown(answer)}")
            judge.fail(f"200 to upload number {number}", shown(answer), answer)
    last = files.Stored(str(files.id_of(answer)), f"{STORE + 1}.txt", f"number {STORE + 1}".encode())
    files.announce(chat, [last])
    newest, oldest = files.fetch(chat, last.id), files.fetch(chat, first.id)
    judge.that(files.is_whole(newest, last.content), "the last of 1001 files", shown(newest), newest)
    judge.that(oldest.status == 404, "404 to the first of 1001 files", shown(oldest), oldest)
