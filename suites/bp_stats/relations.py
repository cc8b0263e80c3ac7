"""What a conforming server may answer: pure functions on the rows of grids and on the definitions they were asked with.

A row maps column ids to cells; a cell without data is "". Grids are compared as multisets of rows: names may repeat.
The documents leave open how values are compared and where cells without data go: what one way explains, conforms.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

Row = Mapping[str, str]
Rows = Sequence[Row]
Bag = Counter[tuple[tuple[str, str], ...]]
Definition = Mapping[str, Any]
"""A grid as a create carries it: id, columns, and whichever it has of order_…, limit and filter_…"""

OPERATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "LT": operator.lt,
    "GT": operator.gt,
    "LE": operator.le,
    "GE": operator.ge,
}
INEQUALITIES = ("LT", "GT", "LE", "GE")
COVERS = (("EQ", "NE"), ("LT", "GE"), ("GT", "LE"), ("LT", "EQ", "GT"))
"""Operations that, with one column and one value, share out the rows of the grid without overlap."""
ENOUGH_ROWS = 3
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


class Comparison(StrEnum):
    """How numeric cells, which travel as strings, are compared."""

    NUMERIC = "numeric"
    TEXT = "text"


BOTH = frozenset(Comparison)


class Ways(NamedTuple):
    """One way to explain a grid: how its filter and how its order compare."""

    filter: Comparison
    order: Comparison


def number(cell: str) -> Decimal | None:
    """Return the number that a cell shows in plain decimal digits; None for anything else."""
    return Decimal(cell) if _NUMBER.fullmatch(cell) else None


def bag(rows: Iterable[Row]) -> Bag:
    """Return the rows without regard to their order."""
    return Counter(tuple(sorted(row.items())) for row in rows)


def values(rows: Rows, column: str) -> list[str]:
    """Return the cells of a column that have data, in the order of the rows."""
    return [row[column] for row in rows if row[column]]


def is_numeric(rows: Rows, column: str) -> bool:
    """Say whether every cell with data is a number."""
    return all(number(cell) is not None for cell in values(rows, column))


def telling(rows: Rows, column: str) -> bool:
    """Say whether the column can show anything: three cells with data or more, not all of them equal."""
    cells = values(rows, column)
    return len(cells) >= ENOUGH_ROWS and len(set(cells)) > 1


def tells_ways_apart(rows: Rows, column: str) -> bool:
    """Say whether the numbers of the column stand in another order as text than as numbers, like 9 and 10."""
    cells = set(values(rows, column))
    orders = [sorted(cells, key=sort_key(way)) for way in Comparison]
    return telling(rows, column) and is_numeric(rows, column) and orders[0] != orders[1]


def compares(operation: str, left: str, right: str, way: Comparison) -> bool:
    """Say whether two cells stand in the relation; as numbers only where both are numbers."""
    numbers = number(left), number(right)
    as_numbers = way is Comparison.NUMERIC and None not in numbers
    return OPERATIONS[operation](*(numbers if as_numbers else (left, right)))


def sort_key(way: Comparison) -> Callable[[str], tuple[Decimal, str]]:
    """Return the key to sort cells of a numeric column by."""

    def key(cell: str) -> tuple[Decimal, str]:
        value = number(cell) if way is Comparison.NUMERIC else None
        return (Decimal(0), cell) if value is None else (value, "")

    return key


def explanations(definition: Definition, plain: Rows, rows: Rows) -> frozenset[Ways]:
    """Return the ways in which a conforming server makes these rows of the plain grid; empty if there is none.

    The plain grid has the same columns and no features. Columns of text are not judged for their order here.
    """
    return frozenset(
        Ways(filter_way, order_way)
        for filter_way in Comparison
        for order_way in Comparison
        if any(_is_top_of(definition, candidate, rows, order_way) for candidate in _kept(definition, plain, filter_way))
    )


def _kept(definition: Definition, plain: Rows, way: Comparison) -> Iterator[list[Row]]:
    """Yield what a filter may leave: the rows in the relation, then these with all that have no data to compare."""
    if (column := definition.get("filter_by")) is None:
        yield list(plain)
        return
    operation, value = definition["filter_operation"], definition["filter_value"]
    fitting = [row for row in plain if row[column] and compares(operation, row[column], value, way)]
    yield fitting
    if empty := [row for row in plain if not row[column]]:
        yield fitting + empty


def _is_top_of(definition: Definition, candidate: Rows, rows: Rows, way: Comparison) -> bool:
    """Say whether the rows are the ordered, limited candidate; at ties any of the tied rows will do."""
    length = min(int(definition.get("limit", len(candidate))), len(candidate))
    if len(rows) != length or not bag(rows) <= bag(candidate):
        return False
    column = definition.get("order_by")
    if column is None or not is_numeric(candidate, column):
        return True
    key = sort_key(way)
    full = sorted(values(candidate, column), key=key, reverse=definition.get("order_dir") == "DESC")
    gaps = [""] * (len(candidate) - len(full))
    shown = [key(row[column]) for row in rows]
    return any(shown == [key(cell) for cell in order[:length]] for order in (full + gaps, gaps + full))


def limited_first(definition: Definition, plain: Rows) -> list[Row]:
    """Return what a server makes that limits before it filters: by it one sees whether a grid could show that."""
    column = definition["order_by"]
    rows = [row for row in plain if row[column]]
    rows.sort(key=lambda row: sort_key(Comparison.NUMERIC)(row[column]), reverse=definition["order_dir"] == "DESC")
    return list(next(_kept(definition, rows[: int(definition["limit"])], Comparison.NUMERIC)))


def unexplained(definitions: Iterable[Definition], plain: Rows, grids: Mapping[str, Rows]) -> list[str]:
    """Return in words what is wrong with the grids: no way explains one, or their filters do not agree on a way."""
    problems = []
    agreed: frozenset[Comparison] = BOTH
    for definition in definitions:
        rows = grids[definition["id"]]
        ways = explanations(definition, plain, rows)
        if not ways:
            problems.append(f"{features(definition)} gives {excerpt(definition, rows)} of {len(plain)} rows")
        elif "filter_by" in definition:
            if not agreed & (found := frozenset(way.filter for way in ways)):
                problems.append(f"{features(definition)} compares as {min(found)}, filters before it otherwise")
            agreed = agreed & found or agreed
    return problems


def features(definition: Definition) -> str:
    """Say in words what was asked of a grid."""
    parts = []
    if "filter_by" in definition:
        value = definition["filter_value"]
        parts.append(f"filter {definition['filter_by']} {definition['filter_operation']} {value!r}")
    if "order_by" in definition:
        parts.append(f"order by {definition['order_by']} {definition['order_dir']}")
    if "limit" in definition:
        parts.append(f"limit {definition['limit']!r}")
    return ", ".join(parts) or "no feature"


def excerpt(definition: Definition, rows: Rows, most: int = 8) -> str:
    """Show the cells that matter of the first rows, and how many rows there are."""
    column = definition.get("order_by") or definition.get("filter_by") or definition["columns"][0]["id"]
    cells = [row[column] for row in rows]
    return f"{len(cells)} rows with {column} = {cells[:most]}" + (" and more" if len(cells) > most else "")


def text_order_problem(ascending: Rows, descending: Rows, column: str) -> str | None:
    """Say what is wrong with a column of text ordered both ways; None where some rule of collation may be behind it."""
    up, down = values(ascending, column), values(descending, column)
    if any(up == sorted(up, key=rule) and down == sorted(down, key=rule, reverse=True) for rule in COLLATIONS):
        return None
    # Another locale: unknown to us, but DESC turns ASC round, and most neighbours rise.
    if [cell.casefold() for cell in up] == [cell.casefold() for cell in reversed(down)]:
        rising = sum(left.casefold() <= right.casefold() for left, right in pairwise(up))
        if rising * 2 >= len(up) - 1:
            return None
    return f"order by {column} gives {up[:5]} with ASC and {down[:5]} with DESC"


def _letters(cell: str) -> str:
    return "".join(sign for sign in cell.casefold() if sign.isalnum())


COLLATIONS: tuple[Callable[[str], str], ...] = (str, str.casefold, _letters)
"""By code point, without regard to letter case, by letters and digits alone."""


def cover_problem(plain: Rows, parts: Sequence[tuple[str, Rows]], column: str) -> str | None:
    """Say where filtered grids do not share out the plain one; None if they do, rows without data left out."""
    whole = bag(row for row in plain if row[column])
    joined: Bag = Counter()
    for _, rows in parts:
        joined += bag(row for row in rows if row[column])
    names = " and ".join(name for name, _ in parts)
    if missing := whole - joined:
        return f"{names} together lack {_cells(missing, column)}"
    if surplus := joined - whole:
        return f"{names} together have {_cells(surplus, column)} too often"
    return None


def _cells(rows: Bag, column: str) -> str:
    return f"{column} = {[dict(row)[column] for row in rows.elements()][:5]}"


def projection(rows: Rows, columns: Mapping[str, str]) -> Bag:
    """Return the rows under other columns: new id → id of the column that shows the same."""
    return bag({new: row[old] for new, old in columns.items()} for row in rows)


def sum_problem(row: Row, column: str, summands: Sequence[str], tolerance: Decimal = Decimal("0.01")) -> str | None:
    """Say how a SUM cell differs from its summands; None if it does not, or if one of them has no data.

    Integers are exact; fractions may be rounded by at most the tolerance.
    """
    numbers = [number(row[name]) for name in summands]
    if any(value is None for value in numbers):
        return None
    parts = [value for value in numbers if value is not None]
    wanted, shown = sum(parts, Decimal(0)), number(row[column])
    exact = all(part == part.to_integral_value() for part in parts)
    if shown is not None and (shown == wanted or (not exact and abs(shown - wanted) <= tolerance)):
        return None
    return f"SUM of {' and '.join(row[name] for name in summands)} is {row[column]!r}"
