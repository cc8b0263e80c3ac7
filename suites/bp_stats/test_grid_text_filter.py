"""Filters on names: the exact text, whatever signs it has, and nothing but it (Create subscription > Body)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from suites.bp_stats import steps
from suites.bp_stats.evidence import FILTERS, NAME
from suites.bp_stats.relations import bag, values
from suites.bp_stats.sandwich import decide
from suites.bp_stats.steps import AGENTS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fixtures.judge import Judge
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Definition, Row
    from suites.bp_stats.sandwich import Read, Sandwich

TEXT = "bp_stats.filter.text-columns"
MOST_NAMES = 12
BY_NAME = "EQ keeps exactly the rows of that name, NE the others"
BOTH_KINDS = pytest.mark.parametrize("section", [SERVICES, AGENTS])


@pytest.mark.requirement(TEXT)
@BOTH_KINDS
def test_eq_and_ne_tell_names_exactly(section: str, evidence: Evidence, judge: Judge) -> None:
    """EQ with a name seen before keeps its rows, NE the rest; whether another letter case matches too is recorded."""
    sandwich = by_name(evidence, section)
    decide(judge, sandwich, lambda read: list(name_problems(sandwich.varied, read)), BY_NAME)
    swapped = [one for one in sandwich.varied if one["id"] == "swapped"]
    if swapped:
        kept = sandwich.read().grids["swapped"]
        judge.note(**{f"another letter case in {section}": "matches" if kept else "does not match"})


@pytest.mark.requirement(TEXT)
@BOTH_KINDS
def test_names_with_non_ascii_letters_match(section: str, evidence: Evidence, judge: Judge) -> None:
    """EQ and NE know names with letters outside ASCII, sent as UTF-8."""
    sandwich = by_name(evidence, section)
    foreign = [one for one in sandwich.varied if one["id"] != "swapped" and not one["filter_value"].isascii()]
    if not foreign:
        raise evidence.too_few(section, f"no name in {section} has a letter outside ASCII")
    decide(judge, sandwich, lambda read: list(name_problems(foreign, read)), BY_NAME)


@pytest.mark.requirement(TEXT)
@BOTH_KINDS
def test_parts_and_patterns_match_nothing(section: str, evidence: Evidence, judge: Judge) -> None:
    """EQ with a part of a name, a pattern that a name fits, or quotes that could end a query, keeps no row."""
    require_numbers(evidence, section)
    names = seen_names(evidence, section)
    taken = {name.casefold() for name in names}
    columns = evidence.columns(section)
    definitions = [
        steps.grid(f"{place}", columns, filter_by=NAME, filter_value=value, filter_operation="EQ")
        for place, value in enumerate(sorted({value for name in names[:3] for value in near_misses(name)}))
        if value.casefold() not in taken
    ]
    sandwich = evidence.sandwich(section, definitions, owner=TEXT)

    def problems(read: Read) -> list[str]:
        return [
            f"EQ {one['filter_value']!r} keeps {values(rows, NAME)[:5]}"
            for one in definitions
            if (rows := read.grids[one["id"]])
        ]

    decide(judge, sandwich, problems, "no row for a text that no row has as its name")


def by_name(evidence: Evidence, section: str) -> Sandwich:
    """Return the sandwich of EQ and NE with each name, and EQ with one name in the other letter case."""
    require_numbers(evidence, section)
    columns, names = evidence.columns(section), seen_names(evidence, section)

    def one(grid: str, operation: str, value: str) -> dict[str, Any]:
        return steps.grid(grid, columns, filter_by=NAME, filter_value=value, filter_operation=operation)

    asked = [one(f"{place}-{each}", each, name) for place, name in enumerate(names) for each in ("EQ", "NE")]
    if names[0].swapcase() not in names:
        asked.append(one("swapped", "EQ", names[0].swapcase()))
    return evidence.kept("by name", section, lambda: evidence.sandwich(section, asked, owner=TEXT))


def require_numbers(evidence: Evidence, section: str) -> None:
    """Go on in agent grids only where filters act there at all, which the requirement on agent grids judges."""
    if section == AGENTS:
        evidence.require(FILTERS, AGENTS)


def seen_names(evidence: Evidence, section: str) -> list[str]:
    """Return the names of the rows, those with signs other than letters and digits first."""
    names = set(values(evidence.plain(section), NAME))
    if len(names) < 2:
        raise evidence.too_few(section, f"too few: {len(names)} different names in {section}")
    return sorted(names, key=lambda name: (name.isascii() and name.replace(" ", "").isalnum(), name))[:MOST_NAMES]


def near_misses(name: str) -> Iterator[str]:
    """Yield parts of a name, patterns of several languages that fit it, and texts that break out of quotes."""
    middle = len(name) // 2
    yield from (name[:middle], name[middle:], name[1:], name[:-1])
    yield from (f"{name[:middle]}%", f"{name[:middle]}_{name[middle + 1 :]}", f"{name[:middle]}*", ".*", "%")
    yield from (f"{name}' OR 'a'='a", f'{name}" OR "a"="a')


def name_problems(definitions: Sequence[Definition], read: Read) -> Iterator[str]:
    """Yield what is wrong with grids filtered by name; rows of the name in another letter case may be kept or not."""
    for one in definitions:
        value, operation, rows = one["filter_value"], one["filter_operation"], read.grids[one["id"]]
        exact = [row for row in read.plain if row[NAME] == value]
        others = [row for row in read.plain if row[NAME] and row[NAME].casefold() != value.casefold()]
        wanted, unwanted = (exact, others) if operation == "EQ" else (others, exact)
        if not bag(wanted) <= bag(rows):
            yield f"{operation} {value!r} lacks rows: keeps {shown_names(rows)}"
        elif bag(rows) & bag(unwanted):
            yield f"{operation} {value!r} keeps {shown_names(rows)}"


def shown_names(rows: list[Row]) -> str:
    """Show the first names."""
    return f"{len(rows)} rows, {values(rows, NAME)[:5]}"
