"""The rows of cases.yaml: what one request and its answer decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import cases as judging
from specs.cases import Case, cases

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client


def bound(case: Case) -> pytest.MarkDecorator:
    """Bind a case to its requirement."""
    return pytest.mark.requirement(case.requirement)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=bound(case)) for case in cases("oracle_chat")])
def test_case(case: Case, a: Client, anonymous: Client, judge: Judge) -> None:
    """The answer to one request is among those that the row expects."""
    judging.carry_out(case, a if case.identity == "a" else anonymous, judge)
