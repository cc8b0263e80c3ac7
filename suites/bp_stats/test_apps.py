"""Apps of one subscription: none acts on the others (Create subscription > Body, app id as key)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.outcomes import Inconclusive
from suites.bp_stats import steps
from suites.bp_stats.evidence import FILTERS, NAME
from suites.bp_stats.relations import bag, values
from suites.bp_stats.sandwich import MOVED, Refused, confirmed, new_app, own_data, rows_of
from suites.bp_stats.steps import SERVICES

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.evidence import Evidence

SAME_ROWS = "the same rows of a grid in each app that holds it, whatever the other apps ask for"
SHARED = "shared"


@pytest.mark.requirement("bp_stats.apps.independent-of-each-other")
def test_a_grid_shows_the_same_rows_in_every_app(evidence: Evidence, judge: Judge) -> None:
    """One plain grid in three apps, beside apps in which the grid of that id is filtered or limited."""
    if len(evidence.plain(SERVICES)) < 2:
        raise evidence.too_few(SERVICES, "too few service rows to see a filter or limit")
    narrowed = [{}, *narrowings(evidence), {}, {}]
    apps = {new_app(): features for features in narrowed}
    plain = [app for app, features in apps.items() if not features]
    columns = evidence.columns(SERVICES)
    with evidence.session() as session:
        steps.subscribe(
            session,
            {
                app: {
                    SERVICES: [
                        steps.grid("first", columns),
                        steps.grid(SHARED, columns) | own,
                        steps.grid("last", columns),
                    ]
                }
                for app, own in apps.items()
            },
        )
        seen = confirmed(session, lambda answer: app_problems(answer, plain, evidence))
    if seen is not None:
        judge.fail(SAME_ROWS, seen.problem, seen.answer)
    judge.that(True, SAME_ROWS, "in order")


def narrowings(evidence: Evidence) -> list[dict[str, Any]]:
    """Return a filter that keeps one name, and a limit of one row; without those that the target refuses."""
    found: list[dict[str, Any]] = []
    with suppress(Refused):
        evidence.of(FILTERS, SERVICES).read()
        name = min(values(evidence.plain(SERVICES), NAME), default="")
        found.append({"filter_by": NAME, "filter_value": name, "filter_operation": "EQ"})
    with suppress(Refused):
        found.append({"limit": evidence.limit(1)})
    return found


def app_problems(answer: Answer, plain: list[str], evidence: Evidence) -> list[str]:
    """Return in which app the plain grid shows other names than grids beside it, or than in another app.

    Raises Inconclusive if the data moved: names seldom do, so that they decide between apps.
    """
    data = own_data(answer, *plain)
    texts = frozenset({evidence.name_statistic(SERVICES)})
    definition = steps.grid(SHARED, evidence.columns(SERVICES))
    whole: list[list[str]] = []
    for app in plain:
        found = steps.grids(data, app, SERVICES)
        first, shared, last = (rows_of(definition, found.get(name), texts) for name in ("first", SHARED, "last"))
        if bag(first) != bag(last):
            raise Inconclusive(MOVED)
        whole += [sorted(values(rows, NAME)) for rows in (first, shared)]
    if any(names != whole[0] for names in whole):
        return [f"{[len(names) for names in whole]} rows in grids that are defined alike"]
    return []
