"""Teams, agents and services: the lists that later publications and clients read (Get Teams)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json
from fixtures.api import shown
from fixtures.outcomes import NotApplicable

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from suites.bp_stats.steps import Session


def judge_list(session: Session, judge: Judge, operation: str, thing: str) -> None:
    """Hold an answer against the form: an array of {id, name}, every id once."""
    answer = session.caller.call(operation)
    if answer.status == 404:
        raise NotApplicable(f"the server has no list of {thing}: it is older than the publication that names it")
    judge.that(answer.status == 200, f"200 with the {thing}", shown(answer), answer)
    try:
        entries: Any = answer.json()
    except strict_json.NotJson as problem:
        judge.fail(f"strict JSON with the {thing}", str(problem), answer)
    judge.that(isinstance(entries, list), f"an array of the {thing}", shown(answer), answer)
    bad = [entry for entry in entries if not isinstance(entry, dict) or not entry.get("id") or not entry.get("name")]
    judge.that(not bad, "each entry with an id and a name", f"{bad[:1]}", answer)
    ids = [str(entry["id"]) for entry in entries]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    judge.that(not twice, "each id once", f"{len(twice)} ids stand more than once", answer)


@pytest.mark.requirement("bp_stats.cfg.teams-listed")
def test_teams_are_listed_with_id_and_name(a: Session, judge: Judge) -> None:
    """A session reads its teams as an array of {id, name}."""
    judge_list(a, judge, "getTeams", "teams")


@pytest.mark.requirement("bp_stats.cfg.agents-and-services-listed")
@pytest.mark.parametrize(("operation", "thing"), [("getAgents", "agents"), ("getServices", "services")])
def test_agents_and_services_are_listed_like_teams(a: Session, judge: Judge, operation: str, thing: str) -> None:
    """A session reads its agents and services as arrays of {id, name}."""
    judge_list(a, judge, operation, thing)
