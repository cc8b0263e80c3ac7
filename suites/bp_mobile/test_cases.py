"""The rows of cases.yaml: what one request and its answer decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import cases as judging
from specs.cases import Case, cases
from specs.openapi import document
from suites.bp_mobile import steps

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Client, Clients


def bound(case: Case) -> pytest.MarkDecorator:
    """Bind a case to its requirement; a write that must be refused is a write all the same."""
    operation = document("bp_mobile").operations[case.request.operation]
    return pytest.mark.requirement(case.requirement, impact="session" if case.given else operation.impact)


@pytest.fixture
def caller(case: Case, clients: Clients) -> Client | Chat:
    """Who calls: a fresh client, or with `given: chat` one for its live chat."""
    client = clients.fresh()
    return steps.open_chat(client) if case.given == "chat" else client


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=bound(case)) for case in cases("bp_mobile")])
def test_case(case: Case, caller: Client | Chat, judge: Judge) -> None:
    """The answer to one request is among those that the row expects."""
    judging.carry_out(case, caller, judge)
