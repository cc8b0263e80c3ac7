"""Filters of rows: six operations, on numbers and on text, before order and limit (Create subscription > Body)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from suites.bp_stats import steps, strategies
from suites.bp_stats.evidence import FILTER, FILTERS, LIMITS, NAME, ORDERS
from suites.bp_stats.relations import (
    COVERS,
    cover_problem,
    explanations,
    limited_first,
    number,
    unexplained,
    values,
)
from suites.bp_stats.sandwich import decide
from suites.bp_stats.steps import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Definition
    from suites.bp_stats.sandwich import Read

PARTITION = "bp_stats.filter.operations-partition"
COMBINED = "bp_stats.filter.before-order-and-limit"
EXACT = "exactly the rows of the plain grid whose value stands in the relation to the filter's value"
SHARED_OUT = "every row with data in exactly one of the grids that share out the plain one"
TOP_OF_FILTERED = "the top rows, in the given order, of those that the filter keeps"


@pytest.mark.requirement("bp_stats.filter.each-operation")
def test_each_operation_keeps_exactly_the_rows_in_its_relation(evidence: Evidence, judge: Judge) -> None:
    """EQ, NE, LT, GT, LE and GE with the median, the least, the greatest and an absent value of numeric columns."""
    sandwich = evidence.of(FILTERS, SERVICES)
    decide(judge, sandwich, FILTERS.problems_in(sandwich), EXACT)


@pytest.mark.requirement("bp_stats.filter.each-operation")
def test_operations_act_on_any_column_and_value(evidence: Evidence, judge: Judge, given: Given, depth: Depth) -> None:
    """Any operation keeps exactly the rows in its relation to any value of a column, or to a number beside one."""

    @given(strategies.grids(evidence, SERVICES, filtered=True), examples=strategies.examples(depth))
    def holds(definitions: list[Definition]) -> None:
        sandwich = evidence.sandwich(SERVICES, definitions, owner=FILTER)
        decide(judge, sandwich, lambda read: unexplained(definitions, read.plain, read.grids), EXACT)

    holds()


@pytest.mark.requirement(PARTITION)
def test_opposite_operations_share_out_the_rows(evidence: Evidence, judge: Judge) -> None:
    """EQ with NE, LT with GE, GT with LE, and LT with EQ and GT, each make up the plain grid without overlap."""
    sandwich = evidence.of(FILTERS, SERVICES)
    sandwich.read()  # raises Blocked by the operations themselves where they are refused
    decide(judge, sandwich, lambda read: list(cover_problems(sandwich.varied, read)), SHARED_OUT)


@pytest.mark.requirement(PARTITION)
def test_eq_and_ne_share_out_the_rows_by_name(evidence: Evidence, judge: Judge) -> None:
    """EQ and NE with the name of a row make up the plain grid without overlap."""
    names = sorted(set(values(evidence.plain(SERVICES), NAME)))
    if len(names) < 2:
        raise evidence.too_few(SERVICES, f"too few: {len(names)} different names")
    columns = evidence.columns(SERVICES)
    definitions = [
        steps.grid(f"{place}-{each}", columns, filter_by=NAME, filter_value=name, filter_operation=each)
        for place, name in enumerate((names[0], names[-1]))
        for each in ("EQ", "NE")
    ]
    sandwich = evidence.sandwich(SERVICES, definitions, owner="bp_stats.filter.text-columns")
    sandwich.read()
    decide(judge, sandwich, lambda read: list(cover_problems(definitions, read)), SHARED_OUT)


@pytest.mark.requirement(COMBINED)
def test_a_filter_acts_before_order_and_limit(evidence: Evidence, judge: Judge) -> None:
    """Of a filter that removes the top rows, an order and a limit, the filter acts first."""
    require_features(evidence)
    columns, asked = evidence.columns(SERVICES), []
    for name in evidence.telling_columns(SERVICES):
        cells = sorted(set(values(evidence.plain(SERVICES), name)), key=lambda cell: number(cell) or 0)
        median = cells[len(cells) // 2]
        # The filter removes what stands first in the order: a limit before the filter leaves too few rows.
        asked += [(name, median, "LT", "DESC"), (name, median, "GE", "ASC")]
    definitions = [
        steps.grid(
            f"{place}-{size}",
            columns,
            filter_by=name,
            filter_value=value,
            filter_operation=operation,
            order_by=name,
            order_dir=direction,
        )
        | ({"limit": evidence.limit(size)} if size else {})
        for place, (name, value, operation, direction) in enumerate(asked)
        for size in (0, 2)
    ]
    sandwich = evidence.sandwich(SERVICES, definitions, owner=COMBINED)
    plain = sandwich.read().plain
    if all(explanations(one, plain, limited_first(one, plain)) for one in definitions if "limit" in one):
        raise evidence.too_few(SERVICES, "the top rows of the grid are also the top rows of every filtered one")
    decide(judge, sandwich, lambda read: unexplained(definitions, read.plain, read.grids), TOP_OF_FILTERED)


@pytest.mark.requirement(COMBINED)
def test_any_filter_order_and_limit_work_together(evidence: Evidence, judge: Judge, given: Given, depth: Depth) -> None:
    """Any filter, order and limit over the same or different columns give the top of the filtered rows."""
    require_features(evidence)
    drawn = strategies.grids(evidence, SERVICES, order=True, limit=True, filtered=True)

    @given(drawn, examples=strategies.examples(depth))
    def holds(drawn: list[Definition]) -> None:
        definitions = [{**one, "limit": evidence.limit(one["limit"])} for one in drawn]
        sandwich = evidence.sandwich(SERVICES, definitions, owner=COMBINED)
        decide(judge, sandwich, lambda read: unexplained(definitions, read.plain, read.grids), TOP_OF_FILTERED)

    holds()


def require_features(evidence: Evidence) -> None:
    """Go on only where each of the three features works by itself; raises Blocked by its requirement."""
    for feature in (FILTERS, ORDERS, LIMITS):
        evidence.require(feature, SERVICES)


def cover_problems(definitions: Sequence[Definition], read: Read) -> Iterator[str]:
    """Yield where grids with one column and value, one for each operation, do not share out the plain one."""
    for (column, value), group in groupby(definitions, lambda one: (one["filter_by"], one["filter_value"])):
        parts = {one["filter_operation"]: read.grids[one["id"]] for one in group}
        for cover in COVERS:
            if parts.keys() >= set(cover):
                problem = cover_problem(read.plain, [(name, parts[name]) for name in cover], column)
                if problem:
                    yield f"with the value {value!r}, {problem}"
