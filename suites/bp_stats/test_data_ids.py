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
    asked = {
        TOTALS: list(evidence.table["total_stats"]),
        SERVICES: [steps.grid("g", evidence.columns(SERVICES))],
        AGENTS: [steps.grid("g", evidence.columns(AGENTS))],
        CHAT: {"filter": "", "limit": "10"},
    }
    expected = "in each app the section that it asked for, and data in no other"
    with evidence.session() as session:
        if not served(session, {apps[section]: {section: wanted} for section, wanted in asked.items()}):
            asked[CHAT] = {"filter": "", "limit": 10}
            if not served(session, {apps[section]: {section: wanted} for section, wanted in asked.items()}):
                blocker = what_blocks(session, asked)
                judge.fail(expected, f"no data, though there are some once the app with only {blocker} is left out")
        needed = [section for section in asked if section != CHAT or evidence.table["min_chat_messages"]]
        seen = confirmed(session, lambda answer: section_problems(answer, apps, needed))
        data = own_data(steps.ready(session), *apps.values())
    if seen is not None:
        judge.fail(expected, seen.problem, seen.answer)
    judge.that(True, expected, "in order")
    judge.note(empty_sections_beside=any(set(data[app]) - {section} for section, app in apps.items()))


def served(session: Session, definition: Mapping[str, Any]) -> bool:
    """Say whether a subscription is taken and gets data."""
    steps.delete(session)
    return steps.create(session, definition).status == 200 and steps.wait(session).status == 200


def what_blocks(session: Session, asked: Mapping[str, Any]) -> str:
    """Return the section without which the others get data, though each is served alone or beside them; raises Blocked."""
    for section in reversed(asked):
        if served(session, {new_app(): {other: wanted} for other, wanted in asked.items() if other != section}):
            return section
    raise Blocked(steps.CREATE, "a subscription with three sections gets no data either")


def section_problems(answer: Answer, apps: Mapping[str, str], needed: Sequence[str]) -> list[str]:
    """Return which app lacks its section, or has data in another."""
    data = own_data(answer)
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
    """Letters, digits, dots, hyphens and underscores, 1 to 36 of them, are ids; also 01 beside 1, A beside a, __proto__."""
    plain_works(evidence)
    drawn = st.lists(st.text(PLAIN_SIGNS, min_size=1, max_size=36), min_size=4, max_size=6)

    @given(drawn, examples=strategies.examples(depth))
    def holds(drawn: list[str]) -> None:
        ids = list(dict.fromkeys((*HARD_IDS, *drawn, *(one.swapcase() for one in drawn))))
        with evidence.session() as session:
            answer = steps.create(session, echoing(evidence, ids))
            judge.that(answer.status == 200, "200 for a subscription with ids of plain signs", shown(answer), answer)
            seen = confirmed(session, lambda answer: changed_ids(answer, ids))
        if seen is not None:
            judge.fail(OWN_IDS, seen.problem, seen.answer)
        judge.that(True, OWN_IDS, "in order")

    holds()


@pytest.mark.requirement(ANY_IDS)
def test_ids_of_other_signs_are_taken_as_they_are(evidence: Evidence, judge: Judge) -> None:
    """Spaces, quotes, letters outside ASCII and great length in ids: a refusal or a change is only warned of."""
    plain_works(evidence)
    for one in ODD_IDS:
        with evidence.session() as session:
            answer = steps.create(session, echoing(evidence, [one]))
            refused = answer.status != 200
            seen = None if refused else confirmed(session, lambda answer, one=one: changed_ids(answer, [one]))
        judge.warn(not refused, f"200 for the id {one:.40}", shown(answer), answer)
        judge.warn(seen is None, f"the id {one:.40} as it was sent", seen.problem if seen else "", answer)


def plain_works(evidence: Evidence) -> None:
    """Go on only where a subscription with ordinary ids has rows to see the ids of columns in; raises Inconclusive."""
    if not evidence.plain(SERVICES):
        raise Blocked(steps.SHAPE, "the service grid has no rows, so that ids of columns do not show")


def echoing(evidence: Evidence, ids: Iterable[str]) -> dict[str, Any]:
    """Define an app for each id, and in each a grid for each id, whose columns have all of them."""
    ids = list(ids)
    name = evidence.name_statistic(SERVICES)
    columns = [steps.column(SERVICES, one, name) for one in ids]
    return {one: {SERVICES: [steps.grid(each, columns) for each in ids[:8]]} for one in ids}


def changed_ids(answer: Answer, ids: Sequence[str]) -> list[str]:
    """Return which ids of apps, grids and columns are missing, and what stands there instead."""
    data = steps.content(answer)
    if data.keys() != set(ids):
        return [f"apps lack {sorted(set(ids) - data.keys())}, have {sorted(data.keys() - set(ids))}"]
    problems = []
    for app in ids:
        try:
            grids = [(entry["id"], entry["values"]) for entry in data[app][SERVICES]]
            found = [grid for grid, _ in grids]
            keys = {name for _, rows in grids for row in rows for name in row}
        except (KeyError, TypeError) as problem:
            raise Blocked(steps.SHAPE, f"app {app} has no readable grids: {problem!r}") from None
        if sorted(map(repr, found)) != sorted(map(repr, ids[:8])):
            problems.append(f"grids {found}, asked for {list(ids[:8])}")
        if keys != set(ids):
            problems.append(f"columns lack {sorted(set(ids) - keys)}, have {sorted(keys - set(ids))}")
    return problems
