"""Forms: the answers to what the server asks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import polling, received, steps
from suites.bp_mobile.overlap import overlapping

if TYPE_CHECKING:
    import random

    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat

FORM, SECURE_FORM = "chat_session_form_show", "chat_session_secure_form_show"
SHOWN = {FORM: "bp_mobile.events.form-show", SECURE_FORM: "bp_mobile.events.other-shapes"}
ANSWERS = {"name": "Zoë Ωμέγα", "city": "東京", "street": "שדרות", "remark": "naïve 🙂"}


def asked(chat: Chat, kind: str) -> received.Event:
    """Make the bot show a form and return the event; raises Blocked."""
    steps.say(chat, steps.bot(chat, "triggers")[kind])
    found = steps.polled(chat, lambda events: any(event["event"] == kind for event in events))
    for event in found:
        if event["event"] == kind and received.word(event, "form_request_id"):
            return event
    raise Blocked(SHOWN[kind], f"the trigger brought no {kind} with a form_request_id")


def reply(form: received.Event, kind: str, **members: Any) -> received.Event:
    """Make the answer to a form; the id goes back as it came."""
    return {
        "event": kind, "form_request_id": form["form_request_id"], "form_name": str(form.get("form_name", "form")),
        **members,
    }  # fmt: skip


@pytest.mark.requirement("bp_mobile.send.form-round-trip")
@overlapping()
def test_a_form_is_answered_once(chat: Chat, judge: Judge) -> None:
    """Answers with the form_request_id that came are taken, the chat goes on, and the form does not come again."""
    form = asked(chat, FORM)
    since = time.monotonic()
    answer = steps.send(chat, reply(form, "chat_session_form_data", data=ANSWERS))
    if time.monotonic() - since > (received.number(form, "form_timeout") or 0.0) > 0:
        judge.inconclusive("form_timeout was over before the form was answered")
    judge.that(answer.status == 200, "200 to the answers to a form", shown(answer), answer)
    later, _ = polling.quieted(chat, idle_polls=1)
    again = [event for event in later if event["event"] == FORM and same_form(event, form)]
    judge.that(not again, "a form shown once, since it was answered", "the same form again", answer)
    judge.that(steps.live(chat), "the chat live after a form", "Get Active Chat names another chat or none", answer)


def same_form(event: received.Event, form: received.Event) -> bool:
    """Say whether two events show one form."""
    return any(name in form and event.get(name) == form[name] for name in ("form_request_id", "form_name"))


@pytest.mark.requirement("bp_mobile.send.secure-form-values-stay-hidden")
@overlapping()
def test_secure_values_are_shown_nowhere(chat: Chat, judge: Judge, rng: random.Random) -> None:
    """What is written into a secure form is in no poll and in no history, and a cancel is taken as well."""
    form = asked(chat, SECURE_FORM)
    canary = f"{rng.randrange(10**15, 10**16)}"
    answer = steps.send(chat, reply(form, "chat_session_secure_form_data", data={"number": canary}))
    judge.that(answer.status == 200, "200 to the answers to a secure form", shown(answer), answer)
    polled, _ = polling.quieted(chat, idle_polls=1)
    history = steps.history(chat)
    for place, shows in (("a poll", str(polled)), ("the history", history.text)):
        judge.that(canary not in shows, f"no value of a secure form in {place}", "the value in clear text", history)
    form = asked(chat, SECURE_FORM)
    cancel = steps.send(chat, reply(form, "chat_session_secure_form_cancel"))
    judge.that(cancel.status == 200, "200 to chat_session_secure_form_cancel", shown(cancel), cancel)
