"""Creating a service: the two body types, and the example of the document."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from fixtures import wire
from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.gms import forms, steps
from suites.gms.evidence import CODE, has_code
from suites.gms.forms import File
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    import random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.gms.desk import Desk
    from suites.gms.evidence import Codes, Creations

PLACE = {"language": "french", "current_location_latitude": "48.8583", "current_location_longitude": "2.2944"}
OFFERED = frozenset({"gzip", "x-gzip", "deflate", "identity"})
BROWSER = (
    ("Accept", "*/*"),
    ("Accept-Charset", "ISO-8859-1,utf-8;q=0.7,*;q=0.3"),
    ("Accept-Encoding", "gzip,deflate,sdch"),
    ("Accept-Language", "en-US,en;q=0.8"),
    ("Connection", "keep-alive"),
    (
        "User-Agent",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/535.7 (KHTML, like Gecko) Chrome/16.0.912.77 Safari/535.7",
    ),
)


def picture() -> File:
    """Return a PNG of one grey dot, as the file part of the document's example."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    return File("FileKey", "MyPic.png", png, "image/png")


@pytest.mark.requirement("gms.create.urlencoded-answers-200")
def test_a_urlencoded_create_answers_200_with_an_object(phone: str, desk: Desk, judge: Judge) -> None:
    """A urlencoded form starts the configured service: the status is 200, the body a JSON object."""
    answer = desk.insist(INTERACTION, {"_phone_number": phone, CODE: "true"})
    judge.that(steps.decisive(answer).status == 200, "200 to a urlencoded create", shown(answer), answer)
    judge.that(steps.content(answer), "a JSON object with members", shown(answer), answer)
    judge.that("exception" not in steps.content(answer), "no exception in a 200", shown(answer), answer)
    if steps.id_of(answer) is None:  # an object, but nobody says of what
        raise Blocked("gms.create.id-member-name", f"no service is named: {shown(answer)}")
    judge.note(reason=answer.reason)


@pytest.mark.requirement("gms.create.multipart-file-answers-200")
def test_a_multipart_create_may_carry_a_file(phone: str, desk: Desk, codes: Codes, judge: Judge) -> None:
    """A multipart create with a file between its strings answers 200 with an id, and the strings have their effect."""
    fields = {"_phone_number": phone, **PLACE}
    tells = codes.come("multipart")
    if not (tells and desk.dear):
        answer = desk.insist(INTERACTION, fields, kind="multipart", files=[picture()])
        _taken(answer, "a multipart create with a file", judge)
    if tells:
        parts = [forms.text_part("_phone_number", phone), forms.file_part(picture()), forms.text_part(CODE, "true")]
        parts += [forms.text_part(*field) for field in desk.short.items()]
        last = desk.send(INTERACTION, _demanded_first(desk, parts), desk.short)
        _taken(last, "a multipart create with a string behind the file", judge)
        judge.that(has_code(last), "the effect of a string that stands behind the file: a code", shown(last), last)


@pytest.mark.requirement("gms.create.example-verbatim")
def test_the_example_of_the_document_is_accepted(phone: str, desk: Desk, api: Api, judge: Judge) -> None:
    """The example request with the header fields of its browser is answered with 200 and an id."""
    table = api.table
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(table.base_url))
    body = forms.multipart(
        {"_phone_number": phone, CODE: "true", **PLACE, **steps.administered(table, INTERACTION)},
        [picture()],
        "----WebKitFormBoundaryy16qocbN6tmPORZL",
    )
    referer = f"{origin}/GMS-web/resources/servicetest.html"
    answer = desk.send(INTERACTION, body, headers=(*BROWSER, ("Origin", origin), ("Referer", referer)))
    if steps.refuses(answer):
        desk.lapse()
        answer = desk.send(INTERACTION, body, headers=(*BROWSER, ("Origin", origin), ("Referer", referer)))
    _taken(answer, "the document's example", judge)
    codings = {coding.strip().lower() for value in answer.values("Content-Encoding") for coding in value.split(",")}
    judge.that(codings <= OFFERED, "no content coding but gzip and deflate", sorted(codings), answer)


@pytest.mark.requirement("gms.create.body-types-equivalent")
def test_both_body_types_mean_the_same(
    desk: Desk, codes: Codes, rng: random.Random, given: Given, judge: Judge
) -> None:
    """The same strings bring the same members back in both types, and the parameter for a code works in both."""
    from hypothesis import strategies as st  # noqa: PLC0415 - a namespace of strategies, used here alone

    role = desk.plain
    names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8).map("x{}".format)
    values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
    compared = 0

    @given(st.dictionaries(names, values, max_size=5), st.booleans(), examples=3, shrink=False)
    def alike(fields: dict[str, str], asks: bool) -> None:
        nonlocal compared
        sent = {"_phone_number": steps.phone(desk.api.table, rng)} | ({CODE: "true"} if asks else {}) | fields
        plain = desk.insist(role, sent)
        parts = desk.insist(role, sent, kind="multipart")
        if not steps.started(plain) and not steps.started(parts):
            return
        compared += 1
        both = f"urlencoded {shown(plain)}; multipart {shown(parts)}"
        judge.that(plain.status == parts.status, "equal statuses for equal fields in both types", both, plain, parts)
        judge.that(_shape(plain) == _shape(parts), "equal members for equal fields in both types", both, plain, parts)

    alike()
    if not compared:
        raise Blocked(steps.CREATES, "no create was taken, in neither type")
    if codes.told_apart and codes.come("urlencoded") and codes.asked("multipart"):
        judge.that(codes.come("multipart"), "a code for a multipart body that asks for one", "no code")


@pytest.mark.requirement("gms.create.media-type-json")
def test_a_create_is_labelled_as_json(phone: str, desk: Desk, creations: Creations, judge: Judge) -> None:
    """Whatever JSON the client accepts, the answer has one Content-Type field, which says application/json."""
    json = desk.create(desk.plain, {"_phone_number": phone}, headers=(("Accept", "application/json"),))
    for accept, answer in (("*/*", creations.sent[0].answer), ("application/json", json)):
        judge.that(answer.status != 406, f"no 406 where the client accepts {accept}", shown(answer), answer)
        _labelled(answer, judge)


@pytest.mark.requirement("gms.create.media-type-json")
def test_a_create_without_accept_is_labelled_as_json(phone: str, desk: Desk, api: Api, judge: Judge) -> None:
    """Without Accept, too."""
    role = desk.plain
    body = forms.urlencoded({**steps.demanded(api.table, role), "_phone_number": phone})
    with wire.connection(api) as line:
        _labelled(desk.wire(line, role, body), judge)


def _labelled(answer: Answer, judge: Judge) -> None:
    if answer.status != 200:
        raise Blocked(steps.CREATES, f"nothing was created: {shown(answer)}")
    fields = answer.values("Content-Type")
    judge.that(
        len(fields) == 1 and answer.media_type == "application/json",
        "one Content-Type field, application/json",
        ", ".join(fields) or "none",
        answer,
    )


def _taken(answer: Answer, what: str, judge: Judge) -> None:
    judge.that(steps.started(steps.decisive(answer)), f"200 and an id for {what}", shown(answer), answer)


def _shape(answer: Answer) -> dict[str, str]:
    """Return the members of an answer with their types; values are fresh in each."""
    return {name: type(value).__name__ for name, value in steps.content(answer).items()}


def _demanded_first(desk: Desk, parts: list[bytes]) -> forms.Body:
    """Return a multipart body of these parts, behind what the administrator demands."""
    demanded = [forms.text_part(*field) for field in steps.demanded(desk.api.table, INTERACTION).items()]
    return forms.Body(f"multipart/form-data; boundary={forms.BOUNDARY}", forms.joined([*demanded, *parts]))
