"""What the tests of a subscription's life share: telling subscriptions apart, and following one through its answers."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_stats import steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.exchange import Answer
    from fixtures.judge import Judge

Ids = frozenset[tuple[str, str]]
"""(app id, grid id) of every grid: by it a subscription is told from others."""

SESSION = "bp_stats.auth.cookie-works-when-supplied-by-hand"
WHILE_ACTIVE = "bp_stats.data.only-204-or-200-while-active"
NONE_ACTIVE = "bp_stats.data.none-active-404"
DELETE = "bp_stats.data.delete-ends-subscription"
MALFORMED = "bp_stats.subscription.malformed-json-400"

GONE, WAITING = "no subscription", "data not ready yet"

LATER_LOOKS = 3
"""Reads after the state seems settled, poll_seconds apart. To look for all of ready_seconds in every test would take an
hour against a real target; what flips, flips when the preparation ends, and that is over by then."""


def printed(definition: Any) -> bytes:
    """Return the definition as the document prints its example: JSON without spaces."""
    return json.dumps(definition, separators=(",", ":")).encode()


def cut_short(app: str) -> bytes:
    """Return a body that ends too early, behind one whole app: no JSON, but something to take for a subscription."""
    return printed(steps.small(app))[:-1] + b',"rest":{'


def ids(definition: Mapping[str, Any]) -> Ids:
    """Return what the data of this definition are recognised by."""
    sections = (steps.SERVICES, steps.AGENTS)
    return frozenset(
        (app, grid["id"]) for app, asked in definition.items() for name in sections for grid in asked.get(name, ())
    )


def valid(answer: Answer) -> Answer:
    """Return the answer; raises Blocked if it says that the session is none."""
    if answer.status == 401:
        raise Blocked(SESSION, f"a valid session was answered {shown(answer)}")
    return answer


def state(answer: Answer, **known: Mapping[str, Any]) -> str:
    """Say in words what a read shows: the name of the one definition that it fits, or whatever else it is."""
    match valid(answer).status:
        case 404:
            return GONE
        case 204:
            return WAITING
        case 200:
            found = steps.ids_of(answer)
            fitting = (name for name, definition in known.items() if ids(definition) == found)
            shown_ids = ", ".join("/".join(pair) for pair in sorted(found))
            return next(fitting, f"data of app and grid {shown_ids or 'none'}")
        case _:
            return shown(answer)


def show(session: steps.Session, definition: Mapping[str, Any]) -> float:
    """Subscribe and settle; return the seconds it took. Raises Blocked unless the data are those of the definition."""
    started = time.monotonic()
    steps.subscribe(session, definition)
    answer = steps.ready(session)
    taken = time.monotonic() - started
    if (seen := state(answer, it=definition)) != "it":
        raise Blocked(steps.SHAPE, f"a new subscription shows {seen}")
    return taken


def end(session: steps.Session) -> None:
    """Delete the subscription that the session has; raises Blocked."""
    answer = valid(steps.delete(session))
    if not 200 <= answer.status < 300:
        raise Blocked(DELETE, f"the delete answered {shown(answer)}")


def start_with_none(session: steps.Session) -> None:
    """Leave the user without a subscription, whatever there was; raises Blocked."""
    valid(steps.delete(session))
    answer = valid(steps.read(session))
    if answer.status != 404:
        raise Blocked(NONE_ACTIVE, f"after a delete the data answered {shown(answer)}")


def watch(session: steps.Session, later: int = LATER_LOOKS) -> list[Answer]:
    """Read until the answer is not 204 or ready_seconds are over, and a few times more; return every answer."""
    table = session.caller.api.table
    deadline = time.monotonic() + table["ready_seconds"]
    answers = [steps.read(session)]
    while answers[-1].status == 204 and time.monotonic() < deadline:
        session.caller.api.pause(table["poll_seconds"])
        answers.append(steps.read(session))
    for _ in range(later):
        session.caller.api.pause(table["poll_seconds"])
        answers.append(steps.read(session))
    return answers


def create_patiently(session: steps.Session, definition: Any) -> tuple[Answer, bool]:
    """Create until the answer is not 409 or ready_seconds are over; return that answer, and whether it came late."""
    table = session.caller.api.table
    deadline = time.monotonic() + table["ready_seconds"]
    answer = valid(steps.create(session, definition))
    late = False
    while answer.status == 409 and time.monotonic() < deadline:
        late = True
        session.caller.api.pause(table["poll_seconds"])
        answer = valid(steps.create(session, definition))
    return answer, late and answer.status != 409


def not_for_limits(answer: Answer) -> Answer:
    """Return the answer of a create; a 409 in a test that is not about limits does not decide."""
    if valid(answer).status == 409:
        raise Inconclusive("the tenant had no free subscription (409): others use it")
    return answer


def record(judge: Judge, found: Mapping[str, str]) -> None:
    """Note which reading each variant shows, and the reading of all where it is one."""
    judge.note(**found)
    if len(set(found.values())) == 1:
        judge.reading(next(iter(found.values())))
