"""Creates, deletes and reads at the same moment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import Timed, linearizable, together
from fixtures.outcomes import Blocked
from suites.bp_stats import steps
from suites.bp_stats import subscriptions as subs

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge

CALM_READS = 5
READERS, READS_EACH = 4, 13
"""Readers for each of two users: eight threads, a hundred reads in all."""

Event = tuple[str, str]
"""Name of a definition, and what came of it: created, refused or shown."""


@pytest.mark.requirement("bp_stats.one-active.concurrent-creates")
def test_concurrent_creates_leave_one_of_the_accepted(
    a: steps.Session, judge: Judge, depth: Depth, rng: random.Random
) -> None:
    """After creates released together, every read shows one and the same of the definitions that were accepted."""
    steps.subscribe(a, steps.small("before"))
    for _ in range(depth.rounds):
        subs.end(a)
        definitions = {f"c{number}": steps.small(f"c{number}", f"g{number}") for number in range(rng.randint(2, 6))}
        creates = together([partial(steps.create, a, definition) for definition in definitions.values()])
        answers = [subs.valid(create.result) for create in creates]
        told = ", ".join(str(answer.status) for answer in answers)
        judge.that(
            all(answer.status in {200, 400, 409} for answer in answers),
            "200, 400 or 409 to each of several creates at once", told, *answers,
        )  # fmt: skip
        if not any(answer.status == 200 for answer in answers):
            subs.not_for_limits(steps.create(a, steps.small("alone")))
            judge.fail("200 to at least one of several creates at once", told, *answers)
        reads = [settled(a, definitions, judge) for _ in range(CALM_READS)]
        judge.that(len(set(reads)) == 1, "the same definition in every read", ", ".join(dict.fromkeys(reads)))
        history = [
            Timed(create.called, create.returned, (name, "created" if create.result.status == 200 else "refused"))
            for name, create in zip(definitions, creates, strict=True)
        ]
        end_of_all = max(create.returned for create in creates) + 1
        judge.that(
            linearizable([*history, Timed(end_of_all, end_of_all, (reads[0], "shown"))], "none", last_accepted),
            "data of an accepted create that no later one replaced", f"{reads[0]}, after creates answered {told}",
            *answers,
        )  # fmt: skip


def settled(session: steps.Session, definitions: Mapping[str, object], judge: Judge) -> str:
    """Return the name of the definition that the data show; judge that it is one, and one alone."""
    answer = steps.wait(session)
    if answer.status == 204:
        raise Blocked(steps.READY, "the data were 204 for ever after creates at once")
    seen = subs.state(answer, **definitions)  # type: ignore[arg-type]
    judge.that(seen in definitions, "the data of exactly one of the definitions", seen, answer)
    return seen


def last_accepted(active: str, event: Event) -> str | None:
    """Apply an event to the name of the active definition: the model of a server that holds one at a time."""
    name, outcome = event
    if outcome == "created":
        return name
    return active if outcome == "refused" or name == active else None


@pytest.mark.requirement("bp_stats.one-active.create-races-delete")
def test_a_delete_beside_a_create_ends_in_one_lasting_state(a: steps.Session, judge: Judge, depth: Depth) -> None:
    """A delete and a create released together leave no subscription or the created one, and it stays so."""
    old, new = steps.small("old", "go"), steps.small("new", "gn")
    steps.subscribe(a, old)
    subs.start_with_none(a)  # a delete that ends nothing even when alone is judged elsewhere
    for _ in range(depth.rounds):
        if subs.state(steps.read(a), old=old) != "old":
            steps.delete(a)
            subs.show(a, old)
        deleted, created = (
            subs.valid(timed.result) for timed in together([partial(steps.delete, a), partial(steps.create, a, new)])
        )
        judge.that(deleted.status < 500 and created.status < 500, "no 5xx", f"{deleted.status} and {created.status}")
        reads = subs.watch(a)
        story = [subs.state(read, old=old, new=new) for read in reads]
        judge.that(
            story_holds(story, may_end_in(deleted, created)),
            f"404 only, or 204 and then one subscription of: {', '.join(may_end_in(deleted, created)) or 'none'}",
            f"{', then '.join(runs(story))}, after delete {deleted.status} and create {created.status}",
            deleted, created, *reads,
        )  # fmt: skip
        old, new = new, old  # where the create stands, its data are there already for the next round


def may_end_in(deleted: Answer, created: Answer) -> set[str]:
    """Return the definitions that may be active after a delete and a create at once."""
    if created.status == 200:
        return {"new"}
    return {"old"} if deleted.status >= 400 else set()


def story_holds(story: Sequence[str], lasting: set[str]) -> bool:
    """Say whether the reads tell of no subscription, never of 204, or of one and the same of the lasting ones."""
    told = runs([seen for seen in story if seen != subs.WAITING])
    return len(told) == 1 and (told[0] in lasting or (told[0] == subs.GONE and subs.WAITING not in story))


def runs(story: Sequence[str]) -> list[str]:
    """Return the story without repetitions in a row."""
    return [seen for place, seen in enumerate(story) if place == 0 or story[place - 1] != seen]


@pytest.mark.requirement("bp_stats.one-active.concurrent-users-keep-own-data")
def test_concurrent_reads_never_show_the_other_users_data(a: steps.Session, b: steps.Session, judge: Judge) -> None:
    """A hundred reads of two users at once, each reader on a connection of its own, carry the reader's own ids only."""
    owned = {"a": steps.small("of_a", "ga"), "b": steps.small("of_b", "gb")}
    subs.show(a, owned["a"])
    subs.show(b, owned["b"])
    readers = {"a": a, "b": b}
    crowd = [role for role in readers for _ in range(READERS)]
    answers = together([partial(read_often, readers[role]) for role in crowd])
    shown_to = [(role, answer) for role, timed in zip(crowd, answers, strict=True) for answer in timed.result]
    good = 0
    for role, answer in shown_to:
        seen = subs.state(answer, **owned)
        other = "b" if role == "a" else "a"
        foreign = f"of_{other}" in answer.text
        judge.that(not foreign, f"no ids of user {other.upper()} for user {role.upper()}", seen, answer)
        good += seen == role
    if good < len(shown_to) // 2:
        strange = next(answer for role, answer in shown_to if subs.state(answer, **owned) != role)
        judge.inconclusive(f"only {good} of {len(shown_to)} reads were answered with data; one was {shown(strange)}")


def read_often(session: steps.Session) -> list[Answer]:
    """Read the data again and again over one connection."""
    mine = session.again()
    return [steps.read(mine) for _ in range(READS_EACH)]
