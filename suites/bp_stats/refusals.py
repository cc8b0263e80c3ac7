"""Logins that must fail, each sent once a run and judged by all tests that it tells something.

Those that name the user with another password count: there are as many in a run as failed_logins_allowed says, the most
telling first. A proper login follows them, so that the account stays usable.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixtures import budget
from fixtures.api import shown
from fixtures.outcomes import Inconclusive, NotApplicable
from reports.verdicts import Attribution
from suites.bp_stats import logins, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.identities import Identity
    from fixtures.redaction import Redactor
    from suites.bp_stats.sandwich import Opener

WRONG = "wrong-Password-of-nobody-0"
NOBODY = "nobody-of-this-name"
LOCKED_OUT = 423
CUT = "a body without its last brace"
WRONG_PASSWORD, LEFT_OUT, EMPTY, TRUE = "a wrong password", "password left out", "an empty password", "password true"
NEAR_MISSES = (
    "with upper and lower case swapped",
    "with a space behind",
    "without its last character",
    "with one more character",
    "without its first character",
    "with a space in front",
    "in upper case",
    "in lower case",
)
OTHER_TYPES = ("password null", "password a number", "password an array", "password an object")
PLAN = (WRONG_PASSWORD, NEAR_MISSES[0], LEFT_OUT, *NEAR_MISSES[1:4], EMPTY, TRUE, *OTHER_TYPES, *NEAR_MISSES[4:])
"""What counts, the most telling first: the file's failed_logins_allowed covers the beginning."""


def passwords(right: str) -> dict[str, Any]:
    """Return what is sent instead of the right password; what would be the right one is left out."""
    changed = (
        right.swapcase(), f"{right} ", right[:-1], f"{right}x", right[1:], f" {right}", right.upper(), right.lower(),
    )  # fmt: skip
    near = {how: wrong for how, wrong in zip(NEAR_MISSES, changed, strict=True) if wrong not in {right, ""}}
    others = dict(zip(OTHER_TYPES, (None, 1, [right], {"value": right}), strict=True))
    return {WRONG_PASSWORD: WRONG, LEFT_OUT: ..., EMPTY: "", TRUE: True, **near, **others}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A login that should have failed, and what it was worth.

    `opened`: a token in the answer was accepted. `kept`: dispositions, asked afterwards with the session that the user
    had before; None where that session was not accepted in the first place.
    """

    answer: Answer
    opened: bool
    kept: Answer | None


class Refusals:
    """What the target answers to logins that must fail."""

    def __init__(self, leases: Path, api: Api, user: Identity, opener: Opener, redactor: Redactor) -> None:
        self.user = user
        self._leases = leases
        self._api = api
        self._opener = opener
        self._redactor = redactor
        self.tokens: set[str] = set()
        """Tokens of the sessions that the user had while logins failed."""
        self._known: dict[bytes, Refusal] = {}
        self._defended: Inconclusive | None = None

    def body(self, **changed: Any) -> bytes:
        """Return a login of the user with members changed as in steps.credentials."""
        return json.dumps(steps.credentials(self._api, self.user, **changed), ensure_ascii=False).encode()

    def of_passwords(self, *names: str) -> dict[str, Refusal]:
        """Return what came of those of the named passwords that the file covers; raises NotApplicable if of none."""
        allowed, wrong = self._api.table["failed_logins_allowed"], passwords(self.user.password)
        covered = [name for name in PLAN if name in wrong][:allowed]
        asked = {name: self.body(password=wrong[name]) for name in names if name in covered}
        if not asked:
            raise NotApplicable(f"failed_logins_allowed = {allowed} leaves no failed login for this")
        for name in asked.keys() & set(NEAR_MISSES):
            self._redactor.alter(self.user.password, wrong[name], name)
        return self._of(asked, counted=True)

    def of(self, **bodies: bytes) -> dict[str, Refusal]:
        """Return what came of these bodies; none of them may name the user with another password."""
        return self._of(bodies, counted=False)

    def of_nobody(self) -> Refusal:
        """Return what came of the wrong password for a user who does not exist."""
        return self._of({NOBODY: self.body(username=NOBODY, password=WRONG)}, counted=False)[NOBODY]

    def _of(self, bodies: Mapping[str, bytes], *, counted: bool) -> dict[str, Refusal]:
        new = [body for body in dict.fromkeys(bodies.values()) if body not in self._known]
        if new and self._defended:
            raise self._defended
        if new:
            self._send(new, counted=counted)
        return {name: self._known[body] for name, body in bodies.items()}

    def _send(self, bodies: Iterable[bytes], *, counted: bool) -> None:
        with self._opener() as session:
            current = session
            accepted = steps.dispositions(current).status == 200
            try:
                for body in bodies:
                    self.tokens.add(current.token)
                    if counted:
                        self._spend()
                    answer, opened = self._try(body)
                    kept = steps.dispositions(current) if accepted else None
                    self._known[body] = Refusal(answer, opened, kept)
                    if kept and kept.status != 200:  # the next one must not be blamed for it
                        current = logins.log_in_again(current)
            finally:
                logins.log_in_again(current)

    def _spend(self) -> None:
        allowed = self._api.table["failed_logins_allowed"]
        if not budget.take(self._leases, "bp_stats.failed-logins", allowed):
            raise Inconclusive(f"failed_logins_allowed = {allowed} is spent in this run", Attribution.TARGET_FILE)

    def _try(self, body: bytes) -> tuple[Answer, bool]:
        # Not patient: sent again, it would be another failed login.
        answer = self._api.anonymous().call("authenticate", body=body, patient=False)
        if answer.asks_to_wait or answer.status == LOCKED_OUT:
            self._defended = Inconclusive(f"the target defends itself against failed logins: {shown(answer)}")
            raise self._defended
        return answer, logins.opens_session(self._api, answer)
