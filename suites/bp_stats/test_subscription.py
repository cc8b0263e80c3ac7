"""Creating a subscription: the document's example, the answer, and what a refused create leaves behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json
from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_stats import steps
from suites.bp_stats import subscriptions as subs

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge

MOST_REFUSED = 10
"""Refused creates with which a leak of the tenant's subscriptions is looked for; a larger limit is not exhausted."""
ERROR_MEMBERS = ("error_code", "error_message", "error")
STACK_TRACE = re.compile(r"Traceback \(most recent|^\s+at [\w$.<>]+\(|[\w$]+\.(?:java|kt|cs|js|py):\d+", re.MULTILINE)
QUOTED = 'a "quoted" \\ word\n'
COLUMN = steps.column(steps.SERVICES, "n", "name")
GRIDS: tuple[dict[str, Any], ...] = (
    {"id": "g"},
    steps.grid("g", [COLUMN], order_by=QUOTED, order_dir="ASC"),
    steps.grid("g", [COLUMN], filter_by="n", filter_value="1", filter_operation=QUOTED),
    steps.grid("g", [COLUMN], limit="ten"),
)
REFUSABLE: tuple[bytes, ...] = (
    subs.cut_short("x"),
    b'{"a \\"quoted\\" word": nothing}',
    b"[]",
    b'{"x":[]}',
    *(subs.printed({"x": {steps.SERVICES: [grid]}}) for grid in GRIDS),
)
"""Bodies that a server may answer with 400, each for another reason; two are no JSON, the others are up to it."""


def send(session: steps.Session, body: bytes, content_type: str | None = "application/json") -> Answer:
    """Send a create with these bytes."""
    return subs.valid(session.caller.call("createSubscription", body=body, content_type=content_type))


def refuse(session: steps.Session, app: str = "refused") -> None:
    """Send a create that must be refused with 400; raises Blocked."""
    answer = send(session, subs.cut_short(app))
    if answer.status != 400:
        raise Blocked(subs.MALFORMED, f"a body that is no JSON was answered {shown(answer)}")


@pytest.mark.requirement("bp_stats.subscription.example-verbatim")
def test_the_printed_example_gives_the_printed_structure(a: steps.Session, judge: Judge) -> None:
    """The document's example, sent as printed, is accepted, and its data have the printed ids and column keys."""
    created = subs.not_for_limits(send(a, subs.printed(steps.example())))
    judge.that(created.status == 200, "200 to the document's example", shown(created), created)
    misfit = example_misfit(steps.settle(a), rows_promised=bool(a.caller.api.table["min_service_rows"]))
    judge.that(misfit is None, "app 1 with service grid 1, whose rows have the keys 1, 2 and 3", misfit)


def example_misfit(data: dict[str, Any], *, rows_promised: bool) -> str | None:
    """Return in what the data of the example differ from the printed structure; None if they do not."""
    if "1" not in data:
        return f"no app 1, but {', '.join(data) or 'none'}"
    rows = {str(name): rows for name, rows in steps.grids(data, "1", steps.SERVICES).items()}.get("1")
    if rows is None:
        return "no service grid 1"
    strange = next((row for row in rows if row.keys() != {"1", "2", "3"}), None)
    if strange is not None:
        return f"a row with the keys {', '.join(strange)}"
    return "no rows, although the target file promises some" if rows_promised and not rows else None


@pytest.mark.requirement("bp_stats.subscription.create-answer-body")
def test_the_answer_of_a_create_has_no_body_or_a_harmless_one(a: steps.Session, judge: Judge) -> None:
    """What the 200 of a create carries is nothing, strict JSON, or a text that says nothing of an error."""
    answer = steps.subscribe(a, steps.example())
    misfit = body_misfit(answer)
    judge.that(misfit is None, "no body, strict JSON that is no error object, or text", misfit, answer)
    judge.note(media_type=answer.media_type)
    judge.reading("some-body" if answer.body else "empty")


def body_misfit(answer: Answer) -> str | None:
    """Return what is wrong with the body of a 200 to a create; None if nothing is."""
    if not answer.body:
        return None
    try:
        body = answer.json()
    except strict_json.NotJson as problem:
        labelled = answer.claims_json and answer.media_type is not None
        return f"a body labelled as JSON that is none: {problem}" if labelled else None
    told = isinstance(body, dict) and any(body.get(name) for name in ERROR_MEMBERS)
    return f"200 with an error object: {shown(answer)}" if told else None


def refusals(session: steps.Session) -> list[Answer]:
    """Return the answers to bodies that a server may refuse, as far as they are 400; raises Blocked without any."""
    answers = [answer for body in REFUSABLE if (answer := send(session, body)).status == 400]
    if not answers:
        raise Blocked(subs.MALFORMED, "no create was answered 400, not even one that is no JSON")
    return answers


@pytest.mark.requirement("bp_stats.subscription.error-object")
def test_every_400_of_a_create_is_the_error_object(a: steps.Session, judge: Judge) -> None:
    """Whatever is wrong with a definition, the 400 has an error_code and a message for people, in strict JSON."""
    answers = refusals(a)
    for answer in answers:
        misfit = error_misfit(answer)
        judge.that(misfit is None, "error_code and a non-empty error_message in a strict JSON object", misfit, answer)
    judge.note(refused=len(answers), of=len(REFUSABLE))


def error_misfit(answer: Answer) -> str | None:
    """Return what is wrong with the body of a 400; None if nothing is."""
    try:
        body = answer.json()
    except strict_json.NotJson as problem:
        return f"no strict JSON: {problem}"
    if not isinstance(body, dict):
        return f"no object: {shown(answer)}"
    message = body.get("error_message")
    if body.get("error_code") is None or not isinstance(message, str) or not message.strip():
        return shown(answer)
    return f"a stack trace as message: {message[:120]}" if STACK_TRACE.search(message) else None


@pytest.mark.requirement("bp_stats.subscription.error-code-type")
def test_error_codes_are_of_one_type(a: steps.Session, judge: Judge) -> None:
    """The codes of all 400s are integers, or all of them are strings."""
    codes = [(answer.json()["error_code"], answer) for answer in refusals(a) if error_misfit(answer) is None]
    if not codes:
        raise Blocked("bp_stats.subscription.error-object", "no 400 had a readable error_code")
    for code, answer in codes:
        number = isinstance(code, int) and not isinstance(code, bool)
        judge.that(number or isinstance(code, str), "an error_code that is an integer or a string", repr(code), answer)
        judge.reading("number" if number else "string")


@pytest.mark.requirement("bp_stats.subscription.error-creates-nothing")
def test_a_refused_create_leaves_nothing(a: steps.Session, api: Api, judge: Judge) -> None:
    """After creates refused with 400, and one with 401, there is nothing to read, and room for a sound create."""
    subs.start_with_none(a)
    refuse(a)
    session = a
    if a.identity is not None:  # the newest servers know no cookie that could become stale
        session = steps.log_in(api, a.identity)
        stale = steps.create(a, steps.small("stale"))
        if stale.status != 401:
            raise Blocked("bp_stats.session.second-login-ends-first", f"a stale cookie was answered {shown(stale)}")
    for answer in subs.watch(session, later=2):
        judge.that(
            subs.state(answer) == subs.GONE, "404 on the data after refused creates only", shown(answer), answer
        )
    limit = api.table["tenant_limit"]
    judge.note(tenant="filled" if limit and limit <= MOST_REFUSED else "too large to fill, or of unknown size")
    if limit and limit <= MOST_REFUSED:
        steps.subscribe(session, steps.small("before"))
        subs.end(session)
        for _ in range(limit):
            refuse(session)
        after, _ = subs.create_patiently(session, steps.small("after"))
        judge.that(after.status == 200, f"200 to a sound create after {limit} refused ones", shown(after), after)


@pytest.mark.requirement("bp_stats.subscription.error-beside-active")
def test_a_refused_create_keeps_the_active_subscription_or_ends_it(a: steps.Session, judge: Judge) -> None:
    """After a create that was refused with 400 the data are wholly those from before, or there are none."""
    active = steps.small("active", "ga")
    subs.show(a, active)
    refuse(a)
    for _ in range(3):
        answer = steps.wait(a)
        seen = subs.state(answer, kept=active)
        judge.that(
            seen in {"kept", subs.GONE}, "the data of the active subscription, or 404, after a refused create",
            seen, answer,
        )  # fmt: skip
        judge.reading("kept" if seen == "kept" else "dropped")


@pytest.mark.requirement("bp_stats.subscription.content-type")
def test_another_content_type_is_read_as_json_or_refused(a: steps.Session, judge: Judge) -> None:
    """application/json is taken with a charset; under another type the same bytes work wholly or are refused wholly."""
    steps.subscribe(a, steps.small("typed"))
    subs.end(a)
    found = {}
    for name, content_type in {
        "charset": "application/json; charset=utf-8",
        "text": "text/plain",
        "form": "application/x-www-form-urlencoded",
        "none": None,
    }.items():
        definition = steps.small(f"typed-{name}")
        answer = subs.not_for_limits(send(a, subs.printed(definition), content_type))
        sent = f"Content-Type {content_type}" if content_type else "no Content-Type"
        if name == "charset":
            judge.that(answer.status == 200, f"200 with {sent}", shown(answer), answer)
        judge.that(answer.status in {200, 400, 415}, f"200, 400 or 415 with {sent}", shown(answer), answer)
        expected = "sent" if answer.status == 200 else subs.GONE
        read = steps.wait(a)
        seen = subs.state(read, sent=definition)
        wanted = f"the data of what was sent with {sent}, or 404 if it was refused"
        judge.that(seen == expected, wanted, seen, answer, read)
        if name != "charset":
            found[name] = "lenient" if answer.status == 200 else "strict"
        steps.delete(a)
    subs.record(judge, found)
