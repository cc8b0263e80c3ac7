"""The request update, which every service with an engine takes: new and changed user data."""

from __future__ import annotations

import string
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from fixtures.api import shown
from fixtures.outcomes import Blocked, NotApplicable
from reports.verdicts import Attribution
from suites.gms import steps
from suites.gms.forms import KINDS
from suites.gms.learned import SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from fixtures.api import Caller
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.gms.desk import Desk
    from suites.gms.forms import Kind

ACCEPTED = "gms.update.accepted"
STORED = "gms.data.other-names-are-stored"
ENGINES = ("request-inbound-", "request-outbound-")
ITEMS = st.dictionaries(
    st.sampled_from(["colour", "size", "city", "note"]),
    st.text(string.ascii_letters + string.digits, min_size=1, max_size=12),
    min_size=1,
    max_size=3,
)
"""Few names, so that updates overlap; plain values, since odd ones have rows of their own."""
FEWEST = 4
"""The part of the depth's examples, one in so many, that this property of many requests may use."""


def update(caller: Caller, id_: str, fields: Mapping[str, str], kind: Kind = "urlencoded") -> Answer:
    """Send the request update."""
    return steps.post(caller, "updateService", {"service_id": id_}, fields, kind=kind)


@pytest.mark.requirement("gms.update.accepted")
def test_an_update_is_taken_in_both_body_types(a: Caller, desk: Desk, judge: Judge, rng: Random) -> None:
    """A live instance answers 200 to an update with new fields, urlencoded and multipart."""
    id_ = desk.start("inbound_poll")
    answers = {
        kind: steps.decisive(update(a, id_, {steps.mark(rng): steps.mark(rng) for _ in range(2)}, kind))
        for kind in KINDS
    }
    engine = steps.name_of(a.api.table, "inbound_poll").startswith(ENGINES)
    if not engine and all(answer.status in steps.CLIENT_ERRORS for answer in answers.values()):
        judge.inconclusive("services.inbound_poll takes no update: no engine runs it", Attribution.TARGET_FILE)
    for kind, answer in answers.items():
        taken = answer.status == 200 and "exception" not in steps.content(answer)
        judge.that(taken, f"200 to an update with a {kind} body", shown(answer), answer)


@pytest.mark.requirement("gms.update.merges-user-data")
def test_updates_merge_into_the_user_data(
    a: Caller, desk: Desk, judge: Judge, given: Given, rng: Random, depth: Depth
) -> None:
    """After any updates the items are those of the start with each update laid over them; others keep theirs."""
    if desk.learned.need_route() != SERVICE:
        raise NotApplicable("user data are read back by the Storage API alone, which a booking opens")
    others = {name: steps.mark(rng) for name in ("colour", "size")}
    neighbour, lives = "", 0.0

    def merged(start: dict[str, str], updates: list[dict[str, str]], kind: Kind) -> None:
        nonlocal neighbour, lives
        begun, ttl = time.monotonic(), a.api.table["data_ttl_seconds"]
        if begun > lives - ttl / 4:
            neighbour, lives = desk.start("inbound_poll", others), begun + ttl / 2
        id_ = desk.start("inbound_poll", start)
        if not holds(steps.service_items(a, id_), start):
            raise Blocked(STORED, "the items of the create are not read back")
        model = dict(start)
        for changes in updates:
            answer = steps.decisive(update(a, id_, changes, kind))
            if answer.status != 200:
                raise Blocked(ACCEPTED, f"an update is answered {shown(answer)}")
            model |= changes
        seen, apart = steps.service_items(a, id_), steps.service_items(a, neighbour)
        if time.monotonic() > min(begun + ttl / 2, lives):
            judge.inconclusive("data_ttl_seconds is too short for this target's pace")
        judge.that(holds(seen, model), f"{model} after {start} and the updates {updates}", seen)
        judge.that(holds(apart, others), f"still {others} at another instance", apart)

    merged({"colour": "red", "size": "5"}, [{"colour": "blue"}, {"city": "Oslo"}], "urlencoded")
    updates = st.lists(ITEMS, min_size=1, max_size=3)
    given(ITEMS, updates, st.sampled_from(KINDS), examples=desk.share(depth.examples // FEWEST), shrink=False)(merged)()


def holds(seen: Mapping[str, object], model: Mapping[str, str]) -> bool:
    """Say whether the items of the model's names are what it says; others may stand beside them."""
    return all(seen.get(name) == value for name, value in model.items())
