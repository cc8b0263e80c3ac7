"""The declared key of the token's issuer, and what it says of a signature; by joserfc, not by code of our own."""

from __future__ import annotations

import hmac
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key, KeySet, OctKey

from fixtures import strict_json, transport
from fixtures.exchange import Request
from fixtures.outcomes import Inconclusive, Unanswered
from reports.verdicts import Attribution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from joserfc.jwk import KeySetSerialization

    from fixtures.api import Api
    from suites.oracle_chat.issued import Issued

DIGESTS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
"""Algorithms with a shared secret, and their digest (RFC 7518, 3.2)."""


class _Registry(jws.JWSRegistry):
    """Takes headers with a chain of certificates, claims of any length and the signature of any RSA key."""

    max_header_length = max_payload_length = max_signature_length = 1 << 20


@dataclass(frozen=True, slots=True)
class Keys:
    """What `jwt_key` names: one key, or a set of keys with ids."""

    raw: bytes
    """The PEM text or the key set, as it was read."""
    keys: tuple[Key, ...]
    is_set: bool

    def of(self, issued: Issued) -> tuple[Key, ...]:
        """Return the keys that may have signed the token: of a set those that kid names, all where it names none."""
        kid = issued.token.header.get("kid")
        return tuple(key for key in self.keys if key.kid == kid) if self.is_set and kid is not None else self.keys

    @property
    def spellings(self) -> Iterator[bytes]:
        """Yield the public keys as octets: what a server that mixes up its keys may use as a shared secret."""
        yield from (self.raw, self.raw.strip())
        for key in self.keys:
            if not isinstance(key, OctKey):
                pem: bytes = key.as_bytes(encoding="PEM", private=False)
                yield from (pem, pem.strip(), key.as_bytes(encoding="DER", private=False))


def load(api: Api) -> Keys:
    """Read what jwt_key names: PEM text, or the file or address of a PEM text or of a key set; raises Inconclusive."""
    declared: str = api.table["jwt_key"]
    try:
        return _imported(_read(api, declared))
    except (OSError, ValueError, TypeError, JoseError, Unanswered) as problem:
        reason = f"the key that jwt_key names cannot be loaded: {type(problem).__name__}"
        raise Inconclusive(reason, Attribution.TARGET_FILE) from None


def verifies(text: str, key: Key, algorithms: Sequence[str]) -> bool:
    """Say whether the key signed the token, by one of these algorithms that is also the key's own.

    What the token says of its algorithm counts only where it is one of them.
    """
    registry = _Registry(algorithms=algorithms, strict_check_header=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            jws.deserialize_compact(text, key, registry=registry)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def secret_of(issued: Issued, candidates: Iterable[bytes]) -> bytes | None:
    """Return the candidate that signs the token, where its algorithm takes a shared secret.

    Not by joserfc, which rightly refuses to work with what is looked for here.
    """
    digest = DIGESTS.get(issued.algorithm)
    if digest is None:
        return None
    signature = issued.token.signature
    return next((each for each in candidates if hmac.digest(each, issued.signed, digest) == signature), None)


def _read(api: Api, declared: str) -> bytes:
    if "-----BEGIN" in declared:
        return declared.encode()
    if urlsplit(declared).scheme not in {"http", "https"}:
        return Path(declared).read_bytes()
    api.recorder.take_turn()
    raw = transport.send(transport.new_session(api.target), Request("GET", declared), api.target.timeout_s)
    if raw.status != 200:
        raise Unanswered(f"the address of the key answers {raw.status}")
    return raw.body


def _imported(raw: bytes) -> Keys:
    if b"-----BEGIN" in raw:
        return Keys(raw, (_public(raw),), is_set=False)
    value: Any = strict_json.parse(raw)
    if not isinstance(value, dict):
        raise TypeError("the key is no JSON object")
    if "keys" in value:
        return Keys(raw, tuple(KeySet.import_key_set(cast("KeySetSerialization", value)).keys), is_set=True)
    return Keys(raw, (JWKRegistry.import_key(value),), is_set="kid" in value)


def _public(raw: bytes) -> Key:
    for kind in ("RSA", "EC", "OKP"):
        try:
            return JWKRegistry.import_key(raw, kind)
        except (ValueError, TypeError, JoseError):
            continue
    raise ValueError("the PEM text holds no public key")
