"""The chat of version 1: the end of a session, a second one, what is no message, and ids without a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import together
from suites.gms import steps
from suites.gms.chatting import DISCONNECTED, Customer, ended, entries, live, said, session, state
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api, Caller
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.gms.chatting import Chats
    from suites.gms.desk import Desk

OPENINGS = 3
SAME, REFUSED, REPLACED = "same-session", "refused", "replaced"


# ---- the end ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("gms.chat.ended-session-takes-no-message")
def test_a_chat_that_was_left_takes_no_message(chats: Chats, rng: Random, judge: Judge) -> None:
    """A disconnect ends the session; another one and a later message are refused or answered as disconnected."""
    customer, mark = chats.open(), steps.mark(rng)
    answer = steps.decisive(customer.disconnect())
    good = answer.status == 200 and state(answer) == DISCONNECTED
    judge.that(good, "200 and the state DISCONNECTED to a disconnect", shown(answer), answer)
    for what, later in (("a second disconnect", customer.disconnect()), ("a later message", customer.send(mark))):
        judge_not_bare(judge, steps.decisive(later), what)
        judge.that(ended(later), f"a refusal, or the state DISCONNECTED, for {what}", shown(later), later)
        judge.that(not shows(later, mark), "no message in the transcript of a chat that is over", mark, later)
    refreshed = steps.decisive(customer.refresh(0))
    judge_not_bare(judge, refreshed, "a refresh")
    judge.that(not shows(refreshed, mark), "no message in the transcript of a chat that is over", mark, refreshed)


def shows(answer: Answer, text: str) -> bool:
    """Say whether a text stands in the transcript of an answer."""
    return any(text in str(entry) for entry in entries(answer))


def judge_not_bare(judge: Judge, answer: Answer, what: str) -> None:
    """Judge that a 5xx comes with an error object."""
    good = answer.status not in range(500, 600) or "exception" in steps.content(answer)
    judge.that(good, f"no 5xx without an error object for {what} after the end", shown(answer), answer)


# ---- one session -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("gms.chat.one-session-per-service")
def test_a_second_opening_leaves_one_session(chats: Chats, judge: Judge) -> None:
    """After a second opening one session lives: the first one, or one that takes its place."""
    judge.reading(judged_second(judge, chats))


def judged_second(judge: Judge, chats: Chats) -> str:
    """Open the chat of a service twice, judge that one session lives, and return the reading."""
    customer = chats.service()
    first, second = (steps.decisive(customer.open()) for _ in range(2))
    one, other = session(first), session(second)
    if first.status != 200 or one is None:
        judge.inconclusive(f"the chat was not opened: {shown(first)}")
    if steps.refuses(second):
        reading, expected = REFUSED, one
    else:
        judge.that(second.status == 200 and other, "a refusal, or a session", shown(second), first, second)
        reading, expected = (SAME if one == other else REPLACED), str(other)
    refreshed = steps.decisive(customer.refresh(0))
    judge.that(not ended(refreshed), f"a live session; the second opening: {reading}", shown(refreshed), refreshed)
    lives = session(refreshed)
    if lives is None:
        judge.inconclusive(f"a refresh does not say which session lives: {shown(refreshed)}")
    judge.that(
        lives == expected,
        f"one live session, that of the {'first' if reading == REFUSED else 'second'} opening",
        f"second opening: {reading}; a refresh shows another session",
        first, second, refreshed,
    )  # fmt: skip
    return reading


@pytest.mark.requirement("gms.chat.one-session-per-service")
def test_openings_at_the_same_time_leave_one_session(chats: Chats, desk: Desk, depth: Depth, judge: Judge) -> None:
    """Of several openings at the same time one session comes, or one after the other."""
    for _ in range(desk.share(depth.rounds)):
        customer = chats.service()
        answers = [steps.decisive(timed.result) for timed in together([customer.open] * OPENINGS)]
        opened = {session(answer) for answer in answers if answer.status == 200 and not steps.refuses(answer)} - {None}
        judge.that(opened, "one session", "none: every opening was refused", *answers)
        if len(opened) > 1:
            replaced = judged_second(judge, chats) == REPLACED
            judge.that(replaced, "one session for openings at the same time", f"{len(opened)} sessions", *answers)
        # Once more where several were opened: two that live would answer in turn.
        refreshed = [steps.decisive(customer.refresh(0)) for _ in range(min(len(opened), 2))]
        judge.that(not any(map(ended, refreshed)), "a live session", shown(refreshed[0]), *answers, *refreshed)
        lives = {session(answer) for answer in refreshed}
        if None in lives:
            judge.inconclusive(f"a refresh does not say which session lives: {shown(refreshed[0])}")
        judge.that(
            len(lives) == 1 and lives <= opened, "one of the opened sessions each time", "another one", *refreshed
        )


# ---- no message ------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("gms.chat.missing-message")
def test_a_send_without_a_message_sends_no_text(chats: Chats, judge: Judge) -> None:
    """A send of an empty form is refused as an error of the client, or taken without a text."""
    customer = chats.open()
    answer = steps.decisive(customer.call("sendChat", {}))
    judge.that(answer.status not in range(500, 600), "no 5xx to a send without a message", shown(answer), answer)
    if answer.status == 415:
        reading = "documented-415"
    elif answer.status in steps.CLIENT_ERRORS:
        reading = "other-4xx"
    else:
        judge.that(answer.status == 200, "a 4xx, or 200", shown(answer), answer)
        reading = "accepted-empty"
    for later in (answer, live(customer.refresh(0))):
        invented = [text for text in said(entries(later)) if text not in {"", None}]
        judge.that(not invented, "no text of the client in the transcript", invented, answer, later)
    judge.reading(reading)


# ---- ids without a chat ----------------------------------------------------------------------------------------------

CALLS = {"createChat": {}, "sendChat": {"message": "conformance"}, "refreshChat": {"transcriptPosition": "0"},
         "disconnectChat": {}}  # fmt: skip


@pytest.mark.requirement("gms.chat.foreign-and-unknown-ids")
def test_ids_without_a_chat_have_none(
    api: Api, a: Caller, desk: Desk, chats: Chats, rng: Random, judge: Judge
) -> None:
    """Chat calls with an unknown id, and with that of a booking, are refused, also while the connection has a chat."""
    chats.open()
    judge_refused(judge, Customer(a, steps.random_id(rng)), "an unknown id")
    if INTERACTION in api.table["services"]:
        judge_refused(judge, Customer(a, desk.booked().id), "the id of a service without a chat")


def judge_refused(judge: Judge, customer: Customer, what: str) -> None:
    """Judge that every call of a chat is refused."""
    for operation, fields in CALLS.items():
        answer = steps.decisive(customer.call(operation, fields))
        judge.that(steps.refuses(answer), f"a refusal of {operation} for {what}", shown(answer), answer)


@pytest.mark.requirement("gms.chat.foreign-and-unknown-ids")
def test_a_chat_never_shows_the_messages_of_another(chats: Chats, rng: Random, judge: Judge) -> None:
    """Of two chats over one connection each shows its own messages alone."""
    customers = {steps.mark(rng): chats.open() for _ in range(2)}
    for mark, customer in customers.items():
        customer.say(mark)
    for (mark, customer), other in zip(customers.items(), reversed(customers), strict=True):
        refreshed = customer.until(lambda transcript, mark=mark: mark in said(transcript))  # type: ignore[misc]
        judge.that(not shows(refreshed, other), f"no message of another chat beside {mark}", other, refreshed)
