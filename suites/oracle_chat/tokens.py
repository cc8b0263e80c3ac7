"""The token of an answer, taken apart (RFC 7515, 7.1; RFC 7519, 3): what stands in it, whoever signed it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fixtures import strict_json
from suites.oracle_chat import steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fixtures.exchange import Answer

UNTOLD: Final = "the tokens do not tell the two users apart"
_PART = re.compile(r"[A-Za-z0-9_-]*")


class NotAToken(ValueError):
    """The text is no compact JSON Web Token; the message says why, and does not quote it."""


@dataclass(frozen=True, slots=True)
class Token:
    """The parts of a token, decoded."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signature: bytes

    def holds(self, text: str) -> bool:
        """Say whether a text occurs in a string or a name of the readable parts."""
        return any(text in each for each in _texts([dict(self.header), dict(self.claims)]))


def decoded(token: str) -> Token:
    """Take a token apart, strictly; raises NotAToken."""
    parts = token.split(".")
    if len(parts) != 3:
        raise NotAToken(f"{len(parts)} parts instead of three")
    header, claims, signature = (_octets(part) for part in parts)
    return Token(_object(header, "header"), _object(claims, "claims"), signature)


def coded(octets: bytes) -> str:
    """Return octets as base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def token_in(answer: Answer) -> Token | None:
    """Return the token of an answer, decoded; None where there is none that can be."""
    try:
        return decoded(steps.token_of(answer) or "")
    except NotAToken:
        return None


def subject_of(answer: Answer) -> str | None:
    """Return the sub claim of the token in an answer, None where there is none."""
    token = token_in(answer)
    subject = token.claims.get("sub") if token else None
    return subject if isinstance(subject, str) else None


def _texts(value: Any) -> Iterator[str]:
    inner: Iterable[Any] = ()
    match value:
        case str():
            yield value
        case list():
            inner = value
        case dict():
            inner = (*value, *value.values())
    for each in inner:
        yield from _texts(each)


def _octets(part: str) -> bytes:
    if not _PART.fullmatch(part):
        raise NotAToken("a part is not base64url without padding")
    try:
        octets = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise NotAToken("a part is not base64url") from None
    if coded(octets) != part:
        raise NotAToken("a part has bits behind its last octet")
    return octets


def _object(octets: bytes, what: str) -> Mapping[str, Any]:
    try:
        value = strict_json.parse(octets)
    except strict_json.NotJson as problem:
        raise NotAToken(f"the {what}: {problem}") from None
    if not isinstance(value, dict):
        raise NotAToken(f"the {what}: no JSON object")
    return value
