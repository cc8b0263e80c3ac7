"""The tenant's limit of active subscriptions: how many get in, and what refusals and deletes do to the count."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import together
from fixtures.outcomes import Blocked, Inconclusive, NotApplicable
from suites.bp_stats import steps
from suites.bp_stats import subscriptions as subs

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.identities import Identity
    from fixtures.judge import Judge

EXCEEDED = "bp_stats.tenant-limit.exceeding-answers-409"
ATTEMPTS = 3
"""Times that the tenant is emptied and filled anew before a refusal below the limit is put down to others."""


@pytest.fixture
def crowd(tenant: list[Identity], api: Api) -> list[steps.Session]:
    """New sessions of one user more than the tenant may hold subscriptions, or of all there are; nobody has one."""
    limit = api.table["tenant_limit"]
    if len(tenant) <= limit:
        raise NotApplicable(f"a limit of {limit} takes {limit + 1} users; the target file declares {len(tenant)}")
    return [steps.log_in(api, user) for user in tenant]


def of(session: steps.Session) -> dict[str, object]:
    """Return a definition that names its user by the app id."""
    return steps.small(f"of-{session.identity.role}" if session.identity else "of")


def fill(sessions: list[steps.Session]) -> None:
    """Subscribe every one of the users; raises Inconclusive if the tenant is full before that, time after time."""
    for attempt in range(1, ATTEMPTS + 1):
        answers = [subs.valid(steps.create(session, of(session))) for session in sessions]
        refused = [place for place, answer in enumerate(answers, start=1) if answer.status == 409]
        if strange := next((answer for answer in answers if answer.status not in {200, 409}), None):
            raise Blocked(steps.CREATE, f"a create below the limit was answered {shown(strange)}")
        if not refused:
            return
        if attempt < ATTEMPTS:
            for session in sessions:
                steps.delete(session)
    raise Inconclusive(
        f"create number {refused[0]} of {len(sessions)} was refused with 409, {ATTEMPTS} times: others use the tenant, "
        "or its limit is lower than tenant_limit says"
    )


def exceed(session: steps.Session) -> Answer:
    """Send a create beyond the limit; 429 is the answer to it only if other calls are not asked to wait."""
    answer = session.caller.call("createSubscription", json=of(session), patient=False)
    if answer.asks_to_wait:
        steps.read(session)
        answer = session.caller.call("createSubscription", json=of(session), patient=False)
    return subs.valid(answer)


def refuse(session: steps.Session) -> Answer:
    """Send the create that exceeds the limit; raises Blocked unless it is refused with 409."""
    answer = exceed(session)
    if answer.status != 409:
        raise Blocked(EXCEEDED, f"a create beyond the limit was answered {shown(answer)}")
    return answer


@pytest.mark.requirement(EXCEEDED)
def test_one_create_more_than_the_limit_answers_409(crowd: list[steps.Session], api: Api, judge: Judge) -> None:
    """As many users as the tenant may hold subscriptions create, and one more: 200 to all but the last, 409 to that."""
    limit = api.table["tenant_limit"]
    fill(crowd[:limit])
    answer = exceed(crowd[limit])
    judge.that(answer.status == 409, f"409 to a create beyond {limit} active subscriptions", shown(answer), answer)


@pytest.mark.requirement("bp_stats.tenant-limit.refused-create-leaves-nothing")
def test_a_create_refused_by_the_limit_changes_nothing(crowd: list[steps.Session], api: Api, judge: Judge) -> None:
    """After the 409 the refused user has nothing to read, and everybody else has what they had."""
    limit = api.table["tenant_limit"]
    subs.start_with_none(crowd[limit])
    fill(crowd[:limit])
    refusal = refuse(crowd[limit])
    for read in subs.watch(crowd[limit], later=2):
        judge.that(subs.state(read) == subs.GONE, "404 for the user who was refused", shown(read), refusal, read)
    for session in crowd[:limit]:
        read = steps.wait(session)
        seen = subs.state(read, own=of(session))
        judge.that(seen in {"own", subs.WAITING}, "the own data of each user who was in before", seen, refusal, read)


@pytest.mark.requirement("bp_stats.tenant-limit.delete-frees-a-slot")
def test_creates_and_deletes_in_turn_never_fill_the_tenant(crowd: list[steps.Session], api: Api, judge: Judge) -> None:
    """One user who creates and deletes twice as often as the tenant may hold subscriptions is never refused."""
    session, times = crowd[0], 2 * api.table["tenant_limit"]
    steps.subscribe(session, of(session))
    subs.end(session)
    for time in range(2, times + 1):
        answer, _ = subs.create_patiently(session, of(session))
        judge.that(answer.status == 200, f"200 to create number {time}, each before it deleted", shown(answer), answer)
        subs.end(session)


@pytest.mark.requirement("bp_stats.tenant-limit.delete-frees-a-slot")
def test_a_delete_lets_one_more_in_and_only_one(crowd: list[steps.Session], api: Api, judge: Judge) -> None:
    """At the limit a user deletes twice; then the user refused before gets in, and the first one is refused."""
    limit = api.table["tenant_limit"]
    fill(crowd[:limit])
    first, waiting = crowd[0], crowd[limit]
    refuse(waiting)
    subs.end(first)
    subs.start_with_none(first)  # deletes again
    answer, late = subs.create_patiently(waiting, of(waiting))
    judge.that(answer.status == 200, "200 to the user refused before, after another's delete", shown(answer), answer)
    judge.note(at_once=not late)
    again = exceed(first)
    if again.status not in {200, 409}:
        raise Blocked(EXCEEDED, f"a create beyond the limit was answered {shown(again)}")
    judge.that(again.status == 409, "409 to the user who deleted: the tenant is full again", shown(again), again)


@pytest.mark.requirement("bp_stats.tenant-limit.recreate-at-limit")
def test_a_second_create_at_the_limit_keeps_the_count(crowd: list[steps.Session], api: Api, judge: Judge) -> None:
    """A user of a full tenant creates again: replaced or refused, the tenant is as full as before, and no fuller."""
    limit = api.table["tenant_limit"]
    fill(crowd[:limit])
    first, second, waiting = crowd[0], crowd[1 % limit], crowd[limit]
    refuse(waiting)
    other = steps.small("other", "go")
    answer = subs.valid(steps.create(first, other))
    judge.that(answer.status in {200, 400, 409}, "200, 400 or 409 to a second create", shown(answer), answer)
    reading, wanted = ("replaced", "the second") if answer.status == 200 else ("refused", "the first")
    for read in subs.watch(first, later=1):
        seen = subs.state(read, **{"the first": of(first), "the second": other})
        judge.that(
            seen in {wanted, subs.WAITING}, f"the data of {wanted} definition, since the second create was {reading}",
            seen, answer, read,
        )  # fmt: skip
    more = subs.valid(steps.create(waiting, of(waiting)))
    judge.that(more.status == 409, "409 to one more user: no subscription became free", shown(more), answer, more)
    # A replacement that is counted twice shows only now: one goes, and nobody gets in.
    subs.start_with_none(second)
    entry, _ = subs.create_patiently(waiting, of(waiting))
    judge.that(entry.status == 200, "200 to one more user, after another's delete", shown(entry), answer, entry)
    judge.reading(reading)


@pytest.mark.requirement("bp_stats.tenant-limit.concurrent-creates-share-slots")
def test_creates_at_once_get_as_many_subscriptions_as_are_free(
    crowd: list[steps.Session], api: Api, judge: Judge, depth: Depth
) -> None:
    """One subscription is free and several users create together: one gets it, the others get 409 and nothing."""
    limit = api.table["tenant_limit"]
    early, late = crowd[: limit - 1], crowd[limit - 1 : limit + 7]
    fill(early)
    subs.start_with_none(late[0])
    for _ in range(depth.rounds):
        creates = together([partial(steps.create, one, of(one)) for one in late])
        answers = [subs.valid(create.result) for create in creates]
        told = ", ".join(str(answer.status) for answer in answers)
        judge.that(
            all(answer.status in {200, 409} for answer in answers), "200 or 409 to each of several users",
            told, *answers,
        )  # fmt: skip
        created = [one for one, answer in zip(late, answers, strict=True) if answer.status == 200]
        if not created:
            subs.not_for_limits(steps.create(late[0], of(late[0])))
        judge.that(len(created) == 1, "200 to exactly one user, for the one that was free", told, *answers)
        for one in late:
            read = steps.read(one)
            seen = subs.state(read, own=of(one)) != subs.GONE
            judge.that(seen == (one in created), "a subscription for the user with 200 alone", shown(read), read)
        subs.end(created[0])
