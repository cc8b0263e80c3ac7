"""Tests that wait for held polls wait side by side, within the chats that the target file allows at one time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.defects import find
from fixtures.defects.proof import judge
from fixtures.outcomes import Inconclusive
from fixtures.reference.server import serving
from fixtures.reference.settings import Settings
from suites.bp_mobile.overlap import Room

if TYPE_CHECKING:
    from fixtures.reference.messages import Answer, Call

HOLD_S = 2.5
MOST = 3


class Polls:
    """Which chats were polled when."""

    def __init__(self) -> None:
        self.held: list[tuple[float, float, str]] = []

    def __call__(self, call: Call, answer: Answer, seconds: float) -> None:
        if call.method == "GET" and call.path.endswith("/events") and answer.status == 200:
            self.held.append((time.monotonic() - seconds, time.monotonic(), call.path))

    def at_one_time(self) -> int:
        return max(len({path for began, ended, path in self.held if began <= at < ended}) for at, _, _ in self.held)


def small_file(base_url: str, more: str = "") -> str:
    table = f'[apis.bp_mobile]\ntenant_url = "tenant.example.com"\napp_id = "conformance"\nmax_clients = {MOST}\n'
    return f'name = "small"\nbase_url = "{base_url}"\n{table}{more}'


def test_waits_overlap_within_the_chats_that_are_allowed() -> None:
    polls = Polls()
    with serving(settings=Settings(poll_hold_s=HOLD_S), observer=polls) as server:
        results = judge(small_file(server.base_url), "--requirement", "bp_mobile.poll.*", apis=["bp_mobile"])
    assert {row["verdict"] for row in results["requirements"]} == {"pass", "none"}
    assert all(test["exchanges"] for test in results["tests"])
    assert 1 < polls.at_one_time() <= MOST


@pytest.mark.parametrize("name", ["bp_mobile.poll-sleeps", "bp_mobile.some-own-events-come-back"])
def test_what_waits_beside_others_reports_its_own_defect_alone(name: str) -> None:
    with serving(defects=[find(name)], settings=Settings(poll_hold_s=HOLD_S)) as server:
        results = judge(small_file(server.base_url), "--requirement", "bp_mobile.poll.*", apis=["bp_mobile"])
    broken = {row["id"] for row in results["requirements"] if row["verdict"] in {"fail", "finding"}}
    assert broken == set(find(name).breaks)


def test_who_asks_for_more_room_than_there_is_gets_all_of_it() -> None:
    room = Room(2)
    with room.taken(5):
        waiting = threading.Thread(target=lambda: room.taken(1).__enter__())
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_closed_room_lets_nobody_in() -> None:
    room = Room(1)
    room.close()
    with pytest.raises(Inconclusive), room.taken(1):
        pass
