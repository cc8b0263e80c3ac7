"""What becomes of the texts of messages: any script, markup, and texts at the edge."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING

import pytest
from hypothesis import example
from hypothesis import strategies as st

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import received, steps, transcripts
from suites.bp_mobile.received import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_mobile.clients import Chat

SCRIPTS = [
    "Ünïcödé – naïve café €", "Καλημέρα κόσμε", "日本語の文章", "שלום עולם and مرحبا", "नमस्ते दुनिया",
    "☎ ✓ ❤\ufe0f \u200d", "e\u0301 n\u0303 a\u0308\u0323", r"C:\temp\new \u0041 \\server %41 %20 100 %",
]  # fmt: skip
"""Latin beyond ASCII, other scripts, both directions, signs with selectors and joiners, combining marks that
normalisation would join, and what a careless reader takes for escapes."""
BEYOND = ["👩‍👩‍👧‍👦 👍🏽 🇨🇭 ❤️", "𝒜𐍈𠜎", "a 🙂 b"]
"""Characters above U+FFFF, of four octets in UTF-8 and two halves in UTF-16: emoji sequences, old and rare letters."""

TEXTS = st.text(
    st.characters(
        max_codepoint=0xFFFF, exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"], exclude_characters="<>&\"'"
    ),
    min_size=1, max_size=200,
).filter(lambda text: text == text.strip())  # fmt: skip

MARKUP = {
    "bold": "x <b>y</b> z",
    "comparison": "a < b & c > d",
    "quotes": "say \"yes\" or 'no'",
    "entity": "&amp; is &lt;",
    "script": "p <script>alert(1)</script> q",
}
EDGES = {
    "empty": "", "spaces": "   ", "outer-spaces": "  inner  ", "line-breaks": "one\ntwo\r\nthree", "tab": "one\ttwo",
    "null": "one\x00two", "lone-surrogate": "one\ud800two", "long": "",
}  # fmt: skip
LINE_BREAKS = re.compile(r"\r\n?|\n")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@pytest.mark.requirement("bp_mobile.history.text-round-trip")
def test_a_text_comes_back_unchanged(chat: Chat, judge: Judge, given: Given) -> None:
    """Texts of any script are in the history code point by code point, sent as they are or with escapes."""
    most = int(chat.api.table["max_message_chars"])
    longest = [("語é " * most)[: most - 1] + "."]
    ids: set[str] = set()
    known: Counter[str] = Counter()

    def mine(events: list[received.Event]) -> Counter[str]:
        return Counter(received.texts(transcripts.own(chat, events, ids)))

    @given(texts=st.lists(TEXTS, min_size=1, max_size=8), ascii_only=st.booleans())
    @example(texts=SCRIPTS, ascii_only=False)
    @example(texts=SCRIPTS, ascii_only=True)
    @example(texts=longest, ascii_only=False)
    def round_trip(texts: list[str], ascii_only: bool) -> None:
        sent = [steps.message(text) for text in texts]
        ids.update(event["msg_id"] for event in sent)
        deliver_coded(chat, *sent, ascii_only=ascii_only)
        before, expected = known.copy(), Counter(texts)
        found = mine(transcripts.watched(chat, lambda events: mine(events) - before == expected))
        known.update(found - before)
        missing, foreign = expected - (found - before), (found - before) - expected
        expected_texts = f"the texts unchanged: {excerpt(missing)}"
        judge.that(not missing and not foreign, expected_texts, excerpt(foreign) or "not in the history")

    round_trip()


@pytest.mark.parametrize("ascii_only", [False, True], ids=["as-they-are", "as-escapes"])
@pytest.mark.requirement("bp_mobile.history.four-octet-letters")
def test_letters_of_four_octets_come_back(chat: Chat, judge: Judge, ascii_only: bool) -> None:
    """Emoji and other characters above U+FFFF are in the history as they were sent, whole and in their order."""
    ordinary = steps.remembered(chat, steps.marked("ordinary letters"))
    sent = [steps.message(steps.marked(text)) for text in BEYOND]
    ids = {event["msg_id"] for event in sent}
    answer = chat.call("sendEvents", body=json.dumps({"events": sent}, ensure_ascii=ascii_only).encode())
    judge.that(answer.status == 200, "200 to messages with such characters", shown(answer), answer)

    def mine(events: list[received.Event]) -> list[str]:
        return [text for text in received.texts(transcripts.own(chat, events, ids)) if text != ordinary]

    found = mine(transcripts.watched(chat, lambda events: len(mine(events)) == len(sent)))
    missing = [event["msg"] for event in sent if event["msg"] not in found]
    judge.that(not missing, f"the texts unchanged: {excerpt(missing)}", excerpt(found) or "not in the history")


def deliver_coded(chat: Chat, *events: received.Event, ascii_only: bool) -> None:
    """Send events that the test needs, all characters as they are or all beyond ASCII as escapes; raises Blocked."""
    if ascii_only:
        answer = chat.call("sendEvents", body=json.dumps({"events": events}).encode())
        if answer.status != 200:
            raise Blocked(steps.SENT, f"Send Events answered {shown(answer)}")
    else:
        steps.deliver(chat, *events)


def excerpt(texts: Iterable[str]) -> str:
    """Return the beginnings of texts, in letters that every report can show."""
    return ", ".join(ascii(text[:40]) for text in texts)


@pytest.mark.requirement("bp_mobile.history.markup")
def test_markup_comes_back_in_one_way(chat: Chat, judge: Judge) -> None:
    """Tags, quotes and entities are kept verbatim, escaped once, or without their elements, the same in every look."""
    sent = {name: steps.message(text) for name, text in MARKUP.items()}
    steps.deliver(chat, *sent.values())
    ids = {event["msg_id"] for event in sent.values()}

    def mine(events: list[received.Event]) -> dict[str, str]:
        return {word(event, "msg_id"): word(event, "msg") for event in transcripts.own(chat, events, ids)}

    looks = [mine(transcripts.watched(chat, lambda events: ids <= set(mine(events)))) for _ in range(2)]
    judge.that(looks[0] == looks[1], "the same entries in two looks at the history", "different ones")
    found = {name: looks[0].get(event["msg_id"]) for name, event in sent.items()}
    if None in found.values():
        if set(looks[0]) - ids:
            raise Blocked("bp_mobile.history.own-message-identity", "the history has other msg_ids than were sent")
        judge.fail("every message in the history", f"missing: {[name for name, text in found.items() if text is None]}")
    fitting = [
        reading
        for reading, forms in FORMS.items()
        if all(plain(found[name]) in forms(text) for name, text in MARKUP.items())
    ]
    told = "; ".join(f"{text} as {found[name]}" for name, text in MARKUP.items() if found[name] != text)
    judge.that(fitting, "all texts verbatim, escaped once, or without elements", told)
    judge.reading(fitting[0])


def plain(text: str | None) -> str:
    """Return a text with the several ways to escape quotes, and the width of gaps, made one."""
    text = re.sub("&(#39|#x27|#X27|apos);", "&#x27;", text or "").replace("&#34;", "&quot;")
    return " ".join(text.split())


def escapes(text: str) -> tuple[str, str]:
    """Return the text escaped once, with and without its quotes."""
    return escape(text), escape(text, quote=False)


def without_elements(text: str) -> set[str]:
    """Return the text without its tags, and without scripts as a whole."""
    tag = re.compile(r"</?[A-Za-z][^<>]*>")
    return {tag.sub("", text), tag.sub("", re.sub(r"<script>.*?</script>", "", text))}


FORMS: dict[str, Callable[[str], set[str]]] = {
    "verbatim": lambda text: {text},
    "escaped": lambda text: {escape(text)},
    "sanitised": lambda text: {plain(each) for rest in without_elements(text) for each in (rest, *escapes(rest))},
}
"""By reading, what may stand for a text."""


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.requirement("bp_mobile.history.edge-texts")
def test_an_edge_text_is_kept_cleaned_or_refused(chat: Chat, judge: Judge, name: str) -> None:
    """Empty, spaced, controlling, broken and very long texts are kept, cleaned or refused, never cut."""
    text = EDGES[name] or ("long " * (2 * int(chat.api.table["max_message_chars"])) if name == "long" else "")
    event, mark = steps.message(text), steps.marked("mark")
    # A lone surrogate has no UTF-8: it can only be sent as an escape.
    answer = chat.call("sendEvents", body=json.dumps({"events": [event]}).encode())
    judge.that(answer.status in {200, 400, 413}, "200, 400 or 413", shown(answer), answer)
    steps.say(chat, mark)
    entries = steps.kept(chat, mark)
    found = received.texts(entries)
    judge.that(mark in found, "a later message in the history", "it is missing, or nothing can be read")
    found = [each for each in received.texts(transcripts.own(chat, entries, {event["msg_id"]})) if each != mark]
    if answer.status != 200:
        judge.that(not found, "nothing in the history after a refusal", excerpt(found), answer)
        judge.reading("refused")
        return
    kept = found[0] if found else ""
    judge.that(
        found == [text] or (kept in cleaned(text) and len(found) < 2),
        "the text as it was sent, or without outer spaces and control characters", excerpt(found) or "nothing", answer,
    )  # fmt: skip
    judge.reading("verbatim" if found == [text] else "cleaned")


def cleaned(text: str) -> set[str]:
    """Return what cleaning may leave of a text: nothing is cut, and a line break becomes no space."""
    forms = {text} | {LINE_BREAKS.sub(end, text) for end in ("\n", "\r\n", "")}
    forms = {CONTROLS.sub(put, form) for form in forms for put in ("", " ", "?", "\ufffd")}
    forms = {form.replace("\t", put) for form in forms for put in ("\t", " ", "")}
    return forms | {form.strip() for form in forms}
