"""Agent grids: order, limit and filter act as they do in service grids (Create subscription > Body, agent_grids)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.outcomes import Blocked, Inconclusive, NotApplicable
from suites.bp_stats import steps
from suites.bp_stats.evidence import FILTERS, LIMITS, ORDERS, Feature
from suites.bp_stats.relations import bag
from suites.bp_stats.sandwich import confirmed, decide, new_app, own_data, rows_of
from suites.bp_stats.steps import AGENTS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.evidence import Evidence
    from suites.bp_stats.relations import Definition

SAME_RULES = "bp_stats.grid.agent-grids-obey-the-same-rules"
KINDS = (SERVICES, AGENTS)


@pytest.mark.requirement(SAME_RULES)
@pytest.mark.parametrize(
    "feature", [pytest.param(ORDERS, id="order"), pytest.param(LIMITS, id="limit"), pytest.param(FILTERS, id="filter")]
)
def test_a_feature_acts_in_agent_grids_too(feature: Feature, evidence: Evidence, judge: Judge) -> None:
    """What holds for order, limit and filter in service grids holds in agent grids."""
    evidence.telling_columns(AGENTS)
    works_in_service_grids(evidence, feature)
    sandwich = evidence.of(feature, AGENTS)
    decide(judge, sandwich, feature.problems_in(sandwich), "order, limit and filter as in service grids")


def works_in_service_grids(evidence: Evidence, feature: Feature) -> None:
    """Go on unless service grids break the feature too: that is judged there; raises Blocked."""
    try:
        evidence.require(feature, SERVICES)
    except Blocked:
        raise
    except (Inconclusive, NotApplicable):
        return  # too few services to compare with; the agent grids are judged by themselves


@pytest.mark.requirement(SAME_RULES)
def test_grids_of_both_kinds_with_one_id_stay_apart(evidence: Evidence, judge: Judge) -> None:
    """A service grid and an agent grid with one id, one of them limited, each show their own rows as defined."""
    for section in KINDS:
        if len(evidence.plain(section)) < 2:
            raise evidence.too_few(section, f"too few rows of {section} to see a limit")
        evidence.require(LIMITS, section)
    for limited in KINDS:
        app = new_app()
        definition = {section: pair(evidence, section, limit=section == limited) for section in KINDS}
        problems = partial(mixed_up, app=app, definition=definition, limited=limited)
        with evidence.session() as session:
            steps.subscribe(session, {app: definition})
            seen = confirmed(session, problems)
        if seen is not None:
            judge.fail("each grid with the rows of its own kind and definition", seen.problem, seen.answer)
    judge.that(True, "each grid with the rows of its own kind and definition", "in order")


def pair(evidence: Evidence, section: str, *, limit: bool) -> list[Definition]:
    """Define a grid to compare with, and one whose id stands in both sections, limited to one row or not."""
    columns = evidence.columns(section)
    shared = steps.grid("shared", columns) | ({"limit": evidence.limit(1, section)} if limit else {})
    return [steps.grid(f"whole {section}", columns), shared]


def mixed_up(answer: Answer, app: str, definition: Mapping[str, list[Definition]], limited: str) -> list[str]:
    """Return which grid of the shared id shows something else than its definition asks for."""
    data, problems = own_data(answer, app), []
    for section, (whole, shared) in definition.items():
        texts = frozenset(column.get("statName", column.get("stat_name")) for column in whole["columns"])
        found = steps.grids(data, app, section)
        rows, own = (rows_of(one, found.get(one["id"]), texts) for one in (whole, shared))
        fits = len(own) == 1 and bag(own) <= bag(rows) if section == limited else bag(own) == bag(rows)
        if not fits:
            problems.append(f"{len(own)} of {len(rows)} rows in {section}, where {limited} are limited to one")
    return problems
