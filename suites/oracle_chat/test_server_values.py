"""What only the server sets: site, domain, pool, token and links of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in
from fixtures.outcomes import Blocked
from specs import openapi
from specs.cases import example
from suites.oracle_chat import issued as tokens
from suites.oracle_chat import steps
from suites.oracle_chat.addresses import is_host, is_segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

EXAMPLE = "oracle_chat.create.example-request"
DOMAIN = "oracle_chat.server-values.domain"
UNUSUAL = {"firstName": 'Ö "x" \\ ☃', "question": "{}[]<>&%00", "incidentId": None, "productId": None}
"""Values of free text, and nulls, that no server need stumble over."""


def is_text(value: object) -> bool:
    """Say whether a value is a text and not blank."""
    return isinstance(value, str) and bool(value.strip())


def told(members: Mapping[str, Any], name: str) -> str:
    """Say what a member is, for `observed`."""
    return f"{name} {members[name]!r}" if name in members else f"no {name}"


@pytest.mark.requirement("oracle_chat.server-values.chat-site-name")
def test_every_answer_names_the_site(tour: Tour, judge: Judge) -> None:
    """chatSiteName is a text, whether a queue was sent or not."""
    for answer, members in _basic_and_others(tour):
        judge.that(is_text(members.get("chatSiteName")), "a chatSiteName", told(members, "chatSiteName"), answer)
    judge.note(fits_a_path_segment=is_segment(steps.taken(tour.basic)["chatSiteName"]))


@pytest.mark.requirement("oracle_chat.server-values.domain")
def test_every_answer_names_the_domain(tour: Tour, judge: Judge) -> None:
    """Domain is a text that is not blank."""
    for answer, members in _basic_and_others(tour):
        judge.that(is_text(members.get("domain")), "a domain", told(members, "domain"), answer)


@pytest.mark.requirement("oracle_chat.server-values.domain-is-a-host")
def test_the_domain_is_a_bare_host(tour: Tour, judge: Judge) -> None:
    """Domain is a host name or address, possibly with a port, and nothing else."""
    for answer, members in _basic_and_others(tour):
        if not is_text(members.get("domain")):
            raise Blocked(DOMAIN, told(members, "domain"))
        judge.that(is_host(members["domain"]), "host or host:port in domain", told(members, "domain"), answer)


@pytest.mark.requirement("oracle_chat.server-values.pool-id")
def test_every_answer_names_the_pool(tour: Tour, judge: Judge) -> None:
    """The member poolId is a text in every answer, whether a queue was sent or not."""
    for answer, members in _basic_and_others(tour):
        judge.that(is_text(members.get("poolId")), "a poolId, a text", told(members, "poolId"), answer)
    parts = steps.taken(tour.basic)["poolId"].split(":")
    judge.note(has_the_form_of_the_example=len(parts) == 2 and all(part.isdecimal() for part in parts))


@pytest.mark.requirement("oracle_chat.server-values.jwt-present")
def test_every_success_carries_a_token(a: Client, tour: Tour, judge: Judge) -> None:
    """The member jwt is a text, the token alone, also on a repeated call and with unusual values."""
    asked = {
        "a basic call": tour.basic,
        "the example": tour.example,
        "a call with many attributes": tour.attributes,
        "a basic call again": a.ask(),
        "a basic call once more": a.ask(),
        "a call with unusual values": a.ask(**UNUSUAL),
    }
    answered = {what: answer for what, answer in asked.items() if answer.status in steps.CREATED}
    if not answered:
        steps.taken(tour.basic)
    for what, answer in answered.items():
        token = object_in(answer).get("jwt")
        judge.that(is_text(token), f"a token in jwt after {what}", _kind(token), answer)
        alone = not str(token).lower().startswith("bearer")
        judge.that(alone, "the token alone in jwt", "the word Bearer in front of it", answer)


def _kind(token: object) -> str:
    """Say what stands in the place of a token, without showing it."""
    return "nothing" if token is None else "an empty text" if isinstance(token, str) else f"a {type(token).__name__}"


@pytest.mark.requirement("oracle_chat.server-values.links-array")
def test_an_answer_has_an_array_of_links(tour: Tour, judge: Judge) -> None:
    """The member links is an array, empty or not."""
    members = steps.taken(tour.basic)
    judge.that(isinstance(members.get("links"), list), "links, an array", told(members, "links"), tour.basic)
    judge.note(is_empty=not members["links"])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("chatSiteName", marks=pytest.mark.requirement("oracle_chat.server-values.chat-site-name")),
        pytest.param("domain", marks=pytest.mark.requirement("oracle_chat.server-values.domain")),
        pytest.param("jwt", marks=pytest.mark.requirement("oracle_chat.server-values.jwt-present")),
        pytest.param("links", marks=pytest.mark.requirement("oracle_chat.server-values.links-array")),
        pytest.param("poolId", marks=pytest.mark.requirement("oracle_chat.server-values.pool-id")),
    ],
)
def test_the_example_is_answered_as_the_document_prints_it(api: Api, tour: Tour, name: str, judge: Judge) -> None:
    """What the server adds to the document's example is of the JSON type that the printed answer has."""
    printed: dict[str, Any] = example(openapi.document(api.name), "ChatAuthentication")
    members = steps.taken(tour.need_example(judge), EXAMPLE)
    same = type(members.get(name)) is type(printed[name])
    wanted = f"{name}, a {type(printed[name]).__name__} as the document prints it"
    judge.that(same and bool(members[name] or name == "links"), wanted, _typed(members, name), tour.example)


def _typed(members: Mapping[str, Any], name: str) -> str:
    return f"a {type(members[name]).__name__}{'' if members[name] else ', empty'}" if name in members else "none"


@pytest.mark.requirement("oracle_chat.server-values.observations")
def test_what_is_documented_nowhere_is_recorded(api: Api, tour: Tour, judge: Judge) -> None:
    """Whether the Channel Server stays the same, what else is in the answer, names in token and header fields."""
    document = openapi.document(api.name).raw["components"]["schemas"]["ChatAuthentication"]
    known = {*document["properties"], "chatSiteName", "domain", "poolId", "links"}
    issued = [tokens.read(answer) for answer in (tour.basic, tour.example, tour.attributes) if steps.succeeds(answer)]
    if not issued:
        steps.taken(tour.basic)
    judge.note(
        same_server={
            name: len({str(each.members.get(name)) for each in issued}) == 1
            for name in ("domain", "chatSiteName", "poolId")
        },
        further_members=sorted({name for each in issued for name in each.members} - known),
        token_header=sorted({name for each in issued for name in each.token.header}),
        token_claims=sorted({name for each in issued for name in each.token.claims}),
        header_fields=sorted({name.lower() for each in issued for name, _ in each.answer.headers}),
    )


def _basic_and_others(tour: Tour) -> Iterator[tuple[Answer, dict[str, Any]]]:
    """Yield the answer to a basic call, which must be a success, and every other success of the run."""
    yield tour.basic, steps.taken(tour.basic)
    for answer in tour.successes:
        if answer is not tour.basic:
            yield answer, object_in(answer)
