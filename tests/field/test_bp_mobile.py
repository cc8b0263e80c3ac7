"""Whoever sits at the scenario entry, and the target file does not say who: a conforming server ends green."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.defects import proof
from fixtures.reference.server import serving
from fixtures.reference.settings import Settings

TABLE = '[apis.bp_mobile]\ntenant_url = "tenant.example.com"\napp_id = "conformance"\n'
SPEECH = {"bp_mobile.events.message", "bp_mobile.poll.sequence-equals-history", "bp_mobile.events.party-joined"}
"""Requirements that are judged wherever the server says something by itself."""


def judged(*arguments: str, **settings: Any) -> dict[str, Any]:
    """The results of a run with the smallest table against a reference target that is set up like that."""
    with serving(settings=Settings(**settings)) as running:
        text = f'name = "minimal"\nbase_url = "{running.base_url}"\n{TABLE}'
        return proof.judge(text, "--impact", "session", *arguments, apis=["bp_mobile"])


def undecided(results: dict[str, Any]) -> dict[str, str]:
    rows = [row for row in results["requirements"] if row["verdict"] not in {"pass", "none"}]
    return {row["id"]: f"{row['verdict']}: {row['why']}" for row in rows}


@pytest.mark.parametrize("company", ["nobody", "bot", "copycat", "crowd", "person"])
def test_who_answers_need_not_be_declared(company: str) -> None:
    results = judged(company=company)
    assert undecided(results) == {}
    assert results["run"]["exit_code"] == 0
    verdicts = {row["id"]: row["verdict"] for row in results["requirements"]}
    assert {verdicts[name] for name in SPEECH} == {"none" if company == "nobody" else "pass"}


def test_a_scenario_that_ends_the_chat_leaves_open_what_it_cuts_short() -> None:
    found = undecided(judged(company="closer"))
    assert {text.partition(":")[0] for text in found.values()} <= {"inconc"}
