"""The life of the data: not ready, ready, deleted, created anew."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_stats import steps
from suites.bp_stats import subscriptions as subs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.exchange import Answer
    from fixtures.judge import Judge

READS = 20
EMPTY = (b"", b"{}", b"null")
GOES = {200, 202, 204}
NOTHING_THERE = {404, 400, 409, 410}


@pytest.mark.requirement("bp_stats.data.only-204-or-200-while-active")
def test_an_active_subscription_answers_204_or_200_only(a: steps.Session, judge: Judge) -> None:
    """From the first moment after a create, on any connection and in any read, the data are not ready or there."""
    other = a.again()
    steps.dispositions(other)  # opens the connection, so that its first read is not later than need be
    steps.subscribe(a, steps.small("life"))
    for read in (steps.read(a), steps.read(other), *subs.watch(a), steps.read(other)):
        told = subs.valid(read).status == 204 or (read.status == 200 and read.body.strip() not in EMPTY)
        judge.that(told, "204, or 200 with data, while a subscription is active", shown(read), read)


@pytest.mark.requirement("bp_stats.data.ready-in-promised-time")
def test_data_get_ready_in_the_promised_time(a: steps.Session, judge: Judge) -> None:
    """A client that creates the document's example and polls gets its data within ready_seconds."""
    steps.subscribe(a, steps.example())
    read = subs.valid(steps.wait(a))
    if read.status not in {200, 204}:
        raise Blocked(subs.WHILE_ACTIVE, f"the data answered {shown(read)}")
    ready = a.caller.api.table["ready_seconds"]
    judge.that(read.status == 200, f"200 within {ready} s of the create", f"{shown(read)} after {ready} s", read)


@pytest.mark.requirement("bp_stats.data.stays-ready")
def test_data_once_ready_stay_ready(a: steps.Session, judge: Judge) -> None:
    """Twenty reads after the first 200, over two connections, are 200 and show the same ids."""
    definition = steps.small("lasting") | steps.small("beside", "h")
    subs.show(a, definition)
    sessions = (a, a, a.again())
    for number in range(READS):
        read = steps.read(sessions[number % len(sessions)])
        seen = subs.state(read, ready=definition)
        judge.that(seen == "ready", f"ready data with the same ids in read {number + 1} of {READS}", seen, read)
        if number % 5 == 4:
            a.caller.api.pause(a.caller.api.table["poll_seconds"])


@pytest.mark.requirement("bp_stats.data.delete-ends-subscription")
def test_a_delete_after_200_ends_the_subscription(a: steps.Session, judge: Judge) -> None:
    """A delete of a subscription whose data were read succeeds, and the data are 404 from then on."""
    subs.show(a, steps.small("ready"))
    ends(a, judge, "after the first 200")


@pytest.mark.requirement("bp_stats.data.delete-ends-subscription")
def test_a_delete_before_the_data_are_ready_ends_the_subscription(a: steps.Session, judge: Judge) -> None:
    """A delete while the data are prepared succeeds, and they do not turn up when the preparation would have ended."""
    taken = subs.show(a, steps.small("before"))
    subs.end(a)
    steps.subscribe(a, steps.small("soon"))
    if subs.valid(steps.read(a)).status != 204:
        judge.note(phase="ready at once")
    ends(a, judge, "before the first 200", longest=2 * taken)  # by then it would have ended


def ends(a: steps.Session, judge: Judge, when: str, longest: float = 0.0) -> None:
    """Delete and judge what follows, for as long as a preparation may go on."""
    could_ask = steps.dispositions(a).status == 200
    deleted = subs.valid(steps.delete(a))
    judge.that(200 <= deleted.status < 300, f"2xx to a delete {when}", shown(deleted), deleted)
    judge.note(status=deleted.status)
    for read in following(a, longest):
        judge.that(read.status == 404, f"404 on the data from a delete {when} on", shown(read), deleted, read)
    if could_ask:
        asked = steps.dispositions(a)
        judge.that(asked.status != 401, f"a valid session after a delete {when}", shown(asked), deleted, asked)


def following(a: steps.Session, longest: float) -> Iterator[Answer]:
    """Read at once, on another connection, and until `longest` seconds later, but no longer than ready_seconds."""
    table = a.caller.api.table
    until = time.monotonic() + min(longest, table["ready_seconds"])
    yield steps.read(a)
    yield steps.read(a.again())
    yield from subs.watch(a)
    while time.monotonic() < until:
        a.caller.api.pause(table["poll_seconds"])
        yield steps.read(a)


@pytest.mark.requirement("bp_stats.data.cache-cleared-by-delete")
def test_a_new_subscription_shows_nothing_of_the_deleted_one(a: steps.Session, judge: Judge) -> None:
    """A subscription with the app and a grid id of a deleted one is not ready, or shows its own grid and columns."""
    old = {"s": {steps.SERVICES: [*services("g1", "old_column"), *services("g2", "old_column")]}}
    new = {"s": {steps.SERVICES: services("g1", "new_column")}}
    subs.show(a, old)
    for _ in range(2):  # the second time the same definition comes again
        subs.end(a)
        steps.subscribe(a, new)
        reads = subs.watch(a, later=1)
        for read in reads:
            misfit = own_misfit(read, new)
            judge.that(misfit is None, "204, or the grid and column of the new subscription", misfit, read)
        judge.that(
            any(read.status == 200 for read in reads),
            "data of a subscription that follows a delete, in the promised time", "204 only", reads[-1],
        )  # fmt: skip


def services(grid_id: str, column_id: str) -> list[dict[str, Any]]:
    """Return one service grid with one column."""
    return [steps.grid(grid_id, [steps.column(steps.SERVICES, column_id, "name")])]


def own_misfit(read: Answer, definition: dict[str, Any]) -> str | None:
    """Return what a read shows beside the one grid and column of the definition; None if nothing."""
    seen = subs.state(read, own=definition)
    if seen != "own":
        return None if seen == subs.WAITING else seen
    rows = steps.grids(steps.content(read), "s", steps.SERVICES)["g1"]
    strange = {key for row in rows for key in row} - {"new_column"}
    return f"rows with the column {', '.join(sorted(strange))}" if strange else None


@pytest.mark.requirement("bp_stats.data.delete-without-active")
def test_a_delete_without_a_subscription_harms_nothing(a: steps.Session, judge: Judge) -> None:
    """A repeated delete says that it is done or that there is nothing, and the next create is accepted."""
    steps.subscribe(a, steps.example())
    subs.end(a)
    repeated = steps.delete(a)
    if repeated.status == 401:
        subs.valid(steps.read(a))
    judge.that(
        repeated.status in GOES | NOTHING_THERE, "200, 202 or 204, or 404 (400, 409, 410), to a repeated delete",
        shown(repeated), repeated,
    )  # fmt: skip
    created = subs.not_for_limits(steps.create(a, steps.example()))
    judge.that(created.status == 200, "200 to the example after a repeated delete", shown(created), repeated, created)
    judge.note(status=repeated.status)
    judge.reading("idempotent" if repeated.status in GOES else "not-found")
