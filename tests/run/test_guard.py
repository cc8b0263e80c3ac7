"""Whatever pytest is told, and wherever it starts: a run is the suite's own, or it says what is in the way."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.run.command import ROOT, Command, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.run.conftest import Reference

BODY = ("--requirement", "bp_stats.available.body-form")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("-p", "no:html"), {}),
        (("-p", "no:xdist"), {}),
        ((), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
        ((), {"PYTHONSAFEPATH": "1"}),
        (("-n", "2", "--dist", "worksteal"), {}),
        (("-n", "2", "--dist", "loadfile"), {}),
        (("-p", "no:cacheprovider"), {}),
    ],
    ids=str,
)
def test_a_run_needs_none_of_the_optional_plugins_and_no_path(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    done = run(tmp_path, *BODY, *arguments, environment=environment)  # without a target it starts its own
    assert (done.code, done.verdicts) == (0, {BODY[1]: "pass"}), done.told


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (("--debug",), {}, "ERROR: --debug: pytest would write the values of variables"),
        (("--full-trace",), {}, "ERROR: --full-trace: pytest would write the values of variables"),
        (("-n", "2", "--dist", "each"), {}, "ERROR: --dist each: two workers would be the same users at once"),
        (("--rootdir", "/"), {}, f"start it with -c {ROOT / 'pyproject.toml'} --rootdir {ROOT}"),
        ((), {"PYTEST_ADDOPTS": "--bogus"}, "PYTEST_ADDOPTS names an unknown option: --bogus"),
        ((), {"PYTEST_ADDOPTS": "--depth=deep"}, "PYTEST_ADDOPTS: argument --depth: invalid choice: 'deep'"),
    ],
    ids=str,
)
def test_what_would_break_a_rule_is_refused_with_the_way_out(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], told: str
) -> None:
    done = run(tmp_path, *BODY, "--target", "http://127.0.0.1:9", *arguments, environment=environment)
    assert done.code == 4
    assert told in done.told
    assert "Traceback" not in done.told
    assert not done.folder.exists()


def test_the_configuration_of_a_parent_project_is_named_not_obeyed(tmp_path: Path) -> None:
    configuration = tmp_path / "pytest.ini"
    configuration.write_text("[pytest]\naddopts = -p no:html\n", encoding="utf-8")
    done = run(tmp_path, *BODY, "-c", str(configuration))
    assert done.code == 4
    assert f"pytest read its configuration from {configuration}" in done.told


def test_two_runs_do_not_share_a_folder(reference: Reference, tmp_path: Path) -> None:
    target = reference.target_file(tmp_path)
    first = Command(tmp_path, "--target", target, "--requirement", "bp_stats.data.*")
    deadline = time.monotonic() + 60
    while not (first.folder / "run.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    second = run(tmp_path, "--target", target, *BODY)
    assert second.code == 4
    assert "another run is writing there" in second.told
    assert first.wait().code == 0
    assert run(tmp_path, "--target", target, *BODY).code == 0, "a run that has ended holds nothing"


@pytest.mark.parametrize("limit", [90_000, 150_000])
def test_a_full_disk_ends_the_run_with_3_and_says_so(reference: Reference, tmp_path: Path, limit: int) -> None:
    """A limit on the size of files stands for the disk: what is written beyond it fails in the same way."""
    folder = tmp_path / "run"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "suites", "--target", reference.target_file(tmp_path)),
            *("-o", f"cache_dir={tmp_path / 'cache'}", "--report-dir", str(folder), "--requirement", "bp_stats.auth.*"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 3, done.stdout
    assert "could not be written: File too large" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
