"""Available agents: the open question whether a service has a ready agent (Get available agents)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from fixtures import strict_json, wire
from fixtures.api import shown
from suites.bp_stats import steps

if TYPE_CHECKING:
    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge

OPERATION = "checkAvailableAgents"
MOST_SERVICES = 12
"""Services that are asked about: enough for every kind of name, and bounded on a large tenant."""


def ask(caller: Caller, service: str, **parameters: str) -> Answer:
    """Ask whether the service has a ready agent."""
    return caller.call(OPERATION, query={"service": service, **parameters})


def availability(answer: Answer) -> bool | None:
    """Return what a 200 says, in either of the accepted forms; None for anything else."""
    try:
        body = answer.json()
    except strict_json.NotJson:
        return None
    value = body.get("availability") if isinstance(body, dict) else None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if answer.status == 200 and isinstance(value, bool) else None


@pytest.mark.requirement("bp_stats.available.no-authentication")
def test_the_question_is_answered_without_credentials(anonymous: Caller, api: Api, judge: Judge) -> None:
    """The open operation answers 200 without a cookie, and with one that never was a session."""
    service = api.table["service_ready"]
    invented = steps.cookie(api, "00000000-0000-4000-8000-00000000abcd")
    for who, caller in (("without a cookie", anonymous), ("with an invented cookie", anonymous.bearing(invented))):
        answer = ask(caller, service)
        judge.that(answer.status == 200, f"200 {who}", shown(answer), answer)


@pytest.mark.requirement("bp_stats.available.no-authentication", impact="session")
def test_a_stale_session_does_no_harm_to_the_open_question(api: Api, a: steps.Session, judge: Judge) -> None:
    """The open operation answers 200 to a user whose session has ended, and whose subscription is gone."""
    steps.delete(a)
    if a.identity is not None:
        steps.log_in(api, a.identity)
    answer = ask(a.caller, api.table["service_ready"])
    judge.that(answer.status == 200, "200 with the cookie of an ended session", shown(answer), answer)


@pytest.mark.requirement("bp_stats.available.body-form")
def test_the_answer_has_one_form_for_every_service(anonymous: Caller, api: Api, judge: Judge) -> None:
    """The body is an object whose availability is a boolean, or an array of one boolean, for every service alike."""
    for service in (api.table["service_ready"], api.table["service_not_ready"]):
        if service is None:
            continue
        answer = ask(anonymous, service)
        judge.that(answer.status == 200, "200 for an existing service", shown(answer), answer)
        judge.that(
            availability(answer) is not None,
            "an object whose availability is true or false, or an array of one of them",
            shown(answer),
            answer,
        )
        judge.reading("array" if isinstance(answer.json()["availability"], list) else "boolean")


@pytest.mark.requirement("bp_stats.available.true-and-false")
def test_availability_tells_a_ready_service_from_one_that_is_not(anonymous: Caller, api: Api, judge: Judge) -> None:
    """Availability is true for the service that has a ready agent, and false for the one that has none."""
    for key, expected in (("service_ready", True), ("service_not_ready", False)):
        service = api.table[key]
        answers = [ask(anonymous, service) for _ in range(3)]
        said = {availability(answer) for answer in answers}
        if len(said) > 1 and None not in said:
            judge.inconclusive(f"the availability of {service!r} changed while it was asked for three times")
        if said == {None}:
            judge.inconclusive(f"the answer for {service!r} has no availability to be read: {shown(answers[0])}")
        judge.that(
            said == {expected},
            f"availability {str(expected).lower()} for {service!r}, the {key} of the target file",
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
    steps.subscribe(a, _ready_grid(api))
    compared = {True: 0, False: 0}
    for service in list(_ready_agents(a))[:MOST_SERVICES]:
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
        judge.inconclusive("the data were not steady long enough for a service with ready agents and one without")


def _ready_grid(api: Api) -> dict[str, Any]:
    columns = [
        steps.column(steps.SERVICES, "name", api.table["service_name_stat"]),
        steps.column(steps.SERVICES, "ready", api.table["ready_stat"]),
    ]
    return {"ready": {steps.SERVICES: [steps.grid("ready", columns)]}}


def _ready_agents(session: steps.Session) -> dict[str, float]:
    """Return the number of ready agents by service; names that occur twice and cells without a number are left out."""
    rows = steps.grids(steps.settle(session), "ready", steps.SERVICES).get("ready", [])
    names = [row.get("name") for row in rows]
    found = {}
    for row in rows:
        try:
            number = float(row["ready"])
        except (KeyError, TypeError, ValueError):
            continue
        if names.count(row.get("name")) == 1:
            found[str(row["name"])] = number
    return found


@pytest.mark.requirement("bp_stats.available.service-name-encoding")
def test_the_service_name_is_read_after_percent_decoding(api: Api, judge: Judge) -> None:
    """Spellings of a name that are equal by RFC 3986 get equal answers; a further parameter is no part of the name."""
    name = api.table["service_ready"]
    spelled = {
        "as usual": quote(name, safe=""),
        "every octet encoded, upper-case digits": "".join(f"%{octet:02X}" for octet in name.encode()),
        "every octet encoded, lower-case digits": "".join(f"%{octet:02x}" for octet in name.encode()),
        "followed by another parameter": f"{quote(name, safe='')}&unrelated=1",
    }
    answers = {how: _ask_raw(api, query) for how, query in spelled.items()}
    usual = answers["as usual"]
    if availability(usual) is None:
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
    steps.subscribe(a, _ready_grid(api))
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    special = [name for name, ready in _ready_agents(a).items() if ready > 0 and set(name) - plain]
    if not special:
        judge.inconclusive("no service with ready agents has a name with characters that need encoding")
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
def test_the_answer_gives_away_nothing_but_availability(anonymous: Caller, api: Api, judge: Judge) -> None:
    """The body has no member beside availability, so that no agent's name or number is shown to everybody."""
    answer = ask(anonymous, api.table["service_ready"])
    if availability(answer) is None:
        judge.inconclusive(f"the answer has no availability to be read: {shown(answer)}")
    more = sorted(set(answer.json()) - {"availability"})
    judge.that(not more, "no member beside availability", f"also {', '.join(more)}", answer)


@pytest.mark.requirement("bp_stats.available.discloses-no-more")
def test_a_cookie_of_the_open_question_is_no_session(anonymous: Caller, api: Api, judge: Judge) -> None:
    """Whatever cookie the open operation sets, it opens neither dispositions nor data."""
    answer = ask(anonymous, api.table["service_ready"])
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
