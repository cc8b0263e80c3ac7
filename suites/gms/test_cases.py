"""The rows of cases.yaml: what one request and its answer decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import cases as judging
from specs.cases import Case, cases

if TYPE_CHECKING:
    from fixtures.api import Caller
    from fixtures.judge import Judge


def bound(case: Case) -> pytest.MarkDecorator:
    """Bind a case to its requirement."""
    return pytest.mark.requirement(case.requirement)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=bound(case)) for case in cases("gms")])
def test_case(case: Case, request: pytest.FixtureRequest, judge: Judge) -> None:
    """The answer to one request is among those that the row expects."""
    caller: Caller = request.getfixturevalue("anonymous" if case.identity == "anonymous" else "a")
    judging.carry_out(case, caller, judge)
