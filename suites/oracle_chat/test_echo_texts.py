"""Text in every script comes back unchanged, spelled as UTF-8 or as escapes."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from fixtures.api import shown
from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.oracle_chat.client import Client

UNICODE = "oracle_chat.echo.unicode-unchanged"
SCRIPTS = (
    {"firstName": "Zoë Ångström", "lastName": "Müller-Íñigo", "question": "¿Où est ça, «½» à 5 £?"},
    {"firstName": "Åsa Žižková Đặng", "lastName": "山田 太郎 김철수", "question": "Où est l'œuvre “ÿ” à 5 €?"},
    {"firstName": "שלום", "lastName": "محمد علي", "question": "😀 𝒳 🧑🏽 𠮷野家 where?"},
    {"firstName": "Ωμέγα", "lastName": "Фёдор Ιάσων", "question": "தமிழ் ไทย हिन्दी ქართული"},
)
LETTERS = st.characters(min_codepoint=0xA1, exclude_categories=["Cc", "Cf", "Cn", "Co", "Cs", "M", "Z"])
TEXT = st.text(st.one_of(LETTERS, st.sampled_from("abc XYZ 😀")), min_size=1, max_size=60).filter(
    lambda text: text == text.strip() and unicodedata.is_normalized("NFC", text)
)
"""Composed letters of all scripts, inner blanks, and characters outside the basic plane."""
RECORDED = {"uncomposed": "e\u0301", "lone surrogate": "\ud83d"}


def send(a: Client, texts: dict[str, str], *, escaped: bool) -> Answer:
    """Send texts as UTF-8, or with escapes for all that is not ASCII."""
    members = steps.basic_members(a.api.table, **texts)
    return a.post(json.dumps(members, ensure_ascii=escaped).encode())


def judge_unchanged(judge: Judge, a: Client, answer: Answer, texts: dict[str, str]) -> bool:
    """Judge that the texts came back in UTF-8; False when they were refused."""
    if steps.refuses_as_client_error(answer):
        return False
    if answer.status not in steps.CREATED:
        a.succeed()
        judge.fail("the texts unchanged, or a 4xx", shown(answer), answer)
    try:
        answer.body.decode()
    except UnicodeDecodeError:
        judge.fail("the texts in UTF-8, the encoding of JSON", "octets that are no UTF-8", answer)
    echoes.judge_echo(judge, answer, steps.taken(answer), texts)
    return True


@pytest.mark.requirement(UNICODE)
@pytest.mark.parametrize("escaped", [False, True], ids=["as-utf-8", "as-escapes"])
@pytest.mark.parametrize("texts", SCRIPTS, ids=["western", "latin-and-cjk", "right-to-left-and-emoji", "other-scripts"])
def test_text_of_every_script_comes_back(texts: dict[str, str], escaped: bool, a: Client, judge: Judge) -> None:
    """Names and a question in several scripts come back character for character."""
    answer = send(a, texts, escaped=escaped)
    if not judge_unchanged(judge, a, answer, texts):
        judge.inconclusive(f"the texts were refused: {shown(answer)}")


@pytest.mark.requirement(UNICODE)
def test_any_text_comes_back(a: Client, judge: Judge, given: Given) -> None:
    """Generated texts come back, or are refused; what becomes of uncomposed marks and half characters is recorded."""
    refused: list[Answer] = []
    taken: list[Answer] = []

    @given(st.fixed_dictionaries({"firstName": TEXT, "lastName": TEXT, "question": TEXT}), st.booleans())
    def comes_back(texts: dict[str, str], escaped: bool) -> None:
        answer = send(a, texts, escaped=escaped)
        (taken if judge_unchanged(judge, a, answer, texts) else refused).append(answer)

    comes_back()
    fates = {
        what: echoes.fate_of(send(a, {"question": text}, escaped=True), "question", text)
        for what, text in RECORDED.items()
    }
    judge.note(refused=len(refused), **fates)
    if refused and not taken:
        judge.inconclusive(f"all {len(refused)} generated texts were refused, at last: {shown(refused[-1])}")
