"""One active subscription per client: what a second create does, and that users stay apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked, NotApplicable
from suites.bp_stats import steps
from suites.bp_stats import subscriptions as subs

if TYPE_CHECKING:
    from fixtures.judge import Judge

FIRST = steps.small("x", "gx")
SECOND = {"another app": steps.small("y", "gy"), "the same app with another grid": steps.small("x", "gz")}


@pytest.mark.requirement("bp_stats.one-active.second-create")
@pytest.mark.parametrize("what", SECOND)
def test_a_second_create_replaces_the_first_or_is_refused(what: str, a: steps.Session, judge: Judge) -> None:
    """After two creates of a session the data are those of the second alone, or it was refused without effect."""
    second = SECOND[what]
    subs.show(a, FIRST)
    answer = subs.valid(steps.create(a, second))
    judge.that(answer.status in {200, 400, 409}, f"200, 400 or 409 to a create of {what}", shown(answer), answer)
    wanted = "second" if answer.status == 200 else "first"
    reads = subs.watch(a)
    for read in reads:
        seen = subs.state(read, first=FIRST, second=second)
        judge.that(
            seen in {wanted, subs.WAITING}, f"the data of the {wanted} create alone, or 204",
            f"{seen}, after the create of {what} was answered {answer.status}", answer, read,
        )  # fmt: skip
    judge.that(
        any(read.status == 200 for read in reads), f"data of the {wanted} create in the promised time",
        f"204 only, after the create of {what} was answered {answer.status}", answer, reads[-1],
    )  # fmt: skip
    judge.reading("replaced" if answer.status == 200 else "refused")


def naming(column_id: str) -> dict[str, Any]:
    """Return a definition that differs from others like it in the id of its column only."""
    return steps.small("shared", "g", column_id)


def columns(session: steps.Session) -> frozenset[str]:
    """Return the column ids in the rows of the shared grid; raises Blocked when the data do not show them."""
    answer = steps.wait(session)
    if (seen := subs.state(answer, shared=naming("n"))) != "shared":
        raise Blocked(steps.SHAPE, f"instead of the grid that was asked for: {seen}")
    rows = steps.grids(steps.content(answer), "shared", steps.SERVICES)["g"]
    return frozenset(key for row in rows for key in row)


@pytest.mark.requirement("bp_stats.one-active.users-are-isolated")
def test_create_and_delete_of_one_user_leave_the_other_alone(a: steps.Session, b: steps.Session, judge: Judge) -> None:
    """Two users with the same ids get each the own columns; neither sees, replaces or ends the other's data."""
    subs.start_with_none(b)
    subs.show(a, naming("of_a"))
    if columns(a) != {"of_a"}:
        raise NotApplicable("no row of user A's grid has its column, by which the data could be told from others")
    before = subs.valid(steps.read(b))
    judge.that(before.status == 404, "404 for user B, while only user A has a subscription", shown(before), before)
    steps.subscribe(b, naming("of_b"))
    steps.settle(b)
    judge.that(columns(b) == {"of_b"}, "the own column of user B", ", ".join(columns(b)) or "no rows")
    still(a, judge, "user B created")
    subs.end(b)
    after = steps.wait(b)
    if subs.state(after, own=naming("of_b")) == "own":
        judge.that("of_a" not in columns(b), "no data of user A for user B", "the columns of user A", after)
        raise Blocked(subs.DELETE, "user B still has data after a delete")
    still(a, judge, "user B deleted")


def still(a: steps.Session, judge: Judge, what: str) -> None:
    """Judge that user A's data are there and A's own, after user B did something."""
    answer = steps.wait(a)
    seen = subs.state(answer, own=naming("of_a"))
    judge.that(seen == "own", f"user A's data after {what}", seen, answer)
    judge.that(columns(a) == {"of_a"}, f"user A's own column after {what}", ", ".join(columns(a)) or "no rows", answer)
