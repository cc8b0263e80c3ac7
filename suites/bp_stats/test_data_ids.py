"""Sections and ids of the data: what was asked for and nothing else, under the client's own ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_stats import steps, strategies
from suites.bp_stats.sandwich import confirmed, new_app, own_data
from suites.bp_stats.steps import AGENTS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.steps import Session

SECTIONS = "bp_stats.shape.only-requested-sections"
ANY_IDS = "bp_stats.shape.ids-of-any-text"
TOTALS, CHAT = "stats_totals", "chat_messages"
EVERY = "grid of every column"
PLAIN_SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
HARD_IDS = ("01", "1", "a", "A", "length", "__proto__")
"""Ids that a server merges, or loses, when it takes them for numbers, for words in any letter case, or for members."""
ODD_IDS = ("two words", 'a "quoted" id', "Zürich", "id&amp;id", "x" * 200)
"""Ids outside the plain signs: a refusal or a change of these is worth a warning."""
OWN_IDS = "every app, grid and column id as it was sent"


@pytest.mark.requirement(SECTIONS)
def test_an_app_shows_the_sections_that_it_asked_for(evidence: Evidence, judge: Judge) -> None:
    """Of four apps with one section each, every app shows its own section; the others are absent or empty."""
    apps = {section: new_app() for section in (TOTALS, SERVICES, AGENTS, CHAT)}
    asked: dict[str, Any] = {
        TOTALS: list(evidence.table["total_stats"]),
        SERVICES: [steps.grid("g", evidence.columns(SERVICES))],
        AGENTS: [steps.grid("g", evidence.columns(AGENTS))],
        CHAT: {"filter": "", "limit": "10"},
    }
    expected = "in each app the section that it asked for, and data in no other"
    with evidence.session() as session:
        if not taken(session, asked, apps):
            asked[CHAT] = {"filter": "", "limit": 10}
            if not taken(session, asked, apps):
                raise Blocked(steps.CREATE, "a subscription with one section in each app is refused")
        if steps.wait(session).status != 200:
            judge.fail(
                expected, f"no data, though there are some without the app that has only {blocker(session, asked)}"
            )
        needed = [section for section in asked if section != CHAT or evidence.table["min_chat_messages"]]
        seen = confirmed(session, lambda answer: section_problems(answer, apps, needed))
        data = steps.settle(session)
    if seen is not None:
        judge.fail(expected, seen.problem, seen.answer)
    judge.that(True, expected, "in order")
    shown_too = [(data[app], section) for section, app in apps.items() if isinstance(data.get(app), dict)]
    judge.note(empty_sections_beside=any(held.keys() - {section} for held, section in shown_too))


def taken(session: Session, asked: Mapping[str, Any], apps: Mapping[str, str]) -> bool:
    """Say whether a subscription with one section in each app is taken."""
    steps.delete(session)
    return steps.create(session, {apps[section]: {section: wanted} for section, wanted in asked.items()}).status == 200


def blocker(session: Session, asked: dict[str, Any]) -> str:
    """Return the section without which the other apps get data; raises Blocked where there is no such section."""
    for section in reversed(asked):
        others = {other: wanted for other, wanted in asked.items() if other != section}
        if taken(session, others, {other: new_app() for other in others}) and steps.wait(session).status == 200:
            return section
    raise Blocked(steps.READY, "apps with one section each get no data, whichever is left out")


def section_problems(answer: Answer, apps: Mapping[str, str], needed: Sequence[str]) -> list[str]:
    """Return which app lacks its section, or has data in another."""
    data = steps.content(answer)
    if not data.keys() & set(apps.values()):
        own_data(answer, *apps.values())
    problems = []
    for section, app in apps.items():
        found = data.get(app)
        if not isinstance(found, dict):
            problems.append(f"the app with only {section} has {found!r:.80}")
            continue
        if section in needed and not found.get(section):
            problems.append(f"the app that asked for {section} has only {sorted(found)}")
        if others := [other for other in apps if other != section and found.get(other)]:
            problems.append(f"the app that asked for {section} also has {', '.join(others)}")
    return problems


@pytest.mark.requirement(ANY_IDS)
def test_ids_of_plain_signs_come_back_unchanged(evidence: Evidence, judge: Judge, given: Given, depth: Depth) -> None:
    """Ids are 1 to 36 letters, digits, dots, hyphens and underscores; also 01 beside 1, A beside a, and __proto__."""
    plain_works(evidence)
    drawn = st.lists(st.text(PLAIN_SIGNS, min_size=1, max_size=36), min_size=12, max_size=18)

    @given(drawn, examples=strategies.examples(depth))
    def holds(drawn: list[str]) -> None:
        ids = list(dict.fromkeys((*HARD_IDS, *drawn, *(one.swapcase() for one in drawn))))
        with evidence.session() as session:
            own = new_app()
            answer = steps.create(session, echoing(evidence, ids, own))
            judge.that(answer.status == 200, "200 for a subscription with ids of plain signs", shown(answer), answer)
            seen = confirmed(session, lambda answer: changed_ids(answer, ids, own))
        if seen is not None:
            judge.fail(OWN_IDS, seen.problem, seen.answer)
        judge.that(True, OWN_IDS, "in order")

    holds()


@pytest.mark.requirement(ANY_IDS)
def test_ids_of_other_signs_are_taken_as_they_are(evidence: Evidence, judge: Judge) -> None:
    """Spaces, quotes, letters outside ASCII and great length in ids: a refusal or a change is only warned of."""
    plain_works(evidence)
    if not odd_ids_problem(evidence, ODD_IDS):
        judge.that(True, OWN_IDS, "in order")
        return
    for one in ODD_IDS:
        problem = odd_ids_problem(evidence, [one])
        judge.warn(problem is None, f"the id {one:.40} taken and given back as it was sent", problem)


def odd_ids_problem(evidence: Evidence, ids: Sequence[str]) -> str | None:
    """Say how a subscription with these ids is refused, or which ids change; None for neither."""
    own = new_app()
    with evidence.session() as session:
        answer = steps.create(session, echoing(evidence, ids, own))
        if answer.status != 200:
            return shown(answer)
        seen = confirmed(session, lambda answer: changed_ids(answer, ids, own))
    return seen.problem if seen else None


def plain_works(evidence: Evidence) -> None:
    """Go on only where a subscription with ordinary ids has rows to see the ids of columns in."""
    if not evidence.plain(SERVICES):
        raise evidence.too_few(SERVICES, "the service grid has no rows, so that ids of columns do not show")


def echoing(evidence: Evidence, ids: Iterable[str], own: str) -> dict[str, Any]:
    """Define an app for each id; the app `own` has a grid for each, and one grid with a column for each."""
    name = evidence.name_statistic(SERVICES)
    columns = [steps.column(SERVICES, one, name) for one in ids]
    small = [steps.column(SERVICES, "n", name)]
    grids = [steps.grid(EVERY, columns), *(steps.grid(column["id"], small) for column in columns)]
    return {own: {SERVICES: grids}, **{column["id"]: {SERVICES: [steps.grid("g", small)]} for column in columns}}


def changed_ids(answer: Answer, ids: Sequence[str], own: str) -> list[str]:
    """Return which ids of apps, grids and columns are missing, and what stands there instead."""
    data = own_data(answer, own)
    try:
        grids = [(entry["id"], entry["values"]) for entry in data[own][SERVICES]]
        columns = {name for grid, rows in grids if grid == EVERY for row in rows for name in row}
    except (KeyError, TypeError) as problem:
        raise Blocked(steps.SHAPE, f"app {own} has no readable grids: {problem!r}") from None
    wanted: dict[str, tuple[list[Any], list[str]]] = {
        "apps": (list(data), [own, *ids]),
        "grids": ([grid for grid, _ in grids], [EVERY, *ids]),
        "columns": (list(columns), list(ids)),
    }
    found = (difference(kind, *pair) for kind, pair in wanted.items())
    return [text for text in found if text]


def difference(kind: str, found: list[Any], wanted: list[str]) -> str | None:
    """Say in words which ids differ; None where each came back once."""
    if sorted(map(repr, found)) == sorted(map(repr, wanted)):
        return None
    lost, new = ([one for one in left if one not in right] for left, right in ((wanted, found), (found, wanted)))
    return f"{kind}: {len(found)} of {len(wanted)}, {lost[:5]} missing, {new[:5]} instead"
