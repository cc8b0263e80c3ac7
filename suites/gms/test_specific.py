"""Requests that a service defines: what they answer, in which bodies they come, and where they are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies

from fixtures import strict_json
from fixtures.api import shown
from fixtures.outcomes import Blocked, Dropped, Unanswered
from suites.gms import forms, steps
from suites.gms.forms import KINDS
from suites.gms.steps import INTERACTION, MATCH

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api, Caller
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.gms.desk import Booking, Desk

POLL, SPECIFIC = "inbound_poll", "specific"
STATUS = "status"
POLLED = "gms.poll.status-body"
MATCHES = "gms.match.finds-the-booking"
REJECTED = "gms.specific.rejected-on-other-services"
NO_REQUESTS = strategies.lists(
    strategies.text("abcdefghijklmnopqrstuvwxyz-", max_size=12).map(lambda end: f"conformance-{end}"),
    max_size=2,
)
"""Names of requests that nobody defines."""


# ---- services that take requests -------------------------------------------------------------------------------------


@pytest.mark.requirement("gms.specific.answers-200-json")
def test_a_request_that_a_service_defines_answers_json(a: Caller, api: Api, desk: Desk, judge: Judge) -> None:
    """A request that the service defines answers 200 with JSON of any type."""
    id_ = desk.start(SPECIFIC)
    answer = steps.decisive(steps.ask(a, id_, api.table["specific_request"], api.table["specific_request_fields"]))
    judge.that(answer.status == 200, "200 to a request that the service defines", shown(answer), answer)
    try:
        answer.json()
    except strict_json.NotJson as problem:
        judge.fail("JSON in the answer", f"{shown(answer)} ({problem})", answer)


@pytest.mark.requirement("gms.specific.both-body-types")
def test_specific_requests_take_both_body_types(a: Caller, api: Api, rng: Random, desk: Desk, judge: Judge) -> None:
    """A request in multipart is answered as one that is urlencoded: the same status and members."""
    id_, request = desk.running(POLL), api.table["status_request"]
    name, value = steps.mark(rng), steps.mark(rng)
    one, other = (steps.decisive(steps.ask(a, id_, request, {name: value}, kind)) for kind in KINDS)
    if 200 not in {one.status, other.status}:
        raise Blocked(POLLED, f"the request is refused in both types: {shown(one)}")
    judge.that(one.status == other.status, "one status for both body types", f"{one.status} and {other.status}", other)
    members = [sorted(steps.content(answer)) for answer in (one, other)]
    judge.that(members[0] == members[1], "the same members for both body types", members, one, other)
    file = forms.File(steps.mark(rng), "conformance.txt", b"conformance", "text/plain")
    path = {"service_id": id_, "request": request}
    judge.note(with_file=steps.post(a, "serviceRequest", path, {}, kind="multipart", files=[file]).status)


@pytest.mark.requirement("gms.specific.empty-post")
@pytest.mark.parametrize("content_type", [None, forms.URLENCODED], ids=["without Content-Type", "of no bytes"])
def test_a_request_may_have_no_body(
    content_type: str | None, a: Caller, api: Api, desk: Desk, judge: Judge
) -> None:
    """A POST with Content-Length 0 answers 200, with and without a Content-Type."""
    id_, request = desk.running(POLL), api.table["status_request"]
    said = f"a POST with Content-Length 0 and {content_type or 'no Content-Type'}"
    path = {"service_id": id_, "request": request}
    try:
        answer = steps.decisive(a.call("serviceRequest", path=path, body=b"", content_type=content_type))
    except Dropped:
        raise
    except Unanswered:
        # Who answers a request with a body, and not this one, waits for what does not come.
        control = steps.decisive(steps.ask(steps.known(api), id_, request, {"note": "conformance"}))
        judge.that(control.status != 200, f"an answer to {said}", "none before the deadline", control)
        raise
    judge.that(answer.status == 200, f"200 to {said}", shown(answer), answer)


# ---- other services --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("gms.specific.rejected-on-other-services")
def test_a_booking_takes_no_specific_request(a: Caller, phone: str, desk: Desk, judge: Judge) -> None:
    """A request for the status of a booking is refused, while the booking lives."""
    booking = desk.lend(phone)
    answer = steps.decisive(steps.ask(a, booking.id, STATUS, {}))
    judge.that(steps.refuses(answer), "a refusal of a specific request for a booking", shown(answer), answer)
    if steps.named(desk.api.table, MATCH):
        matched = desk.match(booking.key)
        if not steps.started(matched):
            judge.inconclusive(f"the booking was not alive, or is no more: {shown(matched)}")


@pytest.mark.requirement("gms.specific.rejection-is-client-error")
def test_a_booking_rejects_requests_as_errors_of_the_client(a: Caller, desk: Desk, judge: Judge) -> None:
    """The refusal of a specific request for a booking is a 4xx."""
    judge_client_error(judge, steps.ask(a, desk.booked().id, STATUS, {}), "a booking")


@pytest.mark.requirement("gms.specific.rejection-is-client-error")
def test_unknown_ids_reject_requests_as_errors_of_the_client(a: Caller, rng: Random, judge: Judge) -> None:
    """The refusal of a specific request for an unknown id is a 4xx."""
    judge_client_error(judge, steps.ask(a, steps.random_id(rng), STATUS, {}), "an unknown id")


def judge_client_error(judge: Judge, answer: Answer, what: str) -> None:
    """Judge the status of a refusal."""
    if not steps.refuses(steps.decisive(answer)):
        raise Blocked(REJECTED, f"the request is not refused: {shown(answer)}")
    good = answer.status in steps.CLIENT_ERRORS
    judge.that(good, f"a 4xx to a specific request for {what}", shown(answer), answer)


@pytest.mark.requirement("gms.specific.rejection-leaves-service-alive")
def test_a_rejected_request_leaves_the_booking_alone(
    a: Caller, api: Api, desk: Desk, rng: Random, depth: Depth, given: Given, judge: Judge
) -> None:
    """After rejected requests a booking is matched as another one without them."""
    @given(NO_REQUESTS, strategies.sampled_from(KINDS), examples=1 if depth.name == "quick" else 2, shrink=False)
    def is_left_alone(names: list[str], kind: forms.Kind) -> None:
        booking = desk.lend(steps.phone(api.table, rng))
        for name in (STATUS, *names):
            answer = steps.decisive(steps.ask(a, booking.id, name, {"note": steps.mark(rng)}, kind))
            if not steps.refuses(answer):
                raise Blocked(REJECTED, f"the request {name} is not refused: {shown(answer)}")
        judge_found(judge, desk, booking, steps.phone(api.table, rng))

    is_left_alone()


def judge_found(judge: Judge, desk: Desk, booking: Booking, phone: str) -> None:
    """Judge that a booking is found while it must live, if one that was left alone is, which this phone makes."""
    answer = steps.decisive(desk.match(booking.key))
    if not booking.lives_at(answer.ended):
        judge.inconclusive("the booking was matched too late: it may have lapsed")
    found = steps.id_of(answer)
    if found != booking.id:
        control = desk.book(phone)  # none that was there before: whatever ended the other may have ended it
        if steps.id_of(matched := desk.match(control.key)) != control.id:
            raise Blocked(MATCHES, f"no booking is found: {shown(matched)}")
    judge.that(found == booking.id, "the booking is found after rejected requests", shown(answer), answer)


# ---- other ids -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("gms.specific.unknown-id-refused")
def test_an_id_that_nobody_has_takes_no_request(a: Caller, api: Api, rng: Random, desk: Desk, judge: Judge) -> None:
    """A specific request for a random id is refused."""
    desk.need_alive()  # a server that refuses whatever comes tells no id from another
    judge_unknown(judge, steps.ask(a, steps.random_id(rng), api.table["status_request"], {}), "a random id")


@pytest.mark.requirement("gms.specific.unknown-id-refused")
@pytest.mark.parametrize("what", ["a name", "another last character"])
def test_what_is_almost_an_id_takes_no_request(
    what: str, a: Caller, api: Api, desk: Desk, judge: Judge
) -> None:
    """A specific request is refused for the name of a service, and for an id with another last character."""
    services = api.table["services"] or {}
    role = next((role for role in (POLL, SPECIFIC, INTERACTION) if role in services), None)
    if role is None:
        pytest.skip("the target file names no service that could be created")
    # A role that takes requests comes first: only there it would show that the id was not compared whole.
    id_ = desk.booked().id if role == INTERACTION else desk.running(role)
    request = api.table["specific_request"] if role == SPECIFIC else api.table["status_request"]
    near = id_[:-1] + ("0" if id_[-1] != "0" else "1")
    answer = steps.ask(a, near if what != "a name" else steps.name_of(api.table, role), request or STATUS, {})
    judge_unknown(judge, answer, "an id with another last character" if what != "a name" else "the name of a service")


def judge_unknown(judge: Judge, answer: Answer, what: str) -> None:
    """Judge that a request was refused."""
    judge.that(steps.refuses(steps.decisive(answer)), f"a refusal for {what}", shown(answer), answer)
