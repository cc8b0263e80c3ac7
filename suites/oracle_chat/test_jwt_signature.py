"""The signature, under the declared key and under secrets that nobody should use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.judge import SuiteError
from suites.oracle_chat import keys as jose
from suites.oracle_chat.keys import DIGESTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.oracle_chat.issued import Issued

Run = tuple["Issued", ...]
GUESSES = ("secret", "password", "changeit")


@pytest.mark.requirement("oracle_chat.jwt.signature-verifies")
def test_the_signature_is_valid_under_the_declared_key(run_tokens: Run, api: Api, judge: Judge) -> None:
    """Every token is signed with the key that kid names, by an expected algorithm."""
    algorithms = [name for name in api.table["jwt_algorithms"] if name not in DIGESTS]
    if not algorithms:
        judge.inconclusive("jwt_algorithms names no algorithm that a public key verifies")
    keys = jose.load(api)
    if not all(keys.of(each) for each in run_tokens):
        keys = jose.load(api)
    if not all(keys.of(each) for each in run_tokens):
        judge.inconclusive("a token names a key that is not in the key set, also after a reload")
    for each in run_tokens:
        valid = any(jose.verifies(each.text, key, algorithms) for key in keys.of(each))
        told = f"alg {each.algorithm}: not valid under it"
        judge.that(valid, f"a signature by {' or '.join(algorithms)} under the declared key", told, each.answer)
    altered = run_tokens[0].with_bit_flipped()
    if any(jose.verifies(altered, key, algorithms) for key in keys.of(run_tokens[0])):
        raise SuiteError("a signature verifies with one bit flipped")


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
    yield from (guess.encode() for guess in (*GUESSES, *names, *said) if isinstance(guess, str))


def _told(found: bytes | None, public: tuple[bytes, ...]) -> str:
    return "the declared public key is the secret" if found in public else "it is an ordinary word, a name or empty"
