"""What events look like: their envelope, their times, and the members of each type."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json
from fixtures.api import shown
from suites.bp_mobile import received, scenario, steps, transcripts

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.received import Event
    from suites.bp_mobile.tour import Tour

CLOCK_S = 300.0
"""How far a timestamp may be from the moment of the answer; the tour itself takes less."""
STATES = frozenset({"queued", "connecting", "connected", "failed", "completed"})
OTHER_STATES = frozenset({"ivr", "establishing"})
SHAPES: dict[str, dict[str, tuple[type, ...]]] = {
    "chat_session_typing": {"party_id": (str,)},
    "chat_session_not_typing": {"party_id": (str,)},
    "chat_session_party_left": {"party_id": (str,)},
    "chat_session_secure_form_show": {"form_request_id": (str, int), "form_id": (str, int)},
    "chat_session_location": {"msg_id": (str,), "latitude": (str, int, float), "longitude": (str, int, float)},
    "chat_session_cobrowsing_requested": {"msg_id": (str,)},
    "chat_session_signaling": {"msg_id": (str,), "data": (dict,)},
    "chat_session_timeout_warning": {"msg": (str,)},
}
"""Types that have no row of their own, and members that must be there, in one of these types."""
TIMELESS = frozenset({"chat_session_cobrowsing_requested", "chat_session_signaling"})
"""Of those the ones that no document gives a timestamp."""
DOCUMENTED = frozenset(SHAPES) | {
    "chat_session_message", "chat_session_party_joined", "chat_session_status", "chat_session_form_show",
    "chat_session_file", "chat_session_ended", "chat_session_inactivity_timeout", "chat_session_form_data",
}  # fmt: skip


@pytest.fixture
def trip(api: Api) -> Tour:
    """The tour, taken once in a run; its chat is over before anybody looks."""
    return scenario.look(api)


@pytest.mark.requirement("bp_mobile.events.envelope")
def test_events_stand_in_an_array_of_objects_with_a_type(trip: Tour, judge: Judge) -> None:
    """Each answer of a poll, a history or a post holds events in an array, and each of them says what it is."""
    judged = 0
    for answer in trip.answers:
        if answer.status != 200 or not answer.body:
            continue
        try:
            body = answer.json()
        except strict_json.NotJson as problem:
            judge.inconclusive(f"an answer was no JSON, see bp_mobile.common.strict-json: {problem}")
        events = body.get("events") if isinstance(body, dict) else None
        judge.that(isinstance(events, list), "an object with the array events", shown(answer), answer)
        for event in events or ():
            judged += 1
            good = isinstance(event, dict) and isinstance(event.get("event"), str)
            judge.that(good, "events that are objects with a string member event", repr(event)[:120], answer)
    if not judged:
        judge.inconclusive("no answer of the tour held an event")


@pytest.mark.requirement("bp_mobile.events.timestamps")
def test_timestamps_are_unix_time_of_the_present(trip: Tour, judge: Judge) -> None:
    """Timestamps are Unix time near the server's clock, and an event has the same one in poll and history."""
    forms: dict[str, str] = {}
    by_poll: dict[tuple[Any, ...], Any] = {}
    for answer in trip.answers:
        moment = clock(answer)
        for event in (event for event in received.events_of(answer) if "timestamp" in event):
            kind, value = event["event"], event["timestamp"]
            form = form_of(value)
            judge.that(form, "ten digits (seconds) or thirteen (milliseconds)", f"{value!r} in {kind}", answer)
            forms[kind] = form
            seconds = int(value) / (1000 if form.startswith("milli") else 1)
            judge.that(abs(seconds - moment) <= CLOCK_S, f"a timestamp within {CLOCK_S:.0f} s of the server's clock",
                       f"{seconds - moment:+.0f} s in {kind}", answer)  # fmt: skip
            if (name := identity(event)) is not None:
                first = by_poll.setdefault(name, value)
                judge.that(first == value, f"one timestamp for an event of type {kind}", f"{first} and {value}", answer)
    if not forms:
        judge.inconclusive("no event of the tour had a timestamp")
    judge.note(forms=dict(sorted(forms.items())))
    judge.reading(forms.get("chat_session_message") or min(forms.values()))


def clock(answer: Answer) -> float:
    """Return the moment of an answer: its Date field, or the suite's clock without one."""
    try:
        return parsedate_to_datetime(answer.values("Date")[0]).timestamp()
    except (IndexError, ValueError, OverflowError):
        return datetime.now(UTC).timestamp()


def form_of(value: Any) -> str:
    """Return the reading that a timestamp follows, empty for none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    unit = {10: "seconds", 13: "milliseconds"}.get(len(text)) if text.isascii() and text.isdigit() else None
    return f"{unit}-{'string' if isinstance(value, str) else 'number'}" if unit else ""


def identity(event: Event) -> tuple[Any, ...] | None:
    """Return what tells an event from others of its type; None where nothing does."""
    kind = event["event"]
    name = {"chat_session_party_joined": "party_id", "chat_session_form_show": "form_request_id"}.get(kind, "msg_id")
    return (kind, str(event.get("party_id")), str(event[name])) if event.get(name) is not None else None


@pytest.mark.requirement("bp_mobile.events.party-joined")
def test_who_joins_is_named(trip: Tour, judge: Judge) -> None:
    """The party that greets joins with an id, names, a type and a time."""
    joins = trip.polled(received.JOINED)
    if not joins:
        scenario.require_greeting(trip.chat.api)
        judge.inconclusive("no party joined, though somebody greets")
    for event in joins:
        party = event.get("party_id")
        judge.that(isinstance(party, str) and party, "a party_id that is a string and not empty", repr(party))
        for name in ("first_name", "last_name", "display_name", "type"):
            judge.that(isinstance(event.get(name), str), f"{name}, a string", repr(event.get(name, "missing")))
        judge.that("timestamp" in event, "a timestamp", "none")
    judge.note(types=sorted({event["type"] for event in joins}))


@pytest.mark.requirement("bp_mobile.events.parties-consistent")
def test_parties_join_before_they_speak_and_are_silent_once_gone(trip: Tour, judge: Judge) -> None:
    """Whoever speaks or leaves has joined under that party_id, no two share one, and who left says no more."""
    events = trip.polled()
    if not any("party_id" in event for event in events):
        scenario.require_greeting(trip.chat.api)
        judge.inconclusive("no poll brought an event of a party")
    here: dict[str, str] = {}
    gone: set[str] = set()
    nobody = 0
    for event in events:
        kind, party = event["event"], received.word(event, "party_id")
        if kind == received.JOINED:
            named = str([event.get(name) for name in ("first_name", "last_name", "display_name")])
            judge.that(here.setdefault(party, named) == named, "a party_id of its own for each party",
                       "two parties joined under one")  # fmt: skip
            gone.discard(party)
        elif kind in steps.STORED | {"chat_session_typing", "chat_session_not_typing", "chat_session_party_left"}:
            if not party:
                nobody += 1
                continue
            judge.that(party in here, f"{kind} of a party that joined before", "a party_id that no join event named")
            judge.that(party not in gone, "silence of a party that left", f"{kind} of it")
            if kind == "chat_session_party_left":
                gone.add(party)
    judge.note(events_of_nobody=nobody)


@pytest.mark.requirement("bp_mobile.events.message")
def test_server_messages_are_whole_and_read_the_same_everywhere(trip: Tour, judge: Judge) -> None:
    """A message of the server has party, id, text and time, and the history holds what the poll brought."""
    polled = trip.polled(received.MESSAGE)
    if not polled:
        scenario.require_speech(trip.chat.api)
        judge.inconclusive("no message of the server came by poll, though somebody speaks")
    texts: dict[str, str] = {}
    for event in polled:
        for name in ("msg_id", "msg", *(("party_id",) if "party_id" in event else ())):
            good = isinstance(event.get(name), str) and (name == "msg" or event[name])
            judge.that(good, f"{name}, a string", repr(event.get(name, "missing")))
        judge.that("timestamp" in event, "a timestamp", "none")
        key = transcripts.named(event)
        judge.that(key not in texts, "a msg_id of its own for each message of a party", "one came twice")
        texts[key] = event["msg"]
    for event in trip.kept():
        key = transcripts.named(event)
        if event["event"] == received.MESSAGE and key in texts:
            judge.that(event.get("msg") == texts[key], "the text of the poll in the history", "another text")
    if steps.bot(trip.chat, "replies") == "echo":
        judge.that(trip.said in texts.values(), "the text that was sent in the msg of the reply", "no such message")
    judge.note(
        more=sorted({name for event in polled for name in event} - {"party_id", "msg_id", "msg", "timestamp"}),
        party_id="present" if all("party_id" in event for event in polled) else "absent",
    )


@pytest.mark.requirement("bp_mobile.events.status")
def test_a_status_is_one_of_the_published_words(trip: Tour, judge: Judge) -> None:
    """Each status event names a published state, and Get Active Chat says the same once it is connected."""
    found = trip.polled("chat_session_status")
    if not found:
        judge.not_applicable("no status event came; bot.triggers.status_connected would bring one")
    for event in found:
        state = event.get("state")
        judge.that(
            isinstance(state, str) and state in STATES | OTHER_STATES,
            f"one of {', '.join(sorted(STATES))}",
            repr(state),
        )
        judge.that(isinstance(event.get("ewt", ""), str), "ewt, if there is one, a string", repr(event.get("ewt")))
    if trip.state_when_connected is not None:
        seen = trip.state_when_connected
        judge.that(seen == "connected", "connected from Get Active Chat after the event connected", repr(seen))
    judge.note(
        unusual=sorted({event["state"] for event in found} & OTHER_STATES),
        without_ewt=any("ewt" not in event for event in found),
    )


@pytest.mark.requirement("bp_mobile.events.form-show")
def test_each_form_has_a_request_of_its_own(trip: Tour, judge: Judge) -> None:
    """Two forms come once each, with two request ids, a name, a time limit and a timestamp."""
    forms = trip.polled("chat_session_form_show")
    if not forms:
        judge.inconclusive("the trigger brought no form")
    for event in forms:
        for name in ("form_request_id", "form_timeout"):
            value = event.get(name)
            good = isinstance(value, str | int) and not isinstance(value, bool)
            judge.that(good, f"{name}, a string or an integer", repr(event.get(name, "missing")))
        judge.that(isinstance(event.get("form_name"), str), "form_name, a string", repr(event.get("form_name")))
        judge.that("timestamp" in event, "a timestamp", "none")
    ids = [str(event["form_request_id"]) for event in forms]
    judge.that(len(set(ids)) == len(ids), "a form_request_id of its own for each form", ", ".join(ids))
    judge.that(len(ids) <= 2, "two forms after two triggers", f"{len(ids)} form events")
    judge.note(types={name: type(forms[0][name]).__name__ for name in ("form_request_id", "form_timeout")})


@pytest.mark.requirement("bp_mobile.events.other-shapes")
def test_rarer_events_have_their_members(trip: Tour, judge: Judge) -> None:
    """Typing, leaving, secure forms, places, co-browsing, signaling and warnings have what the documents give them."""
    came = [event for event in trip.polled() if event["event"] in SHAPES]
    kinds = {str(event["event"]) for event in came}
    if not kinds:
        judge.inconclusive("no event of the rarer types came")
    for event in came:
        kind = str(event["event"])
        for name, types in SHAPES[kind].items():
            value = event.get(name)
            good = isinstance(value, types) and not isinstance(value, bool)
            expected = f"{name} in {kind}, of type {' or '.join(one.__name__ for one in types)}"
            judge.that(good, expected, repr(event.get(name, "missing"))[:80])
        judge.that(kind in TIMELESS or "timestamp" in event, f"a timestamp in {kind}", "none")
    judge.note(untested=sorted(SHAPES.keys() - kinds))


@pytest.mark.requirement("bp_mobile.events.unknown-types")
def test_unknown_events_and_members_are_recorded(trip: Tour, judge: Judge) -> None:
    """Names and JSON types of all events of the tour, those that no document names, and what the history keeps."""
    types: dict[str, dict[str, str]] = {}
    for event in trip.polled():
        members = types.setdefault(event["event"], {})
        members |= {name: type(value).__name__ for name, value in event.items()}
    history = [event for answer in trip.histories for event in received.events_of(answer)]
    own = {event["event"] for event in history if event.get("party_id") == trip.chat.id}
    judge.note(
        types={kind: dict(sorted(members.items())) for kind, members in sorted(types.items())},
        unknown=sorted(types.keys() - DOCUMENTED),
        own_events_kept=sorted(own - {"chat_session_message"}),
    )
