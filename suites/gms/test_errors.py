"""What refusals look like, and what they must not tell."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures import strict_json
from fixtures.api import shown
from fixtures.outcomes import Inconclusive
from suites.gms import forms, steps
from suites.gms.forms import Body
from suites.gms.steps import ACCESS, INTERACTION, MATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from suites.gms.desk import Desk

INTERNALS = re.compile(
    r"Traceback \(most recent"
    r"|\bat [\w$.<>]+\([\w$.: ]+\)"  # at package.Class.method(File.java:12)
    r"|[\w$]+\.(?:java|kt|cs|py):\d+"
    r'|\b[A-Za-z]:\\+\w|(?<![\w/.])/(?:home|usr|opt|var|etc|root|srv)/\w|File "'
)
WORD = "no-such-word-4711"
"""A password that opens nothing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that is to be refused, what came back, and the user's data in it."""

    what: str
    answer: Answer
    marks: tuple[str, ...]


@pytest.fixture(scope="module")
def refusals(desk: Desk, run: Run) -> tuple[Refusal, ...]:
    """Refusals of every kind that the target file allows; what is taken all the same is left out."""
    found = []
    for what, attempt, marks in _tried(desk, random.Random(f"{run.options.seed}/refusals")):  # noqa: S311 - marks
        with suppress(Inconclusive):  # no answer to one of them leaves the others
            answer = attempt()
            if answer.status in steps.ERRORS or "exception" in steps.content(answer):
                found.append(Refusal(what, answer, marks))
    return tuple(found)


def _tried(desk: Desk, rng: random.Random) -> Iterator[tuple[str, Callable[[], Answer], tuple[str, ...]]]:
    """Yield what is to be refused: what it is, how it is sent, and the user's data in it."""
    table, mark, unknown = desk.api.table, steps.mark(rng), steps.random_id(rng)
    phone = steps.phone(table, rng)
    marks = (mark, phone)
    form = forms.urlencoded({"_phone_number": phone, "note": mark})
    name = f"no-service-{steps.mark(rng)}"
    unknown_name = partial(steps.create, desk.caller, name, form)
    yield "a create of an unknown service", partial(desk.attempt, unknown_name), marks
    request = table["status_request"]
    yield "a request on an unknown id", partial(steps.ask, desk.caller, unknown, request, {"note": mark}), (mark,)
    services = table["services"] or {}
    if INTERACTION in services:
        parts = forms.multipart({"_phone_number": phone, "note": mark})
        broken, text = Body(parts.content_type, parts.content[:-30]), Body("text/plain", form.content)
        yield "a broken multipart body", partial(desk.send, INTERACTION, broken, refused=True), marks
        yield "a body of another type", partial(desk.send, INTERACTION, text, refused=True), marks
        asked = lambda: steps.ask(desk.caller, desk.booked().id, request, {"note": mark})  # noqa: E731
        yield "a request that the service does not take", asked, (mark,)
    if MATCH in services:
        number = f"{rng.randrange(10**14, 10**15)}"
        key = {"_access_number": number, "_phone_number": phone, "note": mark}
        yield "a match of nothing", partial(desk.match, key), (*marks, number)
    if ACCESS in services:
        yield "access without an id", partial(desk.create, ACCESS, {"note": mark}, refused=True), (mark,)
    if table["auth"] == "basic":
        wrong = steps.stranger(desk.api).bearing(steps.basic(f"user-{mark}", WORD))
        coded = steps.basic(f"user-{mark}", WORD)[1].partition(" ")[2]
        known = partial(steps.create, wrong, services.get(INTERACTION, name), form)
        yield "wrong credentials", partial(desk.attempt, known), (*marks, WORD, coded)


@pytest.mark.requirement("gms.error.exception-object")
def test_a_json_error_has_exception_and_message(refusals: tuple[Refusal, ...], judge: Judge) -> None:
    """A JSON error body is an object with the strings exception and message, and nothing of success."""
    kinds: dict[str, str] = {}
    looked = False
    for refusal in refusals:
        answer, what = refusal.answer, refusal.what
        kinds[what] = f"{answer.status} {answer.media_type or 'no type'}"
        looked |= not answer.body or answer.claims_json
        if not answer.body or not answer.claims_json:
            continue
        try:
            body = answer.json()
        except strict_json.NotJson as problem:
            judge.warn(False, f"strict JSON to {what}", f"{problem}: {shown(answer)}", answer)
            continue
        right = isinstance(body, dict) and all(isinstance(body.get(name), str) for name in ("exception", "message"))
        judge.warn(right, f"exception and message, both strings, to {what}", shown(answer), answer)
        said = steps.success_members(answer)
        judge.warn(not said, f"no member of success beside the exception, to {what}", ", ".join(said), answer)
    judge.note(**kinds)
    if not looked:
        pages = ", ".join(sorted(set(kinds.values()))) or "none at all"
        judge.inconclusive(f"no refusal is JSON, nor has it no body: {pages}")
    judge.warn(True, "JSON errors in the documented form", "them")


@pytest.mark.requirement("gms.error.no-internals")
def test_an_error_tells_nothing_of_the_inside(refusals: tuple[Refusal, ...], api: Api, judge: Judge) -> None:
    """An error has no stack trace, no path of a file, no credentials, and no data of the user in it."""
    own = [coded.partition(" ")[2] for _, coded in steps.credentials(api.table)]
    secrets = [*own, *([api.table["password"]] if own else [])]
    for refusal in refusals:
        text, what = refusal.answer.text, refusal.what
        found = INTERNALS.search(text)
        judge.warn(not found, f"nothing of the inside, to {what}", shown(refusal.answer), refusal.answer)
        told = any(secret in text for secret in secrets)
        judge.warn(not told, f"no credentials, to {what}", "the Authorization value or the password", refusal.answer)
        echoed = [mark for mark in refusal.marks if mark in text]
        judge.warn(not echoed, f"no data of the request, to {what}", ", ".join(echoed), refusal.answer)
    if not refusals:
        judge.inconclusive("nothing was refused")
