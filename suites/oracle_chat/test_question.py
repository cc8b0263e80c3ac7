"""question: kept whole up to the limit, and above it whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

LONG = "oracle_chat.question.long-text"
ALPHABETS = {
    "ascii": "Where is my parcel, and when will it come? 0123456789\n",
    "four-octet-characters": "😀𝒳𠮷🚀\n🧭𝄞",
}
FAR_ABOVE = 64 * 1024
HUGE = 1024 * 1024


def text_of(alphabet: str, length: int) -> str:
    """Return a text of that many characters, with line breaks inside only."""
    text = (ALPHABETS[alphabet] * (length // len(ALPHABETS[alphabet]) + 1))[:length]
    return text[:-1] + "." if text.endswith("\n") else text


def judge_kept(judge: Judge, a: Client, text: str, limit: int) -> None:
    """Judge that a question comes back whole, or is refused with a 4xx where it is longer than the limit."""
    answer = a.ask(question=text)
    what = f"a question of {len(text)} characters, {len(text.encode())} octets"
    if len(text) > limit:
        members = echoes.no_server_error(a, judge, answer, what)
        if members is None:
            return
    else:
        members = echoes.promised(a, judge, answer, f"{what}; question_max is {limit}")
    found = members.get("question")
    whole = isinstance(found, str) and found.replace("\r\n", "\n") == text
    length = f"{len(found)} characters, other ones" if isinstance(found, str) else repr(found)
    judge.that(whole, f"the whole of {what}", length, answer)


def near(limit: int) -> Iterable[int]:
    """Return the lengths around the limit."""
    return sorted({1, limit - 1, limit} - {0})


@pytest.mark.requirement(LONG)
@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_a_question_up_to_the_limit_is_kept_whole(alphabet: str, api: Api, a: Client, judge: Judge) -> None:
    """Questions of one character and up to question_max come back whole, line breaks and all."""
    limit: int = api.table["question_max"]
    for length in near(limit):
        judge_kept(judge, a, text_of(alphabet, length), limit)


@pytest.mark.requirement(LONG)
@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_a_longer_question_is_kept_whole_or_refused(
    alphabet: str, api: Api, a: Client, tour: Tour, judge: Judge
) -> None:
    """A question above question_max comes back whole or is refused with a 4xx; the next basic call succeeds."""
    steps.taken(tour.basic)
    limit: int = api.table["question_max"]
    for length in (limit + 1, max(FAR_ABOVE, limit + 2)):
        judge_kept(judge, a, text_of(alphabet, length), limit)
    judge_next(judge, a)


@pytest.mark.requirement(LONG, impact="intrusive")
def test_a_huge_question_is_kept_whole_or_refused(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """A question of a mebibyte comes back whole or is refused with a 4xx; the next basic call succeeds."""
    steps.taken(tour.basic)
    judge_kept(judge, a, text_of("ascii", max(HUGE, api.table["question_max"] + 2)), api.table["question_max"])
    judge_next(judge, a)


def judge_next(judge: Judge, a: Client) -> None:
    """Judge that a basic call succeeds after all that."""
    answer = a.ask()
    judge.that(steps.succeeds(answer), "success for a basic call after long questions", shown(answer), answer)
