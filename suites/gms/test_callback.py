"""Callback services, created as a published client does it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Inconclusive
from suites.gms import forms, steps
from suites.gms.forms import Body
from suites.gms.learned import SERVICE

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.gms.desk import Desk

QUEUE = "queue"


@pytest.fixture
def made(desk: Desk) -> Iterator[list[str]]:
    """The ids of callbacks that are cancelled after the test."""
    ids: list[str] = []
    yield ids
    name = steps.name_of(desk.api.table, QUEUE)
    if name.startswith(steps.CALLBACK):
        for id_ in ids:
            path = {"name": name.removeprefix(steps.CALLBACK), "service_id": id_}
            desk.caller.call("cancelCallback", path=path)


@pytest.mark.requirement("gms.callback.json-create")
def test_a_json_body_creates_a_callback_or_is_refused(
    rng: random.Random, desk: Desk, made: list[str], judge: Judge
) -> None:
    """A JSON object is taken as the fields of a form are, with all its members, or refused with 4xx."""
    mark = steps.mark(rng)
    fields = {**steps.demanded(desk.api.table, QUEUE), mark: mark}
    answer = steps.decisive(desk.send(QUEUE, Body("application/json", json.dumps(fields).encode())))
    made.extend(filter(None, [steps.id_of(answer)]))
    if answer.status in steps.CLIENT_ERRORS and not steps.success_members(answer):
        _by_form(desk, fields, made)
        judge.reading("refused")
        return
    judge.that(steps.started(answer), "200 with an id, or 4xx without one", shown(answer), answer)
    if desk.learned.data_route == SERVICE:
        stored = _stored(desk, answer, mark)
        if not stored and _stored(desk, _by_form(desk, fields, made), mark):
            judge.fail("the JSON member among the user data, as a field of a form is", "no such item", answer)
    judge.reading("parsed")


def _by_form(desk: Desk, fields: dict[str, str], made: list[str]) -> Answer:
    """Create with the same fields as a form; raises Inconclusive where that is refused as well."""
    answer = desk.send(QUEUE, forms.urlencoded(fields))
    if not steps.started(answer):
        raise Inconclusive(f"a form with the same fields is refused as well: {shown(answer)}")
    made.append(steps.id_of(answer) or "")
    return answer


def _stored(desk: Desk, answer: Answer, mark: str) -> bool:
    """Say whether the marked item is among the user data; False where they cannot be read."""
    with suppress(Inconclusive):
        return steps.service_items(desk.caller, steps.id_of(answer) or "").get(mark) == mark
    return False
