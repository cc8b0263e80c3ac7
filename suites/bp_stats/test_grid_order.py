"""Order of rows: sorted by column and direction, as numbers or as text (Create subscription > Body)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.bp_stats import strategies
from suites.bp_stats.evidence import FILTERS, ORDER, ORDERS
from suites.bp_stats.relations import BOTH, INEQUALITIES, explanations, features, tells_ways_apart, unexplained
from suites.bp_stats.sandwich import decide
from suites.bp_stats.steps import SERVICES

if TYPE_CHECKING:
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Comparison, Definition
    from suites.bp_stats.sandwich import Read

SORTED = "the rows of the plain grid, never falling in the order column with ASC, never rising with DESC"
ONE_WAY = "numeric columns compared as numbers, or as text, in ASC, in DESC and in filters alike"


@pytest.mark.requirement("bp_stats.order.sorted-and-direction")
def test_rows_come_sorted_in_both_directions(evidence: Evidence, judge: Judge) -> None:
    """Each column in each direction sorts all rows of the plain grid beside it; DESC turns a column of text round."""
    evidence.telling_columns(SERVICES)
    sandwich = evidence.of(ORDERS, SERVICES)
    decide(judge, sandwich, ORDERS.problems_in(sandwich), SORTED)


@pytest.mark.requirement("bp_stats.order.sorted-and-direction")
def test_rows_come_sorted_wherever_the_column_stands(
    evidence: Evidence, judge: Judge, given: Given, depth: Depth
) -> None:
    """The order follows order_by and order_dir, in whatever places the columns of a grid stand."""

    @given(strategies.grids(evidence, SERVICES, order=True), examples=strategies.examples(depth))
    def holds(definitions: list[Definition]) -> None:
        sandwich = evidence.sandwich(SERVICES, definitions, owner=ORDER)
        decide(judge, sandwich, lambda read: unexplained(definitions, read.plain, read.grids), SORTED)

    holds()


@pytest.mark.requirement("bp_stats.order.numeric-or-text")
def test_numbers_are_compared_in_one_way_everywhere(evidence: Evidence, judge: Judge) -> None:
    """Orders and inequality filters on columns like 9 and 10 all compare as numbers, or all as text."""
    evidence.require(FILTERS, SERVICES)
    orders, filters = evidence.of(ORDERS, SERVICES), evidence.of(FILTERS, SERVICES)
    by_order = [one for one in orders.varied if one["order_by"] in evidence.numbers(SERVICES)]
    by_filter = [one for one in filters.varied if one["filter_operation"] in INEQUALITIES]
    if not any(tells_ways_apart(orders.read().plain, column) for column in evidence.numbers(SERVICES)):
        raise evidence.too_few(SERVICES, "no column has numbers in another order as text than as numbers")
    filtered = ways(by_filter, filters.read(), "filter")

    def problems(read: Read) -> list[str]:
        neither = [
            f"{features(one)} gives neither order"
            for one in by_order
            if not explanations(one, read.plain, read.grids[one["id"]])
        ]
        found = ways(by_order, read, "order")
        if not neither and not found:
            return ["some columns or directions sort as numbers, others as text"]
        if not neither and not found & filtered:
            return [f"orders compare as {min(found)}, filters as {min(filtered)}"]
        return neither

    decide(judge, orders, problems, ONE_WAY)
    agreed = ways(by_order, orders.read(), "order") & filtered
    if len(agreed) != 1:
        judge.inconclusive("the answers show no single way to compare numbers")
    judge.reading(min(agreed).value)


def ways(definitions: list[Definition], read: Read, part: str) -> frozenset[Comparison]:
    """Return the comparisons that explain the filter, or the order, of every one of the grids."""
    return BOTH.intersection(
        *({getattr(way, part) for way in explanations(one, read.plain, read.grids[one["id"]])} for one in definitions)
    )
