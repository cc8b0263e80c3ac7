"""Access tokens instead of cookies, for targets that say auth_mode = "bearer" (the later collection, Authorization)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from suites.bp_stats import steps

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from suites.bp_stats.steps import Session

OPERATIONS: list[Any] = [
    pytest.param("getDispositions", {}, id="dispositions"),
    pytest.param("createSubscription", {"json": steps.example()}, id="create"),
    pytest.param("getSubscriptionData", {}, id="data"),
]


@pytest.mark.requirement("bp_stats.session.bearer-instead-of-cookie")
@pytest.mark.parametrize("operation, body", OPERATIONS)
def test_the_access_token_is_accepted(a: Session, judge: Judge, operation: str, body: dict[str, Any]) -> None:
    """The access token in Authorization authenticates each protected operation."""
    answer = a.caller.call(operation, **body)
    judge.that(answer.status not in {401, 403}, f"{operation} takes the access token", shown(answer), answer)
    if answer.status >= 500:
        judge.inconclusive(f"{operation} answered {shown(answer)}")


@pytest.mark.requirement("bp_stats.session.bearer-instead-of-cookie")
@pytest.mark.parametrize("operation, body", OPERATIONS)
def test_a_changed_access_token_is_refused(
    api: Api, run: Run, a: Session, judge: Judge, operation: str, body: dict[str, Any]
) -> None:
    """An access token with its last character changed answers 401 on each protected operation."""
    changed = a.token[:-1] + ("B" if a.token[-1] != "B" else "C")
    run.recorder.redactor.alter(a.token, changed, "last character changed")
    stranger = api.anonymous().bearing(("Authorization", f"Bearer {changed}"))
    answer = stranger.call(operation, **body)
    judge.that(answer.status == 401, f"401 on {operation} with a changed access token", shown(answer), answer)
