"""Columns of grids: spelling, independence, what the user may see, dispositions (Create subscription > Body)."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures.api import shown
from fixtures.outcomes import Blocked, NotApplicable
from suites.bp_stats import steps, strategies
from suites.bp_stats.evidence import NAME
from suites.bp_stats.relations import bag, number, projection, values
from suites.bp_stats.sandwich import decide, new_app, statistic
from suites.bp_stats.steps import AGENTS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Row
    from suites.bp_stats.sandwich import Read

SPELLING = "bp_stats.grid.column-key-spelling"
INDEPENDENT = "bp_stats.grid.columns-are-independent"
DISPOSITIONS = "bp_stats.grid.dispositions-narrow-the-count"
IDS = ("1", "2", "10", "01", "v1", "v2", "v3", "name", "a", "z")
"""Column ids: numbers that would sort otherwise, and the ids of the plain grid, given to other statistics."""
MOST_DISPOSITIONS = 4


@pytest.mark.requirement(SPELLING)
@pytest.mark.parametrize("section", [SERVICES, AGENTS])
def test_the_documents_spelling_gives_data(section: str, evidence: Evidence, judge: Judge) -> None:
    """statName gives data in service grids, stat_name in agent grids."""
    key = "statName" if section == SERVICES else "stat_name"
    expected = f"data in {section} for columns that name their statistic by {key}"
    try:
        rows = evidence.plain(section)
    except Blocked as problem:
        respelled = [respelling(column) for column in evidence.columns(section)]
        evidence.sandwich(section, columns=respelled).read()  # raises if this one is refused as well
        judge.fail(expected, f"only the other spelling is served; with {key}: {problem}")
    if not rows:
        raise evidence.too_few(section, f"{section} have no rows")
    judge.that(values(rows, NAME), expected, f"{len(rows)} rows without a value of {evidence.name_statistic(section)}")


@pytest.mark.requirement(SPELLING)
def test_the_other_spelling_is_read_refused_or_ignored(evidence: Evidence, judge: Judge) -> None:
    """The other spelling gives the same rows, 400, or cells without data, in both kinds of grid alike."""
    for section in (SERVICES, AGENTS):
        numbers = evidence.numbers(section)
        if not any(values(evidence.plain(section), name) for name in numbers):
            raise evidence.too_few(section, f"no numbers in {section}, by which a reading could be told")
        columns = [respelling(column) if column["id"] in numbers else column for column in evidence.columns(section)]
        expected = f"the same rows, 400, or numbers left out, for the other spelling in {section}"
        with evidence.session() as session:
            answer = steps.create(session, {new_app(): {section: [steps.grid("other", columns)]}})
        judge.that(answer.status in {200, 400, 401, 409}, expected, shown(answer), answer)
        if answer.status == 400:
            judge.reading("own-only-refused")
            continue
        sandwich = evidence.sandwich(section, [steps.grid("other", columns)], owner=SPELLING)
        decide(judge, sandwich, partial(spelling_problems, numbers=numbers), expected)
        if (found := spelling(sandwich.read(), numbers)) is None:
            judge.inconclusive(f"the other spelling in {section} was read in different ways")
        judge.reading(found)


def spelling_problems(read: Read, numbers: Collection[str]) -> list[str]:
    """Return what the grid of the other spelling shows if that is no accepted reading."""
    return [] if spelling(read, numbers) else [f"rows {read.grids['other'][:2]}"]


def respelling(column: dict[str, Any]) -> dict[str, Any]:
    """Return the column with the key of its statistic in the spelling of the other kind of grid."""
    other = "stat_name" if "statName" in column else "statName"
    return {"id": column["id"], other: statistic(column)}


def spelling(read: Read, numbers: Collection[str]) -> str | None:
    """Return the reading that the grid of the other spelling shows; None if it is neither."""
    blank: list[Row] = [{name: "" if name in numbers else cell for name, cell in row.items()} for row in read.plain]
    found = bag(read.grids["other"])
    return "both" if found == bag(read.plain) else "own-only-ignored" if found == bag(blank) else None


@pytest.mark.requirement(INDEPENDENT)
@pytest.mark.parametrize("section", [SERVICES, AGENTS])
def test_a_column_depends_on_its_statistic_alone(
    section: str, evidence: Evidence, judge: Judge, given: Given, depth: Depth
) -> None:
    """Permuted, renamed, repeated or fewer columns show in each row what the plain grid shows for their statistics."""
    evidence.telling_columns(section)
    sources = list(evidence.statistics(section))
    own = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(sources)), min_size=2, max_size=8, unique_by=_first)

    @given(strategies.batch(own), examples=strategies.examples(depth))
    def holds(drawn: list[list[tuple[str, str]]]) -> None:
        shown_by = {f"g{place}": dict(one) for place, one in enumerate(drawn)}
        definitions = [
            steps.grid(
                name, [steps.column(section, new, evidence.statistics(section)[old]) for new, old in one.items()]
            )
            for name, one in shown_by.items()
        ]

        def problems(read: Read) -> list[str]:
            return [
                f"columns {one} give {read.grids[name][:2]}"
                for name, one in shown_by.items()
                if bag(read.grids[name]) != projection(read.plain, one)
            ]

        anything = evidence.statistics(section).values()  # a name in a numeric column is what this test looks for
        sandwich = evidence.sandwich(section, definitions, owner=INDEPENDENT, texts=anything)
        decide(
            judge, sandwich, problems, "the values of the plain grid, whatever ids, places and neighbours columns have"
        )

    holds()


def _first(pair: tuple[str, str]) -> str:
    return pair[0]


@pytest.mark.requirement("bp_stats.grid.only-supervised-services")
def test_a_service_grid_names_the_supervised_services_only(evidence: Evidence, judge: Judge) -> None:
    """Every name in an unfiltered service grid is one of those that the target file declares."""
    declared = set(evidence.table["services"])
    bread = evidence.bread(SERVICES)
    seen = set(values(bread.read().plain, NAME))
    if not seen:
        judge.inconclusive("the service grid names no service")

    def problems(read: Read) -> list[str]:
        foreign = set(values(read.plain, NAME)) - declared
        return [f"also {', '.join(sorted(foreign)[:5])}"] if foreign else []

    decide(judge, bread, problems, "only services that the user supervises")
    missing = ", ".join(sorted(declared - seen)[:5])
    judge.warn(not missing, "every service that the user supervises", f"not shown: {missing}")


@pytest.mark.requirement(DISPOSITIONS)
def test_dispositions_of_a_column_narrow_its_count(evidence: Evidence, judge: Judge) -> None:
    """In each row the counts of two dispositions make up the count of both, which is at most the count of all."""
    names = disposition_names(evidence)[:MOST_DISPOSITIONS]
    if len(names) < 2:
        raise NotApplicable("fewer than two dispositions are declared, or else listed")
    stat = evidence.table["disposition_stat"]
    plain = [steps.column(AGENTS, NAME, evidence.name_statistic(AGENTS)), steps.column(AGENTS, "all", stat)]
    pairs = list(pairwise(names))
    asked = {"none": [], **{name: [name] for name in names}}
    asked |= {together(*pair): list(pair) for left, right in pairs for pair in ((left, right), (right, left))}
    ids = {key: f"d{place}" for place, key in enumerate(asked)}
    narrowed = [steps.column(AGENTS, ids[key], stat, dispositions=list_) for key, list_ in asked.items()]
    sandwich = evidence.sandwich(
        AGENTS, [steps.grid("narrowed", [*plain, *narrowed])], owner=DISPOSITIONS, columns=plain
    )

    def counts(row: Row) -> dict[str, int]:
        return {key: int(number(row[column]) or 0) for key, column in ids.items()}

    def problems(read: Read) -> list[str]:
        rows = read.grids["narrowed"]
        found = [problem for row in rows for problem in count_problems(counts(row), pairs)]
        if bag({name: row[name] for name in (NAME, "all")} for row in rows) != bag(read.plain):
            found.append("a column without dispositions counts less beside others that have some")
        return found

    decide(judge, sandwich, problems, "[d1] + [d2] = [d1, d2] = [d2, d1], at most [], and other columns as they were")
    rows = sandwich.read().grids["narrowed"]
    if not any(counts(row)[left] and counts(row)[right] for row in rows for left, right in pairs):
        raise evidence.too_few(AGENTS, "no agent has calls with two of the dispositions")
    judge.note(empty_list_counts_as_no_list=all(row[ids["none"]] == row["all"] for row in rows))


def disposition_names(evidence: Evidence) -> list[str]:
    """Return the dispositions of the target file, or else those that the target lists."""
    if declared := evidence.table["dispositions"]:
        return list(declared)
    with evidence.session() as session:
        return list(dict.fromkeys(steps.disposition_names(steps.dispositions(session)) or []))


def together(left: str, right: str) -> str:
    """Name the column of two dispositions."""
    return f"{left} and {right}"


def count_problems(count: dict[str, int], pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield what does not add up in the counts of one row."""
    for left, right in pairs:
        both, turned = count[together(left, right)], count[together(right, left)]
        if not count[left] + count[right] == both == turned:
            yield f"[{left}] {count[left]}, [{right}] {count[right]}, both {both}, in the other order {turned}"
        elif both > count["none"]:
            yield f"[{left}, {right}] {both}, [] {count['none']}"
