"""SUM columns: the sum of statistics in each row, also to order and filter by (Create subscription > Body)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.outcomes import Blocked
from suites.bp_stats import steps
from suites.bp_stats.evidence import DIRECTIONS, FILTERS, ORDERS
from suites.bp_stats.relations import OPERATIONS, number, sum_problem, telling, unexplained, values
from suites.bp_stats.sandwich import decide
from suites.bp_stats.steps import AGENTS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.judge import Judge
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.sandwich import Read, Sandwich

SUM = "bp_stats.sum.equals-sum-of-columns"
USABLE = "bp_stats.sum.usable-in-order-and-filter"


@pytest.mark.requirement(SUM)
@pytest.mark.parametrize("section", [SERVICES, AGENTS])
def test_a_sum_is_the_sum_of_its_statistics_in_each_row(section: str, evidence: Evidence, judge: Judge) -> None:
    """SUM of two statistics in either order, of one, and of all, beside the columns that they add."""
    sandwich, problems = sums(evidence, section)
    decide(judge, sandwich, problems, "in each row the sum of the statistics that the column names")


def sums(evidence: Evidence, section: str) -> tuple[Sandwich, Callable[[Read], list[str]]]:
    """Return a sandwich with SUM columns behind and before the columns that they add, and what finds wrong sums."""
    columns = list(evidence.numbers(section))
    if not any(all(number(row[one]) for one in columns[:2]) for row in evidence.plain(section)):
        raise evidence.too_few(section, f"no row of {section} has two numbers other than zero to add")
    summands = {"ab": columns[:2], "ba": columns[1::-1], "a": columns[:1], "all": columns}
    adding = [
        steps.total(section, name, [evidence.numbers(section)[one] for one in ids]) for name, ids in summands.items()
    ]
    definitions = [
        steps.grid("behind", [*evidence.columns(section), *adding]),
        steps.grid("before", [*adding, *evidence.columns(section)]),
    ]
    sandwich = evidence.kept("sum", section, lambda: evidence.sandwich(section, definitions, owner=SUM))
    return sandwich, lambda read: sum_problems(read, summands)


def sum_problems(read: Read, summands: Mapping[str, list[str]]) -> list[str]:
    """Return every wrong sum in words."""
    rows = [*read.grids["behind"], *read.grids["before"]]
    return [problem for row in rows for name, ids in summands.items() if (problem := sum_problem(row, name, ids))]


@pytest.mark.requirement(USABLE)
def test_a_sum_orders_and_filters_as_other_columns_do(evidence: Evidence, judge: Judge) -> None:
    """order_by and filter_by that name a SUM column act on its sums."""
    for feature in (ORDERS, FILTERS):
        evidence.require(feature, SERVICES)
    plain, problems = sums(evidence, SERVICES)
    if seen := plain.persistent(problems):
        raise Blocked(SUM, seen.problem)
    cells = sorted(set(values(plain.read().grids["behind"], "ab")), key=lambda cell: number(cell) or 0)
    if not telling(plain.read().grids["behind"], "ab"):
        raise evidence.too_few(SERVICES, "too few rows, or only equal sums")
    columns = plain.varied[0]["columns"]
    definitions = [
        *(steps.grid(f"by-{each}", columns, order_by="ab", order_dir=each) for each in DIRECTIONS),
        *(
            steps.grid(each, columns, filter_by="ab", filter_value=cells[len(cells) // 2], filter_operation=each)
            for each in OPERATIONS
        ),
    ]
    sandwich = evidence.sandwich(SERVICES, definitions, owner=USABLE, columns=columns)
    decide(
        judge,
        sandwich,
        lambda read: unexplained(definitions, read.plain, read.grids),
        "a SUM column that orders and filters by its sums",
    )
