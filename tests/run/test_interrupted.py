"""A run that is ended from outside leaves a record, and nothing that still runs."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from fixtures.defects.bp_stats import StatsDefect
from reports.record import load
from tests.run.command import ROOT, Command, Done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.reference.messages import Answer, Call
    from tests.run.conftest import Reference

CASES = ("--requirement", "bp_stats.subscription.malformed-json-400")


ASKED = threading.Event()
"""Set when a hanging target is asked to create a subscription."""


class Hangs(StatsDefect, breaks="bp_stats.data.delete-ends-subscription"):
    """Creates and deletes are answered after everybody has gone."""

    async def create_subscription(self, call: Call) -> Answer:
        """POST /subscription."""
        ASKED.set()
        await asyncio.sleep(2)
        return await super().create_subscription(call)

    async def delete_subscription(self, call: Call) -> Answer:
        """DELETE /subscription/active."""
        await asyncio.sleep(2)
        return await super().delete_subscription(call)


@pytest.fixture(scope="module")
def under_way(reference: Reference) -> Iterator[threading.Event]:
    """Set when the run that is going on has created its first subscription, or tried to."""
    event = threading.Event()

    def see(call: Call) -> None:
        if call.method == "POST" and call.path.endswith("/subscription"):
            event.set()

    reference.on_call = see
    yield event
    reference.on_call = None


def begun(reference: Reference, event: threading.Event, folder: Path, *changes: tuple[str, str]) -> Command:
    event.clear()
    command = Command(folder, "--target", reference.target_file(folder, *changes), *CASES)
    assert event.wait(60)
    return command


@pytest.fixture(scope="module")
def interrupted(reference: Reference, under_way: threading.Event, tmp_path_factory: pytest.TempPathFactory) -> Done:
    command = begun(reference, under_way, tmp_path_factory.mktemp("interrupted"))
    command.interrupt()
    return command.wait()


def test_ctrl_c_ends_with_2_and_a_valid_record_that_says_so(interrupted: Done) -> None:
    assert interrupted.code == 2
    results = load(interrupted.folder)
    assert (results["run"]["status"], results["run"]["interrupted"]) == ("invalid", True)
    assert (interrupted.folder / "report.html").exists()
    assert not list(interrupted.folder.glob("shard-*"))
    assert "Traceback" not in interrupted.told


def test_ctrl_c_leaves_the_target_as_it_was_found(interrupted: Done) -> None:
    last = [each["operation"] for each in interrupted.exchanges]
    assert last[-1] == "deleteSubscription"
    assert load(interrupted.folder)["run"]["undone"] == []


def test_ctrl_c_while_the_target_hangs_lists_what_was_left_behind(reference: Reference, tmp_path: Path) -> None:
    reference.server.swap(defects=[Hangs])
    command = begun(reference, ASKED, tmp_path, ("timeout_s = 10.0", "timeout_s = 1.0"))
    command.interrupt()
    done = command.wait()
    reference.server.swap()
    assert done.code == 2
    [undone] = load(done.folder)["run"]["undone"]
    assert "could not restore the target" in undone["text"]
    assert "Traceback" not in done.told


def test_a_killed_run_leaves_a_record_that_can_still_be_rendered(
    reference: Reference, under_way: threading.Event, tmp_path: Path
) -> None:
    command = begun(reference, under_way, tmp_path)
    command.kill()
    done = command.wait()
    assert not (done.folder / "results.json").exists()
    rendering = [sys.executable, "-m", "reports", "render", str(done.folder)]
    assert subprocess.run(rendering, cwd=ROOT, check=False, capture_output=True).returncode == 0
    assert load(done.folder)["run"]["interrupted"]
    assert (done.folder / "report.html").exists()


def test_ctrl_c_before_the_first_test_leaves_a_record_too(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = tmp_path / "silent.toml"
        table = '[apis.bp_stats]\ntenant_url = "example.com"\nusername = "u"\npassword = "Canary-Unheard-4"\n'
        file.write_text(f'base_url = "http://127.0.0.1:{silent.getsockname()[1]}"\n{table}', encoding="utf-8")
        command = Command(tmp_path, "--target", str(file))
        silent.settimeout(60)
        for _ in range(2):  # one connection shows that somebody listens, the other one is the login
            silent.accept()
        command.interrupt()
        done = command.wait()
    assert done.code == 2
    assert "Exit: interrupted before the first test" in done.told
    assert "Traceback" not in done.told
    assert "Canary" not in done.told
    assert load(done.folder)["run"]["interrupted"]
