"""Totals: one scalar for each statistic asked for, of one type throughout (Get subscription data > Response)."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.outcomes import Blocked, NotApplicable
from suites.bp_stats import steps
from suites.bp_stats.relations import number
from suites.bp_stats.sandwich import confirmed, new_app, own_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.steps import Session

KEYS = "bp_stats.totals.requested-names-are-keys"
TYPE = "bp_stats.totals.value-type"
TOTALS = "stats_totals"
MOST_SUBSETS = 24
ONE_TYPE = "numbers, all of them as JSON strings of plain digits or all as JSON numbers"


@pytest.mark.requirement(KEYS)
def test_totals_have_the_requested_names_as_keys(a: Session, judge: Judge) -> None:
    """Each subset of the statistics, asked for by an app of its own, comes as an object of these names with scalars."""
    names: list[str] = a.caller.api.table["total_stats"]
    subsets = [list(one) for size in range(1, len(names) + 1) for one in combinations(names, size)]
    # Single names first, then pairs; all of them together always.
    apps = {new_app(): subset for subset in (*subsets[: MOST_SUBSETS - 1], names)}
    steps.subscribe(a, {app: {TOTALS: subset} for app, subset in apps.items()})
    expected = "an object with exactly the names asked for, each with one scalar"
    seen = confirmed(a, lambda answer: key_problems(answer, apps))
    judge.that(seen is None, expected, seen.problem if seen else "", *((seen.answer,) if seen else ()))


def key_problems(answer: Answer, apps: Mapping[str, list[str]]) -> list[str]:
    """Return where totals are no object of the names asked for."""
    data = own_data(answer, *apps)
    problems = []
    for app, names in apps.items():
        found = data[app].get(TOTALS) if isinstance(data[app], dict) else data[app]
        if not isinstance(found, dict) or found.keys() != set(names):
            problems.append(f"{found!r:.120} for {', '.join(names)}")
        elif nested := [name for name, value in found.items() if isinstance(value, dict | list)]:
            problems.append(f"{found[nested[0]]!r:.120} for {nested[0]}")
    return problems


@pytest.mark.requirement(TYPE)
def test_totals_are_of_one_type(a: Session, judge: Judge) -> None:
    """All totals with data are strings, or all are JSON numbers."""
    app = new_app()
    steps.subscribe(a, {app: {TOTALS: list(a.caller.api.table["total_stats"])}})
    seen = confirmed(a, lambda answer: type_problems(totals(answer, app)))
    judge.that(seen is None, ONE_TYPE, seen.problem if seen else "", *((seen.answer,) if seen else ()))
    judge.reading("string" if isinstance(totals(steps.ready(a), app)[0], str) else "number")


def totals(answer: Answer, app: str) -> list[Any]:
    """Return the totals with data; raises Blocked, or NotApplicable where there are none."""
    found = own_data(answer, app)[app]
    values = found.get(TOTALS) if isinstance(found, dict) else None
    if not isinstance(values, dict):
        raise Blocked(KEYS, f"the totals are {values!r:.80}")
    with_data = [value for value in values.values() if value not in (None, "")]
    if not with_data:
        raise NotApplicable("no total has data")
    return with_data


def type_problems(values: list[Any]) -> list[str]:
    """Return which totals are neither numbers nor numbers as strings, or that both occur."""
    odd = [
        value
        for value in values
        if isinstance(value, bool | list | dict) or (isinstance(value, str) and number(value) is None)
    ]
    if odd:
        return [f"the total {odd[0]!r}"]
    return ["strings and numbers"] if len({isinstance(value, str) for value in values}) > 1 else []
