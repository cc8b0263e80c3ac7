"""The rows of cases.yaml: what one request and its answer decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import cases as judging
from fixtures.identities import lease
from specs.cases import Case, cases
from specs.openapi import document
from suites.bp_stats import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api, Caller
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run


def bound(case: Case) -> pytest.MarkDecorator:
    """Bind a case to its requirement; a write that must be refused is a write all the same."""
    return pytest.mark.requirement(
        case.requirement, impact=document("bp_stats").operations[case.request.operation].impact
    )


@pytest.fixture
def caller(case: Case, api: Api, run: Run, request: pytest.FixtureRequest) -> Iterator[Caller]:
    """Who calls, in the state that the case starts from."""
    if case.identity == "anonymous":
        # A case that logs in by itself ends the user's session: nobody else may use it meanwhile.
        with lease(run.leases, *(["bp_stats.a"] if "username" in case.keys else [])):
            yield api.anonymous()
        return
    session: steps.Session = request.getfixturevalue(case.identity)
    match case.given:
        case "no-subscription":
            steps.delete(session)
        case "subscription":
            steps.data(session, steps.example())
    yield session.caller


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=bound(case)) for case in cases("bp_stats")])
def test_case(case: Case, caller: Caller, judge: Judge) -> None:
    """The answer to one request is among those that the row expects."""
    judging.carry_out(case, caller, judge)
