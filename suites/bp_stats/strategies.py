"""Grids drawn by Hypothesis: valid definitions only, over columns whose values were seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from suites.bp_stats import steps
from suites.bp_stats.evidence import DIRECTIONS
from suites.bp_stats.relations import OPERATIONS, number, values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.depth import Depth
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Definition

T = TypeVar("T")
GRIDS = 36
"""Varied grids in one subscription: many questions for the price of one wait for data."""


def batch(one: st.SearchStrategy[T]) -> st.SearchStrategy[list[T]]:
    """Draw what the grids of one subscription are made from, mostly different: a trivial draw is worth no request."""
    many = st.lists(one, min_size=GRIDS, max_size=GRIDS)
    return many.filter(lambda drawn: len(set(map(repr, drawn))) > GRIDS // 2)


def numbers_near(cells: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw a number that a column shows, or one beside it."""
    beside = {str((number(cell) or 0) + step) for cell in cells for step in (-1, 1)}
    return st.sampled_from(sorted({*cells, *beside}))


def _orders(columns: Sequence[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({"order_by": st.sampled_from(columns), "order_dir": st.sampled_from(DIRECTIONS)})


def _limits(rows: int) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({"limit": st.integers(1, rows + 2)})


def _filters(evidence: Evidence, section: str, columns: Sequence[str]) -> st.SearchStrategy[dict[str, str]]:
    rows = evidence.plain(section)
    return st.sampled_from(columns).flatmap(
        lambda column: st.fixed_dictionaries(
            {
                "filter_by": st.just(column),
                "filter_operation": st.sampled_from(sorted(OPERATIONS)),
                "filter_value": numbers_near(values(rows, column)),
            }
        )
    )


def grids(
    evidence: Evidence, section: str, *, order: bool = False, limit: bool = False, filtered: bool = False
) -> st.SearchStrategy[list[Definition]]:
    """Draw grids that ask for these features, with their columns in any place. A limit may go without an order."""
    columns = evidence.telling_columns(section)
    ordered = _orders(columns) if order else st.just({})
    parts: list[st.SearchStrategy[dict[str, Any]]] = [
        st.one_of(st.just({}), ordered) if limit and not filtered else ordered,
        _limits(len(evidence.plain(section))) if limit else st.just({}),
        _filters(evidence, section, columns) if filtered else st.just({}),
    ]
    one = st.tuples(st.permutations(evidence.columns(section)), *parts)
    return batch(one).map(
        lambda drawn: [
            steps.grid(f"g{place}", own, **{name: value for part in features for name, value in part.items()})
            for place, (own, *features) in enumerate(drawn)
        ]
    )


def examples(depth: Depth) -> int:
    """Return how many subscriptions a property may cost: a twelfth of the depth's examples, each holds many grids."""
    return max(1, depth.examples // 12)
