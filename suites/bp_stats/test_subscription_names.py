"""Definitions that name what does not exist: operations, directions, columns, statistics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive, NotApplicable
from suites.bp_stats import sandwich, steps
from suites.bp_stats import subscriptions as subs
from suites.bp_stats.relations import bag, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.target import ApiTable
    from suites.bp_stats.relations import Row

INVENTED = "no_such_statistic"
NOWHERE = "no-such-column"
INVALID = {
    "filter_operation": {"filter_by": "v", "filter_value": "0", "filter_operation": "LIKE"},
    "order_dir": {"order_by": "v", "order_dir": "UP"},
    "order_by": {"order_by": NOWHERE, "order_dir": "ASC"},
    "filter_by": {"filter_by": NOWHERE, "filter_value": "0", "filter_operation": "EQ"},
}
SPELLINGS = {
    "operation_in_lower_case": {"filter_by": "v", "filter_value": "0", "filter_operation": "ge"},
    "direction_in_lower_case": {"order_by": "v", "order_dir": "desc"},
}
"""Valid values spelled in another way: recorded only."""
PLAIN = ("first", "last")


def columns(table: ApiTable, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the columns n and v, a name and a number, with others between them."""
    name = steps.column(steps.SERVICES, "n", table["service_name_stat"])
    return [name, *more, steps.column(steps.SERVICES, "v", table["service_stats"][0])]


def around(table: ApiTable, *odd: dict[str, Any]) -> dict[str, Any]:
    """Return the definition of an app with some grids between two plain ones."""
    first, last = (steps.grid(name, columns(table)) for name in PLAIN)
    return {sandwich.new_app(): {steps.SERVICES: [first, *odd, last]}}


def accepted(a: steps.Session, judge: Judge, definition: dict[str, Any], what: str) -> bool:
    """Create and judge the answer: True for 200 with data that can be read, False for 400."""
    steps.delete(a)
    answer = subs.not_for_limits(steps.create(a, definition))
    judge.that(answer.status in {200, 400}, f"200 or 400 to a create with {what}", shown(answer), answer)
    if answer.status == 400:
        return False
    read = subs.valid(steps.wait(a))
    judge.that(read.status == 200, f"data, once a create with {what} was accepted", shown(read), answer, read)
    return True


def plain_and_odd(definition: dict[str, Any], answer: Answer) -> tuple[list[Row], list[Row] | None]:
    """Return the rows of the plain grid and of the odd one, None without it; raises Inconclusive if they moved."""
    ((app, asked),) = definition.items()
    found = steps.grids(sandwich.own_data(answer, app), app, steps.SERVICES)
    name, *_ = asked[steps.SERVICES][0]["columns"]
    texts = frozenset({sandwich.statistic(name), INVENTED, "SUM"})
    shown_too = [one for one in asked[steps.SERVICES] if one["id"] in found]
    rows = {one["id"]: sandwich.rows_of(one, found[one["id"]], texts) for one in shown_too}
    first, last = (rows.get(name, []) for name in PLAIN)
    if first and last and bag(first) != bag(last):
        raise Inconclusive(sandwich.MOVED)
    return (first and last), rows.get("odd")


@pytest.fixture
def control(a: steps.Session) -> steps.Session:
    """User A's session, in which plain grids have been seen to have rows."""
    definition = around(a.caller.api.table)
    steps.subscribe(a, definition)
    rows, _ = sandwich.calm(a, partial(plain_and_odd, definition))
    if not rows:
        raise NotApplicable("no service rows: without some no grid differs from an empty one")
    return a


@pytest.mark.requirement("bp_stats.subscription.invalid-enum-or-reference")
def test_a_grid_with_an_invalid_reference_leaves_the_others_alone(control: steps.Session, judge: Judge) -> None:
    """A grid with one wrong operation, direction or column is refused, shown as if it were plain, or empty."""
    table = control.caller.api.table
    found = {}
    for what, features in INVALID.items():
        definition = around(table, steps.grid("odd", columns(table), **features))
        found[what] = "refused"
        if not accepted(control, judge, definition, f"an invalid {what}"):
            continue
        seen = sandwich.confirmed(control, partial(invalid_problems, definition))
        judge.that(
            seen is None, f"a grid with an invalid {what} that is empty, or plain, and full grids beside it",
            seen and seen.problem, *([seen.answer] if seen else []),
        )  # fmt: skip
        _, odd = sandwich.calm(control, partial(plain_and_odd, definition))
        found[what] = "feature-ignored" if odd else "empty-grid"
    for what, features in SPELLINGS.items():
        steps.delete(control)
        answer = steps.create(control, around(table, steps.grid("odd", columns(table), **features)))
        judge.note(**{what: answer.status})
    subs.record(judge, found)


def invalid_problems(definition: dict[str, Any], answer: Answer) -> Sequence[str]:
    """Return what is wrong with the grids of an accepted definition whose odd one has an invalid feature."""
    plain, odd = plain_and_odd(definition, answer)
    if not plain:
        return ["a plain grid beside it without rows"]
    if odd is None:
        return ["no such grid in the data"]
    return [] if not odd or bag(odd) == bag(plain) else [f"{len(odd)} rows, not the {len(plain)} of the plain grid"]


@pytest.mark.requirement("bp_stats.subscription.unknown-statistic")
def test_a_column_with_an_unknown_statistic_has_no_data(control: steps.Session, judge: Judge) -> None:
    """A column with an invented statistic is refused, or has no data, and the cells beside it are right."""
    table = control.caller.api.table
    odd = steps.grid("odd", columns(table, steps.column(steps.SERVICES, "u", INVENTED)))
    definition = around(table, odd)
    if accepted(control, judge, definition, "an unknown statistic"):
        judge_cells(control, judge, definition, lambda cell, _: not cell)
        judge.reading("no-data")
    else:
        judge.reading("refused")


@pytest.mark.requirement("bp_stats.subscription.unknown-statistic")
def test_a_sum_over_an_unknown_statistic_invents_nothing(control: steps.Session, judge: Judge) -> None:
    """A sum with an invented name among its statistics is refused, has no data, or is the sum of the others."""
    table = control.caller.api.table
    total = steps.total(steps.SERVICES, "u", [table["service_stats"][0], INVENTED])
    definition = around(table, steps.grid("odd", columns(table, total)))
    taken = accepted(control, judge, definition, "an unknown statistic in sum_stat_names")
    if taken:
        judge_cells(control, judge, definition, is_no_more_than)
    judge.that(True, "no data, or a refusal", "it")
    judge.note(sum="no-data" if taken else "refused")


def is_no_more_than(cell: str, known: str) -> bool:
    """Whether the sum of a known and an unknown statistic holds no data, or what is known of it."""
    return not cell or number(cell) == (number(known) or 0)


def judge_cells(
    a: steps.Session, judge: Judge, definition: dict[str, Any], fits: Callable[[str, str], bool]
) -> None:
    """Judge that the cells u of the odd grid fit the cells v beside them, and the others those of the plain grid."""

    def problems(answer: Answer) -> Sequence[str]:
        plain, odd = plain_and_odd(definition, answer)
        if odd is None:
            return ["no such grid in the data"]
        wrong = next((row["u"] for row in odd if not fits(row["u"], row["v"])), None)
        if wrong is not None:
            return [f"{wrong!r} in the column of {INVENTED}"]
        others: list[Row] = [{name: cell for name, cell in row.items() if name != "u"} for row in odd]
        return [] if bag(others) == bag(plain) else ["other cells than those of the plain grid beside it"]

    seen = sandwich.confirmed(a, problems)
    judge.that(
        seen is None, "no data in the column, and right values in the others", seen and seen.problem,
        *([seen.answer] if seen else []),
    )  # fmt: skip


@pytest.mark.requirement("bp_stats.subscription.unknown-statistic")
def test_an_unknown_total_leaves_the_others_right(a: steps.Session, judge: Judge) -> None:
    """An invented name among the totals is refused, or has no value, and the other totals are as without it."""
    known: list[str] = a.caller.api.table["total_stats"][:2]
    if not known:
        raise NotApplicable("the target file names no total_stats")
    steps.data(a, {sandwich.new_app(): {"stats_totals": known}})
    plain, odd = sandwich.new_app(), sandwich.new_app()
    asked = [known[0], INVENTED, *known[1:]]
    definition = {plain: {"stats_totals": known}, odd: {"stats_totals": asked}}

    def problems(answer: Answer) -> Sequence[str]:
        data = sandwich.own_data(answer, plain, odd)
        sound, found = (data[app].get("stats_totals") if isinstance(data[app], dict) else None for app in (plain, odd))
        if not isinstance(sound, dict) or not isinstance(found, dict):
            raise Blocked("bp_stats.totals.requested-names-are-keys", f"the totals are no objects: {shown(answer)}")
        if found.get(INVENTED) not in (None, ""):
            return [f"{found[INVENTED]!r} as total of {INVENTED}"]
        wrong = [name for name in known if found.get(name) != sound.get(name)]
        return [f"{found.get(name)!r} instead of {sound.get(name)!r} for {name}" for name in wrong]

    taken = accepted(a, judge, definition, "an unknown total")
    seen = sandwich.confirmed(a, problems) if taken else None
    judge.that(
        seen is None, "no value for an unknown total, and the others right", seen and seen.problem,
        *([seen.answer] if seen else []),
    )  # fmt: skip
    judge.note(totals="no-data" if taken else "refused")
