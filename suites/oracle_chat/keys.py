"""The key of the token's issuer, and what it says of a signature; by joserfc, not by code of our own."""

from __future__ import annotations

import hmac
import warnings
from typing import TYPE_CHECKING, Final

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning

from fixtures import public_keys, transport
from fixtures.exchange import Request
from fixtures.outcomes import Inconclusive, Unanswered
from fixtures.public_keys import Keys, NotAKey
from reports.verdicts import Attribution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from joserfc.jwk import Key

    from fixtures.api import Api
    from suites.oracle_chat.issued import Issued

DIGESTS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
"""Algorithms with a shared secret, and their digest (RFC 7518, 3.2)."""
USUAL_PLACE: Final = "/.well-known/jwks.json"


class _Registry(jws.JWSRegistry):
    """Takes headers with a chain of certificates, claims of any length and the signature of any RSA key."""

    max_header_length = max_payload_length = max_signature_length = 1 << 20


def load(api: Api) -> Keys:
    """Read what jwt_key names: PEM text, or the file or address of a PEM text or of a key set; raises Inconclusive."""
    declared: str = api.table["jwt_key"]
    try:
        raw = _fetched(api, declared) if public_keys.is_address(declared) else public_keys.local(declared)
        return public_keys.read(raw)
    except NotAKey as problem:
        raise Inconclusive(f"what jwt_key names cannot be used: {problem}", Attribution.TARGET_FILE) from None


def published(api: Api) -> Keys | None:
    """Read the key set at the usual place of the target, None where there is none."""
    try:
        found = public_keys.read(_fetched(api, api.table.base_url + USUAL_PLACE))
    except (NotAKey, Inconclusive):
        return None
    return found if found.is_set else None


def keys_of(keys: Keys, issued: Issued) -> tuple[Key, ...]:
    """Return the keys that may have signed a token."""
    return keys.of(issued.token.header.get("kid"))


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


def _fetched(api: Api, address: str) -> bytes:
    """Ask an address; raises NotAKey where it is wrong, and Inconclusive where nobody can say."""
    api.recorder.take_turn()
    try:
        raw = transport.send(transport.new_session(api.target), Request("GET", address), api.target.timeout_s)
    except Unanswered as problem:
        raise Inconclusive(f"the address of jwt_key does not answer: {problem}", Attribution.NETWORK) from None
    except ValueError:
        raise NotAKey("it is no address that can be asked") from None
    if raw.status >= 500 or raw.status == 429:
        raise Inconclusive(f"the address of jwt_key answers {raw.status}", Attribution.NETWORK)
    if raw.status != 200:
        raise NotAKey(f"its address answers {raw.status}")
    return raw.body
