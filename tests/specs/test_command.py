"""Every command starts and ends in one way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from specs import command
from tests.run.command import ROOT

COMMANDS = ("specs", "reports", "fixtures.doctor", "fixtures.defects", "fixtures.reference", "bench")


@pytest.mark.parametrize("module", COMMANDS)
def test_wrong_usage_is_4_and_never_2_which_means_interrupted(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--bogus"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert f"ERROR: python -m {module}: " in done.stderr


def test_ctrl_c_is_2_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as left:
        command.start(interrupted)
    assert left.value.code == 2
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize("arguments", ["specs explain bp_stats.auth.token-equals-cookie", "fixtures.defects list"])
def test_a_reader_that_has_seen_enough_is_no_error(arguments: str) -> None:
    pipe = ["sh", "-c", '"$@" | head -c 1', "sh", sys.executable, "-m", *arguments.split()]
    assert subprocess.run(pipe, cwd=ROOT, capture_output=True, check=False).stderr == b""
