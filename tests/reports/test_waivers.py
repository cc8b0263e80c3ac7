"""Which failures a waiver excuses, and what is said of one that excuses nothing."""

from __future__ import annotations

from datetime import date

import pytest

from reports.waivers import Applied, Deviation, Waiver, apply_waivers

TODAY = date(2026, 1, 5)
FAILED = Deviation("demo.limit.rows-at-most", frozenset({"aaaaaaaaaaaa"}))


def applied(
    *waivers: Waiver, deviations: tuple[Deviation, ...] = (FAILED,), judged: tuple[str, ...] = ()
) -> list[Applied]:
    return list(apply_waivers(waivers, deviations, (*judged, *(each.requirement for each in deviations)), TODAY))


@pytest.mark.parametrize("pattern", ["demo.limit.rows-at-most", "demo.limit.*", "demo.*", "*"])
def test_an_id_or_a_glob_excuses(pattern: str) -> None:
    (waiver,) = applied(Waiver(pattern))
    assert (waiver.excused, waiver.note) == ((FAILED.requirement,), "")


def test_a_waiver_holds_through_its_last_day() -> None:
    assert applied(Waiver("*", expires=TODAY))[0].excused


def test_an_expired_waiver_excuses_nothing_and_is_named() -> None:
    (waiver,) = applied(Waiver("*", expires=date(2026, 1, 4)))
    assert (waiver.excused, waiver.expired) == ((), True)
    assert "expired on 2026-01-04" in waiver.note
    assert "1 requirement" in waiver.note


def test_a_signature_excuses_that_failure_alone() -> None:
    assert applied(Waiver("*", signature="aaaaaaaaaaaa"))[0].excused
    (waiver,) = applied(Waiver("*", signature="bbbbbbbbbbbb"))
    assert waiver.excused == ()
    assert "aaaaaaaaaaaa" in waiver.note


def test_a_requirement_that_fails_in_two_ways_needs_both_excused() -> None:
    both = Deviation("demo.a.b", frozenset({"a" * 12, "b" * 12}))
    (one,) = applied(Waiver("*", signature="a" * 12), deviations=(both,))
    assert one.excused == ()
    assert "other ways" in one.note
    assert all(
        each.excused
        for each in applied(Waiver("*", signature="a" * 12), Waiver("*", signature="b" * 12), deviations=(both,))
    )


def test_a_waiver_for_something_that_passed_is_unused() -> None:
    (waiver,) = applied(Waiver("demo.a.b"), deviations=(), judged=("demo.a.b",))
    assert "unused" in waiver.note


def test_a_waiver_for_something_that_was_not_asked_is_not_called_unused() -> None:
    (waiver,) = applied(Waiver("demo.a.b"), deviations=(), judged=("demo.x.y",))
    assert "unused" not in waiver.note
    assert "nothing that it names was judged" in waiver.note
