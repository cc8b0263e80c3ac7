"""What a run has been answered so far, and how many tokens it may still ask for."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from fixtures.gateway import is_gateways_own
from fixtures.outcomes import Inconclusive
from reports.verdicts import Attribution
from suites.oracle_chat import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.exchange import Answer
    from fixtures.plugin.supplies import Given

TOKENS = "tokens"
RESERVED: Final = 175
"""Tokens that are not for generated requests and races: those of all scenarios, also where a target is lenient."""
SHARES: Final = 12
"""Into how many shares the rest goes: one for each property test that gets tokens, four for the race."""
RACERS: Final = 8
"""Clients of a race."""


class Archive:
    """Every answer to a call for a token in this run: some rows judge all of them."""

    def __init__(self, allowed: int, spent: Counter[str] | None = None) -> None:
        """Start with no answers; `allowed` calls may succeed, as the target file says, and `spent` counts them."""
        self.allowed = allowed
        self._spent = Counter() if spent is None else spent
        self.successes: list[Answer] = []
        """The answers with a token, in the order they came."""
        self.refusals: list[Answer] = []
        """The answers that refuse a call."""
        self.sent: set[str] = set()
        """Values of Authorization, without their scheme, that came with the calls."""

    def take_turn(self) -> None:
        """Raise Inconclusive when there may be no more tokens."""
        if self._spent[TOKENS] >= self.allowed:
            raise Inconclusive(f"max_calls allows no more than {self.allowed} tokens", Attribution.TARGET_FILE)

    def keep(self, answer: Answer) -> None:
        """Add an answer; a gateway's own is none of the target."""
        if steps.succeeds(answer):
            self.successes.append(answer)
            self._spent[TOKENS] += 1
        elif answer.status >= 400 and not is_gateways_own(answer):
            self.refusals.append(answer)

    @property
    def share(self) -> int:
        """Tokens that one property test may get. The same whatever ran before it, and scenarios keep what they need."""
        return max(1, (self.allowed - RESERVED) // SHARES)

    @property
    def rounds(self) -> int:
        """Rounds that the race may have."""
        return max(1, 4 * self.share // RACERS)

    def sparing(self, given: Given) -> Given:
        """Return Hypothesis's `given` for functions that ask for tokens.

        When a function has had its share, what was seen decides. A failure is not made smaller, which would take as
        many tokens again, but seen a second time.
        """

        def decide(*strategies: Any, **options: Any) -> Callable[[Callable[..., None]], Callable[[], None]]:
            def wrap(function: Callable[..., None]) -> Callable[[], None]:
                end = len(self.successes) + self.share
                ended = False

                @functools.wraps(function)
                def within_share(*drawn: Any, **named: Any) -> None:
                    nonlocal ended
                    if len(self.successes) >= end and not ended:
                        return
                    try:
                        function(*drawn, **named)
                    except Exception:
                        ended = True
                        raise

                return given(*strategies, shrink=False, **options)(within_share)

            return wrap

        return decide
