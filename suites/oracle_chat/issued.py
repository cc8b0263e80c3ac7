"""Tokens with the answers that they came with. What a test tells of them goes into the report: never a part of one."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from fixtures.outcomes import Blocked
from suites.oracle_chat import steps
from suites.oracle_chat.tokens import NotAToken, Token, coded, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.exchange import Answer

THREE_SEGMENTS: Final = "oracle_chat.jwt.three-segments"
TIMES: Final = "oracle_chat.jwt.times"
LARGEST: Final = 10**300
"""From here on a number of a token is none that can be reckoned with."""
CLOCKS_APART_S: Final = 300
"""Difference between the target's clock and the suite's from which on one of them is wrong."""


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


def readable(answer: Answer) -> Issued | None:
    """Return the token of a success, None where it cannot be read: another row judges that."""
    try:
        return read(answer)
    except Blocked:
        return None


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Make a token that nobody signed."""
    return f"{coded(json.dumps(header).encode())}.{coded(json.dumps(claims).encode())}."


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a JSON value is a number, and one that arithmetic can take."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


@dataclass(frozen=True, slots=True)
class Clock:
    """When an answer was made, in seconds since 1970, and by how much that may be wrong."""

    now: float
    skew: float


def clocks(answer: Answer, skew: float) -> tuple[Clock, ...]:
    """Return the clocks by which the times of a token may be right, the best one first.

    That is the Date of the answer. Without a Date it is the suite's clock, with twice the allowed skew; where the two
    are far apart nobody knows which is wrong, and either may be right.
    """
    own = Clock(time.time() - (time.monotonic() - answer.ended), 2 * skew)
    said = date_of(answer)
    if said is None:
        return (own,)
    return (Clock(said, skew), *((own,) if abs(said - own.now) > CLOCKS_APART_S else ()))


def date_of(answer: Answer) -> float | None:
    """Return the Date of an answer in seconds since 1970, None where it has none."""
    fields = answer.values("Date")
    return moment(fields[0]) if fields else None


def moment(text: str) -> float | None:
    """Return an HTTP date in seconds since 1970, None for anything else."""
    parsed = parsedate_tz(text)
    return float(mktime_tz(parsed)) if parsed else None
