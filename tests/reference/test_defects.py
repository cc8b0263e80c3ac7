from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.defects import Defect, UnknownDefect, all_defects, find
from fixtures.defects.bp_stats import StatsDefect
from fixtures.defects.bp_stats.filter import FilterIgnored
from fixtures.reference.messages import Answer, empty_answer
from fixtures.reference.variant import READINGS, UnknownReading, build
from specs.requirements import catalogue
from tests.reference.client import Client

if TYPE_CHECKING:
    from fixtures.reference.bp_stats.base import Subscription
    from fixtures.reference.server import Running


class NeverReady(StatsDefect):
    """Data never get ready."""

    def is_ready(self, active: Subscription) -> bool:  # noqa: ARG002 - whatever it is
        return False


class NotReadyIs202(StatsDefect):
    """Not ready is told by 202."""

    def not_ready(self) -> Answer:
        return empty_answer(202)


def test_a_defect_is_found_by_its_id() -> None:
    assert find("bp_stats.filter-ignored") is FilterIgnored
    with pytest.raises(UnknownDefect) as error:
        find("bp_stats.filter-ignore")
    assert "bp_stats.filter-ignored" in error.value.nearest


def test_ids_are_unique() -> None:
    assert len({defect.id for defect in all_defects()}) == len(all_defects())


def says_what_it_breaks(defect: type[Defect]) -> bool:
    """Whether the defect names requirements, the first of its own API, and says its fault in one sentence."""
    rows = [catalogue().get(id_) for id_ in (*defect.breaks, *defect.also)]
    sentence = defect.fault.endswith(".") and ". " not in defect.fault
    return bool(defect.breaks) and rows[0].api == defect.id.partition(".")[0] and sentence


def test_a_defect_says_in_a_sentence_what_it_breaks_of_its_api() -> None:
    assert [defect.id for defect in all_defects() if not says_what_it_breaks(defect)] == []


def test_defects_combine(target: Running) -> None:
    target.swap(defects=[NotReadyIs202, NeverReady])
    client = Client(target.base_url).login()
    client.create()
    assert client.data().status_code == 202


def test_a_swap_leaves_nothing_of_the_former_target(target: Running) -> None:
    client = Client(target.base_url).login()
    target.swap()
    assert not client.works()


def test_an_unknown_reading_is_refused() -> None:
    with pytest.raises(UnknownReading, match=r"bp_stats\.totals\.value-type"):
        build(readings={"bp_stats.totals.value": "string"})


def test_readings_are_those_of_the_catalogue() -> None:
    rows = {row.id: {reading.name for reading in row.readings} for row in catalogue().requirements()}
    offered = {id_: set(names) for id_, names in READINGS.items()}
    # What a row takes without calling it a reading (id/aspect) is recorded: tests/suites/test_readings.py.
    assert all(names == rows[id_] for id_, names in offered.items() if rows.get(id_))
    assert {id_.partition("/")[0] for id_ in offered} <= set(rows)
    assert {id_ for id_, names in rows.items() if names} <= set(offered)


def test_a_hundred_variants_are_ready_in_half_a_second(target: Running) -> None:
    began = time.perf_counter()
    for _ in range(100):
        target.swap(defects=[FilterIgnored])
    assert time.perf_counter() - began < 0.5
