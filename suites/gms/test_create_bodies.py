"""Bodies of creates that are spelled unusually, broken, of another type, or very long."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fixtures import wire
from fixtures.api import shown
from fixtures.exchange import Request
from fixtures.outcomes import Blocked, Unanswered
from suites.gms import forms, steps
from suites.gms.evidence import CODE, has_code
from suites.gms.forms import Body, File
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.gms.desk import Desk
    from suites.gms.evidence import Codes

    Fields = Mapping[str, str]

B = forms.BOUNDARY
ODD = "odd'()+_,-./:=?boundary"
LONG = 64 * 1024
MANY = 200
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE form [<!ENTITY yes "true">]>
<form><_phone_number>{phone}</_phone_number><_provide_code>&yes;</_provide_code></form>"""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A legal way to write a multipart body of these fields."""

    what: str
    write: Callable[[Fields], Body]


def multipart_of(parts: Iterable[bytes], boundary: str = B) -> Body:
    """Return parts as a body; the boundary stands in quotes where it has to."""
    named = f'"{boundary}"' if boundary == ODD else boundary
    return Body(f"multipart/form-data; boundary={named}", forms.joined(parts, boundary))


def parts_of(fields: Fields) -> list[bytes]:
    """Return a part for each field."""
    return [forms.text_part(name, value) for name, value in fields.items()]


def lower_case(part: bytes) -> bytes:
    """Write the names of the header fields of a part in lower case."""
    return part.replace(b"Content-Disposition", b"content-disposition", 1)


def with_unknown_field(part: bytes) -> bytes:
    """Add a header field that nobody knows to a part."""
    return part.replace(b"\r\n\r\n", b"\r\nX-Conformance: yes\r\n\r\n", 1)


SPELLINGS = (
    Spelling(
        "a quoted boundary", lambda f: Body(f'multipart/form-data; boundary="{B}"', forms.joined(parts_of(f)))
    ),
    Spelling("unusual characters in the boundary", lambda f: multipart_of(parts_of(f), ODD)),
    Spelling(
        "a preamble", lambda f: Body(forms.multipart(f).content_type, b"Nothing here.\r\n" + forms.multipart(f).content)
    ),
    Spelling(
        "no line break after the last boundary",
        lambda f: Body(forms.multipart(f).content_type, forms.multipart(f).content.removesuffix(b"\r\n")),
    ),
    Spelling("header names in lower case", lambda f: multipart_of(map(lower_case, parts_of(f)))),
    Spelling("an unknown header field in each part", lambda f: multipart_of(map(with_unknown_field, parts_of(f)))),
    Spelling("the fields in another order", lambda f: multipart_of(reversed(parts_of(f)))),
    Spelling(
        "a file before the fields",
        lambda f: multipart_of([forms.file_part(File("FileKey", "note.txt", b"text", "text/plain")), *parts_of(f)]),
    ),
)


@pytest.mark.requirement("gms.create.multipart-syntax-variants")
@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling.what.replace(" ", "-"))
def test_a_legal_spelling_of_multipart_is_understood(
    spelling: Spelling, phone: str, rng: random.Random, desk: Desk, codes: Codes, api: Api, judge: Judge
) -> None:
    """A multipart body in a legal, unusual spelling is taken, and its parameters have their effect."""
    role = desk.learned.keeper
    fields = {**steps.demanded(api.table, role), "_phone_number": phone, CODE: "true"}
    if role != INTERACTION:  # numbers are dear: what is stored shows the effect as well as a code does
        mark = steps.mark(rng)
        with wire.connection(api) as line:
            answer = steps.decisive(desk.wire(line, role, spelling.write(fields | {mark: mark})))
        judge.that(steps.started(answer), f"200 and an id for {spelling.what}", shown(answer), answer)
        found = steps.service_items(desk.caller, steps.id_of(answer) or "")
        judge.that(found.get(mark) == mark, f"the item of a body with {spelling.what} stored", sorted(found), answer)
        return
    if not codes.come("multipart"):
        if codes.told_apart:
            raise Blocked("gms.create.body-types-equivalent", "a plain multipart body brings no code")
        judge.inconclusive("the target file says of no parameter that its effect shows")
    with wire.connection(api) as line:
        answer = steps.decisive(desk.wire(line, INTERACTION, spelling.write(fields)))
    judge.that(steps.started(answer), f"200 and an id for {spelling.what}", shown(answer), answer)
    judge.that(has_code(answer), f"the code that was asked for, with {spelling.what}", shown(answer), answer)


@pytest.mark.requirement("gms.create.broken-multipart-refused")
@pytest.mark.parametrize(
    "what", ["no boundary parameter", "cut off in a part", "a part without a name", "cut behind a part"]
)
def test_a_broken_multipart_body_is_refused(what: str, phone: str, desk: Desk, api: Api, judge: Judge) -> None:
    """A multipart body that cannot be parsed is refused with 4xx, and starts nothing."""
    whole = forms.multipart({**steps.demanded(api.table, INTERACTION), "_phone_number": phone, CODE: "true"})
    content, boundary = whole.content, f"--{B}".encode()
    broken = {
        "no boundary parameter": Body("multipart/form-data", content),
        "cut off in a part": Body(whole.content_type, content[: content.index(b"name=") + 9]),
        "a part without a name": Body(
            whole.content_type, content.replace(b'; name="_phone_number"', b"", 1)
        ),
        "cut behind a part": Body(whole.content_type, content[: content.rindex(boundary)]),
    }
    answer = steps.decisive(desk.send(INTERACTION, broken[what], refused=True))
    if what == "cut behind a part":
        judge.that(answer.status < 500, "no 5xx for a body that ends behind a part", shown(answer), answer)
        judge.note(cut_behind_a_part="refused" if steps.refuses(answer) else "taken")
        return
    refused = answer.status in steps.CLIENT_ERRORS and not steps.success_members(answer)
    judge.that(refused, f"4xx and no id for a multipart body with {what}", shown(answer), answer)


@pytest.mark.requirement("gms.create.wrong-content-type")
def test_plain_text_is_refused_ignored_or_read_as_a_form(
    phone: str, desk: Desk, codes: Codes, api: Api, judge: Judge
) -> None:
    """A text/plain body that looks like a form is refused with 4xx, ignored, or read."""
    form = forms.urlencoded({**steps.demanded(api.table, INTERACTION), "_phone_number": phone, CODE: "true"})
    answer = steps.decisive(desk.send(INTERACTION, Body("text/plain", form.content), refused=True))
    if answer.status in steps.CLIENT_ERRORS and not steps.success_members(answer):
        judge.reading("refused-4xx")
        return
    judge.that(steps.started(answer), "4xx without an id, or 200 with one", shown(answer), answer)
    if has_code(answer):
        if not codes.told_apart:
            judge.inconclusive("the target file does not say that codes come only to those who ask")
        judge.reading("parsed-as-form")
    elif codes.come("urlencoded"):
        judge.reading("body-ignored")
    else:
        judge.inconclusive("no code comes for a form either: whether the text was read does not show")


@pytest.mark.requirement("gms.create.wrong-content-type")
@pytest.mark.parametrize("kind", ["application/xml", "text/xml"])
def test_xml_is_never_taken_for_parameters(kind: str, phone: str, desk: Desk, codes: Codes, judge: Judge) -> None:
    """An XML body with an entity of its own is refused with 4xx, or ignored; its elements are no parameters."""
    answer = steps.decisive(desk.send(INTERACTION, Body(kind, XML.format(phone=phone).encode()), refused=True))
    refused = answer.status in steps.CLIENT_ERRORS and not steps.success_members(answer)
    judge.that(refused or steps.started(answer), "4xx without an id, or 200 with one", shown(answer), answer)
    taken = has_code(answer) and codes.told_apart
    judge.that(not taken, "no code, since no form asked for one", shown(answer), answer)


@pytest.mark.requirement("gms.create.json-body-and-get")
def test_a_json_body_and_get_are_recorded(phone: str, desk: Desk, api: Api, judge: Judge) -> None:
    """What a create with a JSON body answers, and GET in place of POST."""
    role = desk.plain
    fields = {**steps.demanded(api.table, role), "_phone_number": phone}
    by_json = desk.send(role, Body("application/json", json.dumps(fields).encode()), refused=True)
    url = f"{api.root}/service/{steps.name_of(api.table, role)}"
    by_get = desk.attempt(lambda: desk.caller.send("createService", Request("GET", url, desk.caller.headers)))
    judge.note(
        json={"status": by_json.status, "members": sorted(steps.content(by_json))},
        get={"status": by_get.status, "members": sorted(steps.content(by_get))},
    )


@pytest.fixture(scope="module")
def ordinary(desk: Desk) -> None:
    """See that a create of common size is taken; raises Blocked."""
    if desk.plain == INTERACTION:
        desk.booked()


@pytest.mark.usefixtures("ordinary")
@pytest.mark.requirement("gms.create.oversized-value-handled")
@pytest.mark.parametrize("what", ["a value of 64 KiB", "200 fields"])
@pytest.mark.parametrize("kind", forms.KINDS)
def test_a_large_create_breaks_nothing(
    what: str, kind: forms.Kind, phone: str, desk: Desk, api: Api, judge: Judge
) -> None:
    """A large form is taken or refused with 4xx, and the next create, over the same connection, is answered."""
    role = desk.plain
    plain = {**steps.demanded(api.table, role), "_phone_number": phone}
    more = {"long": "x" * LONG} if what.startswith("a value") else {f"field{number}": "x" for number in range(MANY)}
    with wire.connection(api) as line:
        try:
            answer = steps.decisive(desk.wire(line, role, forms.body(kind, plain | more)))
        except Unanswered as problem:
            judge.fail(f"an answer to {what}", str(problem))
        right = answer.status == 200 or answer.status in steps.CLIENT_ERRORS
        judge.that(right, f"200 or 4xx for {what}", shown(answer), answer)
        if line.reusable:
            _next_is_answered(desk, line, plain, what, judge)
            return
    with wire.connection(api) as line:
        _next_is_answered(desk, line, plain, what, judge)


def _next_is_answered(desk: Desk, line: wire.Wire, plain: Fields, what: str, judge: Judge) -> None:
    try:
        answer = steps.decisive(desk.wire(line, desk.plain, forms.urlencoded(plain)))
    except Unanswered as problem:
        judge.fail(f"an answer to the create that follows {what}", str(problem))
    judge.that(steps.started(answer), f"200 and an id for the create that follows {what}", shown(answer), answer)
