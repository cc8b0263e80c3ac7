"""What a login, and a delete without a valid session, do to the active subscription."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_stats import logins, steps

if TYPE_CHECKING:
    from fixtures.api import Caller
    from fixtures.exchange import Answer
    from fixtures.identities import Identity
    from fixtures.judge import Judge
    from suites.bp_stats.steps import Session

STABLE = "bp_stats.data.stays-ready"
OWN = frozenset({("own", "g")})
READS = 3


def need_steady(session: Session) -> None:
    """Wait until the session's subscription `own` has data, and read them again; raises Blocked if they do not stay."""
    steps.settle(session)
    for _ in range(READS - 1):
        answer = steps.read(session)
        if answer.status != 200 or steps.ids_of(answer) != OWN:
            raise Blocked(STABLE, f"the data of the subscription do not stay: {shown(answer)}")


def see(answer: Answer) -> tuple[int, frozenset[tuple[str, str]]]:
    """Return what a read says of the subscription: status, and the ids of its grids."""
    return answer.status, steps.ids_of(answer) if answer.status == 200 else frozenset()


def read_until_steady(session: Session) -> list[Answer]:
    """Read every poll_seconds until as many reads as READS agree, or ready_seconds are over; return the last ones."""
    table = session.caller.api.table
    deadline = time.monotonic() + table["ready_seconds"]
    answers = [steps.wait(session)]
    while len(answers) < READS or (len(set(map(see, answers[-READS:]))) > 1 and time.monotonic() < deadline):
        session.caller.api.pause(table["poll_seconds"])
        answers.append(steps.read(session))
    return answers[-READS:]


@pytest.fixture
def neighbour(request: pytest.FixtureRequest, identities: dict[str, Identity]) -> Session | None:
    """A session of user B, where the target file declares one."""
    found: Session | None = request.getfixturevalue("b") if "b" in identities else None
    return found


@pytest.mark.requirement("bp_stats.session.subscription-across-login")
def test_a_subscription_outlives_the_login_or_ends_with_the_session(
    a: Session, neighbour: Session | None, judge: Judge
) -> None:
    """After a new login the data are those of the user's subscription, or there are none until a new create."""
    if neighbour:
        steps.create(neighbour, steps.small("foreign"))  # what must not be seen; the test works without it too
    steps.subscribe(a, steps.small("own"))
    need_steady(a)
    fresh = logins.log_in_again(a)
    answers = read_until_steady(fresh)
    for answer in answers:
        judge.that(
            answer.status in {200, 204, 404},
            "the data of the subscription, or 404, in the new session",
            shown(answer),
            answer,
        )
        if answer.status == 200:
            judge.that(see(answer)[1] == OWN, "the user's own app and grid in the new session", shown(answer), answer)
        judge.reading("session-bound" if answer.status == 404 else "user-bound")
    if answers[-1].status == 404:
        created = steps.create(fresh, steps.small("own"))
        judge.that(created.status == 200, "a create in the new session, which has no data", shown(created), created)
        answer = steps.wait(fresh)
        judge.that(see(answer) == (200, OWN), "the data of the create in the new session", shown(answer), answer)


def judge_delete_without_effect(judge: Judge, owner: Session, stranger: Caller, which: str) -> None:
    """Judge that a delete by the stranger leaves the data of the owner as they are."""
    steps.subscribe(owner, steps.small("own"))
    need_steady(owner)
    deleted = stranger.call("deleteSubscription")
    judge.note(**{which: deleted.status})
    for pause in (0.0, owner.caller.api.table["poll_seconds"]):  # at once, and when a cache may have been emptied
        owner.caller.api.pause(pause)
        answer = steps.wait(owner)
        if answer.status not in {200, 404}:
            judge.inconclusive(f"the data answered {shown(answer)} after {which}")
        judge.that(see(answer) == (200, OWN), f"the data are still there after {which}", shown(answer), deleted, answer)


@pytest.mark.requirement("bp_stats.session.delete-needs-valid-cookie")
def test_a_delete_without_a_cookie_ends_no_subscription(a: Session, anonymous: Caller, judge: Judge) -> None:
    """A delete without a cookie leaves the subscription of the user who was active last."""
    judge_delete_without_effect(judge, a, anonymous, "a delete without a cookie")


@pytest.mark.requirement("bp_stats.session.delete-needs-valid-cookie")
def test_a_delete_with_a_former_cookie_ends_no_subscription(a: Session, judge: Judge) -> None:
    """A delete with the user's former cookie leaves the subscription made after the next login."""
    judge_delete_without_effect(judge, logins.log_in_again(a), a.caller, "a delete with a former cookie")
