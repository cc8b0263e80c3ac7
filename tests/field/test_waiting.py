"""A busy target says how long to wait in either form of Retry-After, and none makes the suite wait for long."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from fixtures.api import LONGEST_PAUSE_S, PAUSE_S, _pause
from tests.fixtures.kit import answer


def after(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


def pause(*fields: tuple[str, str]) -> float:
    return _pause(answer(b"", 503, *fields))


def test_seconds_are_waited() -> None:
    assert pause(("Retry-After", "2")) == 2
    assert pause(("Retry-After", " 0 ")) == 0


def test_a_date_is_waited_for() -> None:
    assert 1 <= pause(("Retry-After", after(3))) <= 3
    assert pause(("Retry-After", after(-60))) == 0


def test_a_date_is_of_the_clock_of_the_target() -> None:
    assert pause(("Retry-After", after(3602)), ("Date", after(3600))) == 2
    assert pause(("Retry-After", after(-3598)), ("Date", after(-3600))) == 2


@pytest.mark.parametrize(
    "said",
    ["Fri, 31 Dec 9999 23:59:59 GMT", "9" * 5000, "Friday, 31-Dec-99 23:59:59 GMT"],
    ids=["a date", "a number", "an old form"],
)
def test_nothing_is_waited_for_longer_than_the_most(said: str) -> None:
    assert pause(("Retry-After", said)) in {LONGEST_PAUSE_S, 0.0}


@pytest.mark.parametrize("said", ["", "soon", "-1", "1.5", "\u00b2", "Fri, 99 Foo 2026 99:99:99 XYZ", "," * 99, "\0"])
def test_what_is_neither_form_is_one_pause(said: str) -> None:
    assert pause(("Retry-After", said)) in {PAUSE_S, 0.0, LONGEST_PAUSE_S}
    assert pause() == PAUSE_S
