"""Internal chat messages: members, filter and limit, and that the latest come (Create subscription > chat_messages)."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive, NotApplicable
from reports.verdicts import Attribution
from suites.bp_stats import steps
from suites.bp_stats.chat import (
    FORMS,
    Chat,
    Query,
    messages,
    open_chat,
    sent,
    server_time,
    suspicious,
    telling_word,
    text,
    time_form,
)
from suites.bp_stats.sandwich import calm, confirmed, new_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.chat import Messages, Talk
    from suites.bp_stats.steps import Session

NEWEST = "bp_stats.chat.top-means-newest"
NAMES = ("id", "login_id", "first_name", "last_name", "send_time", "is_urgent", "content")
TEN, ONE, TWO = Query(limit=10), Query(limit=1), Query(limit=2)
FEW = 3
SKEW = timedelta(minutes=1)
"""How far the clocks of a server and of its messages may be apart: local time is off by quarters of an hour."""


@pytest.mark.requirement("bp_stats.chat.message-members")
def test_messages_have_the_documented_members(a: Session, judge: Judge) -> None:
    """Each message has seven strings, is_urgent is 1 or 0, ids differ, and texts come as they were written."""
    chat = open_chat(a)
    talk = chat.subscribe(TEN)
    expected = f"messages with the strings {', '.join(NAMES)}, is_urgent 1 or 0, and different ids"
    seen = confirmed(a, lambda answer: list(member_problems(talk(answer).by_query[TEN])))
    judge.that(seen is None, expected, seen.problem if seen else "", *((seen.answer,) if seen else ()))
    found = calm(a, talk).everything
    if not found:
        raise too_few(a, 0, "there are no messages")
    judge.note(send_time=time_form(found[0]))
    for part in sorted({part for one in found if (part := suspicious(text(one)))}):
        # A filter works on the true text: a server that finds the odd signs there shows what somebody has written.
        query = Query(part)
        written = calm(a, chat.subscribe(query)).by_query[query]
        judge.that(
            written, "texts as they were written", f"{part!r} in a message, which the filter {part!r} does not find"
        )


def too_few(session: Session, found: int, reason: str) -> Inconclusive | NotApplicable:
    """Return how a test ends for which there are too few messages: that is the tenant's, unless more are promised."""
    promised = session.caller.api.table["min_chat_messages"]
    if found < (promised or 0):
        return Inconclusive(f"{reason}; min_chat_messages promises {promised}", Attribution.TARGET_FILE)
    return NotApplicable(reason)


def member_problems(found: Messages) -> Iterator[str]:
    """Yield which messages lack a member or have one of another kind, and whether an id repeats."""
    for one in found:
        wrong = [f"{name} {one.get(name)!r:.60}" for name in NAMES if not isinstance(one.get(name), str)]
        if wrong:
            yield f"a message with {', '.join(wrong)}"
        elif one["is_urgent"] not in {"0", "1"}:
            yield f"is_urgent {one['is_urgent']!r}"
    if len({str(one.get("id")) for one in found}) < len(found):
        yield "two messages of one id"


@pytest.mark.requirement("bp_stats.chat.filter-and-limit")
def test_the_filter_keeps_the_messages_with_its_word(a: Session, judge: Judge) -> None:
    """Messages of an app with a filter contain its word, all that have it are there, and a limit counts only these."""
    chat = open_chat(a)
    unfiltered = [text(one) for one in calm(a, chat.subscribe()).everything]
    word = a.caller.api.table["chat_word"] or telling_word(unfiltered)
    if word is None:
        raise too_few(a, len(unfiltered), "no word stands in some messages and not in others")
    shows = 0 < len(containing(word, unfiltered)) < len(unfiltered)
    talk = chat.subscribe(Query(word), ONE, TWO, Query(word, 1), Query(word, 2), Query())
    seen = confirmed(a, lambda answer: list(filter_problems(talk(answer), word, leaked=shows)))
    expected = "the messages whose content contains the word, and at most as many as the limit"
    judge.that(seen is None, expected, seen.problem if seen else "", *((seen.answer,) if seen else ()))
    if not shows:
        judge.inconclusive(f"all or none of {len(unfiltered)} messages contain the word {word!r}: that shows no filter")


def containing(word: str, texts: list[str]) -> list[str]:
    """Return the texts that contain the word in some letter case."""
    return [one for one in texts if word.casefold() in one.casefold()]


def filter_problems(talk: Talk, word: str, *, leaked: bool) -> Iterator[str]:
    """Yield what is wrong with the messages that a filter and a limit leave.

    `leaked`: without any filter other messages were there too, so that they have to be in the apps without one.
    """
    texts = [text(one) for one in talk.everything]
    if leaked and len(containing(word, texts)) == len(texts):
        yield f"an app without a filter shows messages with {word!r} only"
    whole_word = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    filtered = talk.by_query[Query(word)]
    ids = {str(one.get("id")) for one in filtered}
    for one in talk.everything:
        if whole_word.search(text(one)) and str(one.get("id")) not in ids:
            yield f"the filter {word!r} leaves out {text(one)!r:.80}"
    for query, found in talk.by_query.items():
        contents = [text(one) for one in found]
        if len(kept := containing(query.word, contents)) < len(contents):
            yield f"the filter {word!r} keeps {next(one for one in contents if one not in kept)!r:.80}"
        available = len(filtered if query.word else talk.everything)
        if len(found) != min(query.limit, available):
            yield f"{len(found)} of {available} messages with limit {query.limit} and filter {query.word!r}"


@pytest.mark.requirement("bp_stats.chat.filter-and-limit")
def test_the_limit_of_messages_works_as_string_or_as_number(a: Session, judge: Judge) -> None:
    """Limits 1 and 2 either limit or are refused with 400, in each form; which forms work is recorded."""
    available = len(calm(a, open_chat(a).subscribe()).everything)
    for form in FORMS:
        chat, apps = Chat(a, form), {new_app(): query for query in (ONE, TWO)}
        steps.delete(a)
        answer = steps.create(a, {app: chat.define(query) for app, query in apps.items()})
        expected = f"that many messages, or 400, for limits as {form}"
        if answer.status in {401, 409}:
            raise Blocked(steps.CREATE, f"the create answered {shown(answer)}")
        judge.that(answer.status in {200, 400}, expected, shown(answer), answer)
        judge.note(**{f"limit as {form}": "works" if answer.status == 200 else "refused"})
        if answer.status == 200:
            counts = calm(a, partial(numbers_of_messages, apps=list(apps)))
            judge.that(counts == [min(query.limit, available) for query in apps.values()], expected, counts)


def numbers_of_messages(answer: Answer, apps: list[str]) -> list[int]:
    """Return how many messages each app shows."""
    return [len(messages(answer, app)) for app in apps]


@pytest.mark.requirement(NEWEST)
def test_limited_messages_are_the_latest(a: Session, judge: Judge) -> None:
    """No message left out by a limit is later than one that is shown, and none is later than the server's own clock."""
    talk = open_chat(a).subscribe(ONE, TWO)
    seen = confirmed(a, lambda answer: list(age_problems(talk(answer))))
    judge.that(seen is None, "the latest messages", seen.problem if seen else "", *((seen.answer,) if seen else ()))
    talked = calm(a, talk)
    times = [sent(one) for one in talked.everything]
    if len(times) < FEW or len(set(times)) == 1:
        raise too_few(
            a, len(times), f"{len(times)} messages, or all of one time, do not show which ones are the latest"
        )
    clock = server_time(talked.answer)
    if clock is None:
        judge.note(compared_with_date=False)
        return
    ahead = max(times) - clock
    judge.that(
        ahead <= SKEW, "send_time in UTC, not later than the Date field", "a message from the future", talked.answer
    )


def age_problems(talk: Talk) -> Iterator[str]:
    """Yield where a message outside the limit is later than one inside."""
    for query, found in talk.by_query.items():
        ids = {str(one.get("id")) for one in found}
        left = [sent(one) for one in talk.everything if str(one.get("id")) not in ids]
        if found and left and max(left) > min(sent(one) for one in found):
            yield f"limit {query.limit} leaves out later messages than it shows"
