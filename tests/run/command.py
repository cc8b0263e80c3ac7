"""The conformance command, run as a user runs it: in a process of its own, from the root of the checkout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
DEADLINE_S = 120
AVAILABLE = ("--requirement", "bp_stats.available.*")
"""A selection that takes a second: the open question, which needs few logins."""


@dataclass(frozen=True)
class Done:
    """A run that has ended: exit code, everything that was printed, the folder of its record."""

    code: int
    told: str
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "results.json").read_text(encoding="utf-8"))
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in self.results["requirements"] if row["verdict"] != "none"}

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        lines = (self.folder / "exchanges.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


class Command:
    """A run under way."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        places: Sequence[str] = ("suites",),
    ) -> None:
        self.folder = folder / "run"
        # The tests may themselves be one of several workers: the run below is none of theirs.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", *places, "-o", f"cache_dir={folder / 'cache'}"),
                *("--report-dir", str(self.folder), "--depth", "quick", *arguments),
            ],
            cwd=ROOT,
            env={**inherited, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def interrupt(self) -> None:
        """Press ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it as an operating system does that is short of memory."""
        self.process.kill()

    def wait(self) -> Done:
        told, _ = self.process.communicate(timeout=DEADLINE_S)
        return Done(self.process.returncode, told, self.folder)


def run(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    places: Sequence[str] = ("suites",),
) -> Done:
    """Run the command to its end; `places` are what pytest is to collect."""
    return Command(folder, *arguments, environment=environment, places=places).wait()
