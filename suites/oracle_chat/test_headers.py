"""Header fields of a call: framework version and sandbox, which may be left out, and what the client accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

VERSION, SANDBOX = "REST-Framework-Version", "Metadata-Context"
UNKNOWN_VERSIONS = ("999", "0", "abc", "")
ACCEPTED = ("application/json", steps.ITEM_TYPE, "*/*", "text/html;q=0.4, application/json;q=0.9, */*;q=0.1", None)


def ask(a: Client, *headers: tuple[str, str], **texts: str) -> Answer:
    """Make a basic call with these header fields."""
    return a.send(steps.basic_members(a.api.table, **texts), headers=headers)


@pytest.mark.requirement("oracle_chat.headers.version-optional")
def test_a_call_needs_no_version_and_no_sandbox(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """A call with Host, credentials, type and length alone succeeds."""
    answer = tour.bare
    if not steps.succeeds(answer) and not steps.succeeds(tour.basic):
        version = next(iter(api.table["framework_versions"]), "1")
        if not steps.succeeds(ask(a, (VERSION, version))):  # then it is not the version that is missing
            steps.taken(tour.basic)
    judge.that(steps.succeeds(answer), "success without further header fields", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.headers.version-declared")
def test_each_declared_version_is_served(api: Api, a: Client, judge: Judge) -> None:
    """Under each version of the target file the call succeeds alike; a version that is named is the one asked for."""
    texts = {"firstName": "Ann", "question": "Which version?"}
    ordinary = steps.taken(ask(a, **texts))
    sent = steps.basic_members(api.table, **texts)
    for version in api.table["framework_versions"]:
        answer = ask(a, (VERSION, version), **texts)
        what = f"version {version}"
        judge.that(steps.succeeds(answer), f"success under {what}", shown(answer), answer)
        body = object_in(answer)
        missing = [name for name in ("chatSiteName", "domain", "poolId") if body.get(name) != ordinary.get(name)]
        judge.that(not missing, f"site, domain and pool as without a version, under {what}", missing, answer)
        judge.that(
            echoes.of(body, sent) == echoes.of(ordinary, sent),
            f"the same attributes as without a version, under {what}",
            echoes.of(body, sent),
            answer,
        )
        named = answer.values(VERSION)
        judge.that(set(named) <= {version}, f"{VERSION}: {version} in the answer, or none", ", ".join(named), answer)


@pytest.mark.requirement("oracle_chat.headers.version-unknown")
def test_an_unknown_version_is_refused_or_replaced(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """An unknown or malformed version is refused with a 4xx, or the default is used; it is never served."""
    steps.taken(tour.basic)
    served = {}
    for version in UNKNOWN_VERSIONS:
        if version in api.table["framework_versions"]:
            continue
        answer = ask(a, (VERSION, version))
        what = f"the version {version!r}"
        judge.that(
            steps.succeeds(answer) or steps.refuses_as_client_error(answer),
            f"success or a 4xx for {what}",
            shown(answer),
            answer,
        )
        named = answer.values(VERSION)
        judge.that(
            not (steps.succeeds(answer) and version in named), f"{what} not named as served", ", ".join(named), answer
        )
        served[version] = steps.succeeds(answer)
    some, every = any(served.values()), all(served.values())
    judge.reading("default-used" if every else "mixed" if some else "refused")
    judge.note(**{version or "empty": "default" if default else "refused" for version, default in served.items()})


def judge_ordinary(judge: Judge, answer: Answer, ordinary: dict[str, Any], after: str) -> None:
    """Judge that a call without sandbox is an ordinary one."""
    judge.that(steps.succeeds(answer), f"success without a sandbox, after {after}", shown(answer), answer)
    stuck = answer.values(SANDBOX)
    judge.that(not stuck, f"no sandbox in the answer to a call without one, after {after}", ", ".join(stuck), answer)
    members = object_in(answer).keys()
    judge.that(
        members == ordinary.keys(),
        f"the members of an ordinary answer, after {after}: {', '.join(sorted(ordinary))}",
        ", ".join(sorted(members)),
        answer,
    )


@pytest.mark.requirement("oracle_chat.headers.metadata-context")
def test_a_declared_sandbox_is_served_and_does_not_stick(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """A call in the sandbox of the target file succeeds, and the next one on its connection is an ordinary one."""
    name = api.table["sandbox"]
    if not name:
        pytest.skip("the target file names no sandbox")
    ordinary = steps.taken(tour.basic)
    if named := tour.basic.values(SANDBOX):
        judge.inconclusive(f"the target names a sandbox without being asked: {', '.join(named)}")
    answer = ask(a, (SANDBOX, f'sandbox="{name}"'))
    judge.that(steps.succeeds(answer), "success in the declared sandbox", shown(answer), answer)
    judge_ordinary(judge, ask(a), ordinary, "a call in the declared sandbox")


@pytest.mark.requirement("oracle_chat.headers.metadata-context")
def test_an_unknown_sandbox_is_refused_or_ignored(a: Client, tour: Tour, rng: Random, judge: Judge) -> None:
    """A sandbox that does not exist is refused with a 4xx or ignored, and the next call is an ordinary one."""
    ordinary = steps.taken(tour.basic)
    answer = ask(a, (SANDBOX, f'sandbox="{steps.mark(rng)}"'))
    judge.that(
        steps.succeeds(answer) or steps.refuses_as_client_error(answer),
        "success or a 4xx for an unknown sandbox",
        shown(answer),
        answer,
    )
    judge.reading("ignored" if steps.succeeds(answer) else "refused")
    judge_ordinary(judge, ask(a), ordinary, "a call for an unknown sandbox")


@pytest.mark.requirement("oracle_chat.headers.accept")
@pytest.mark.parametrize("accept", ACCEPTED, ids=["json", "framework-json", "anything", "weighted", "none"])
def test_clients_that_accept_json_get_the_same_members(
    accept: str | None, a: Client, tour: Tour, judge: Judge
) -> None:
    """Whatever a client writes into Accept that includes JSON: it gets the same members."""
    expected = ", ".join(sorted(steps.taken(tour.basic)))
    match accept:
        case None:
            answer = tour.bare
        case "application/json":
            answer = tour.accepting_json
        case _:
            answer = ask(a, ("Accept", accept))
    what = "no Accept" if accept is None else f"Accept: {accept}"
    judge.that(steps.succeeds(answer), f"success for {what}", shown(answer), answer)
    found = ", ".join(sorted(object_in(answer)))
    judge.that(found == expected, f"the members of an ordinary answer for {what}: {expected}", found, answer)


@pytest.mark.requirement("oracle_chat.headers.accept")
def test_what_a_client_gets_that_accepts_html_alone(a: Client, tour: Tour, judge: Judge) -> None:
    """A client that accepts HTML alone may get 406 or JSON: only recorded, but never an error of the server."""
    steps.taken(tour.basic)
    answer = ask(a, ("Accept", "text/html"))
    judge.that(answer.status < 500, "no 5xx for Accept: text/html", shown(answer), answer)
    judge.note(for_html="JSON" if steps.succeeds(answer) else str(answer.status))
