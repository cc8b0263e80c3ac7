"""The declared key of the token's issuer, and what it says of a signature; by joserfc, not by code of our own."""

from __future__ import annotations

import hmac
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key, OctKey

from fixtures import strict_json, transport
from fixtures.exchange import Request
from fixtures.outcomes import Inconclusive, Unanswered
from reports.verdicts import Attribution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fixtures.api import Api
    from suites.oracle_chat.issued import Issued

DIGESTS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
"""Algorithms with a shared secret, and their digest (RFC 7518, 3.2)."""
USUAL_PLACE: Final = "/.well-known/jwks.json"
ENCRYPTED: Final = re.compile(rb"-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED")


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


class NoKey(Exception):
    """There is no key to be had; the message says why, and quotes nothing of what was read."""

    def __init__(self, why: str, attribution: Attribution) -> None:
        super().__init__(why)
        self.attribution = attribution


def load(api: Api) -> Keys:
    """Read what jwt_key names: PEM text, or the file or address of a PEM text or of a key set; raises Inconclusive."""
    try:
        return imported(_read(api, api.table["jwt_key"]))
    except NoKey as problem:
        reason = f"the key that jwt_key names cannot be loaded: {problem}"
        raise Inconclusive(reason, problem.attribution) from None


def published(api: Api) -> Keys | None:
    """Read the key set at the usual place of the target, None where there is none."""
    try:
        found = imported(_fetched(api, api.table.base_url + USUAL_PLACE))
    except NoKey:
        return None
    return found if found.is_set else None


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


def is_address(declared: str) -> bool:
    """Say whether jwt_key is the address of a key, not a key or a file."""
    return declared.startswith(("http://", "https://"))


def check(declared: str) -> str | None:
    """Say what is wrong with a jwt_key that can be looked at without asking anybody; None where nothing is."""
    if is_address(declared):
        return None
    try:
        imported(_local(declared))
    except NoKey as problem:
        return str(problem)
    return None


def _read(api: Api, declared: str) -> bytes:
    return _fetched(api, declared) if is_address(declared) else _local(declared)


def _local(declared: str) -> bytes:
    if "-----BEGIN" in declared:
        return declared.encode("utf-8", "replace")
    try:
        return Path(declared).read_bytes()
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "it is no name of a file"
        raise NoKey(f"it is no PEM text, no address, and no file: {why}", Attribution.TARGET_FILE) from None


def _fetched(api: Api, address: str) -> bytes:
    api.recorder.take_turn()
    try:
        raw = transport.send(transport.new_session(api.target), Request("GET", address), api.target.timeout_s)
    except Unanswered as problem:
        raise NoKey(f"its address does not answer: {problem}", Attribution.NETWORK) from None
    except ValueError:
        raise NoKey("it is no address that can be asked", Attribution.TARGET_FILE) from None
    if raw.status != 200:
        raise NoKey(f"its address answers {raw.status}", Attribution.TARGET_FILE)
    return raw.body


def imported(raw: bytes) -> Keys:
    """Read a PEM text, a JSON Web Key or a set of them; raises NoKey."""
    if b"-----BEGIN" in raw:
        return Keys(raw, (_public(raw),), is_set=False)
    try:
        value: Any = strict_json.parse(raw)
    except strict_json.NotJson:
        raise NoKey("it is neither PEM text nor JSON", Attribution.TARGET_FILE) from None
    if not isinstance(value, dict):
        raise NoKey("it is no JSON object", Attribution.TARGET_FILE)
    if "keys" in value:
        return Keys(raw, _usable(value["keys"]), is_set=True)
    return Keys(raw, _usable([value]), is_set="kid" in value)


def _usable(members: Any) -> tuple[Key, ...]:
    """Return the keys of a set that can be read: others, of whatever kind, may stand beside them."""
    found = []
    for member in members if isinstance(members, list) else ():
        try:
            found.append(JWKRegistry.import_key(member))
        except (ValueError, TypeError, KeyError, AttributeError, JoseError):
            continue
    if not found:
        raise NoKey("it is JSON that holds no key", Attribution.TARGET_FILE)
    return tuple(found)


def _public(raw: bytes) -> Key:
    if ENCRYPTED.search(raw):
        raise NoKey("it is encrypted; a public key need not be", Attribution.TARGET_FILE)
    for kind in ("RSA", "EC", "OKP"):
        try:
            return JWKRegistry.import_key(raw, kind)
        except (ValueError, TypeError, JoseError):
            continue
    raise NoKey("it is PEM text that holds no public key", Attribution.TARGET_FILE)
