"""How many instances of services the property tests and races of gms may make, and how long they wait for numbers."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.exchange import Answer
from fixtures.outcomes import Inconclusive
from suites.gms import pool as pools
from suites.gms import steps
from suites.gms.pool import RESERVED, SCENARIOS, SHARES, Pool

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT = 500
"""max_services of a target file that does not name it."""
TABLE = {
    "max_services": DEFAULT, "pool_size": 6, "booking_seconds": 8, "expiry_grace_seconds": 0.2, "max_wait_seconds": 45,
    "honoured": [], "services": {},
}  # fmt: skip
FULL = b'{"exception": "com.example.NoResource", "message": "All numbers are in use."}'


class Clock:
    """A monotonic clock that only waits move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[str] = []

    def monotonic(self) -> float:
        return self.now

    def pause(self, seconds: float, what: str) -> None:
        self.now += seconds
        self.waits.append(what)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pools, "time", made)
    return made


def pool(monkeypatch: pytest.MonkeyPatch, clock: Clock | None = None, **table: Any) -> Pool:
    monkeypatch.setattr(steps, "known", lambda _api: None)
    recorder = SimpleNamespace(spent=Counter[str]())
    api: Any = SimpleNamespace(table=TABLE | table, recorder=recorder, pause=clock and clock.pause)
    return Pool(api)


def answer(clock: Clock, status: int = 200, body: bytes = b"") -> Answer:
    return Answer("x1", status, "", (), body, clock.now, clock.now)


def book(of: Pool, clock: Clock, number: int) -> None:
    of.room()
    of.told(answer(clock, body=b'{"_id": "a", "_access_number": "%d"}' % number))


def booked(of: Pool, clock: Clock) -> Iterable[int]:
    for number in range(DEFAULT):
        book(of, clock, number)
        yield number


@pytest.mark.parametrize(
    ("max_services", "wanted", "each", "had"),
    [(DEFAULT, 12, 1, 12), (DEFAULT, 60, 1, 37), (DEFAULT, 60, 6, 6), (2000, 60, 1, 60), (80, 60, 1, 1), (80, 3, 4, 1)],
)
def test_scenarios_keep_what_they_need(
    max_services: int, wanted: int, each: int, had: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich = pool(monkeypatch, max_services=max_services, pool_size=None)
    assert rich.share(wanted, each=each) == had
    assert had == 1 or RESERVED + SHARES * had * each <= max_services or had == wanted


@pytest.mark.parametrize(("size", "had"), [(6, 1), (18, 6), (100, 12)])
def test_generated_examples_have_what_few_numbers_allow(size: int, had: int, monkeypatch: pytest.MonkeyPatch) -> None:
    few = pool(monkeypatch, pool_size=size)
    assert few.share(12) == had
    assert had in {1, 12} or SCENARIOS + SHARES * had <= few.affordable


@pytest.mark.parametrize("size", [1, 2, 6])
@pytest.mark.parametrize("seconds", [8, 30])
def test_a_run_waits_in_sum_for_no_longer_than_the_file_allows(
    size: int, seconds: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = clock.now
    small = pool(monkeypatch, clock, pool_size=size, booking_seconds=seconds)
    made: list[int] = []
    with pytest.raises(Inconclusive, match="max_wait_seconds allows 45 s in all"):
        made.extend(booked(small, clock))
    assert len(made) == small.affordable
    assert clock.now - begun <= 45
    assert set(clock.waits) == {"access numbers to come back"}


def test_a_pool_of_unknown_size_says_itself_that_it_is_full(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    small = pool(monkeypatch, clock, pool_size=None)
    for number in range(3):
        book(small, clock, number)
    assert (small.size, clock.waits) == (None, [])
    answers = iter([answer(clock, 503, FULL), answer(clock, body=b'{"_id": "b", "_access_number": "0"}')])
    assert small.outlast(lambda: next(answers)).status == 200
    assert small.size == 3
    assert clock.waits


def test_a_pool_that_stays_full_is_given_up(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    crowded = pool(monkeypatch, clock, pool_size=None)
    begun = clock.now
    assert crowded.outlast(lambda: answer(clock, 503, FULL)).status == 503
    assert clock.now - begun <= 10


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b'{"error": "busy"}'])
def test_not_every_503_is_a_full_pool(body: bytes, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pool(monkeypatch).outlast(lambda: answer(clock, 503, body)).status == 503
    assert not clock.waits
