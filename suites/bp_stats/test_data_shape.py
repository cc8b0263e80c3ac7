"""The form of the data: apps, sections, grids, rows and cells (Get subscription data > Response)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures import strict_json
from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_stats import steps, strategies
from suites.bp_stats.evidence import NAME
from suites.bp_stats.relations import number
from suites.bp_stats.sandwich import OWN_DATA, confirmed, new_app, own_data, statistic
from suites.bp_stats.steps import AGENTS, SERVICES, SHAPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Definition

    Subscription = Mapping[str, Mapping[str, Any]]

SECTIONS = (SERVICES, AGENTS)
AS_DEFINED = (
    "strict JSON with exactly the app ids of the subscription, each grid once, its id as sent, its values an array"
)
NOWHERE = "no row has this name 5b1d"


@pytest.mark.requirement("bp_stats.shape.body-and-ids-echoed")
def test_the_data_mirror_the_subscription(evidence: Evidence, judge: Judge) -> None:
    """Two apps with grids of both kinds under the same ids, some of them without rows, come back as defined."""
    with evidence.session() as session:
        asked = subscribe_with_void_grids(session, evidence)
        seen = confirmed(session, partial(form_problems, asked=asked))
        if seen is not None and not known_apps(seen.answer, asked):
            seen = confirmed(session, partial(form_problems, asked=renewed(session, asked)))
    if seen is not None:
        judge.fail(AS_DEFINED, seen.problem, seen.answer)
    judge.that(True, AS_DEFINED, "in order")


def subscribe_with_void_grids(session: steps.Session, evidence: Evidence) -> dict[str, Any]:
    """Create two apps; without the grids that a filter leaves empty where such a filter is refused."""
    apps = (new_app(), new_app())
    void = {"filter_by": NAME, "filter_value": NOWHERE, "filter_operation": "EQ"}
    choices: tuple[list[dict[str, str]], ...] = ([{}, void], [{}])
    for features in choices:
        asked = {
            app: {
                section: [
                    steps.grid(str(place), evidence.columns(section), **feature)
                    for place, feature in enumerate(features)
                ]
                for section in SECTIONS
            }
            for app in apps
        }
        answer = steps.create(session, asked)
        if answer.status == 200:
            steps.ready(session)
            return asked
        steps.delete(session)
    raise Blocked(steps.CREATE, f"the create answered {shown(answer)}")


def known_apps(answer: Answer, asked: Subscription) -> bool:
    """Say whether the data have an app of the subscription, or are of no form to tell."""
    try:
        data = answer.json()
    except strict_json.NotJson:
        return True
    return not isinstance(data, dict) or bool(data.keys() & asked.keys())


def renewed(session: steps.Session, asked: Subscription) -> dict[str, Any]:
    """Subscribe anew under other app ids; raises Blocked where the data then are those of the subscription before."""
    steps.delete(session)
    again = {new_app(): app for app in asked.values()}
    steps.subscribe(session, again)
    if asked.keys() & steps.content(steps.ready(session)).keys():
        raise Blocked(OWN_DATA, "the data are those of a subscription before")
    return again


def form_problems(answer: Answer, asked: Subscription) -> list[str]:
    """Return what differs between the form of the data and the subscription."""
    if not answer.claims_json:
        return [f"Content-Type {', '.join(answer.values('Content-Type'))}"]
    try:
        data = answer.json()
    except strict_json.NotJson as problem:
        return [f"no strict JSON: {problem}"]
    if not isinstance(data, dict) or data.keys() != asked.keys():
        return [f"apps {sorted(data) if isinstance(data, dict) else shown(answer)}, asked for {sorted(asked)}"]
    return [
        problem for app in asked for section in SECTIONS for problem in _grid_problems(data[app], asked[app], section)
    ]


def _grid_problems(found: Any, asked: Mapping[str, Any], section: str) -> Iterator[str]:
    grids = found.get(section) if isinstance(found, dict) else None
    if not isinstance(grids, list) or not all(isinstance(grid, dict) for grid in grids):
        yield f"{section} {grids!r:.80}"
        return
    ids, wanted = [grid.get("id") for grid in grids], [grid["id"] for grid in asked[section]]
    if sorted(map(repr, ids)) != sorted(map(repr, wanted)):
        yield f"grids {ids} in {section}, asked for {wanted}"
    for grid in grids:
        if not isinstance(grid.get("values"), list):
            yield f"values {grid.get('values')!r:.80} of grid {grid.get('id')} in {section}"


@pytest.mark.requirement("bp_stats.shape.rows-have-exactly-the-columns")
def test_rows_have_exactly_the_columns_of_their_grid(
    evidence: Evidence, judge: Judge, given: Given, depth: Depth
) -> None:
    """Each row of grids with one to eight columns, some ordered or filtered by one of them, has these and no others."""
    if not evidence.plain(SERVICES):
        raise evidence.too_few(SERVICES, "the service grid has no rows")
    gaps = {name: sum(not row[name] for row in evidence.plain(SERVICES)) for name in evidence.statistics(SERVICES)}

    @given(strategies.batch(_columns(evidence)), examples=strategies.examples(depth))
    def holds(columns: list[list[dict[str, Any]]]) -> None:
        grids = [
            steps.grid(f"g{place}", own, **feature)
            for place, own in enumerate(columns)
            for feature in (features_of(place, own[-1]["id"]),)
        ]
        with evidence.session() as session:
            app = new_app()
            if steps.create(session, {app: {SERVICES: grids}}).status != 200:  # the features are judged elsewhere
                grids = [steps.grid(grid["id"], grid["columns"]) for grid in grids]
                steps.subscribe(session, {app: {SERVICES: grids}})
            absences: set[str] = set()
            seen = confirmed(session, lambda answer: column_problems(answer, app, grids, gaps, evidence, absences))
        if seen is not None:
            judge.fail("rows with exactly the columns of their grid", seen.problem, seen.answer)
        judge.warn(not absences, 'cells without data as "" or null', f"no such member in column {', '.join(absences)}")

    holds()


def _columns(evidence: Evidence) -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.sampled_from(list(evidence.statistics(SERVICES).values()))
    return st.lists(one, min_size=1, max_size=8).map(
        lambda names: [steps.column(SERVICES, f"c{place}", name) for place, name in enumerate(names)]
    )


def features_of(place: int, column: str) -> dict[str, str]:
    """Return what grid number `place` asks for: nothing, an order, or a filter that keeps every row with data."""
    return (
        {},
        {"order_by": column, "order_dir": "DESC"},
        {"filter_by": column, "filter_value": NOWHERE, "filter_operation": "NE"},
    )[place % 3]


def column_problems(
    answer: Answer,
    app: str,
    grids: Sequence[Definition],
    gaps: Mapping[str, int],
    evidence: Evidence,
    absences: set[str],
) -> list[str]:
    """Return where rows have other members than their grid's columns.

    A cell may be absent, instead of "" or null, as often as its statistic has no data: that goes into `absences`.
    """
    found = steps.grids(own_data(answer, app), app, SERVICES)
    by_statistic = {name: column for column, name in evidence.statistics(SERVICES).items()}
    problems = []
    for grid in grids:
        rows = found.get(grid["id"])
        if rows is None or not all(isinstance(row, dict) for row in rows):
            raise Blocked(SHAPE, f"grid {grid['id']} has no readable rows")
        wanted = {column["id"]: column for column in grid["columns"]}
        if foreign := {name for row in rows for name in row} - wanted.keys():
            problems.append(f"also {sorted(foreign)[:5]} in a grid of the columns {list(wanted)}")
        for name, column in wanted.items():
            missing = sum(name not in row for row in rows)
            if missing > gaps[by_statistic[statistic(column)]]:
                problems.append(f"no column {name} in {missing} of {len(rows)} rows, asked for {list(wanted)}")
            elif missing:
                absences.add(statistic(column))
    return problems


@pytest.mark.requirement("bp_stats.shape.grid-values-are-strings")
@pytest.mark.parametrize("section", SECTIONS)
def test_cells_are_strings_and_numbers_plain_digits(section: str, evidence: Evidence, judge: Judge) -> None:
    """Every cell is a string, or null; those of numeric statistics are decimal digits or empty."""
    with evidence.session() as session:
        app = new_app()
        steps.subscribe(session, {app: {section: [steps.grid("g", evidence.columns(section))]}})
        seen = confirmed(session, lambda answer: cell_problems(cells_of(answer, app, section)))
        cells = cells_of(steps.ready(session), app, section)
    if not cells:
        raise evidence.too_few(section, f"the grid of {section} has no cells", 0)
    if seen is not None:
        judge.fail("strings in all cells, and numbers in plain decimal digits", seen.problem, seen.answer)
    judge.that(True, "strings in all cells, and numbers in plain decimal digits", "in order")
    judge.note(**{f"null cells in {section}": any(cell is None for _, cell in cells)})


def cells_of(answer: Answer, app: str, section: str) -> list[tuple[str, Any]]:
    """Return column id and content of every cell."""
    rows = steps.grids(own_data(answer, app), app, section).get("g")
    return [(name, cell) for row in rows or () if isinstance(row, dict) for name, cell in row.items()]


def cell_problems(cells: list[tuple[str, Any]]) -> list[str]:
    """Return which cells are no strings, or numbers in another form."""
    return [
        f"{cell!r} in column {name}"
        for name, cell in cells
        if cell is not None and (not isinstance(cell, str) or (name != NAME and cell and number(cell) is None))
    ]
