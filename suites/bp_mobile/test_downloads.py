"""Downloads: the bytes, their type, who may have them, and what is not there. Photos are downloaded the same way."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from fixtures.api import encode, located, shown
from fixtures.outcomes import Blocked
from fixtures.wire import connection
from suites.bp_mobile import files, polling, received, scenario, steps
from suites.bp_mobile.voices import speaking

if TYPE_CHECKING:
    import random

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550"
    "000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
"""One grey dot."""
TEXT = "Grüße, 你好, שלום\r\nsecond line\nthird\r\n"
BLOCKS = (4096, 8192, 65536)
REFUSED = frozenset({401, 403, 404})
CLIMBS = ("..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2fhistory", "..%5c..%5cwin.ini", "%2e%2e")


def greeter(chat: Chat) -> str:
    """Return the party_id of the one who greets; raises Blocked."""
    scenario.require_greeting(chat.api)
    if parties := received.joined(polling.greeted(chat)):
        return parties[0]
    raise Blocked("bp_mobile.events.party-joined", "no party joined under an id")


def photo(chat: Chat, party_id: str) -> Answer:
    """Download the photo of a party, and return whatever comes back."""
    return chat.client.call("getAgentProfilePhoto", path={"chatId": chat.id, "partyId": party_id})


def contents(rng: random.Random) -> dict[str, bytes]:
    """Return contents that servers are known to change, by what they are."""
    boundary = "part-0123456789abcdef"
    found = {
        "one byte": b"\x00",
        "a line end alone": b"\r\n",
        "line ends around": b"\r\n\r\nmiddle\r\n\r\n",
        "all bytes": bytes(range(256)) * 3,
        "UTF-8": TEXT.encode(),
        "UTF-16": TEXT.encode("utf-16"),
        "ISO 8859-1": TEXT.encode("latin-1", "replace"),
        "a boundary cut short": f"\r\n--{boundary[:-1]}\r\n--{boundary[:-1]}--\r\n--".encode(),
        "1 MB": rng.randbytes(1_000_000),
    }
    sizes = [size + more for size in BLOCKS for more in (-1, 0, 1)] + [rng.randrange(2, 200_000) for _ in range(2)]
    return found | {f"{size} bytes": rng.randbytes(size) for size in sizes}


@pytest.mark.requirement("bp_mobile.files.bytes-round-trip")
def test_files_come_back_byte_for_byte(chat: Chat, judge: Judge, rng: random.Random) -> None:
    """What was uploaded and announced is downloaded with the same bytes, more than once."""
    stored = {}
    for what, content in contents(rng).items():
        stored[what] = files.Stored(steps.stored_file(chat.client, "data.bin", content), "data.bin", content)
    early = files.fetch(chat, stored["one byte"].id)
    judge.note(before_announcement=early.status)
    files.announce(chat, list(stored.values()))
    for what, file in stored.items():
        for time in ("once", "twice"):
            answer = files.fetch(chat, file.id)
            told = f"{answer.status}, {len(answer.body)} bytes"
            expected = f"the {len(file.content)} bytes that were sent ({what}), {time}"
            judge.that(files.is_whole(answer, file.content), expected, told, answer)


@pytest.mark.requirement("bp_mobile.files.file-event-in-history")
def test_announced_files_stand_in_the_history(chat: Chat, judge: Judge) -> None:
    """The events of an image and an attachment are answered 200, and the history has their file_id and file_type."""
    for kind, name, content in (("image", "dot.png", PNG), ("attachment", "note.txt", b"note")):
        file = files.Stored(steps.stored_file(chat.client, name, content), name, content)
        answer = steps.send(chat, files.announcement(file, kind))
        judge.that(answer.status == 200, "200 to chat_session_file", shown(answer), answer)
        mark = steps.remembered(chat, steps.marked("after"))
        found = [event for event in steps.kept(chat, mark) if event.get("file_id") == file.id]
        judge.that(len(found) == 1, "one chat_session_file with that file_id in the history", f"{len(found)}")
        event, told = found[0], found[0].get("file_type")
        judge.that(event["event"] == "chat_session_file", "chat_session_file", event["event"])
        judge.that(told == kind, f"the file_type {kind}", repr(told))
        judge.note(**{f"{kind}_named": "file_name" in event})


@pytest.mark.requirement("bp_mobile.files.content-type")
def test_a_download_has_the_type_of_its_upload(chat: Chat, judge: Judge) -> None:
    """A picture comes as image/png and a text as text/plain."""
    for kind, name, content in (("image/png", "dot.png", PNG), ("text/plain", "note.txt", b"note")):
        file = files.shared(chat, name, content, content_type=kind)
        answer = files.fetch(chat, file.id)
        if answer.status != 200:
            raise Blocked(files.ROUND_TRIP, f"the download answered {shown(answer)}")
        judge.that(answer.values("Content-Type"), "a Content-Type", "none", answer)
        judge.that(answer.media_type == kind, f"{kind}, as it was uploaded", str(answer.media_type), answer)
    page = files.shared(chat, "page.png", b"<html><script>1</script></html>", content_type="text/html")
    answer = files.fetch(chat, page.id)
    judge.note(
        page_as=answer.media_type,
        disposition=[value.partition(";")[0] for value in answer.values("Content-Disposition")],
        nosniff=answer.values("X-Content-Type-Options") == ("nosniff",),
    )


@pytest.mark.requirement("bp_mobile.files.unknown-file-or-party-is-404")
def test_unknown_files_and_parties_are_not_found(chat: Chat, judge: Judge) -> None:
    """Random ids are 404 in the caller's own chat, and ids that climb out of it are 4xx."""
    chat_path = {"chatId": chat.id}
    tries = {
        "an unknown file": ("getFile", {"fileId": str(uuid.uuid4())}),
        "an unknown party": ("getAgentProfilePhoto", {"partyId": str(uuid.uuid4())}),
    }
    steps.stored(chat)
    for what, (operation, names) in tries.items():
        answer = chat.client.call(operation, path=chat_path | names)
        judge.that(answer.status == 404, f"404 to {what}", shown(answer), answer)
    query = encode({"tenantUrl": str(chat.api.table["tenant_url"])})
    for folder, operation in (("files", "getFile"), ("profilephotos", "getAgentProfilePhoto")):
        for climb in CLIMBS:
            with connection(chat.api) as wire:
                target = f"{located('/chats/{chatId}', chat_path)}/{folder}/{climb}{query}"
                answer = wire.call(operation, target=target, headers=chat.client.caller.headers)
            good = answer.status in {400, 403, 404}
            judge.that(good, f"404, 400 or 403 to {folder}/{climb}", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.files.no-credential")
def test_files_and_photos_are_not_served_to_nobody(chat: Chat, judge: Judge) -> None:
    """Without the Authorization field and cookies a file and a photo are refused, by whoever knows their paths."""
    file = files.owned(chat)
    nobody = speaking(chat.api, None)
    answer = nobody.call("getFile", path={"chatId": chat.id, "fileId": file.id})
    judge.that(answer.status in REFUSED, "401, 403 or 404 to a file without credentials", shown(answer), answer)
    judge.that(file.content not in answer.body, "none of the bytes", "they are in the answer", answer)
    if scenario.greets(chat):
        party_id = greeter(chat)
        if photo(chat, party_id).status != 200:
            if not scenario.promises(chat, "photo"):
                return
            raise Blocked("bp_mobile.photo.served", "the photo is not served to the client either")
        answer = nobody.call("getAgentProfilePhoto", path={"chatId": chat.id, "partyId": party_id})
        told = str(answer.status)
        judge.that(answer.status in REFUSED, "401, 403 or 404 to a photo without credentials", told, answer)


@pytest.mark.requirement("bp_mobile.files.get-without-tenant")
def test_a_download_without_tenant_is_served_or_refused(chat: Chat, judge: Judge) -> None:
    """With tenantUrl the bytes come; without it the same bytes, or 400, 401 or 403."""
    file = files.owned(chat)
    path = {"chatId": chat.id, "fileId": file.id}
    again = files.fetch(chat, file.id)
    judge.that(files.is_whole(again, file.content), "the bytes with tenantUrl", shown(again), again)
    answer = chat.client.caller.call("getFile", path=path)
    judge.that(answer.status in {200, 400, 401, 403}, "200, or 400, 401 or 403, without it", shown(answer), answer)
    if answer.status == 200:
        judge.that(files.is_whole(answer, file.content), "the same bytes without it", shown(answer), answer)
    with_body = chat.client.call("getFile", path=path, json={"file_id": file.id})
    judge.note(with_a_body=with_body.status)
    judge.reading("served" if answer.status == 200 else "refused")


@pytest.mark.requirement("bp_mobile.files.server-file")
def test_a_file_of_the_server_can_be_downloaded(chat: Chat, judge: Judge) -> None:
    """chat_session_file of the server names a file that the client can get in that chat."""
    steps.say(chat, steps.bot(chat, "triggers")["chat_session_file"])
    events = steps.polled(chat, lambda events: any(event["event"] == "chat_session_file" for event in events))
    found = [event for event in events if event["event"] == "chat_session_file"]
    if not found:
        judge.inconclusive("the trigger brought no file")
    event = found[0]
    for name in ("msg_id", "file_id"):
        judge.that(isinstance(event.get(name), str) and event[name], f"{name}, a string", repr(event.get(name)))
    kind = event.get("file_type")
    judge.that(kind in ("image", "attachment"), "file_type image or attachment", repr(kind))
    judge.that("timestamp" in event, "a timestamp", "none")
    answer = files.fetch(chat, event["file_id"])
    judge.that(answer.status == 200 and answer.body, "200 with bytes to the download", shown(answer)[:120], answer)
    if kind == "image":
        good = (answer.media_type or "").startswith("image/")
        judge.that(good, "an image media type for an image", str(answer.media_type), answer)
    judge.note(with_party_id="party_id" in event, with_file_name="file_name" in event)


@pytest.mark.requirement("bp_mobile.photo.served")
def test_the_photo_of_a_party_is_an_image(chat: Chat, judge: Judge) -> None:
    """The party_id of the join event leads to a photo with an image content type."""
    answer = photo(chat, greeter(chat))
    if answer.status == 404 and not scenario.promises(chat, "photo"):
        judge.not_applicable("the party that greets has no photo; bot.photo in the target file would promise one")
    judge.that(answer.status == 200, "200 to the photo of a party that joined", shown(answer)[:120], answer)
    judge.that(answer.body, "bytes", "none", answer)
    good = (answer.media_type or "").startswith("image/")
    judge.that(good, "an image media type", str(answer.media_type), answer)
