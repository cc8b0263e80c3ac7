"""Held polls beside other requests: a second poll, an abort, other clients, the end of the chat."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Unanswered
from fixtures.wire import connection
from suites.bp_mobile import polling, received, scenario, steps
from suites.bp_mobile.overlap import overlapping

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat

SHORTEST_HOLD_S = 0.5
"""Holds below it leave no time to put a second poll beside the first."""
FREE_WITHIN_S = 3.0
TELLING_HOLD_S = 4.0
"""An idle hold below it frees the slot by itself before FREE_WITHIN_S are clearly over."""
AGAIN_S = 0.1
READINGS = {400: "bad-request", 429: "too-many-requests"}


@pytest.mark.requirement("bp_mobile.poll.second-poll-refused")
@overlapping(holds=2)
def test_a_second_poll_is_refused_beside_a_held_one(chat: Chat, judge: Judge) -> None:
    """While a poll is held, another one is refused at once with 400 or 429; the first one and later ones are served."""
    hold = polling.idle_hold(chat)
    if hold < SHORTEST_HOLD_S:
        judge.inconclusive(f"an idle poll is answered after {hold:.1f} s: too soon to poll beside it")
    displaced = 0
    for _ in range(polling.ATTEMPTS):
        with polling.held(chat) as first:
            if first.over(hold / 5):
                continue
            with polling.held(chat) as second:
                if first.over(2 * hold / 5):
                    displaced += not received.events_of(first.answer())
                    continue
                judge.that(second.over(), "a second poll refused at once", "it is held beside the first one")
                refusal = second.answer()
            reading = READINGS.get(refusal.status) if polling.is_refused(refusal) else None
            judge.that(reading, "400 or 429 to a second poll", shown(refusal), refusal)
            undisturbed(judge, "the first poll", first.answer(), refusal)
        if scenario.replies(chat):
            steps.say(chat, steps.marked("Is that all?"))  # so that the next poll need not be held
        undisturbed(judge, "a poll after the refusal", steps.poll(chat), refusal)
        judge.reading(reading or "")
        return
    judge.that(
        displaced < polling.ATTEMPTS, "the first poll undisturbed by a second one", "it ends each time that one comes"
    )
    judge.inconclusive("something happened in the chat during every attempt")


def undisturbed(judge: Judge, which: str, answer: Answer, refusal: Answer) -> None:
    """Judge that a poll was served."""
    fine = answer.status == 200 or steps.is_idle(answer)
    judge.that(fine, f"{which} served as usual", shown(answer), answer, refusal)


@pytest.mark.requirement("bp_mobile.poll.slot-freed-on-abort")
@overlapping(holds=2)
def test_a_dropped_poll_makes_room(chat: Chat, judge: Judge) -> None:
    """A client that closes the connection of a held poll can poll again within three seconds."""
    hold = polling.idle_hold(chat)
    if hold < polling.NO_HOLD_S:
        judge.that(True, "room for the next poll", "polls are never held")
        return
    dropped_at = drop_a_poll(chat, hold, judge)
    answer = steps.poll(chat)
    while polling.is_refused(answer) and time.monotonic() < dropped_at + FREE_WITHIN_S:
        time.sleep(AGAIN_S)
        answer = steps.poll(chat)
    # A poll that is served while the dropped one would still be held shows that its slot is free, at any length.
    if not polling.is_refused(answer) and (hold >= TELLING_HOLD_S or answer.started < dropped_at + hold / 2):
        judge.that(True, "room for the next poll", "it is served")
        return
    chat.api.pause(dropped_at + chat.api.table["hold_max_s"] - time.monotonic(), "the end of a held poll")
    late = steps.poll(chat)
    judge.that(not polling.is_refused(late), "room for a poll once hold_max_s are over", shown(late), answer, late)
    if hold < TELLING_HOLD_S:
        judge.inconclusive(f"the slot was taken, but an idle poll ends after {hold:.1f} s anyway: too soon to tell")
    judge.fail(f"room for a poll {FREE_WITHIN_S:.0f} s after one was dropped", shown(answer), answer)


def drop_a_poll(chat: Chat, hold: float, judge: Judge) -> float:
    """Close the connection of a poll that is held; return the moment."""
    for _ in range(polling.ATTEMPTS):
        with connection(chat.api) as wire:
            try:
                polling.raw_poll(wire, chat, within_s=hold / 4)
            except Unanswered:
                break
    else:
        judge.inconclusive("something happened in the chat during every attempt")
    return time.monotonic()


@pytest.mark.requirement("bp_mobile.poll.clients-independent")
@overlapping(chats=2)
def test_a_held_poll_blocks_nothing_else(chat: Chat, others_chat: Chat, judge: Judge) -> None:
    """While one client's poll is held, its other calls are answered, and another client polls its own chat."""
    hold = polling.idle_hold(chat)
    twin = chat.again()
    for _ in range(polling.ATTEMPTS):
        with polling.held(chat) as poll:
            if poll.over(hold / 5) and hold >= polling.NO_HOLD_S:
                continue
            with polling.held(others_chat) as others_poll:
                found, sent = steps.active(twin.client), steps.send(twin, steps.message(steps.marked("meanwhile")))
                others = others_poll.answer()
        judge.that(
            others.status == 200 or steps.is_idle(others), "a poll of another client served meanwhile", shown(others),
            others, poll.answer(),
        )  # fmt: skip
        if hold >= polling.NO_HOLD_S:
            for told, answer in (("Get Active Chat", found), ("Send Events", sent)):
                waited = answer.ended >= poll.answer().ended and polling.duration(answer) > hold / 4
                judge.that(
                    answer.status == 200 and not waited, f"200 to {told} before the client's own held poll ends",
                    f"{shown(answer)} after {polling.duration(answer):.1f} s", answer, poll.answer(),
                )  # fmt: skip
        return
    judge.inconclusive("something happened in the chat during every attempt")


@pytest.mark.requirement("bp_mobile.poll.end-releases-held")
@overlapping()
def test_the_end_of_a_chat_ends_its_held_poll(chat: Chat, judge: Judge) -> None:
    """A poll that is held when the chat ends brings the final events or 404, and polls after it are answered 404."""
    hold = polling.idle_hold(chat)
    twin = chat.again()
    with polling.held_idle(chat, hold) if hold >= polling.NO_HOLD_S else polling.held(chat) as poll:
        steps.deliver(twin, {"event": "chat_session_end"})
        try:
            last = poll.answer()
        except Unanswered as problem:
            judge.fail("an answer to the poll that was held when the chat ended", str(problem))
    judge.that(
        last.status in {200, 404} or steps.is_idle(last), "final events or 404 to the poll of a chat that ends",
        shown(last), last,
    )  # fmt: skip
    later = [steps.poll(chat) for _ in range(2)]
    judge.that(
        404 in {answer.status for answer in later}, "404 to polls of an ended chat, at the latest to the second",
        ", then ".join(map(shown, later)), *later,
    )  # fmt: skip
    judge.note(ended_event=any(event["event"] == "chat_session_ended" for event in received.events_of(last)))
