"""python -m fixtures.reference, driven as a user would."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from fixtures.defects import all_defects
from fixtures.reference.__main__ import main
from fixtures.reference.variant import READINGS

ROOT = Path(__file__).parents[2]


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    try:
        code = main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    assert code == 4
    return capsys.readouterr().err


def test_an_unknown_defect_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    said = _refused(capsys, "--port", "0", "--defect", "bp_stats.filter-ignore")
    assert "there is no defect bp_stats.filter-ignore; did you mean bp_stats.filter-ignored" in said


def test_an_unknown_reading_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    said = _refused(capsys, "--port", "0", "--reading", "bp_stats.totals.value-typ=number")
    assert "did you mean bp_stats.totals.value-type" in said


def test_an_unknown_name_is_answered_with_the_names_of_the_reading(capsys: pytest.CaptureFixture[str]) -> None:
    said = _refused(capsys, "--port", "0", "--reading", "bp_stats.totals.value-type=int")
    assert "did you mean string or number?" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--reading", "x"],
        ["--port", "70000"],
        ["--port", "x"],
        ["--ready-delay", "-1"],
        ["--ready-delay", "x"],
        ["--poll-hold", "13"],
        ["--token-life", "0"],
        ["--lockout", "-1"],
        ["--booking", "1.5"],
        ["--gms-auth", "digest"],
        ["--nothing"],
    ],
)
def test_a_wrong_option_is_a_usage_error(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert "ERROR: " in _refused(capsys, *arguments)


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in _refused(capsys, "--port", str(port))


def test_a_target_file_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert str(tmp_path) in _refused(capsys, "--port", "0", "--write", str(tmp_path))


def test_lists_hold_every_defect_and_every_reading(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-defects"]) == main(["--list-readings"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert {defect.id for defect in all_defects()} | set(READINGS) == {
        line for line in said if not line.startswith(" ")
    }


def test_it_says_where_it_is_logs_requests_and_stops_on_interrupt(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "fixtures.reference",
            "--port",
            "0",
            "--write",
            str(file),
            "--defect",
            "bp_stats.always-available",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.match(r"reference target at (http://127\.0\.0\.1:\d+)", first)
        assert found
        answer = requests.get(f"{found[1]}/statsapi/info/check_available_agents?service=Night%20Desk", timeout=5)
        assert answer.json() == {"availability": True}
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    assert process.returncode == 0
    assert found[1] in file.read_text(encoding="utf-8")
    assert "bp_stats.always-available: Every service is available." in said
    assert re.search(
        r"^\d\d:\d\d:\d\d  GET +/statsapi/info/check_available_agents +200  \d+\.\d ms$", said, re.MULTILINE
    )
    assert said.endswith("stopped\n")
