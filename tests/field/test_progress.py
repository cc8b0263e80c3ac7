"""Who looks on is told for what a run waits, and how long at most."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from fixtures.plugin.progress import APART_S, ERASED, Teller, line
from fixtures.waits import SHOWN_S, Wait, Waits

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_said_while_nothing_is_waited_for(tmp_path: Path) -> None:
    out = io.StringIO()
    Teller(Waits(tmp_path), out).look(0.0)
    assert line([], 0.0, 80) == out.getvalue() == ""


def test_the_longest_wait_is_named_with_what_is_left_of_it_and_the_others_are_counted() -> None:
    waits = [Wait("a number of the pool", 30.0), Wait("b", 12.0)]
    assert line(waits, 10.4, 80) == "waiting for a number of the pool (20 s at most, and 1 more)"


def test_text_of_a_target_is_shown_escaped_and_on_one_line_of_the_width() -> None:
    said = line([Wait("\x1b[31m\x07\u202e\nred" + "d" * 500, 5.0)], 0.0, 80)
    assert "\\x1b[31m\\x07\\u202e red" in said
    assert said.isprintable()
    assert len(said) <= 80


def test_short_waits_are_not_told_and_long_ones_as_long_as_they_last(tmp_path: Path) -> None:
    waits = Waits(tmp_path)
    with waits.waiting("short", SHOWN_S / 2):
        assert not waits.under_way()
    with waits.waiting("long", 60.0), Waits(tmp_path).waiting("longer", 90.0):
        assert [wait.what for wait in Waits(tmp_path).under_way()] == ["longer", "long"]
    assert not waits.under_way()


def test_without_a_terminal_a_line_comes_every_ten_seconds_at_most(tmp_path: Path) -> None:
    waits, out = Waits(tmp_path), io.StringIO()
    teller, start = Teller(waits, out), time.monotonic()
    with waits.waiting("the target", 90.0):
        for second in range(25):
            teller.look(start + second)
    assert out.getvalue().count("waiting for the target") == 1 + 24 // int(APART_S)


def test_on_a_terminal_one_line_changes_and_goes_away(tmp_path: Path) -> None:
    waits, out = Waits(tmp_path), Terminal()
    teller, start = Teller(waits, out), time.monotonic()
    with waits.waiting("the target", 30.0):
        teller.look(start)
        teller.look(start + 5)
    teller.look(start + 6)
    said = out.getvalue()
    assert said.count("\n") == 1
    assert said.split(ERASED)[1] == "waiting for the target (25 s at most)"
    assert said.endswith(ERASED)


def test_a_recorder_without_a_run_tells_nobody() -> None:
    waits = Waits()
    with waits.waiting("anything", 60.0):
        assert not waits.under_way()
