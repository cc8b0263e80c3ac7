"""Tokens with the answers that they came with. What a test tells of them goes into the report: never a part of one."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from typing import TYPE_CHECKING, Any, Final

from fixtures.outcomes import Blocked, Inconclusive
from suites.oracle_chat import steps
from suites.oracle_chat.tokens import NotAToken, Token, coded, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.exchange import Answer

THREE_SEGMENTS: Final = "oracle_chat.jwt.three-segments"
TIMES: Final = "oracle_chat.jwt.times"
CLOCKS_APART_S: Final = 300
"""Difference between the target's clock and the suite's from which on nothing can be said of times."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, and the answer that it came with."""

    answer: Answer
    members: Mapping[str, Any]
    text: str
    token: Token

    @property
    def algorithm(self) -> str:
        """The algorithm that the header names, empty where it names none."""
        named = self.token.header.get("alg")
        return named if isinstance(named, str) else ""

    @property
    def subject(self) -> Any:
        """The user for whom the token was issued, as it says."""
        return self.token.claims.get("sub")

    @property
    def signed(self) -> bytes:
        """The octets that the signature is made over."""
        return self.text.rpartition(".")[0].encode()

    def with_bit_flipped(self) -> str:
        """Return the token with another first bit of its signature: one that no padding swallows."""
        signature = bytes([self.token.signature[0] ^ 0x80]) + self.token.signature[1:]
        return f"{self.signed.decode()}.{coded(signature)}"

    def seconds(self, claim: str) -> float:
        """Return a time of the token in seconds since 1970; raises Blocked."""
        value: Any = self.token.claims.get(claim)
        if not is_number(value):
            raise Blocked(TIMES, f"the claim {claim} is no number")
        return float(value)


def read(answer: Answer) -> Issued:
    """Return the token of a success; raises Blocked."""
    members = steps.taken(answer)
    text: str = members["jwt"]
    try:
        return Issued(answer, members, text, decoded(text))
    except NotAToken as problem:
        raise Blocked(THREE_SEGMENTS, str(problem)) from None


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Make a token that nobody signed."""
    return f"{coded(json.dumps(header).encode())}.{coded(json.dumps(claims).encode())}."


def is_number(value: object) -> bool:
    """Say whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Clock:
    """When an answer was made, in seconds since 1970, and by how much that may be wrong."""

    now: float
    skew: float


def clock(answer: Answer, skew: float) -> Clock:
    """Read the Date of an answer; raises Inconclusive where it is far from the suite's own clock.

    Without a Date the suite's clock counts, with twice the allowed skew.
    """
    own = time.time() - (time.monotonic() - answer.ended)
    said = date_of(answer)
    if said is None:
        return Clock(own, 2 * skew)
    if abs(said - own) > CLOCKS_APART_S:
        raise Inconclusive("the Date of the answer and the suite's clock are more than five minutes apart")
    return Clock(said, skew)


def date_of(answer: Answer) -> float | None:
    """Return the Date of an answer in seconds since 1970, None where it has none."""
    fields = answer.values("Date")
    return moment(fields[0]) if fields else None


def moment(text: str) -> float | None:
    """Return an HTTP date in seconds since 1970, None for anything else."""
    parsed = parsedate_tz(text)
    return float(mktime_tz(parsed)) if parsed else None
