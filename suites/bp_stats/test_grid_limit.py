"""Limit of rows: the top records, however the number is written (Create subscription > Body, limit)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_stats import steps, strategies
from suites.bp_stats.chat import limit_forms
from suites.bp_stats.evidence import LIMIT, LIMITS, ORDERS
from suites.bp_stats.relations import unexplained
from suites.bp_stats.sandwich import decide, new_app, own_data
from suites.bp_stats.steps import SERVICES

if TYPE_CHECKING:
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Definition

TOP = "min(limit, rows) rows of the plain grid: with an order the top ones of it"
UNRELATED = {204, 401, 403, 404, 409}
"""Statuses that speak of something else than the limit: data never ready, session, subscription, tenant."""
ODD_LIMITS = {"zero": "0", "negative": "-1", "a word": "many", "empty": ""}


@pytest.mark.requirement("bp_stats.limit.top-records")
def test_a_limit_gives_the_top_records(evidence: Evidence, judge: Judge) -> None:
    """Limits around the number of rows give so many rows, and with an order the first ones of it."""
    evidence.telling_columns(SERVICES)
    evidence.require(ORDERS, SERVICES)
    sandwich = evidence.of(LIMITS, SERVICES)
    decide(judge, sandwich, LIMITS.problems_in(sandwich), TOP)


@pytest.mark.requirement("bp_stats.limit.top-records")
def test_any_limit_gives_the_top_records(evidence: Evidence, judge: Judge, given: Given, depth: Depth) -> None:
    """Any number from one to more than there are rows limits, with and without an order."""
    evidence.require(ORDERS, SERVICES)

    @given(strategies.grids(evidence, SERVICES, order=True, limit=True), examples=strategies.examples(depth))
    def holds(definitions: list[Definition]) -> None:
        alternatives = [[{**one, "limit": form(one["limit"])} for one in definitions] for form in (str, int)]
        sandwich = evidence.sandwich(SERVICES, *alternatives, owner=LIMIT)
        decide(judge, sandwich, lambda read: unexplained(sandwich.varied, read.plain, read.grids), TOP)

    holds()


@pytest.mark.requirement("bp_stats.limit.top-records")
def test_a_limit_that_counts_nothing_breaks_nothing(evidence: Evidence, judge: Judge) -> None:
    """Zero, negative and non-numeric limits are taken or refused; only an error of the server fails."""
    if not evidence.plain(SERVICES):
        raise evidence.too_few(SERVICES, "no rows that a limit could count")
    for name, limit in ODD_LIMITS.items():
        found = limited(evidence, limit)
        judge.that(found not in range(500, 600), f"no error of the server for a limit that is {name}", found)
        judge.note(**{f"limit that is {name}": found if isinstance(found, str) else f"refused with {found}"})


@pytest.mark.requirement("bp_stats.limit.string-or-number")
def test_limit_one_works_as_string_or_as_number(evidence: Evidence, judge: Judge) -> None:
    """Each form of the limit 1 either gives at most one row or is refused with 400, and one of them works."""
    if len(evidence.plain(SERVICES)) < 2:
        raise evidence.too_few(SERVICES, "a grid of one row does not show whether a limit of 1 acts")
    works = {}
    for name, limit in (("string", "1"), ("number", 1)):
        found = limited(evidence, limit)
        expected = f"at most one row, or 400, for the limit 1 as {name}"
        judge.that(found in {400, "0 rows", "1 row"}, expected, found)
        works[name] = found != 400
    judge.that(any(works.values()), "a limit of 1 in one form or the other", "both forms answer 400")
    judge.reading("both" if all(works.values()) else "string-only" if works["string"] else "number-only")
    with evidence.session() as session:
        judge.note(limit_of_chat_messages=limit_forms(session))  # a reading of its own, recorded beside that of grids


def limited(evidence: Evidence, limit: Any) -> str | int:
    """Return how many rows a grid with that limit has, in words, or the status that refuses it; raises Blocked."""
    app = new_app()
    grid = steps.grid("g", evidence.columns(SERVICES)) | {"limit": limit}
    with evidence.session() as session:
        answer = steps.create(session, {app: {SERVICES: [grid]}})
        if answer.status == 200:
            answer = steps.wait(session)
    if answer.status in UNRELATED:
        raise Blocked(steps.CREATE, f"a limited grid was answered {shown(answer)}")
    if answer.status != 200:
        return answer.status
    rows = steps.grids(own_data(answer, app), app, SERVICES).get("g")
    if rows is None:
        raise Blocked(steps.SHAPE, f"the limited grid is missing: {shown(answer)}")
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
