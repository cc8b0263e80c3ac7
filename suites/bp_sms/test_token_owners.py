"""Whose token it is: login id or role, withdrawn credentials, tokens that nobody can guess, and lenient forms."""

from __future__ import annotations

import base64
import hashlib
import json
from binascii import Error as NotBase64
from itertools import combinations
from math import log2
from typing import TYPE_CHECKING

import pytest

from fixtures.api import form, shown
from fixtures.outcomes import Blocked
from suites.bp_sms import steps
from suites.bp_sms.tokens import FORM, ISSUED, LONGEST, Client, bearing, fields, post, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.tokens import Tokens

ENOUGH_BITS = 128
ASKED = 3
"""Requests of each client: a server may hand out the same running token every time."""
ALPHABETS = ("0123456789", "0123456789abcdef", "0123456789ABCDEF")
BASE64 = 64
SHORTEST = 6
"""Characters of a value below which it turns up by chance."""


@pytest.mark.requirement("bp_sms.token.client-id-login-or-role")
def test_the_secret_goes_with_the_login_id_or_with_the_role(
    api: Api, tokens: Tokens, clients: dict[str, Client], judge: Judge
) -> None:
    """The user's secret brings a token with the login id, or with the name of the role, as client_id."""
    by_login = tokens.ask(clients["a"])
    by_role = tokens.ask(clients["a"], client_id=api.table["role_name"])
    judge.that(
        token_of(by_role) or steps.refuses(by_role), "a token or a refusal for the role name", shown(by_role), by_role
    )
    judge.that(
        token_of(by_login) or token_of(by_role),
        "a token for the login id or for the role name",
        f"{shown(by_login)}; {shown(by_role)}",
        by_login,
        by_role,
    )
    judge.reading("role-name" if token_of(by_role) else "login-id")


@pytest.mark.requirement("bp_sms.token.withdrawn-credentials-refused")
def test_a_disabled_user_gets_no_token(
    api: Api, tokens: Tokens, clients: dict[str, Client], judge: Judge
) -> None:
    """The secret of a disabled or locked user brings no token, neither a new one nor one that still runs."""
    table = api.table
    if not (table["disabled_client_id"] and table["disabled_client_secret"]):
        pytest.skip("the target file declares no disabled user")
    disabled = Client("disabled", table["disabled_client_id"], table["disabled_client_secret"], clients["a"].scope)
    answer = tokens.ask(disabled)
    judge.that(steps.refuses(answer), "a 4xx without a token for a disabled user", shown(answer), answer)


@pytest.mark.requirement("bp_sms.token.withdrawn-credentials-refused")
def test_a_secret_that_was_replaced_gets_no_token(
    api: Api, tokens: Tokens, clients: dict[str, Client], judge: Judge
) -> None:
    """An earlier secret, which a newer one has replaced, brings no token."""
    former = api.table["replaced_client_secret"]
    if not former:
        pytest.skip("the target file declares no secret that was replaced")
    answer = tokens.guess(clients["a"], former)
    judge.that(steps.refuses(answer), "a 4xx without a token for a replaced secret", shown(answer), answer)


@pytest.mark.requirement("bp_sms.token.unguessable")
def test_tokens_are_random_and_say_nothing(tokens: Tokens, clients: dict[str, Client], judge: Judge) -> None:
    """Tokens are long, differ from their beginning on, and hold neither login id nor tenant nor secret."""
    answers = {client: [tokens.ask(client) for _ in range(ASKED)] for client in clients.values()}
    found = {token: client for client, given in answers.items() for token in map(token_of, given) if token}
    if any(token.count(".") == 2 and token.startswith("eyJ") for token in found):
        judge.not_applicable("signed tokens are judged by the rows of http.jwt")
    if not found:
        raise Blocked(ISSUED, "no token came")
    if max(map(len, found)) > LONGEST:
        judge.inconclusive("a token is too long to be looked through")
    seen: list[Answer] = [answer for given in answers.values() for answer in given]
    for token, client in found.items():
        told = next((name for name, value in _known(client).items() if _carries(token, value)), "nothing known")
        judge.that(told == "nothing known", "a token that says nothing of its client", f"it holds {told}", *seen)
        bits = len(token) * log2(next((len(each) for each in ALPHABETS if set(token) <= set(each)), BASE64))
        judge.that(bits >= ENOUGH_BITS, f"at least {ENOUGH_BITS} bits by length and alphabet", f"{bits:.0f}", *seen)
        most = max(map(token.count, set(token)))
        judge.that(2 * most <= len(token), "a token of many characters", f"one makes up {most} of {len(token)}", *seen)
    for one, other in combinations(found, 2):
        alike = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), 0)
        judge.that(
            alike <= min(len(one), len(other)) / 2,
            "tokens that differ in the first half",
            f"two tokens with the same {alike} characters at the beginning",
            *seen,
        )
    judge.note(tokens_compared=len(found))


def _known(client: Client) -> dict[str, str]:
    """Return what a token must not hold, by its name."""
    digests = {
        f"the {name} digest of the login id": hashlib.new(name, client.client_id.encode(), usedforsecurity=False)
        for name in ("md5", "sha1", "sha256")
    }
    known = {"the login id": client.client_id, "the tenant": client.scope, "the secret": client.secret}
    return known | {name: digest.hexdigest() for name, digest in digests.items()}


def _carries(token: str, value: str) -> bool:
    return len(value) >= SHORTEST and any(value.lower() in text.lower() for text in _texts(token))


def _texts(token: str) -> Iterator[str]:
    """Yield the token, and what it says when it is read as base64 or as hexadecimal digits."""
    yield token
    padded = token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4)
    for read in (base64.b64decode, bytes.fromhex):
        try:
            yield read(padded).decode("utf-8", "replace")
        except (NotBase64, ValueError):
            continue


@pytest.mark.requirement("bp_sms.token.lenient-forms")
def test_lenient_ways_to_ask_for_a_token_are_recorded(
    api: Api, tokens: Tokens, clients: dict[str, Client], judge: Judge
) -> None:
    """Whether a token request may be JSON or multipart, or have its credentials in a Basic field, is recorded."""
    client, caller = clients["a"], api.anonymous()
    proper = fields(client)
    pair = base64.b64encode(form({client.client_id: client.secret}).replace(b"=", b":", 1)).decode()
    basic = api.recorder.redactor.alter(client.secret, pair, "as a Basic credential")
    anonymous_form = form({name: value for name, value in proper.items() if not name.startswith("client_")})
    answers = {
        "json": post(caller, json.dumps(proper).encode(), headers=(("Content-Type", "application/json"),)),
        "multipart": post(
            caller, _multipart(proper), headers=(("Content-Type", "multipart/form-data; boundary=conformance"),)
        ),
        "basic": post(caller, anonymous_form, headers=(*FORM, ("Authorization", f"Basic {basic}"))),
    }
    tokens.forget(client)
    judge.note(**{way: "issued" if token_of(answer) else "refused" for way, answer in answers.items()})


def _multipart(parameters: dict[str, str]) -> bytes:
    parts = [
        f'--conformance\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parameters.items()
    ]
    return ("".join(parts) + "--conformance--\r\n").encode()


@pytest.mark.requirement("bp_sms.token.lenient-forms")
def test_lenient_ways_to_present_a_token_are_recorded(api: Api, a: steps.Session, rng: Random, judge: Judge) -> None:
    """Whether the scheme may be in lower case, or left out, is recorded."""
    sid = steps.random_sid(rng)
    bare = api.anonymous().bearing(("Authorization", a.token))
    for way, caller in (("lower_case_scheme", bearing(api, a.token, "bearer")), ("no_scheme", bare)):
        judge.note(**{way: "refused" if steps.read(caller, sid).status in {400, 401, 403} else "accepted"})
