"""User data: values and files come back as they were sent."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies

from suites.gms import forms, steps
from suites.gms.forms import KINDS, File
from suites.gms.stored import booked, keep, keep_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from hypothesis.strategies import SearchStrategy

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.gms.desk import Desk
    from suites.gms.forms import Kind
    from suites.gms.stored import Kept

    Compared = Callable[[SearchStrategy[list[str]]], None]

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "
ASCII = (
    "1+1 = 2", "50%25 off", "%41%2B%20", "a&b=c;d&amp;e", "'single' \"double\"", "back\\slash \\n \\u0041",
    "<b>bold</b> &lt;i&gt;", "  blanks around  ", " ", "007", "+16505550100", "true", "null", "1e3", "1.50", "-0",
    "{\"a\": [1]}", "", (PRINTABLE * 3)[:200],
)  # fmt: skip
UNICODE = (
    "Grüße, señor Ångström", "e\u0301 decomposed", "日本語 中文 한국어", "שלום مرحبا", "😀 👩\u200d👧 𝒳", "Ā‐–“”€",
    "ﬁ ½ İ ß",
)  # fmt: skip
LETTERS = strategies.characters(exclude_categories=["Cc", "Cn", "Co", "Cs"])
UTF8_TEXT = "text/plain; charset=utf-8"
SIZES = (0, 1, 4096)


def judge_values(judge: Judge, kept: Kept, sent: dict[str, str], how: str) -> None:
    """Judge that every value came back as it was sent; that an empty one is missing is only recorded."""
    found = kept.read()
    wrong = {
        value: found.get(name) for name, value in sent.items() if found.get(name) != value and (value or name in found)
    }
    shown = "; ".join(f"{value!r} came back as {back!r}" for value, back in list(wrong.items())[:3])
    judge.that(not wrong, f"every value of a {how} create as it was sent", shown, kept.created)
    empty = [name for name, value in sent.items() if not value]
    if empty:
        judge.note(empty="kept" if all(name in found for name in empty) else "missing")


@pytest.fixture
def compared(api: Api, rng: Random, desk: Desk, depth: Depth, given: Given, judge: Judge) -> Compared:
    """Judges that whatever a strategy for lists of values draws comes back as it was sent, in both body types."""

    def compare(values: SearchStrategy[list[str]]) -> None:
        @given(values, strategies.sampled_from(KINDS), examples=desk.share(depth.examples // 4), shrink=False)
        def comes_back(drawn: list[str], kind: Kind) -> None:
            sent = named(drawn, rng)
            judge_values(judge, keep(desk, steps.phone(api.table, rng), sent, kind), sent, kind)

        comes_back()

    return compare


def named(values: Sequence[str], rng: Random) -> dict[str, str]:
    """Give each value a name that nobody else has used."""
    return {f"{steps.mark(rng)}{number}": value for number, value in enumerate(values)}


@pytest.mark.requirement("gms.data.ascii-values-unchanged")
@pytest.mark.parametrize("kind", KINDS)
def test_ascii_values_come_back_unchanged(kind: Kind, phone: str, rng: Random, desk: Desk, judge: Judge) -> None:
    """Values that escaping, trimming or typing would change come back as they were sent."""
    sent = named(ASCII, rng)
    judge_values(judge, keep(desk, phone, sent, kind), sent, kind)


@pytest.mark.requirement("gms.data.ascii-values-unchanged")
def test_any_ascii_value_comes_back_unchanged(compared: Compared) -> None:
    """Any printable ASCII text comes back as it was sent, in both body types."""
    compared(strategies.lists(strategies.text(PRINTABLE, max_size=200), min_size=1, max_size=8))


@pytest.mark.requirement("gms.data.unicode-values-unchanged")
@pytest.mark.parametrize("kind", KINDS)
def test_unicode_values_come_back_unchanged(kind: Kind, phone: str, rng: Random, desk: Desk, judge: Judge) -> None:
    """Values in many scripts come back as they were sent."""
    sent = named(UNICODE, rng)
    judge_values(judge, keep(desk, phone, sent, kind), sent, kind)


@pytest.mark.requirement("gms.data.unicode-values-unchanged")
def test_values_whose_part_names_its_charset_come_back_unchanged(
    phone: str, rng: Random, desk: Desk, judge: Judge
) -> None:
    """Values of parts that say charset=utf-8 come back as they were sent."""
    sent = named(UNICODE, rng)
    judge_values(judge, keep_typed(desk, phone, sent, UTF8_TEXT), sent, "multipart, with the charset,")


@pytest.mark.requirement("gms.data.unicode-values-unchanged")
def test_any_unicode_value_comes_back_unchanged(compared: Compared) -> None:
    """Any text comes back as it was sent, in both body types."""
    compared(strategies.lists(strategies.text(LETTERS, min_size=1, max_size=40), min_size=1, max_size=6))


@pytest.mark.requirement("gms.data.file-bytes-unchanged")
@pytest.mark.parametrize("large", [False, True], ids=["small files", "the largest file"])
def test_files_come_back_byte_for_byte(
    large: bool, phone: str, rng: Random, api: Api, desk: Desk, judge: Judge
) -> None:
    """The bytes of files that went with a create are served as they were sent, also where filenames are alike."""
    sizes = (api.table["max_file_bytes"],) if large else SIZES
    files = [File(steps.mark(rng), "conformance.bin", content(rng, size)) for size in sizes]
    if not large:
        files.append(File(steps.mark(rng), "../conformance.bin", content(rng, 64), "image/png"))
    desk.learned.need_storage()
    kept = booked(desk, phone, {}, "multipart", files)
    data_id = kept.open()
    for file in files:
        answer = desk.caller.call("readStorageBinary", path={"id": data_id, "key": file.name})
        kept.in_time(answer)
        if answer.status != 200:
            judge.inconclusive(f"the file cannot be read: status {answer.status}")
        judge.that(
            answer.body == file.content,
            f"the {len(file.content)} bytes of {file.filename} as they were sent",
            difference(file.content, answer.body),
            answer,
        )


def content(rng: Random, size: int) -> bytes:
    """Return random bytes; from 64 on with NUL, line ends and what looks like a boundary, at both ends, too."""
    if size < 64:
        return rng.randbytes(size)
    begin, end = b"\r\n\x00", b"\n\r\xff\r\n"
    near = f"\r\n--{forms.BOUNDARY[:-1]}\r\n".encode()
    rest = size - len(begin) - len(near) - len(end)
    return begin + rng.randbytes(rest // 2) + near + rng.randbytes(rest - rest // 2) + end


def difference(sent: bytes, found: bytes) -> str:
    """Say how what came back differs."""
    place = next((place for place, (one, other) in enumerate(zip(sent, found, strict=False)) if one != other), None)
    where = f"the first other one is byte {place + 1}" if place is not None else "one begins with the other"
    return f"{len(found)} bytes, {where}"
