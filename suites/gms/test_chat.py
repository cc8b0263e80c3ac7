"""The chat of version 1: its address, its session, and what its transcript shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.gms import chatting, steps
from suites.gms.chatting import CHAT, ENTRY, ONCE, TEXT, entries, live, position, said
from suites.gms.forms import KINDS

if TYPE_CHECKING:
    from random import Random

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.gms.chatting import Chats, Customer, Entry
    from suites.gms.desk import Desk

URL = "_chatIxnAPI-CREATE-URL"
STATES = {"CONNECTED", "TRANSCRIPT", "DISCONNECTED"}
EVENTS = {"Notice.Joined", "Notice.Left", TEXT, "Notice.TypingStarted", "Notice.TypingStopped", "Notice.PushUrl"}
HARD_TEXTS = ("<b>1 < 2</b> &amp; 'a' \"b\"", "1+1=2 is 100%, %2B%41 \\n", "Grüße, שלום, 日本語 😀 e\u0301")
PLAIN = strategies.characters(exclude_categories=["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"])
TEXTS = strategies.lists(
    strategies.one_of(strategies.text(PLAIN, min_size=1, max_size=40), strategies.sampled_from(HARD_TEXTS)),
    min_size=1,
    max_size=5,
)
ROUNDS = 3


@pytest.mark.requirement("gms.chat.request-chat-gives-url")
def test_request_chat_names_the_address_of_the_chat(desk: Desk, judge: Judge) -> None:
    """request-chat with _verbose=true answers the path of the chat of that very instance."""
    answer = desk.create(CHAT, {"_verbose": "true"})
    if answer.status == 503:
        bare = not answer.body or "exception" in steps.content(answer)
        judge.warn(bare, "no body, or an error object, where no agent is there", shown(answer), answer)
    if not steps.started(steps.decisive(answer)):
        raise Blocked(steps.CREATES, f"{CHAT} was not created: {shown(answer)}")
    path, found = f"/service/{steps.id_of(answer)}/ixn/chat", steps.text(answer, URL)
    judge.that(found, f"the string {URL}", shown(answer), answer)
    parts = urlsplit(str(found))
    judge.that(not parts.scheme and not parts.netloc, f"a path in {URL}, without a host", found, answer)
    judge.that(f"/{parts.path}".endswith(path), f"a path that ends in {path}", found, answer)


@pytest.mark.requirement("gms.chat.create-session")
def test_the_chat_of_a_service_is_opened(chats: Chats, judge: Judge) -> None:
    """Opening a chat answers 200 with a session, one of the states, a position and a transcript."""
    customer = chats.service()
    answer = steps.decisive(customer.open())
    judge.that(answer.status == 200, "200 to the opening of a chat", shown(answer), answer)
    body = steps.content(answer)
    judge.that(chatting.session(answer), "chatSessionId as a string", repr(body.get("chatSessionId")), answer)
    state, place = body.get("chatIxnState"), body.get("transcriptPosition")
    judge.that(state in STATES, "one of the three states in chatIxnState", repr(state), answer)
    right = chatting.is_position(place)
    judge.that(right, "an integer in transcriptPosition, or the digits of one", repr(place), answer)
    events = judged_transcript(judge, answer)
    later = customer.refresh(0)
    if later.status == 200 and "transcriptToShow" in steps.content(later):
        events |= judged_transcript(judge, later)
    judge.note(other_events=sorted(events - EVENTS), position=chatting.POSITION_TYPES[type(place)])


def judged_transcript(judge: Judge, answer: Answer) -> set[str]:
    """Judge the form of a transcript, and return the events in it."""
    transcript = steps.content(answer).get("transcriptToShow")
    judge.that(isinstance(transcript, list), "an array in transcriptToShow", repr(transcript), answer)
    for entry in transcript or []:
        good = isinstance(entry, list) and len(entry) == ENTRY and isinstance(entry[0], str)
        judge.that(good, "entries that are arrays of five, with an event first", repr(entry), answer)
    return {entry[0] for entry in transcript or []}


@pytest.mark.requirement("gms.chat.message-appears-once")
def test_messages_appear_once_in_their_order(chats: Chats, rng: Random, judge: Judge) -> None:
    """Messages with markup and in many scripts, and an equal one twice, are in the transcript as they were sent."""
    again = steps.mark(rng)
    judge_messages(judge, chats.open(), [again, *HARD_TEXTS, again])


@pytest.mark.requirement("gms.chat.message-appears-once")
def test_any_messages_appear_once_in_their_order(chats: Chats, depth: Depth, given: Given, judge: Judge) -> None:
    """One to five messages are in the transcript of the client, each once, in order, as they were sent."""

    @given(TEXTS, examples=1 if depth.name == "quick" else 2)
    def appear(texts: list[str]) -> None:
        judge_messages(judge, chats.open(), texts)

    appear()


def judge_messages(judge: Judge, customer: Customer, texts: list[str]) -> None:
    """Send messages with typing notices between, and judge what the transcript shows of the client."""
    for number, text in enumerate(texts):
        for operation in ("startTyping", "stopTyping") if number == 0 else ():
            notice = steps.decisive(customer.call(operation, {}))
            judge.that(notice.status == 200, f"200 to {operation}", shown(notice), notice)
        customer.say(text, KINDS[number % 2])
    answer = customer.until(lambda transcript: len(said(transcript)) >= len(texts))
    found = said(entries(answer))
    judge.that(found == texts, f"the client's texts {texts}", found, answer)


@pytest.mark.requirement("gms.chat.refresh-position")
def test_refreshes_from_the_last_position_make_up_the_transcript(chats: Chats, rng: Random, judge: Judge) -> None:
    """What refreshes from the last position show makes up the whole transcript; positions never go back."""
    customer = chats.open()
    answers = [live(customer.refresh(0))]
    for _ in range(ROUNDS):
        marks = [steps.mark(rng), steps.mark(rng)]
        for mark in marks:
            customer.say(mark)
        later = customer.until(lambda transcript, marks=marks: set(marks) <= set(said(transcript)))  # type: ignore[misc]
        if not set(marks) <= set(said(entries(later))):
            raise Blocked(ONCE, f"the messages do not appear: {shown(later)}")
        answers.append(live(customer.refresh(position(answers[-1]))))
    whole = live(customer.refresh(0))
    places = [position(answer) for answer in (*answers, whole)]
    judge.that(places == sorted(places), "positions that never go back", places, *answers)
    parts, all_of_it = [entries(answer) for answer in answers], entries(whole)
    fitting = (name for name, joined in joins(parts).items() if is_whole(joined, all_of_it, marks))
    named = next(fitting, None)
    judge.that(
        named,
        "the transcript from its parts, with the entry at each boundary once or twice",
        f"parts {[texts(part) for part in parts]} of {texts(all_of_it)}",
        *answers,
        whole,
    )
    judge.reading(str(named))


def joins(parts: list[list[Entry]]) -> dict[str, list[Entry]]:
    """Return the transcript that the parts make up, by each reading."""
    exclusive = [entry for part in parts for entry in part]
    repeated = list(parts[0])
    for part in parts[1:]:
        repeated += part[1:] if repeated and part[:1] == repeated[-1:] else part
    return {"exclusive": exclusive, "boundary-repeated": repeated}


def is_whole(joined: list[Entry], transcript: list[Entry], marks: list[str]) -> bool:
    """Say whether what was joined is the transcript, at least up to the messages of the last round."""
    return transcript[: len(joined)] == joined and set(marks) <= set(said(joined))


def texts(part: list[Entry]) -> list[object]:
    """Return the events and texts of entries, in short."""
    return [entry[2] or entry[0] if len(entry) == ENTRY else entry for entry in part]
