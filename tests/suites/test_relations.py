"""The relations between grids: what a conforming server may answer, and what none may."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from suites.bp_stats import relations
from suites.bp_stats.relations import Comparison, Ways

NUMERIC, TEXT = Comparison.NUMERIC, Comparison.TEXT
PLAIN = [{"n": name, "v": cell} for name, cell in (("a", "9"), ("b", "100"), ("c", "10"), ("d", "10"), ("e", ""))]


def grid(**features: Any) -> dict[str, Any]:
    return {"id": "g", "columns": [{"id": "n"}, {"id": "v"}], **features}


def rows(names: str) -> list[dict[str, str]]:
    by_name = {row["n"]: row for row in PLAIN}
    return [by_name[name] for name in names]


def ways(definition: dict[str, Any], names: str) -> set[tuple[str, str]]:
    return {(way.filter.value, way.order.value) for way in relations.explanations(definition, PLAIN, rows(names))}


@pytest.mark.parametrize(
    ("cell", "value"),
    [("10", Decimal(10)), ("-0.5", Decimal("-0.5")), ("", None), ("1,5", None), ("1e3", None), ("NaN", None)],
)
def test_only_plain_digits_are_numbers(cell: str, value: Decimal | None) -> None:
    assert relations.number(cell) == value


def test_a_plain_grid_is_explained_in_any_order_of_rows() -> None:
    assert ways(grid(), "edcba")
    assert not ways(grid(), "abcd")
    assert not ways(grid(), "abcdd")


@pytest.mark.parametrize(
    ("direction", "names", "order"),
    [
        ("ASC", "acdbe", {"numeric"}),
        ("ASC", "eadcb", {"numeric"}),  # no data may stand first, ties in any order
        ("ASC", "cdbae", {"text"}),
        ("DESC", "bcdae", {"numeric"}),
        ("DESC", "abcde", {"text"}),
        ("ASC", "bcdae", set()),
        ("ASC", "acedb", set()),  # no data in the middle
    ],
)
def test_an_order_is_numeric_or_text(direction: str, names: str, order: set[str]) -> None:
    assert {way for _, way in ways(grid(order_by="v", order_dir=direction), names)} == order


@pytest.mark.parametrize(
    ("operation", "value", "names", "filtered"),
    [
        ("LT", "10", "a", {"numeric"}),
        ("LT", "10", "", {"text"}),
        ("GE", "10", "bcd", {"numeric"}),
        ("GE", "10", "abcd", {"text"}),
        ("EQ", "10", "cd", {"numeric", "text"}),
        ("EQ", "10.0", "cd", {"numeric"}),
        ("NE", "10", "abe", {"numeric", "text"}),  # no data may stand in no relation, or beside the rest
        ("NE", "10", "abc", set()),
        ("EQ", "10", "c", set()),
    ],
)
def test_a_filter_keeps_exactly_the_rows_in_its_relation(
    operation: str, value: str, names: str, filtered: set[str]
) -> None:
    definition = grid(filter_by="v", filter_operation=operation, filter_value=value)
    assert {way for way, _ in ways(definition, names)} == filtered


@pytest.mark.parametrize(
    ("limit", "names", "explained"),
    [(2, "ac", True), (2, "ad", True), (2, "cd", False), (2, "a", False), ("9", "acdbe", True), (1, "e", True)],
)
def test_a_limit_gives_the_top_and_any_of_tied_rows(limit: Any, names: str, explained: bool) -> None:
    assert (("numeric", "numeric") in ways(grid(order_by="v", order_dir="ASC", limit=limit), names)) is explained


def test_a_limit_without_order_gives_any_rows() -> None:
    assert ways(grid(limit="2"), "db")
    assert not ways(grid(limit="2"), "dbc")


def test_a_limit_before_the_filter_is_told_from_one_behind() -> None:
    definition = grid(
        filter_by="v", filter_operation="LT", filter_value="100", order_by="v", order_dir="DESC", limit="2"
    )
    early = relations.limited_first(definition, PLAIN)
    assert [row["n"] for row in early] == ["c"]
    assert not relations.explanations(definition, PLAIN, early)
    assert ways(definition, "cd")


def test_filters_of_one_answer_have_to_agree_on_a_comparison() -> None:
    less = grid(filter_by="v", filter_operation="LT", filter_value="10") | {"id": "less"}
    rest = grid(filter_by="v", filter_operation="GE", filter_value="10") | {"id": "rest"}
    assert relations.unexplained([less, rest], PLAIN, {"less": rows("a"), "rest": rows("bcd")}) == []
    (problem,) = relations.unexplained([less, rest], PLAIN, {"less": rows("a"), "rest": rows("abcd")})
    assert "compares as text" in problem


def test_a_grid_that_nothing_explains_is_described() -> None:
    (problem,) = relations.unexplained([grid(order_by="v", order_dir="ASC", limit="1")], PLAIN, {"g": rows("b")})
    assert problem == "order by v ASC, limit '1' gives 1 rows with v = ['100'] of 5 rows"


@pytest.mark.parametrize(
    ("cells", "tells"),
    [(["9", "10", "100"], True), (["1", "2", "3"], False), (["9", "10"], False), (["9", "10", "x"], False)],
)
def test_columns_that_tell_numbers_from_text(cells: list[str], tells: bool) -> None:
    assert relations.tells_ways_apart([{"v": cell} for cell in cells], "v") is tells


@pytest.mark.parametrize(
    ("ascending", "right"),
    [
        (["Aa", "Bb", "a"], True),  # by code point
        (["a", "Aa", "Bb"], True),  # without regard to letter case
        (["Åsa", "Adam", "Bo", "Öl"], True),  # some locale: mostly rising, and DESC turns it round
        (["d", "c", "b", "a"], False),
    ],
)
def test_text_may_follow_any_collation(ascending: list[str], right: bool) -> None:
    up = [{"n": cell} for cell in ascending]
    assert (relations.text_order_problem(up, up[::-1], "n") is None) is right


def test_text_that_is_not_turned_round_is_not_sorted() -> None:
    same = [{"n": cell} for cell in ("b", "a", "c")]
    assert relations.text_order_problem(same, same, "n")


@pytest.mark.parametrize(
    ("less", "rest", "problem"),
    [
        ("a", "bcd", None),
        ("ae", "bcd", None),  # rows without data count for nothing
        ("a", "bd", "LT and GE together lack v = ['10']"),
        ("ac", "bcd", "LT and GE together have v = ['10'] too often"),
    ],
)
def test_opposite_filters_share_out_the_grid(less: str, rest: str, problem: str | None) -> None:
    assert relations.cover_problem(PLAIN, [("LT", rows(less)), ("GE", rows(rest))], "v") == problem


def test_a_projection_shows_the_same_cells_under_other_ids() -> None:
    assert relations.projection(rows("ab"), {"x": "v", "y": "v"}) == relations.bag(
        [{"x": "100", "y": "100"}, {"x": "9", "y": "9"}]
    )


@pytest.mark.parametrize(
    ("left", "right", "shown", "adds_up"),
    [
        ("9", "10", "19", True),
        ("9", "10", "910", False),
        ("9", "10", "", False),
        ("9", "", "9", True),  # no data takes no part
        ("0.333", "0.333", "0.67", True),
        ("0.5", "0.25", "0.8", False),
        ("1", "2", "3.005", False),  # integers are exact
    ],
)
def test_a_sum_is_exact_but_for_rounded_fractions(left: str, right: str, shown: str, adds_up: bool) -> None:
    row = {"a": left, "b": right, "s": shown}
    assert (relations.sum_problem(row, "s", ["a", "b"]) is None) is adds_up


def test_ways_are_named_by_filter_and_order() -> None:
    assert relations.explanations(grid(), PLAIN, PLAIN) == {
        Ways(one, other) for one in Comparison for other in Comparison
    }
