"""The end of a session: by the client, by the scenario, and by silence."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import END, LOOK_S, chat_id_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Clients
    from suites.bp_mobile.received import Event

TYPING: Event = {"event": "chat_session_typing"}
OWN_END, SILENCE = "the client's own end", "silence"
WAYS = ("chat_session_ended", "status_failed", "chat_session_inactivity_timeout")
ACTIVE_FOR = (0.6, 0.6, 0.6)
"""Pauses before the messages that must keep a chat alive, as parts of the inactivity limit."""


@pytest.mark.requirement("bp_mobile.session.ended-chat-is-gone")
def test_an_ended_chat_takes_nothing_more(chat: Chat, judge: Judge) -> None:
    """After the end, sending, polling and Get Active Chat are 404, and neither of them brings the chat back."""
    steps.remembered(chat, steps.marked("before"))
    answer = chat.call("sendEvents", json=END)
    judge.that(answer.status == 200, "200 to chat_session_end", shown(answer), answer)
    again = chat.call("sendEvents", json=END)
    judge.that(again.status in {200, 404}, "200 or 404 to a second end", shown(again), again)
    tries: dict[str, Callable[[], Answer]] = {
        "Get Active Chat": lambda: steps.active(chat.client),
        "a message": lambda: steps.send(chat, steps.message(steps.marked("late"))),
        "a typing event": lambda: steps.send(chat, TYPING),
        "a second end": lambda: chat.call("sendEvents", json=END),
        "a poll": lambda: steps.poll(chat),
    }
    deadline = time.monotonic() + chat.api.table["end_settle_s"]
    for what, attempt in tries.items():
        is_404(what, attempt, deadline, judge)
    for what in ("a typing event", "Get Active Chat"):
        last = tries[what]()
        judge.that(last.status == 404, f"404 to {what} once everything was 404", shown(last), last)


def is_404(what: str, attempt: Callable[[], Answer], deadline: float, judge: Judge) -> None:
    """Try until the answer is 404 or the time is over; judge the last answer."""
    while (answer := attempt()).status != 404 and time.monotonic() < deadline:
        judge.that(answer.status < 500, f"404 to {what} after the end", shown(answer), answer)
        time.sleep(LOOK_S)
    judge.that(answer.status == 404, f"404 to {what} after the end", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.session.ended-chat-is-gone")
def test_ending_an_ended_chat_leaves_the_next_one_alone(chat: Chat, judge: Judge) -> None:
    """An end that is sent for a former chat is 404, and the client's next chat goes on."""
    steps.end(chat)
    following = steps.open_chat(chat.client)
    if following.id == chat.id:
        raise Blocked(steps.GONE, "the next chat has the id of the former one")
    answer = chat.call("sendEvents", json=END)
    judge.that(answer.status == 404, "404 to an end of the former chat", shown(answer), answer)
    judge.that(steps.live(following), "the next chat still active", "it is not", answer)


@pytest.mark.requirement("bp_mobile.events.terminal-ends-session")
def test_a_terminal_event_ends_the_session(clients: Clients, judge: Judge) -> None:
    """After chat_session_ended, an inactivity timeout or the state failed, nothing of the session is left."""
    table = clients.fresh().api.table
    triggers = (table["bot"] or {}).get("triggers", {})
    ways = {OWN_END: "", **{name: triggers[name] for name in WAYS if name in triggers}}
    if table["inactivity_timeout_s"]:
        ways[SILENCE] = ""
    came: dict[str, str] = {}
    for name, trigger in ways.items():
        chat = steps.open_chat(clients.fresh())
        if name == OWN_END:
            chat.call("sendEvents", json=END)
        elif name == SILENCE:
            keep_silent(chat, table["inactivity_timeout_s"], judge)
        else:
            steps.say(chat, trigger)
        last = last_event(chat)
        if last is None and name == OWN_END:
            continue  # the documents do not say that the client's own end is told to it
        if last is None:
            judge.that(steps.live(chat), f"a terminal event before the session ends ({name})", "it ended without one")
            if name == SILENCE:
                judge.fail("the end of a chat in which nothing was written for the declared time", "it goes on")
            continue
        came[name] = last["event"]
        judge.that(steps.gone(chat.client), "no active chat after the terminal event", f"it is there after {name}")
        answer = steps.send(chat, TYPING)
        judge.that(answer.status == 404, f"404 to Send Events after {name}", shown(answer), answer)
        following = steps.request(chat.client)
        found = chat_id_of(following)
        good = found is not None and (found != chat.id or steps.is_new(following) is True)
        judge.that(good, f"a new chat from Request Chat after {name}", shown(following), following)
    if not came and set(ways) == {OWN_END}:
        judge.not_applicable("no terminal event came; triggers in bot.triggers or inactivity_timeout_s would bring one")
    if not came:
        judge.inconclusive(f"no terminal event came after any of: {', '.join(ways)}")
    judge.note(events=came)


def keep_silent(chat: Chat, limit_s: float, judge: Judge) -> None:
    """Write often enough to keep the chat alive, then not at all."""
    for part in ACTIVE_FOR:
        chat.api.pause(part * limit_s, "a chat that is idle")
        answer = steps.send(chat, steps.message(steps.marked("still here")))
        judge.that(answer.status == 200, "200 to a message before the inactivity limit", shown(answer), answer)
    judge.that(steps.active_id(chat.client) == chat.id, "a chat that is active, since the client writes", "it is gone")
    # No poll meanwhile: whether one counts as activity is open.
    chat.api.pause(limit_s + chat.api.table["end_settle_s"] / 2, "the end of an idle chat")


def last_event(chat: Chat) -> Event | None:
    """Poll until a terminal event comes, and return it; None when it does not while the bot has time."""
    deadline = time.monotonic() + float(steps.bot(chat, "within_s", 20))
    while time.monotonic() < deadline:
        answer = steps.poll(chat)
        for event in received.events_of(answer):
            if received.is_terminal(event):
                return event
        if answer.status == 404:
            return None
        if answer.status != 200 and not steps.is_idle(answer):
            raise Blocked(steps.POLLED, f"a poll answered {shown(answer)}")
    return None
