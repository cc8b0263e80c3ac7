"""The signature, under the declared key and under secrets that nobody should use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.judge import SuiteError
from suites.oracle_chat import issued
from suites.oracle_chat import keys as jose
from suites.oracle_chat.keys import DIGESTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.judge import Judge
    from fixtures.public_keys import Keys
    from suites.oracle_chat.issued import Issued
    from suites.oracle_chat.tour import Tour

Run = tuple["Issued", ...]
GUESSES = ("secret", "password", "changeit")


@pytest.mark.requirement("oracle_chat.jwt.signature-verifies")
def test_the_signature_is_valid_under_the_key_of_the_issuer(tour: Tour, api: Api, judge: Judge) -> None:
    """Every token is signed with the key that kid names, by an expected algorithm."""
    algorithms = [name for name in api.table["jwt_algorithms"] if name not in DIGESTS]
    if not algorithms:
        judge.not_applicable("jwt_algorithms names no algorithm that a public key verifies")
    run_tokens = _readable(tour, api, judge)
    keys = _declared(api, run_tokens, judge) if api.table["jwt_key"] else _published(api, run_tokens, judge)
    for each in run_tokens:
        valid = any(jose.verifies(each.text, key, algorithms) for key in jose.keys_of(keys, each))
        told = f"alg {each.algorithm}: not valid under it"
        judge.that(valid, f"a signature by {' or '.join(algorithms)} under the declared key", told, each.answer)
    altered = run_tokens[0].with_bit_flipped()
    if any(jose.verifies(altered, key, algorithms) for key in jose.keys_of(keys, run_tokens[0])):
        raise SuiteError("a signature verifies with one bit flipped")


def _readable(tour: Tour, api: Api, judge: Judge) -> Run:
    """Return the tokens of the run; what cannot be read is signed by no key."""
    read = [(answer, issued.readable(answer)) for answer in tour.successes]
    if not api.table["jwt_key"] and not all(each for _, each in read):
        judge.not_applicable("the tokens cannot be read, and jwt_key names no key that signs them")
    for answer, each in read:
        judge.that(each, "a token that can be verified under the declared key", "one that cannot be read", answer)
    return tuple(each for _, each in read if each)


def _declared(api: Api, run_tokens: Run, judge: Judge) -> Keys:
    """Return the keys that jwt_key names, read again where one is missing: keys are changed while they are used."""
    keys = jose.load(api)
    if not all(jose.keys_of(keys, each) for each in run_tokens):
        keys = jose.load(api)
    if not all(jose.keys_of(keys, each) for each in run_tokens):
        judge.inconclusive("a token names a key that is not in the key set, also after a reload")
    return keys


def _published(api: Api, run_tokens: Run, judge: Judge) -> Keys:
    """Return the key set that the target publishes, where it is that of its tokens by their kid."""
    keys = jose.published(api)
    if keys is None or not all(each.token.header.get("kid") and jose.keys_of(keys, each) for each in run_tokens):
        judge.not_applicable(f"the target publishes no key of its tokens at {jose.USUAL_PLACE}; jwt_key names another")
    return keys


@pytest.mark.requirement("oracle_chat.jwt.no-weak-secret")
def test_no_token_is_signed_with_a_guessable_secret(run_tokens: Run, api: Api, judge: Judge) -> None:
    """Neither a sample secret nor anything public signs the token, where its algorithm takes a shared secret."""
    shared = [each for each in run_tokens if each.algorithm in DIGESTS]
    public = tuple(jose.load(api).spellings) if shared and api.table["jwt_key"] else ()
    for each in shared:
        found = jose.secret_of(each, (*_guesses(api, each), *public))
        judge.that(found is None, "a secret that cannot be guessed", _told(found, public), each.answer)
    judge.that(run_tokens, "a token", "none")
    judge.note(shared_secret=bool(shared))


def _guesses(api: Api, each: Issued) -> Iterator[bytes]:
    names = (api.table["username"], api.table["auth_user_name"])
    said = (each.members.get("chatSiteName"), each.members.get("domain"))
    yield b""
    yield from (guess.encode("utf-8", "surrogatepass") for guess in (*GUESSES, *names, *said) if isinstance(guess, str))


def _told(found: bytes | None, public: tuple[bytes, ...]) -> str:
    return "the declared public key is the secret" if found in public else "it is an ordinary word, a name or empty"
