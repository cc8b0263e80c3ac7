"""What the suite reads in a token of chatAuthenticate, and what it says of keys, addresses and clocks."""

from __future__ import annotations

import base64
import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from fixtures.exchange import Answer
from fixtures.outcomes import Blocked, Inconclusive
from specs import openapi
from specs.cases import example
from suites.oracle_chat import addresses, issued, keys
from suites.oracle_chat.tokens import NotAToken, decoded

if TYPE_CHECKING:
    from pathlib import Path

    from joserfc.jwk import Key

    from fixtures.api import Api
    from suites.oracle_chat.issued import Issued

CLAIMS = {
    "exp": 1506509287,
    "sub": "user.4@example.com",
    "aud": "https://chat.example.com/engagement/api/consumer/example_site-Fusion",
    "iss": "Fusion Apps",
    "prn": "user.4@example.com",
    "iat": 1506509167,
}
"""Those of the document's example."""
HEADER = {"alg": "RS256", "typ": "JWT", "x5t": "MDEyMzQ1Njc4OWFiY2RlZmdoaWo", "kid": "trustservice"}
RSA = RSAKey.generate_key(2048, {"kid": "trustservice", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "retired"})


def coded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def answer(members: object, date: str | None = None) -> Answer:
    fields = (("Content-Type", "application/json"), *((("Date", date),) if date else ()))
    now = time.monotonic()
    return Answer("x1", 201, "Created", fields, json.dumps(members).encode(), now, now)


def token(key: Key = RSA, algorithm: str = "RS256", **header: Any) -> Issued:
    lenient = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    signed = jwt.encode({**HEADER, "alg": algorithm, **header}, dict(CLAIMS), key, registry=lenient)
    printed = example(openapi.document("oracle_chat"), "ChatAuthentication")
    return issued.read(answer({**printed, "jwt": signed}))


def api(jwt_key: str) -> Api:
    return cast("Api", SimpleNamespace(table={"jwt_key": jwt_key}))


def test_the_token_of_the_documents_example_is_read() -> None:
    found = token()
    assert found.token.claims == CLAIMS
    assert found.algorithm == "RS256"
    assert found.seconds("exp") - found.seconds("iat") == 120
    assert found.subject == found.members["authUserName"]


@pytest.mark.parametrize(
    "text",
    [
        "0f8fad5bd9cb469fa16570867728950e",
        "Bearer e30.e30.c2ln",
        f"{coded({})}.{coded({})}.c2lnbg==",
        f"{coded({})}.{coded({})}.a+/b",
        f"{coded({})}.{coded([])}.c2ln",
        f"{coded({})}.e30.c2ln.c2ln",
        "eyJhIjoxLCJhIjoyfQ.e30.c2ln",
        "e30\n.e30.c2ln",
        "e30.e30.c",
    ],
)
def test_what_is_no_compact_token_is_told_without_showing_it(text: str) -> None:
    with pytest.raises(NotAToken) as told:
        decoded(text)
    assert text not in str(told.value)


def test_a_text_is_found_in_names_and_values_of_both_parts() -> None:
    found = decoded(f"{coded({'kid': 'K-1'})}.{coded({'role': [{'inner': 'V-1'}]})}.c2ln")
    assert all(found.holds(text) for text in ("K-1", "role", "inner", "V-1"))
    assert not found.holds("V-2")


def test_a_claim_that_is_no_number_blocks_what_needs_a_time() -> None:
    text = f"{coded(HEADER)}.{coded({**CLAIMS, 'exp': '1506509287'})}.c2ln"
    found = issued.read(answer({"jwt": text}))
    with pytest.raises(Blocked, match="exp is no number"):
        found.seconds("exp")


# ---- keys ------------------------------------------------------------------------------------------------------------


def key_set(*members: Key) -> dict[str, Any]:
    return {"keys": [member.as_dict(private=False) for member in members]}


@pytest.mark.parametrize("form", ["PEM text", "PEM file", "key set", "one key"])
def test_a_key_is_read_in_every_form(form: str, tmp_path: Path) -> None:
    pem = RSA.as_pem(private=False)
    path = tmp_path / "key"
    content = {
        "PEM file": pem,
        "key set": json.dumps(key_set(OTHER, RSA)).encode(),
        "one key": json.dumps(RSA.as_dict(private=False)).encode(),
    }
    path.write_bytes(content.get(form, b""))
    found = keys.load(api(pem.decode() if form == "PEM text" else str(path)))
    good = token()
    (key,) = keys.keys_of(found, good)
    assert keys.verifies(good.text, key, ["RS256"])
    assert not keys.verifies(good.with_bit_flipped(), key, ["RS256"])
    assert not keys.verifies(token(OTHER).text, key, ["RS256"])
    assert pem.strip() in list(found.spellings)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": []}', '{"keys": 1}', "-----BEGIN PUBLIC KEY-----\nx"])
def test_a_key_that_cannot_be_loaded_decides_nothing(content: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Inconclusive, match="jwt_key"):
        keys.load(api(str(path)))
    with pytest.raises(Inconclusive, match="jwt_key"):
        keys.load(api(str(tmp_path / "nothing-here")))


def test_of_a_key_set_only_the_key_that_kid_names_may_have_signed(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(key_set(OTHER, RSA)), encoding="utf-8")
    found = keys.load(api(str(path)))
    assert [key.kid for key in keys.keys_of(found, token())] == ["trustservice"]
    assert keys.keys_of(found, token(kid="unheard-of")) == ()


def test_an_elliptic_key_verifies_too() -> None:
    key = ECKey.generate_key("P-256")
    found = keys.load(api(key.as_pem(private=False).decode()))
    assert keys.verifies(token(key, "ES256").text, found.keys[0], ["RS256", "ES256"])
    assert not keys.verifies(token(key, "ES256").text, found.keys[0], ["RS256"])


def test_headers_with_certificates_and_members_nobody_knows_do_not_matter() -> None:
    good = token(x5c=["A" * 2000], tenant="example")
    assert keys.verifies(good.text, RSA, ["RS256"])


def test_an_algorithm_that_is_not_expected_verifies_nothing() -> None:
    unsigned = issued.unsigned({"alg": "none"}, CLAIMS)
    assert not keys.verifies(unsigned, RSA, ["RS256"])
    assert not keys.verifies(token(RSA, "RS512").text, RSA, ["RS256"])


# ---- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["chat.example.com", "chat.example.com:8443", "127.0.0.1", "[::1]", "[::1]:443"])
def test_a_host_with_or_without_a_port_is_one(text: str) -> None:
    assert addresses.is_host(text)


@pytest.mark.parametrize(
    "text", ["https://chat.example.com", "chat.example.com/", "a@b", "a b", "a:b", "a:", "a:99999", "::1", "[::1", ""]
)
def test_anything_more_than_a_host_is_none(text: str) -> None:
    assert not addresses.is_host(text)


@pytest.mark.parametrize(
    ("path", "fits"),
    [("/r/chatAuthenticate/a%2Fb", True), ("/r/chatAuthenticate", True), ("/r/chatAuthenticate/a/b", False),
     ("/r/chatAuthenticate/", False), ("/r/chatAuthenticated", False), ("/r/chatAuthenticate/a%zz", False)],
)  # fmt: skip
def test_an_item_is_one_segment_below_its_collection(path: str, fits: bool) -> None:
    assert addresses.is_item_of(path, "/r/chatAuthenticate") is fits


@pytest.mark.parametrize("text", ["https://h/a b", "https://h/ü", "https://h/%4", "https://[::1/x", ""])
def test_what_is_no_uri_is_not_taken_apart(text: str) -> None:
    assert addresses.uri(text) is None


# ---- clocks ----------------------------------------------------------------------------------------------------------


def http_date(moment: float) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(moment))


def test_the_date_of_the_answer_is_the_clock() -> None:
    moment = int(time.time()) - 100
    assert issued.clocks(answer({}, http_date(moment)), 60) == (issued.Clock(moment, 60),)


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_without_a_date_the_own_clock_counts_with_twice_the_skew(date: str | None) -> None:
    (found,) = issued.clocks(answer({}, date), 60)
    assert found.skew == 120
    assert found.now == pytest.approx(time.time(), abs=5)


def test_of_clocks_far_apart_either_may_be_right() -> None:
    moment = int(time.time()) - 3600
    said, own = issued.clocks(answer({}, http_date(moment)), 60)
    assert (said, own.skew) == (issued.Clock(moment, 60), 120)
    assert own.now == pytest.approx(time.time(), abs=5)
