"""Property tests: requests generated from the OpenAPI document, judged by what the requirements say of all requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures import generation
from fixtures.api import shown
from specs import openapi
from suites.bp_stats import steps
from suites.bp_stats.services import availability

if TYPE_CHECKING:
    from schemathesis import Case

    from fixtures.api import Api, Caller
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge, Part
    from fixtures.plugin.supplies import Given

API = "bp_stats"
MORE = 2
"""A generated request costs one or two exchanges, a hundredth of an example that waits for data: more of them fit."""


def documented(part: Part, operation: str, answer: Answer, *, must: bool = False) -> None:
    """Hold the status against the list of the OpenAPI document."""
    statuses = sorted(openapi.document(API).operations[operation].responses)
    part.that(
        str(answer.status) in statuses,
        f"{operation} answers one of {', '.join(statuses)}",
        shown(answer),
        answer,
        must=must,
    )


@pytest.mark.requirement(
    "bp_stats.subscription.invalid-enum-or-reference",
    "bp_stats.data.only-204-or-200-while-active",
    "bp_stats.data.delete-ends-subscription",
)
def test_any_definition_of_the_documented_form_lives_and_ends(
    a: steps.Session, judge: Judge, given: Given, depth: Depth
) -> None:
    """A generated definition is taken or refused; one that is taken is 204 or 200 until its delete, and then 404.

    Generated statistics, columns and references mostly name nothing that exists, which may be refused.
    """
    refused = judge.on("bp_stats.subscription.invalid-enum-or-reference")
    active = judge.on("bp_stats.data.only-204-or-200-while-active")
    ended = judge.on("bp_stats.data.delete-ends-subscription")
    taken = 0

    @given(generation.cases(API, "createSubscription", "positive"), examples=MORE * depth.examples)
    def lives_and_ends(case: Case[Any]) -> None:
        nonlocal taken
        answer = generation.send(a.caller, "createSubscription", case)
        documented(refused, "createSubscription", answer)
        if answer.status != 200:
            return
        taken += 1
        data = steps.read(a)
        active.that(data.status in {200, 204}, "204 or 200 directly after the create", shown(data), answer, data)
        gone = steps.delete(a)
        ended.that(gone.status in {200, 202, 204}, "2xx for the delete of an active subscription", shown(gone), gone)
        data = steps.read(a)
        ended.that(data.status == 404, "404 after the delete", shown(data), gone, data)

    lives_and_ends()
    if not taken:
        judge.inconclusive("no generated definition was taken, so that none could be read or deleted")


@pytest.mark.requirement("bp_stats.subscription.wrong-structure-refused")
def test_no_definition_of_another_form_is_an_error_of_the_server(
    a: steps.Session, judge: Judge, given: Given, depth: Depth
) -> None:
    """A generated body that breaks the documented form is answered with a documented status, never with an error.

    Whether each of them is refused is not asked: what unknown members mean is open.
    """

    @given(generation.cases(API, "createSubscription", "negative"), examples=MORE * depth.examples)
    def is_answered(case: Case[Any]) -> None:
        answer = generation.send(a.caller, "createSubscription", case)
        judge.that(
            answer.status < 500, "no error of the server for a body of another form", shown(answer), answer, must=True
        )

    is_answered()


@pytest.mark.requirement("bp_stats.auth.incomplete-body-refused")
def test_no_generated_login_opens_a_session(api: Api, judge: Judge, given: Given) -> None:
    """A login body that breaks the documented form is refused with a documented status and without a token."""

    @given(generation.cases(API, "authenticate", "negative"))
    def is_refused(case: Case[Any]) -> None:
        answer = generation.send(api.anonymous(), "authenticate", case)
        refused = answer.status in {400, 401, 403, 415, 422}
        judge.that(refused, "400, 415, 422, 401 or 403 for a malformed login", shown(answer), answer)
        judge.that(steps.token_of(answer) is None, "no token for a malformed login", "a token", answer)

    is_refused()


@pytest.mark.requirement("bp_stats.available.unknown-or-missing-service")
def test_no_generated_service_name_is_available(
    anonymous: Caller, api: Api, judge: Judge, given: Given, depth: Depth
) -> None:
    """A generated name is no available service, and never an error of the server."""
    known = {*(api.table["services"] or ()), api.table["service_ready"]}

    @given(generation.cases(API, "checkAvailableAgents", "positive"), examples=MORE * depth.examples)
    def is_not_available(case: Case[Any]) -> None:
        if case.query.get("service") in known:
            return
        answer = generation.send(anonymous, "checkAvailableAgents", case)
        judge.that(
            availability(answer) is False or answer.status in {400, 404, 414, 422},
            "200 with false, or 400, 404, 414 or 422, for a service that does not exist", shown(answer), answer,
        )  # fmt: skip

    is_not_available()


@pytest.mark.requirement("bp_stats.dispositions.parameters-accepted")
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_any_query_for_dispositions_is_answered(
    a: steps.Session, judge: Judge, given: Given, depth: Depth, mode: generation.Mode
) -> None:
    """A documented query answers 200; another value than 1 may be refused, but is no error of the server."""

    @given(generation.cases(API, "getDispositions", mode), examples=depth.examples)
    def is_answered(case: Case[Any]) -> None:
        answer = generation.send(a.caller, "getDispositions", case)
        if mode == "positive":
            judge.that(answer.status == 200, "200 for a documented query", shown(answer), answer)
        judge.that(answer.status < 500, "no error of the server for any query", shown(answer), answer)

    is_answered()
