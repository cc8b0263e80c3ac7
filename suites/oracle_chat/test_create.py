"""A call and its answer: status, one strict JSON object, its label, the document's example, and calls again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json
from fixtures.api import object_in, shown
from suites.oracle_chat import echoes, steps
from suites.oracle_chat.refusals import EMPTY, NO_USER

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.refusals import Refusals
    from suites.oracle_chat.tour import Tour

STATUS = "oracle_chat.create.success-status"
NAMES = {201: "created-201", 200: "ok-200"}
SERVER_MEMBERS = frozenset({"jwt", "chatSiteName", "domain", "poolId"})
AWKWARD = {
    "quotes and backslashes": 'She said "yes" and \\ left, {"jwt": "none"}',
    "control characters": "one\ttwo\nthree\u0001\u001f four",
}


@pytest.mark.requirement(STATUS)
def test_every_success_has_one_and_the_same_status(tour: Tour, judge: Judge) -> None:
    """Calls that succeed are answered 201 throughout, or 200 throughout."""
    for answer in (tour.basic, tour.example, tour.attributes):
        judge.that(answer.status not in range(202, 400), "201 or 200 for a valid call", shown(answer), answer)
    for answer in tour.successes:
        judge.reading(NAMES[answer.status])
    judge.note(location=bool(tour.basic.values("Location")))


@pytest.mark.requirement(STATUS)
@pytest.mark.parametrize("cause", [NO_USER, EMPTY])
def test_an_error_has_not_the_status_of_a_success(cause: str, tour: Tour, refusals: Refusals, judge: Judge) -> None:
    """A call that brings no token is not answered with a 2xx."""
    steps.taken(tour.basic)
    answer = refusals[cause]
    if steps.succeeds(answer):
        judge.inconclusive(f"the call succeeds in spite of {cause}, which is another requirement's matter")
    judge.that(answer.status >= 300, f"no 2xx without a token, for {cause}", shown(answer), answer)


def judge_strict(judge: Judge, answer: Answer) -> None:
    """Judge that a success is one strict JSON object that is itself the item."""
    if answer.status not in steps.CREATED:
        judge.inconclusive(f"no success came: {shown(answer)}")
    try:
        body: Any = strict_json.parse(answer.body)
    except strict_json.NotJson as problem:
        judge.fail("strict JSON in the body of a success", problem, answer)
    judge.that(isinstance(body, dict), "one JSON object", shown(answer), answer)
    judge.that(SERVER_MEMBERS & body.keys(), "the item itself, in no other object or array", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.create.body-is-strict-json")
@pytest.mark.parametrize("call", ["basic", "example", "attributes"])
def test_the_answer_is_one_strict_json_object(call: str, tour: Tour, judge: Judge) -> None:
    """The answer to an ordinary call is strict JSON in UTF-8, and the item itself."""
    judge_strict(judge, tour.need_example(judge) if call == "example" else getattr(tour, call))


@pytest.mark.requirement("oracle_chat.create.body-is-strict-json")
@pytest.mark.parametrize("what", AWKWARD)
def test_awkward_characters_of_the_request_leave_the_answer_strict(what: str, a: Client, judge: Judge) -> None:
    """What needs an escape in the request has one in the answer."""
    answer = a.ask(question=AWKWARD[what])
    judge_strict(judge, steps.unless_refused(answer, f"a question with {what}"))


@pytest.mark.requirement("oracle_chat.create.minimal-request")
def test_what_is_marked_optional_may_be_left_out(a: Client, judge: Judge) -> None:
    """A call with the two mandatory attributes, and a question where one is demanded, has all the server sets."""
    answer, reading = a.ask(question=...), "question-left-out"
    if steps.demands(answer):
        answer, reading = a.ask(question=steps.QUESTION), "question-demanded"
    judge.that(steps.succeeds(answer), "success without any attribute that is optional", shown(answer), answer)
    missing = sorted((SERVER_MEMBERS | {"links"}) - object_in(answer).keys())
    judge.that(not missing, "all attributes of the server", f"no {', '.join(missing)}", answer)
    judge.reading(reading)


@pytest.mark.requirement("oracle_chat.create.media-type")
def test_the_answer_is_labelled_as_json_once(tour: Tour, judge: Judge) -> None:
    """The one Content-Type of a success is application/json, or another +json type."""
    for answer, accept in ((tour.accepting_json, "application/json"), (tour.basic, "*/*")):
        if not 200 <= answer.status < 300:
            judge.inconclusive(f"no success came: {shown(answer)}")
        fields = answer.values("Content-Type")
        judge.that(
            len(fields) == 1 and answer.claims_json,
            f"one Content-Type that is a JSON type, for Accept: {accept}",
            ", ".join(fields) or "none",
            answer,
        )
    # A server may heed Accept: the label that it picks by itself is the reading.
    judge.reading("plain-json" if tour.basic.media_type == "application/json" else "framework-json")
    judge.note(for_anything=tour.basic.media_type, for_application_json=tour.accepting_json.media_type)


@pytest.mark.requirement("oracle_chat.create.example-request")
def test_the_example_of_the_document_is_a_valid_request(tour: Tour, judge: Judge) -> None:
    """The document's example, ids partly as numbers and two of them null, succeeds."""
    answer = tour.need_example(judge)
    judge.that(steps.succeeds(answer), "success for the document's example", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.create.repeatable")
def test_the_same_user_may_call_again_and_again(a: Client, judge: Judge) -> None:
    """Equal calls for one user all succeed alike, also after a failed one, and with either resumeType in turn."""
    first = a.ask(question="Again?")
    expected = echoes.of(steps.taken(first), steps.basic_members(a.api.table, question="Again?"))
    judge_again(judge, a.ask(question="Again?"), expected)
    a.ask(authUserName=..., question="Again?")  # a call that fails
    for _ in range(2):
        judge_again(judge, a.ask(question="Again?"), expected)
    for resume in steps.RESUMING:
        answer = a.ask(question="Again?", resumeType=resume)
        judge_again(judge, answer, expected | {"resumeType": resume})


def judge_again(judge: Judge, answer: Answer, expected: dict[str, Any]) -> None:
    """Judge that a repeated call succeeds and shows the same as the first one."""
    judge.that(steps.succeeds(answer), "success for a repeated call", shown(answer), answer)
    found = echoes.of(object_in(answer), expected)
    judge.that(found == expected, f"the same echo as before: {expected}", found, answer)
