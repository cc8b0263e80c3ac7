"""How many wait before a customer: the members of two generations of the API."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.exchange import Request
from fixtures.outcomes import Inconclusive
from specs import openapi
from suites.gms import steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.gms.desk import Desk

QUEUE, POSITION = "queue", "checkQueuePosition"
WHOLE = re.compile(r"[0-9]+")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
"""An estimate may have a fraction, or be below zero where nobody can tell."""
FIRST_GENERATION = {"_position": WHOLE, "_eta": NUMBER, "_total_waiting": WHOLE}
FLAG = "_agent_ready_threshold_passed"


@pytest.fixture
def waiting(api: Api, a: Caller, desk: Desk) -> Iterator[tuple[str, str]]:
    """Two callbacks that wait in the queue, cancelled afterwards."""
    made: list[str] = []
    try:
        made.extend(desk.start(QUEUE) for _ in range(2))
        yield made[0], made[1]
    finally:
        name = steps.name_of(api.table, QUEUE)
        if name.startswith(steps.CALLBACK):
            for id_ in made:
                a.call("cancelCallback", path={"name": name.removeprefix(steps.CALLBACK), "service_id": id_})


def position(caller: Caller, id_: str) -> Answer:
    """Ask for the position by GET, or by POST where that is not known."""
    answer = caller.call(POSITION, path={"service_id": id_})
    if answer.status != 405:
        return answer
    operation = openapi.document(caller.api.name).operations[POSITION]
    return caller.send(POSITION, Request("POST", caller.api.url(operation, {"service_id": id_}), caller.headers))


@pytest.mark.requirement("gms.queue.position-shape")
def test_a_position_has_the_members_of_a_generation(
    waiting: tuple[str, str], a: Caller, judge: Judge, rng: Random
) -> None:
    """Both who wait are told numbers as texts that fit together, in the members of one generation or of both."""
    for id_ in waiting:
        answer = steps.decisive(position(a, id_))
        if answer.status in steps.CLIENT_ERRORS or (answer.status == 200 and "exception" in steps.content(answer)):
            raise Inconclusive(f"the callback waits in no queue: {shown(answer)}")
        judge.that(answer.status == 200, "200 with a position", shown(answer), answer)
        judge.reading(generation(answer, judge))
    unknown = steps.decisive(position(a, steps.random_id(rng)))
    told = {*FIRST_GENERATION, "ewt"} & steps.content(unknown).keys()
    judge.that(steps.refuses(unknown) and not told, "a refusal for an unknown id", shown(unknown), unknown)


def generation(answer: Answer, judge: Judge) -> str:
    """Judge the members of a position, and return the reading that they show."""
    body = steps.content(answer)
    old, new = FIRST_GENERATION.keys() & body.keys(), "ewt" in body
    judge.that(old or new, "_position, _eta and _total_waiting, or ewt", shown(answer), answer)
    if new:
        judge.that(is_text(body["ewt"], NUMBER), "ewt as the text of a number", shown(answer), answer)
    if not old:
        return "ewt-only"
    spelled = {name: spelling(body.get(name), form) for name, form in FIRST_GENERATION.items()}
    for name, how in spelled.items():
        judge.that(how, f"{name} as a number, or the text of one", shown(answer), answer)
    alike = len(set(spelled.values())) == 1
    judge.that(alike, "all three as texts, or all three as numbers", shown(answer), answer)
    judge.note(numbers=spelled["_position"])
    judge.that(isinstance(body.get(FLAG, False), bool), f"{FLAG} as a boolean", shown(answer), answer)
    within = int(body["_position"]) <= int(body["_total_waiting"])
    judge.that(within, "a position within the total that is waiting", shown(answer), answer)
    return "both" if new else "position-and-eta"


def is_text(value: object, form: re.Pattern[str]) -> bool:
    """Say whether a member is a string of that form."""
    return isinstance(value, str) and form.fullmatch(value) is not None


def spelling(value: object, form: re.Pattern[str]) -> str | None:
    """Return how a member tells a number of that form, None where it tells none."""
    if is_text(value, form):
        return "as-texts"
    number = type(value) in {int, float} and form.fullmatch(json.dumps(value))
    return "as-numbers" if number else None
