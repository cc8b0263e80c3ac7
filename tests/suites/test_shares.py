"""How many tokens the property tests of oracle_chat may get."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import strategies as st

from fixtures.exchange import Answer
from fixtures.outcomes import Broken
from suites.oracle_chat.archive import RESERVED, SHARES, Archive

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT = 250
"""max_calls of a target file that does not name it."""
EXAMPLES = 60


def given(*strategies: Any, shrink: bool) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Hypothesis at depth thorough."""
    assert not shrink
    phases = [hypothesis.Phase.generate]
    settings = hypothesis.settings(max_examples=EXAMPLES, database=None, phases=phases, deadline=None)
    drawn: Any = hypothesis.given(*strategies)

    def wrap(function: Callable[..., None]) -> Callable[[], None]:
        wrapped: Callable[[], None] = settings(drawn(function))
        return wrapped

    return wrap


def answer(status: int) -> Answer:
    now = time.monotonic()
    return Answer("x1", status, "", (), json.dumps({"jwt": "a.b.c"}).encode() if status < 300 else b"", now, now)


@pytest.mark.parametrize(("allowed", "share", "rounds"), [(DEFAULT, 6, 3), (1000, 68, 34), (100, 1, 1)])
def test_what_scenarios_leave_goes_into_equal_shares(allowed: int, share: int, rounds: int) -> None:
    archive = Archive(allowed)
    assert (archive.share, archive.rounds) == (share, rounds)
    assert share == 1 or RESERVED + SHARES * share <= allowed


def test_a_property_ends_when_it_has_had_its_share() -> None:
    archive = Archive(DEFAULT)
    for _ in range(3):
        archive.keep(answer(201))
    archive.sparing(given)(st.integers())(lambda _: archive.keep(answer(201)))()
    assert len(archive.successes) == 3 + archive.share


def test_refusals_cost_nothing() -> None:
    archive = Archive(DEFAULT)
    archive.sparing(given)(st.integers(0, 10**9))(lambda _: archive.keep(answer(400)))()
    assert len(archive.refusals) > archive.share


def test_the_failure_of_the_last_token_is_reported() -> None:
    archive = Archive(DEFAULT)

    def breaks_with_the_last(number: int) -> None:
        archive.keep(answer(201))
        if len(archive.successes) >= archive.share:
            raise Broken("oracle_chat.echo.strings-come-back", "lost")

    with pytest.raises(Broken):
        archive.sparing(given)(st.integers())(breaks_with_the_last)()
    assert len(archive.successes) == archive.share + 1
