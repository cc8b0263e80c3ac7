"""Whether a target is there is found out after each exchange without an answer: by another one."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from fixtures import transport
from fixtures.api import carry_out
from fixtures.concurrency import together
from fixtures.course import Clock, Course
from fixtures.exchange import Request
from fixtures.outcomes import Dropped, TargetGone, TimeIsUp, Unanswered, WasAway
from fixtures.wire import connection
from specs import openapi
from tests.field.gateway import in_front_of
from tests.fixtures.kit import bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.api import Api
    from tests.field.gateway import Fault

ASK, WRITE, KNOCK = "checkAvailableAgents", "createSubscription", "getDispositions"
TIMEOUT_S, PATIENCE_S = 0.3, 0.8
SLACK_S = 1.5
AWAY: tuple[Fault, ...] = ("hangs", "refuses", "closes", "502", "503", "504")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that answers everything with 200 and a little JSON."""
    with listening(faults.fine) as miniature:
        yield miniature.url


def api_at(url: str, folder: Path, *, patience_s: float = PATIENCE_S, seconds: float = math.inf) -> Api:
    """An API in a process of a run, whose folder is shared with others of the same folder."""
    course = Course(Clock(time.monotonic() + seconds, time.monotonic() + seconds + 1), folder / "leases", patience_s)
    return bench(url, folder, timeout_s=TIMEOUT_S, course=course).api


@pytest.mark.parametrize("fault", AWAY)
def test_a_target_that_stays_away_is_waited_for_and_then_nothing_more_is_sent(
    fault: Fault, server: str, tmp_path: Path
) -> None:
    with in_front_of(server, fault, after=1) as gateway:
        api = api_at(gateway.url, tmp_path)
        caller = api.anonymous()
        assert caller.call(ASK).status == 200
        started = time.monotonic()
        with pytest.raises(
            TargetGone, match=r"went away at \d\d:\d\d:\d\d UTC, at x00002 \(GET checkAvailableAgents\)"
        ):
            caller.call(ASK)
        assert PATIENCE_S <= time.monotonic() - started < PATIENCE_S + 2 * TIMEOUT_S + SLACK_S
        seen, started = gateway.requests, time.monotonic()
        for _ in range(50):
            with pytest.raises(TargetGone):
                api.anonymous().call(ASK)
        with pytest.raises(TargetGone), connection(api):
            pytest.fail("nothing is connected to")
        assert time.monotonic() - started < 0.5
        assert gateway.requests == seen


@pytest.mark.parametrize("fault", AWAY)
def test_a_read_is_repeated_when_the_target_is_back_and_a_write_is_not(
    fault: Fault, server: str, tmp_path: Path
) -> None:
    for operation in (ASK, WRITE):
        with in_front_of(server, fault, after=1, back_after_s=2 * TIMEOUT_S) as gateway:
            api = api_at(gateway.url, tmp_path / operation, patience_s=5)
            caller, begun = api.anonymous(), time.monotonic()
            caller.call(ASK)
            if operation == ASK:
                assert caller.call(ASK).status == 200
            else:
                with pytest.raises(WasAway, match=r"POST createSubscription: .*; the target came back"):
                    caller.call(WRITE, json={})
            assert api.recorder.breaker is not None
            assert api.recorder.breaker.returned_since(gateway.url, begun)
            assert not api.recorder.breaker.returned_since(gateway.url, time.monotonic())


@pytest.mark.parametrize("fault", ["hangs", "closes"])
@pytest.mark.parametrize("path", [b"check_available_agents", b"dispositions"])
def test_one_operation_that_hangs_ends_nothing_not_even_the_one_that_knocks(
    fault: Fault, path: bytes, server: str, tmp_path: Path
) -> None:
    with in_front_of(server, fault, after=0, path=path) as gateway:
        caller = api_at(gateway.url, tmp_path, patience_s=20).anonymous()
        hangs, answers = (ASK, KNOCK) if path.startswith(b"check") else (KNOCK, ASK)
        for _ in range(3):
            with pytest.raises(Unanswered) as problem:
                caller.call(hangs)
            assert not isinstance(problem.value, WasAway)
            assert caller.call(answers).status == 200


@pytest.mark.parametrize("fault", ["502", "503", "504"])
def test_the_page_of_one_operation_is_the_targets_own_answer_while_others_are_answered(
    fault: Fault, server: str, tmp_path: Path
) -> None:
    with in_front_of(server, fault, after=0, path=b"check_available_agents") as gateway:
        caller = api_at(gateway.url, tmp_path, patience_s=20).anonymous()
        answer = caller.call(ASK)
        assert (answer.status, answer.media_type) == (int(fault), "text/html")
        assert caller.call(KNOCK).status == 200


def test_callers_in_many_threads_and_processes_wait_once(server: str, tmp_path: Path) -> None:
    with in_front_of(server, "hangs", after=0) as gateway:
        workers = [api_at(gateway.url, tmp_path) for _ in range(3)]  # each as in a process of its own
        started = time.monotonic()
        with ThreadPoolExecutor(3) as pool:
            races = [
                pool.submit(together, [lambda api=api: gone(api) for _ in range(4)])
                for api in workers
            ]
            assert all(timed.result for race in races for timed in race.result())
        assert time.monotonic() - started < PATIENCE_S + 2 * TIMEOUT_S + SLACK_S


def gone(api: Api) -> bool:
    try:
        api.anonymous().call(ASK)
    except TargetGone:
        return True
    return False


def test_a_held_poll_does_not_wait_to_its_end_for_a_target_that_is_gone(server: str, tmp_path: Path) -> None:
    with in_front_of(server, "hangs", after=0) as gateway:
        started = time.monotonic()
        with pytest.raises(TargetGone):
            api_at(gateway.url, tmp_path).anonymous().call(ASK, timeout_s=60)
        assert time.monotonic() - started < PATIENCE_S + 2 * TIMEOUT_S + SLACK_S


def test_a_poll_is_held_for_longer_than_answers_take_while_others_are_answered(server: str, tmp_path: Path) -> None:
    with in_front_of(server, "hangs", after=0, path=b"check_available_agents") as gateway:
        started = time.monotonic()
        with pytest.raises(Unanswered, match="no answer before the deadline"):
            api_at(gateway.url, tmp_path).anonymous().call(ASK, timeout_s=4 * TIMEOUT_S)
        assert time.monotonic() - started >= 4 * TIMEOUT_S


def test_knocks_are_on_record_and_belong_to_no_test(server: str, tmp_path: Path) -> None:
    course = Course(Clock(), tmp_path / "leases", 20)
    with in_front_of(server, "hangs", after=0, path=b"check_available_agents") as gateway:
        table = bench(gateway.url, tmp_path, timeout_s=TIMEOUT_S, course=course)
        with pytest.raises(Unanswered):
            table.api.anonymous().call(ASK)
        [asked, knock] = table.exchanges
        assert (asked["operation"], asked["nodeid"]) == (ASK, "the test")
        assert (knock["operation"], knock["nodeid"]) == (KNOCK, "")
        assert table.api.recorder.running is not None
        assert table.api.recorder.running.exchanges == [asked["id"]]


def test_a_pause_ends_when_the_time_of_the_run_is_over(server: str, tmp_path: Path) -> None:
    api, started = api_at(server, tmp_path, seconds=0.3), time.monotonic()
    with pytest.raises(TimeIsUp):
        api.pause(60)
    assert time.monotonic() - started < 1.5


def test_an_exchange_ends_when_the_time_of_the_run_is_over_and_nobody_is_blamed(server: str, tmp_path: Path) -> None:
    with in_front_of(server, "hangs", after=0) as gateway:
        course = Course(Clock(time.monotonic() + 0.3), tmp_path / "leases", 60)
        api, started = bench(gateway.url, tmp_path, timeout_s=60, course=course).api, time.monotonic()
        with pytest.raises(TimeIsUp):
            api.anonymous().call(ASK)
        assert time.monotonic() - started < 1.5


def test_a_pause_ends_when_another_process_finds_the_target_gone(server: str, tmp_path: Path) -> None:
    with in_front_of(server, "closes", after=0) as gateway:
        one, other = (api_at(gateway.url, tmp_path) for _ in range(2))
        asking = threading.Thread(target=gone, args=(one,))
        asking.start()
        started = time.monotonic()
        with pytest.raises(TargetGone):
            other.pause(60)
        assert time.monotonic() - started < PATIENCE_S + SLACK_S
        asking.join()


def test_a_busy_target_is_not_waited_for_longer_than_the_run_may(tmp_path: Path) -> None:
    busy = faults.answering(faults.answer(b"", "429 Too Many Requests", "Retry-After: 1"))
    with listening(busy) as server:
        caller, started = api_at(server.url, tmp_path, patience_s=0.15).anonymous(), time.monotonic()
        for _ in range(20):
            with pytest.raises(Unanswered, match=r"429 to checkAvailableAgents, and .* it may, 1\.5 s in all; see"):
                caller.call(ASK)
        assert time.monotonic() - started < 3


def test_an_operation_at_another_origin_says_nothing_of_the_target(server: str, tmp_path: Path) -> None:
    with listening(faults.drops_the_connection) as elsewhere:
        api = api_at(server, tmp_path, patience_s=20)
        operation = openapi.document("bp_stats").operations[ASK]
        request = Request("GET", f"{elsewhere.url}/other")
        session = transport.new_session(api.target)
        with pytest.raises(Dropped):
            carry_out(api, operation, request, lambda limit: transport.send(session, request, limit))
