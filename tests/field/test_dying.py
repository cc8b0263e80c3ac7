"""A server that dies ends the run in time, and one that comes back loses no row; an early end is told."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.defects import find
from reports.record import load
from tests.field.gateway import in_front_of
from tests.run.command import Command, Done, run

if TYPE_CHECKING:
    from tests.field.gateway import Fault
    from tests.run.conftest import Reference

TIMEOUT_S, PATIENCE_S, SLACK_S = 1.0, 2.0, 10.0
START_S = 8.0
"""Seconds that Python, pytest and the workers may take until the first request, on a busy machine."""


def target(reference: Reference, folder: Path, url: str, patience_s: float = PATIENCE_S) -> str:
    """The target file of the reference target for this address, with little time and patience."""
    changes = ((reference.server.base_url, url), ("timeout_s = 10.0", f"timeout_s = {TIMEOUT_S}"))
    file = Path(reference.target_file(folder, *changes))
    file.write_text(f"patience_s = {patience_s}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    return str(file)


def apis(*names: str) -> list[str]:
    return [part for name in names for part in ("--api", name)]


@pytest.mark.parametrize(
    ("names", "fault", "after", "workers"),
    [
        (("bp_mobile",), "hangs", 40, []),
        (("bp_stats",), "hangs", 90, []),
        (("bp_sms",), "refuses", 25, []),
        (("gms",), "closes", 60, []),
        (("oracle_chat",), "504", 30, []),
        (("bp_sms", "oracle_chat"), "hangs", 70, ["-n", "2"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_target_that_stays_away_ends_the_run_in_time_with_a_record_that_says_when(
    names: tuple[str, ...], fault: Fault, after: int, workers: list[str], reference: Reference, tmp_path: Path
) -> None:
    met: list[float] = []
    with in_front_of(reference.server.base_url, fault, after, on_fault=lambda: met.append(time.monotonic())) as gateway:
        done = run(tmp_path, "--target", target(reference, tmp_path, gateway.url), *apis(*names), *workers)
    assert time.monotonic() - met[0] < PATIENCE_S + 2 * TIMEOUT_S + SLACK_S
    assert done.code == 6
    results = load(done.folder)
    assert {row["verdict"] for row in results["requirements"]} <= {"pass", "inconc", "none"}
    assert {row["attribution"] for row in results["requirements"] if row["verdict"] == "inconc"} == {"network"}
    at = next(each for each in done.exchanges if each["id"] in results["run"]["ended_early"])
    said = f"at {at['id']} ({at['request']['method']} {at['operation']})"
    last = next(line for line in reversed(done.told.splitlines()) if line.startswith("not-fully-verified: "))
    assert said in last
    assert f"stayed away for {PATIENCE_S:g} s" in last
    assert any(reason.startswith("ended early: ") for reason in results["run"]["partial_reasons"])
    assert "Traceback" not in done.told
    assert {file.name for file in done.folder.iterdir()} >= {"report.html", "junit.xml", "summary.md"}
    assert not (done.folder / "leases").exists()


@pytest.mark.parametrize(
    ("fault", "workers"), [("502", []), ("refuses", []), ("hangs", []), ("closes", []), ("503", ["-n", "2"])]
)
def test_a_target_that_comes_back_within_the_patience_loses_no_row(
    fault: Fault, workers: list[str], reference: Reference, tmp_path: Path
) -> None:
    with in_front_of(reference.server.base_url, fault, 60, back_after_s=2) as gateway:
        file = target(reference, tmp_path, gateway.url, patience_s=20)
        done = run(tmp_path, "--target", file, "--api", "bp_sms", "--record-only", *workers)
        assert gateway.faulty
    assert (done.code, done.results["run"]["status"]) == (0, "conforming")
    assert not any(row["verdict"] == "inconc" for row in done.results["requirements"])
    nodes = [test["nodeid"] for test in done.results["tests"]]
    assert len(nodes) == len(set(nodes))


def test_a_lost_answer_loses_no_row_either(reference: Reference, tmp_path: Path) -> None:
    with in_front_of(reference.server.base_url, "closes", 60, back_after_s=0) as gateway:
        done = run(tmp_path, "--target", target(reference, tmp_path, gateway.url), "--api", "bp_sms", "--record-only")
        assert gateway.faulty
    assert (done.code, done.results["run"]["status"]) == (0, "conforming")


def test_what_fails_before_the_target_goes_still_fails(reference: Reference, tmp_path: Path) -> None:
    reference.server.swap(defects=[find("bp_stats.always-available")])
    chosen = ("--requirement", "bp_stats.available.true-and-false", "--requirement", "bp_stats.subscription.*")
    with in_front_of(reference.server.base_url, "closes", 60) as gateway:
        done = run(tmp_path, "--target", target(reference, tmp_path, gateway.url), *chosen, "--record-only")
    reference.server.swap()
    assert (done.code, done.results["run"]["status"]) == (1, "non-conforming")
    assert "went away at" in done.told


@pytest.mark.parametrize("fault", ["502", "hangs"])
def test_a_gateway_without_a_backend_at_the_start_is_waited_for_and_named(
    fault: Fault, reference: Reference, tmp_path: Path
) -> None:
    with in_front_of(reference.server.base_url, fault, 0) as gateway:
        started = time.monotonic()
        done = run(tmp_path, "--target", target(reference, tmp_path, gateway.url), "--api", "bp_sms")
    assert PATIENCE_S < time.monotonic() - started < START_S + PATIENCE_S + 2 * TIMEOUT_S + SLACK_S
    assert done.code == 7
    assert ("a gateway answers 502" if fault == "502" else "no answer") in done.told
    assert gateway.url in done.told


def test_a_backend_that_starts_late_is_waited_for(reference: Reference, tmp_path: Path) -> None:
    with in_front_of(reference.server.base_url, "503", 0, back_after_s=1.5) as gateway:
        file = target(reference, tmp_path, gateway.url, patience_s=20)
        done = run(tmp_path, "--target", file, "--requirement", "bp_stats.available.*")
    assert done.code == 0


@pytest.mark.parametrize(("seconds", "workers"), [(15, []), (30, ["-n", "2"])])
def test_max_time_ends_the_run_by_then_and_names_what_was_not_reached(
    seconds: int, workers: list[str], reference: Reference, tmp_path: Path
) -> None:
    started = time.monotonic()
    arguments = (*apis("bp_mobile", "bp_stats"), "--depth", "standard", "--max-time", f"{seconds}s", *workers)
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *arguments)
    assert time.monotonic() - started < seconds + 3 * START_S  # a whole run takes a minute
    assert (done.code, done.results["run"]["status"], done.results["run"]["partial"]) == (6, "not-fully-verified", True)
    assert done.results["run"]["ended_early"] == "the run took as long as --max-time allows"
    missed = [row for row in done.results["requirements"] if "not reached before --max-time" in row["why"]]
    judged = [row for row in done.results["requirements"] if row["verdict"] == "pass"]
    assert missed
    assert judged
    assert all(row["verdict"] == "inconc" for row in missed)
    # A postamble that would wait gets no time beyond the end either; what it leaves behind is listed.
    assert all("not reached before --max-time" in each["text"] for each in done.results["run"]["undone"])


def test_the_option_wins_over_the_target_file(reference: Reference, tmp_path: Path) -> None:
    file = reference.target_file(tmp_path, ("timeout_s = 10.0", 'timeout_s = 10.0\nmax_time = "1s"'))
    short = run(tmp_path / "a", "--target", file, "--requirement", "bp_stats.available.*", "--record-only")
    long = run(tmp_path, "--target", file, "--requirement", "bp_stats.available.*", "--max-time", "5m", "--record-only")
    assert (short.code != 0, long.code) == (True, 0)


@pytest.mark.parametrize("said", ["20x", "0", "-1", "nan", "1e99"])
def test_a_length_of_time_that_is_none_is_a_usage_error(said: str, tmp_path: Path) -> None:
    done: Done = run(tmp_path, "--target", "http://127.0.0.1:9", f"--max-time={said}")
    assert done.code == 4
    assert f"ERROR: --max-time {said}: must be a length of time such as 90s, 20m or 1h30m" in done.told


def test_ctrl_c_ends_the_wait_for_a_target_too(reference: Reference, tmp_path: Path) -> None:
    with in_front_of(reference.server.base_url, "hangs", 30) as gateway:
        file = target(reference, tmp_path, gateway.url, patience_s=60)
        command = Command(tmp_path, "--target", file, "--api", "bp_sms", "--record-only")
        deadline = time.monotonic() + 60
        while not gateway.faulty and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(2 * TIMEOUT_S)
        command.interrupt()
        started = time.monotonic()
        done = command.wait()
    assert time.monotonic() - started < SLACK_S
    assert done.code == 2
    assert load(done.folder)["run"]["interrupted"]
