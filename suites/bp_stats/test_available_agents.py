"""Available agents: the open question whether a service has a ready agent (Get available agents)."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from fixtures import wire
from fixtures.api import shown
from fixtures.outcomes import NotApplicable
from suites.bp_stats import steps
from suites.bp_stats.services import (
    MOST_SERVICES,
    OPERATION,
    ask,
    availability,
    ready_agents,
    ready_grid,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.services import Services


@pytest.mark.requirement("bp_stats.available.no-authentication")
def test_the_question_is_answered_without_credentials(service: str, anonymous: Caller, api: Api, judge: Judge) -> None:
    """The open operation answers 200 without a cookie, and with one that never was a session."""
    invented = steps.cookie(api, "00000000-0000-4000-8000-00000000abcd")
    for who, caller in (("without a cookie", anonymous), ("with an invented cookie", anonymous.bearing(invented))):
        answer = ask(caller, service)
        judge.that(answer.status == 200, f"200 {who}", shown(answer), answer)


@pytest.mark.requirement("bp_stats.available.no-authentication", impact="session")
def test_a_stale_session_does_no_harm_to_the_open_question(
    service: str, api: Api, a: steps.Session, judge: Judge
) -> None:
    """The open operation answers 200 to a user whose session has ended, and whose subscription is gone."""
    steps.delete(a)
    if a.identity is not None:
        steps.log_in(api, a.identity)
    answer = ask(a.caller, service)
    judge.that(answer.status == 200, "200 with the cookie of an ended session", shown(answer), answer)


@pytest.mark.requirement("bp_stats.available.body-form")
def test_the_answer_has_one_form_for_every_service(
    service: str, services: Services, anonymous: Caller, judge: Judge
) -> None:
    """The body is an object whose availability is a boolean, or an array of one boolean, for every service alike."""
    names = {service, *(services.staffed(ready=ready) for ready in (True, False) if services.declares(ready=ready))}
    for name in sorted(names):
        answer = ask(anonymous, name)
        judge.that(answer.status == 200, "200 for an existing service", shown(answer), answer)
        judge.that(
            availability(answer) is not None,
            "an object whose availability is true or false, or an array of one of them",
            shown(answer),
            answer,
        )
        judge.reading("array" if isinstance(answer.json()["availability"], list) else "boolean")


@pytest.mark.requirement("bp_stats.available.true-and-false")
@pytest.mark.parametrize("ready", [True, False], ids=["ready", "not ready"])
def test_availability_tells_a_ready_service_from_one_that_is_not(
    ready: bool, services: Services, anonymous: Caller, judge: Judge
) -> None:
    """Availability is true for a service that has a ready agent, and false for one that has none."""
    service = services.staffed(ready=ready)
    answers = [ask(anonymous, service) for _ in range(3)]
    said = {availability(answer) for answer in answers}
    if len(said) > 1 and None not in said:
        judge.inconclusive(f"the availability of {service!r} changed while it was asked for three times")
    if said == {None}:
        judge.inconclusive(f"the answer for {service!r} has no availability to be read: {shown(answers[0])}")
    if said != {ready} and not services.declares(ready=ready):
        agents = services.look().get(service)
        if agents is None or (agents > 0) is not ready:
            judge.inconclusive(f"agents of {service!r} came or went meanwhile")
    judge.that(
        said == {ready},
        f"availability {str(ready).lower()} for {service!r}, which has {'a' if ready else 'no'} ready agent",
        shown(answers[0]),
        *answers,
    )


@pytest.mark.requirement("bp_stats.available.agrees-with-data")
def test_availability_agrees_with_the_ready_agents_of_the_service_grid(
    api: Api, a: steps.Session, anonymous: Caller, judge: Judge
) -> None:
    """For each service, availability is true exactly if its grid row shows more than no ready agents.

    Data, availability, data: only where both data agree is the answer between them judged, and a contradiction counts
    only when two more such brackets agree with it.
    """
    steps.subscribe(a, ready_grid(api.table))
    compared = {True: 0, False: 0}
    seen = _ready_agents(a)
    for service in _of_both_kinds(seen):
        contradictions = []
        for _ in range(3):
            before = _ready_agents(a).get(service)
            answer = ask(anonymous, service)
            if before is None or before != _ready_agents(a).get(service):
                break
            said = availability(answer)
            if said is None:
                judge.inconclusive(f"the answer for {service!r} has no availability to be read: {shown(answer)}")
            if said == (before > 0):
                compared[before > 0] += 1
                break
            contradictions.append(f"{shown(answer)}, beside {before:g} ready agents")
        judge.that(
            len(contradictions) < 3,
            f"availability of {service!r} true exactly if the grid shows ready agents, in one of three steady brackets",
            "; ".join(contradictions),
            answer,
        )
    if not all(compared.values()):
        if len({ready > 0 for ready in seen.values()}) < len(compared):
            raise NotApplicable("the grid does not show both, services with ready agents and services without")
        judge.inconclusive("the data were not steady long enough for a service with ready agents and one without")


def _of_both_kinds(seen: dict[str, Decimal]) -> list[str]:
    """Return the services to ask about, those with ready agents and those without in turn: a tenant may be large."""
    kinds = ([name for name, agents in seen.items() if (agents > 0) is ready] for ready in (True, False))
    return [name for pair in zip_longest(*kinds) for name in pair if name is not None][:MOST_SERVICES]


def _ready_agents(session: steps.Session) -> dict[str, Decimal]:
    shown = ready_agents(steps.settle(session))
    return {name: ready for name, ready in shown.items() if ready is not None}


@pytest.mark.requirement("bp_stats.available.service-name-encoding")
def test_the_service_name_is_read_after_percent_decoding(api: Api, services: Services, judge: Judge) -> None:
    """Spellings of a name that are equal by RFC 3986 get equal answers; a further parameter is no part of the name."""
    name = services.available()
    spelled = {
        "as usual": quote(name, safe=""),
        "every octet encoded, upper-case digits": "".join(f"%{octet:02X}" for octet in name.encode()),
        "every octet encoded, lower-case digits": "".join(f"%{octet:02x}" for octet in name.encode()),
        "followed by another parameter": f"{quote(name, safe='')}&unrelated=1",
    }
    answers = {how: _ask_raw(api, query) for how, query in spelled.items()}
    usual = answers["as usual"]
    if not availability(usual):  # an unknown name would get the same
        judge.inconclusive(f"the usual spelling of {name!r} got {shown(usual)}")
    for how, answer in answers.items():
        judge.that(
            availability(answer) == availability(usual),
            f"the same answer for the name {how}: {shown(usual)}",
            shown(answer),
            usual,
            answer,
        )
    if " " in name:
        plus = _ask_raw(api, quote(name, safe="").replace("%20", "+"))
        judge.note(plus_means_space=availability(plus) == availability(usual))


def _ask_raw(api: Api, query: str) -> Answer:
    """Ask with the octets of the query as they stand: client libraries would spell them their own way."""
    with wire.connection(api) as line:
        return line.call(OPERATION, target=f"/info/check_available_agents?service={query}")


@pytest.mark.requirement("bp_stats.available.service-name-encoding", impact="session")
def test_names_with_special_characters_are_found(api: Api, a: steps.Session, anonymous: Caller, judge: Judge) -> None:
    """A service with ready agents is available, whatever characters its name has."""
    steps.subscribe(a, ready_grid(api.table))
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    special = [name for name, ready in _ready_agents(a).items() if ready > 0 and set(name) - plain]
    if not special:
        raise NotApplicable("no service with ready agents has a name with characters that need encoding")
    for name in special[:MOST_SERVICES]:
        answer = ask(anonymous, name)
        if availability(answer) is False and _ready_agents(a).get(name, 0) <= 0:
            continue  # the agents left meanwhile
        judge.that(
            availability(answer) is True,
            f"availability true for {name!r}, which has ready agents",
            shown(answer),
            answer,
        )


@pytest.mark.requirement("bp_stats.available.unknown-or-missing-service")
def test_a_very_long_service_name_is_refused_or_not_available(anonymous: Caller, judge: Judge) -> None:
    """A name of 4 KB is no service: not available, or refused, also as too long a request target."""
    answer = ask(anonymous, "long " * 820)
    if answer.status == 200:
        judge.that(availability(answer) is False, "availability false for a name of 4 KB", shown(answer), answer)
        judge.reading("not-available")
    else:
        judge.that(
            answer.status in {400, 404, 414, 422, 431},
            "200 with false, or 400, 404, 414, 422 or 431 for a name of 4 KB",
            shown(answer),
            answer,
        )
        judge.reading("refused")


@pytest.mark.requirement("bp_stats.available.discloses-no-more")
def test_the_answer_gives_away_nothing_but_availability(service: str, anonymous: Caller, judge: Judge) -> None:
    """The body has no member beside availability, so that no agent's name or number is shown to everybody."""
    answer = ask(anonymous, service)
    if availability(answer) is None:
        judge.inconclusive(f"the answer has no availability to be read: {shown(answer)}")
    more = sorted(set(answer.json()) - {"availability"})
    judge.that(not more, "no member beside availability", f"also {', '.join(more)}", answer)


@pytest.mark.requirement("bp_stats.available.discloses-no-more")
def test_a_cookie_of_the_open_question_is_no_session(service: str, anonymous: Caller, judge: Judge) -> None:
    """Whatever cookie the open operation sets, it opens neither dispositions nor data."""
    answer = ask(anonymous, service)
    given = "; ".join(field.partition(";")[0] for field in answer.values("Set-Cookie"))
    judge.that(True, "no session for everybody", "no cookie")
    if not given:
        return
    bearer = anonymous.bearing(("Cookie", given))
    for operation in ("getDispositions", "getSubscriptionData"):
        tried = bearer.call(operation)
        judge.that(
            tried.status == 401,
            f"401 on {operation} with the cookie of the open answer",
            shown(tried),
            answer,
            tried,
            must=True,
        )
