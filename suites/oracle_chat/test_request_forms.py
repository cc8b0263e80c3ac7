"""The same request in other forms: spellings of JSON, media types, and bodies that are no JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures.api import object_in, shown
from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

SPELLING = "oracle_chat.create.json-spelling-irrelevant"
OTHER = "oracle_chat.create.other-media-types"
PLAIN = {"firstName": "Ann/Lee", "question": 'An "odd" text: a/b \\ c', "lastName": "Example", "resumeType": "RESUME"}
BEYOND = {"firstName": "Zoë", "question": "Smile 😀 and 𝄞, é"}
TEXTS = {"firstName": "Ann", "question": "Which label?"}
SPACES = ["", " ", "\n  ", "\t", "\r\n"]
LABELS = ("text/plain", "application/x-www-form-urlencoded", None)
XML = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY name "%s">]>
<chatAuthenticate><clientType>CONSUMER</clientType><authUserName>&name;</authUserName></chatAuthenticate>"""


@st.composite
def spelled(draw: Any, members: dict[str, str]) -> bytes:
    """Draw a JSON text of these members: another order, white space, and escapes where none are needed."""
    names = draw(st.permutations(sorted(members)))
    space = st.sampled_from(SPACES)
    pairs = (
        f"{draw(space)}{draw(text_of(name))}{draw(space)}:{draw(space)}{draw(text_of(members[name]))}{draw(space)}"
        for name in names
    )
    return f"{draw(space)}{{{','.join(pairs)}}}{draw(space)}".encode()


def text_of(value: str) -> SearchStrategy[str]:
    """Draw a spelling of a JSON string: each character as it is where that may be, or escaped in one of the ways."""
    return st.tuples(*(st.sampled_from(spellings(character)) for character in value)).map(lambda p: f'"{"".join(p)}"')


def spellings(character: str) -> list[str]:
    """Return the ways in which a JSON string may hold a character (RFC 8259, 7)."""
    units = character.encode("utf-16-be").hex(" ", 2).split()
    lower, upper = ("".join(f"\\u{unit}" for unit in each) for each in (units, [unit.upper() for unit in units]))
    short = json.dumps(character, ensure_ascii=False)[1:-1]
    return [short, short, lower, upper, *(["\\/"] if character == "/" else [])]


def extremes(members: dict[str, str]) -> Iterator[bytes]:
    """Yield the spellings that differ the most: indented by tabs and backwards, and with every character escaped."""
    backwards = dict(reversed(members.items()))
    yield json.dumps(backwards, indent="\t", ensure_ascii=False).encode()
    for way in (2, 3, -1):
        texts = ("".join(spellings(each)[way] for each in value) for value in backwards.values())
        pairs = (f'"{name}":"{text}"' for name, text in zip(backwards, texts, strict=True))
        yield f"{{{','.join(pairs)}}}".encode()


@pytest.mark.requirement(SPELLING)
@pytest.mark.parametrize("texts", [PLAIN, BEYOND], ids=["ascii", "beyond-ascii"])
def test_spellings_of_one_json_text_mean_the_same(
    texts: dict[str, str], api: Api, a: Client, judge: Judge, given: Given
) -> None:
    """Order of members, white space and escapes do not change the values that come back."""
    members = steps.basic_members(api.table, **texts)
    plain = steps.unless_refused(a.send(members), "the text in its plain spelling")
    expected = echoes.of(steps.taken(plain), members)
    if echoes.of(expected, texts) != texts:
        judge.inconclusive(f"the plain spelling does not come back as it was sent: {expected}")

    def means_the_same(body: bytes) -> None:
        answer = a.post(body)
        judge.that(steps.succeeds(answer), "success, as for the plain spelling", f"{shown(answer)} to {body!r}", answer)
        found = echoes.of(object_in(answer), members)
        judge.that(found == expected, f"the values of the plain spelling: {expected}", f"{found} to {body!r}", answer)

    for body in extremes(members):
        means_the_same(body)
    given(spelled(members))(means_the_same)()


@pytest.fixture(scope="module")
def labelled_plainly(tour: Tour) -> dict[str, Any]:
    """What comes back of JSON under its plain label."""
    members = steps.basic_members(tour.client.api.table, **TEXTS)
    return echoes.of(steps.taken(tour.client.send(members)), members)


@pytest.mark.requirement("oracle_chat.create.request-media-types")
@pytest.mark.parametrize(
    "label",
    ["application/json; charset=utf-8", "Application/JSON", steps.ITEM_TYPE, 'application/json;charset="UTF-8"'],
)
def test_json_is_read_under_each_of_its_labels(
    label: str, api: Api, a: Client, labelled_plainly: dict[str, Any], judge: Judge
) -> None:
    """The same body succeeds with the same values under every spelling of its label."""
    members = steps.basic_members(api.table, **TEXTS)
    answer = a.post(steps.encoded(members), content_type=label)
    judge.that(steps.succeeds(answer), f"success for Content-Type: {label}", shown(answer), answer)
    found = echoes.of(object_in(answer), members)
    wanted = f"the values that come back for application/json: {labelled_plainly}"
    judge.that(found == labelled_plainly, wanted, found, answer)


@pytest.mark.requirement(OTHER)
def test_json_under_another_label_is_read_or_refused(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """JSON as plain text, as a form or without a label is refused with a 4xx, or read like any JSON."""
    members = steps.basic_members(api.table)
    steps.taken(tour.basic)
    read = [judge_label(judge, a.post(steps.encoded(members), content_type=label), label, members) for label in LABELS]
    judge.reading("read-as-json" if all(read) else "mixed" if any(read) else "refused-4xx")
    judge.note(**{label or "none": "read" if taken else "refused" for label, taken in zip(LABELS, read, strict=True)})


def judge_label(judge: Judge, answer: Answer, label: str | None, members: dict[str, Any]) -> bool:
    """Judge what became of JSON under that label, and say whether it was read."""
    what = label or "no Content-Type"
    if not steps.succeeds(answer):
        judge.that(steps.refuses_as_client_error(answer), f"success or a 4xx for {what}", shown(answer), answer)
        return False
    echoed = object_in(answer).get("authUserName")
    judge.that(echoed == members["authUserName"], f"the user name that was sent, for {what}", shown(answer), answer)
    return True


@pytest.mark.requirement(OTHER)
@pytest.mark.parametrize("label", ["application/xml", "text/xml"])
def test_xml_brings_no_token(label: str, api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """An XML body, its user name in an entity, is refused with a 4xx."""
    steps.taken(tour.basic)
    name: str = api.table["auth_user_name"]
    answer = a.post(XML.replace(b"%s", name.encode("ascii", "xmlcharrefreplace")), content_type=label)
    judge.that(steps.refuses_as_client_error(answer), f"a 4xx for {label}", shown(answer), answer)
