"""The rows of cases.yaml: what one request and its answer decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures import cases as judging
from specs.cases import Case, cases
from suites.bp_sms import steps
from suites.bp_sms.outbox import Gateway

if TYPE_CHECKING:
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.outbox import Outbox


class Unaddressed:
    """Sends messages without a recipient, and once more where a gateway answers in the target's place."""

    def __init__(self, outbox: Outbox) -> None:
        self.api = outbox.api
        self._outbox = outbox

    def call(self, operation_id: str, **request: Any) -> Answer:
        """Call sendMessage; see Outbox.call."""
        try:
            return self._outbox.call(operation_id, **request)
        except Gateway:
            return self._outbox.call(operation_id, **request)


def bound(case: Case) -> pytest.MarkDecorator:
    """Bind a case to its requirement; on a lax server a message could go out that has everything it needs for that."""
    return pytest.mark.requirement(case.requirement, **({"impact": "intrusive"} if case.given == "consent" else {}))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=bound(case)) for case in cases("bp_sms")])
def test_case(case: Case, outbox: Outbox, judge: Judge) -> None:
    """The answer to one request is among those that the row expects."""
    if case.given == "consent":
        steps.skip_unless_sending(outbox.api)
    # What reaches nobody may come twice.
    judging.carry_out(case, outbox if case.given == "consent" else Unaddressed(outbox), judge)
