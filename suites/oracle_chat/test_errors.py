"""Refusals: what must be refused, with which status, in which form, and what no refusal may show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures import gateway, generation, strict_json
from fixtures.api import object_in, shown
from fixtures.outcomes import Inconclusive
from suites.oracle_chat import steps
from suites.oracle_chat.refusals import BAD_BODIES, CUT
from suites.oracle_chat.tokens import UNTOLD, subject_of

if TYPE_CHECKING:
    from schemathesis import Case

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.oracle_chat.archive import Archive
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.refusals import Refusals
    from suites.oracle_chat.tour import Tour

BROKEN = "oracle_chat.error.broken-body-refused"
SHAPE = "oracle_chat.error.body-shape"
SILENT = "oracle_chat.error.no-internals"
LENIENT = {"a trailing comma": b"%s,}", "a comment": b"%s/* none */}", "text behind the object": b"%s} and so on"}
INTERNALS = re.compile(
    r"Traceback \(most recent|(?:^|\\n)(?:\s|\\t)*at [\w$.<>]+\(|[\w$]+\.(?:java|kt|cs|js|py):\d+"
    r"|\b(?:java|javax|oracle)\.[a-z]\w*\.[\w.]+Exception"
    r"|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b[^\"]*\b(?:FROM|VALUES|SET|WHERE)\b"
    r"|(?:^|[\s\"'(])/(?:home|usr|opt|var|etc|u01|srv|app)/\w+|\b[A-Z]:\\\\?\w+",
    re.MULTILINE,
)
SHORTEST = 6
"""Characters of a secret below which it turns up by chance."""
NO_JSON = object()


@pytest.mark.requirement(BROKEN)
@pytest.mark.parametrize("cause", BAD_BODIES)
def test_a_body_that_is_no_valid_object_is_refused(
    cause: str, a: Client, tour: Tour, refusals: Refusals, judge: Judge
) -> None:
    """A broken body, another JSON value or an object without user gets no token, and leaves the next call alone."""
    steps.taken(tour.basic)
    answer = refusals[cause]
    judge.that(steps.refuses(answer), f"a refusal of {cause}", shown(answer), answer)
    after = a.ask()
    judge.that(steps.succeeds(after), f"success of the basic call after {cause}", shown(after), answer, after)


@pytest.mark.requirement(BROKEN)
def test_a_body_cut_off_anywhere_is_refused(api: Api, a: Client, tour: Tour, judge: Judge, given: Given) -> None:
    """A valid body that ends too early is refused, and the next call on the connection is read from its start."""
    steps.taken(tour.basic)
    body = steps.encoded(steps.basic_members(api.table, firstName="Ann", question="Cut where?"))
    steps.taken(a.post(body))

    @given(st.integers(1, len(body) - 1))
    def is_refused(length: int) -> None:
        answer = a.post(body[:length])
        judge.that(steps.refuses(answer), f"a refusal of {body[:length]!r}", shown(answer), answer)

    is_refused()
    after = a.ask()
    judge.that(steps.succeeds(after), "success of the basic call after broken bodies", shown(after), after)


@pytest.mark.requirement(BROKEN)
def test_what_lenient_parsers_take_is_recorded(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """A trailing comma, a comment and text behind the object may be read or refused; the next call succeeds."""
    steps.taken(tour.basic)
    start = steps.encoded(steps.basic_members(api.table))[:-1]
    taken = {what: steps.succeeds(a.post(form.replace(b"%s", start))) for what, form in LENIENT.items()}
    after = a.ask()
    judge.that(steps.succeeds(after), "success of the basic call after odd bodies", shown(after), after)
    judge.note(**{what.replace(" ", "_"): "read" if read else "refused" for what, read in taken.items()})


@pytest.mark.requirement("oracle_chat.error.refusals-are-400")
@pytest.mark.parametrize("cause", BAD_BODIES)
def test_a_faulty_request_is_answered_with_400(cause: str, refusals: Refusals, judge: Judge) -> None:
    """The status for a broken body, or one without a mandatory attribute, is 400."""
    answer = refusals[cause]
    if answer.status < 300:
        judge.inconclusive(f"the call is not refused, which is another requirement's matter: {shown(answer)}")
    judge.that(answer.status in steps.REFUSED, f"400, at least a 4xx, for {cause}", shown(answer), answer)
    judge.that(answer.status in {400, 415, 422}, f"400 for {cause}", shown(answer), answer)
    judge.note(status=answer.status)


# ---- the form of a refusal, and what it must not show ----------------------------------------------------------------


def value_of(answer: Answer) -> Any:
    """Return the JSON value of a body, NO_JSON where it is something else."""
    try:
        return answer.json()
    except strict_json.NotJson:
        return NO_JSON


def misfit(answer: Answer) -> str | None:
    """Return why an error body is neither empty, nor text, nor the error object of the framework; None if it is."""
    if not answer.body.strip():
        return None
    value = value_of(answer)
    if isinstance(value, dict):
        return misfit_of_object(value, answer.status)
    if answer.values("Content-Type") and answer.claims_json:
        return "it is labelled as JSON and is no object"
    return None


def misfit_of_object(value: dict[str, Any], status: int) -> str | None:
    """Return why a JSON object is not the error object of the framework; None if it is."""
    details = value.get("o:errorDetails")
    if not isinstance(value.get("title"), str):
        return "it has no title"
    if str(value.get("status")) != str(status):
        return f"its status is {value.get('status')!r}, that of the answer {status}"
    if not isinstance(details, list):
        return "it has no list o:errorDetails"
    return None if all(isinstance(detail, dict) for detail in details) else "a detail is no object"


def judge_shape(judge: Judge, answer: Answer) -> None:
    """Judge the form of one refusal."""
    wrong = misfit(answer)
    judge.on(SHAPE).that(
        wrong is None,
        "an error body that is empty, text, or an object with title, the status and a list o:errorDetails",
        f"{wrong}: {shown(answer)}",
        answer,
    )


def judge_silent(judge: Judge, answer: Answer, api: Api, archive: Archive) -> None:
    """Judge that one refusal shows no internals, no credentials and no token."""
    found = INTERNALS.search(answer.text)
    silent = judge.on(SILENT)
    silent.that(not found, "no trace, query or path in an error", found and found[0], answer)
    tokens = {steps.token_of(success) or "" for success in archive.successes}
    secrets = {
        "the password": {api.table["password"] or "", api.table["unprivileged_password"] or ""},
        "a credential that was sent": archive.sent,
        "an issued token": tokens,
    }
    for what, values in secrets.items():
        shows = any(len(value) >= SHORTEST and value in answer.text for value in values)
        silent.that(not shows, f"an error without {what}", f"a {answer.status} that holds it", answer)


@pytest.mark.requirement(SHAPE)
def test_every_refusal_has_the_form_of_an_error(archive: Archive, refusals: Refusals, judge: Judge) -> None:
    """Every refusal of the run is empty, text, or an error object that repeats the status."""
    for answer in refused(refusals, archive):
        judge_shape(judge, answer)
    judge.note(media_type=refusals[CUT].media_type)


@pytest.mark.requirement(SILENT)
def test_no_refusal_shows_internals(api: Api, archive: Archive, refusals: Refusals, judge: Judge) -> None:
    """No refusal of the run holds a trace, a query, a path, a credential or a token."""
    for answer in refused(refusals, archive):
        judge_silent(judge, answer, api, archive)


def refused(refusals: Refusals, archive: Archive) -> list[Answer]:
    """Return every refusal of the run so far, at least those of the calls that must be refused; raises Inconclusive."""
    answers = [*refusals.all.values(), *archive.refusals]
    found = [answer for answer in answers if answer.status >= 400]
    if not found:
        raise Inconclusive("no call was refused")
    return found


@pytest.mark.requirement(SHAPE, SILENT)
def test_refusals_of_generated_requests_have_the_form_of_an_error(
    api: Api, archive: Archive, a: Client, judge: Judge, given: Given
) -> None:
    """Requests that break the document in generated ways are refused in the same form, if they are refused."""
    refused: list[Answer] = []

    def look_at(answer: Answer) -> None:
        if a.judged(answer).status >= 400:
            refused.append(answer)
            judge_shape(judge, answer)
            judge_silent(judge, answer, api, archive)

    @given(generation.cases(api.name, steps.CREATE, "negative"))
    def keeps_the_form(case: Case[Any]) -> None:
        archive.take_turn()
        look_at(gateway.past(lambda: generation.send(a.caller, steps.CREATE, case)))

    look_at(a.send({}))
    keeps_the_form()
    if not refused:
        judge.inconclusive("no generated request was refused")


# ---- one name or the other -------------------------------------------------------------------------------------------


@pytest.mark.requirement("oracle_chat.error.duplicate-members")
@pytest.mark.parametrize("order", ["a then b", "b then a"])
def test_a_name_given_twice_is_refused_or_one_of_them_is_used(
    order: str, api: Api, a: Client, tour: Tour, judge: Judge
) -> None:
    """A body with authUserName twice is refused, or one of the names stands in the echo and in the token."""
    names = (api.table["auth_user_name"], tour.other_name)
    known = {name: subject_of(answer) for name, answer in zip(names, tour.two_users(judge), strict=True)}
    if None in known.values() or len(set(known.values())) < len(names):
        judge.not_applicable(UNTOLD)
    first, last = (steps.encoded(name) for name in (names if order == "a then b" else names[::-1]))
    rest = b'"clientType":"CONSUMER","question":"Who is it?"'
    twice = a.post(b"{" + rest + b',"authUserName":' + first + b',"authUserName":' + last + b"}")
    if not steps.succeeds(twice):
        judge.that(steps.refuses(twice), "a refusal or a token", shown(twice), twice)
        return
    used = object_in(twice).get("authUserName")
    judge.that(used in names, "one of the two names in the echo", used, twice)
    judge.that(
        subject_of(twice) == known[used], f"a token for {used}, as the echo says", f"one for {subject_of(twice)}", twice
    )
    judge.note(used="the first" if (used == names[0]) == (order == "a then b") else "the last")
