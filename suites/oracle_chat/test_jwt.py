"""The token: its form, its algorithm, for whom and by whom it is (RFC 7515, RFC 7519)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.redaction import SHORTEST
from suites.oracle_chat import issued as tokens
from suites.oracle_chat import steps
from suites.oracle_chat.tokens import NotAToken, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.oracle_chat.archive import Archive
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.issued import Issued
    from suites.oracle_chat.tour import Tour

Run = tuple["Issued", ...]
USUAL_OCTETS = {"RS": 256, "PS": 256, "ES": 64, "HS": 32}
"""Octets of a signature, by the first letters of the algorithm, below which it is short."""


@pytest.mark.requirement("oracle_chat.jwt.three-segments")
def test_a_token_has_three_parts_of_base64url(tour: Tour, judge: Judge) -> None:
    """Each token is three parts between dots, base64url without padding; the first two hold JSON objects."""
    for answer in tour.successes:
        try:
            decoded(steps.token_of(answer) or "")
        except NotAToken as problem:
            judge.fail("a JSON Web Token in compact form", str(problem), answer)
    judge.that(tour.successes, "a token", "none")


@pytest.mark.requirement("oracle_chat.jwt.is-signed")
def test_a_token_is_signed(run_tokens: Run, tour: Tour, judge: Judge) -> None:
    """The header names an algorithm other than none, the signature is there, and differs for different contents."""
    seen: dict[bytes, bytes] = {}
    other = (tokens.read(tour.other_user),) if steps.succeeds(tour.other_user) else ()
    for each in (*run_tokens, *other):
        judge.that(each.algorithm, "an algorithm in alg, a text", _header(each), each.answer)
        judge.that(each.algorithm.strip().lower() != "none", "an algorithm other than none", _header(each), each.answer)
        judge.that(each.token.signature, "a signature", "an empty third part", each.answer)
        before = seen.setdefault(each.token.signature, each.signed)
        judge.that(before == each.signed, "a signature of its own", "that of a token with other content", each.answer)
    judge.note(short_signatures=any(map(_is_short, run_tokens)))


def _is_short(each: Issued) -> bool:
    return len(each.token.signature) < USUAL_OCTETS.get(each.algorithm[:2], 0)


def _header(each: Issued) -> str:
    """Say what the report may show of a token."""
    return f"alg {each.token.header.get('alg')!r}, typ {each.token.header.get('typ')!r}"


@pytest.mark.requirement("oracle_chat.jwt.algorithm")
def test_the_algorithm_is_an_expected_one(run_tokens: Run, api: Api, judge: Judge) -> None:
    """Every token names the same one of the expected algorithms, and calls itself a JWT if anything."""
    expected = api.table["jwt_algorithms"]
    for each in run_tokens:
        judge.that(each.algorithm in expected, f"alg {' or '.join(expected)}", _header(each), each.answer)
        kind = each.token.header.get("typ", "JWT")
        judge.that(isinstance(kind, str) and kind.upper() == "JWT", "typ JWT, if any", _header(each), each.answer)
    used = sorted({each.algorithm for each in run_tokens})
    judge.that(len(used) == 1, "the same algorithm in every token", ", ".join(used))
    judge.note(algorithm=used[0])


@pytest.mark.requirement("oracle_chat.jwt.audience")
def test_the_audience_is_the_consumer_address_of_the_same_answer(run_tokens: Run, judge: Judge) -> None:
    """aud is https, domain, the consumer path and chatSiteName of the answer that the token came with."""
    for each in run_tokens:
        wanted = _addresses(each.members)
        named = each.token.claims.get("aud")
        held = named if isinstance(named, list) else [named]
        judge.that(
            any(one in wanted for one in held),
            f"aud {wanted[0]}, as domain and chatSiteName of the same answer say",
            f"aud {named!r}",
            each.answer,
        )


def _addresses(members: Mapping[str, Any]) -> list[str]:
    """Return the address of the consumer API; a port in domain may be given or implied."""
    domain, site = str(members.get("domain")), members.get("chatSiteName")
    host, colon, port = domain.rpartition(":")
    has_port = bool(colon) and port.isdecimal()
    hosts = [domain, host] if has_port else [domain, f"{domain}:443"]
    return [f"https://{each}/engagement/api/consumer/{site}" for each in hosts]


@pytest.mark.requirement("oracle_chat.jwt.issuer")
def test_all_tokens_have_the_same_issuer(run_tokens: Run, api: Api, judge: Judge) -> None:
    """iss is a text, the same in every token, and the declared one."""
    declared = api.table["jwt_issuer"]
    first = run_tokens[0].token.claims.get("iss")
    for each in run_tokens:
        issuer = each.token.claims.get("iss")
        is_text = isinstance(issuer, str) and issuer.strip() != ""
        judge.that(is_text, "an issuer, a text", f"iss {issuer!r}", each.answer)
        judge.that(issuer == first, f"the issuer of the first token, {first!r}", f"iss {issuer!r}", each.answer)
        judge.that(declared in (None, issuer), f"the declared issuer {declared!r}", f"iss {issuer!r}", each.answer)


@pytest.mark.requirement("oracle_chat.jwt.no-secrets-inside")
def test_the_readable_parts_hold_no_secret(
    run_tokens: Run, a: Client, api: Api, archive: Archive, rng: Random, judge: Judge
) -> None:
    """No password, no Authorization value and no text of the question stands in header or claims."""
    question, *names = (steps.mark(rng) for _ in range(3))
    asked = tokens.read(a.ask(question=f"About {question}, please", firstName=names[0], lastName=names[1]))
    judge.that(not asked.token.holds(question), "no text of the question in the token", "the text", asked.answer)
    judge.note(names_inside=any(map(asked.token.holds, names)))
    table = api.table
    passwords = {table["password"], table["unprivileged_password"], table["bearer_token"], *archive.sent}
    secrets = [each for each in passwords if each and len(each) >= SHORTEST]
    for each in (asked, *run_tokens):
        judge.that(
            not any(each.token.holds(secret) for secret in secrets),
            "no password and no Authorization value in the token",
            "one of them",
            each.answer,
        )
