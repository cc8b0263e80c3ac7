"""Runs of the suite against an odd server, each in a process of its own, and what is wrong with how they ended."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fixtures.reference.server import serving
from fixtures.reference.settings import Settings
from tests.hostile.proxy import MutatingProxy
from tests.hostile.servers import SERVERS
from tests.hostile.serving import answering

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DEADLINE_S = 300.0
MOST_MB = 400
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal must not get: control characters other than tab and line feed, and marks that reorder a line."""
ENDINGS = frozenset({1, 6})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended: exit code (None: killed at the deadline), seconds, peak memory, all that was printed."""

    code: int | None
    seconds: float
    megabytes: int
    told: str
    results: dict[str, Any]
    record_kilobytes: int

    @property
    def status(self) -> str:
        """The status of the run, or that there is no record."""
        return str(self.results["run"]["status"]) if self.results else "no record"

    @property
    def errors(self) -> dict[str, str]:
        """By requirement, the end of the trace of each verdict `error`."""
        found: dict[str, str] = {}
        for test in self.results.get("tests", ()):
            for each in test["judgements"]:
                if each["verdict"] == "error":
                    trace = (each["observed"] or each["message"]).strip()
                    found[f"{each['requirement']} ({test['nodeid']})"] = trace
        return found

    @property
    def passed(self) -> set[str]:
        """The requirements of level must that passed."""
        rows = self.results.get("requirements", ())
        return {row["id"] for row in rows if row["level"] == "must" and row["verdict"] == "pass"}

    def faults(self, endings: frozenset[int] = ENDINGS) -> list[str]:
        """Say all that is wrong with the suite, whatever the target did; empty for a run that ended well."""
        wrong = [f"error {name}: {trace.splitlines()[-1]}" for name, trace in self.errors.items()]
        if self.code not in endings:
            wrong.append("no end within the deadline" if self.code is None else f"exit {self.code}, {self.status}")
        if found := RAW.search(self.told):
            around = self.told[max(0, found.start() - 60) : found.end() + 20]
            wrong.append(f"a raw {found.group()!r} on the terminal: {around!r}")
        if "Traceback (most recent call last)" in self.told or "INTERNALERROR" in self.told:
            wrong.append("a traceback on the terminal")
        if self.megabytes > MOST_MB:
            wrong.append(f"{self.megabytes} MB of memory")
        if not self.results:
            wrong.append("no record")
        return wrong


def judge(target: str, api: str, *arguments: str, deadline_s: float = DEADLINE_S) -> Outcome:
    """Run the suite of one API on the target that a target file's text describes."""
    with tempfile.TemporaryDirectory() as folder:
        file, record, printed = (Path(folder) / name for name in ("target.toml", "run", "printed"))
        file.write_text(target, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pytest", f"suites/{api}", "--api", api, "--target", str(file)),
            *("--report-dir", str(record), "--depth", "quick", "-p", "no:cacheprovider", "--color=no", *arguments),
        ]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        started = time.monotonic()
        with printed.open("wb") as told:
            process = subprocess.Popen(command, cwd=ROOT, env=inherited, stdout=told, stderr=subprocess.STDOUT)
        code, megabytes = _wait(process, started + deadline_s)
        seconds = time.monotonic() - started
        results = record / "results.json"
        return Outcome(
            code,
            seconds,
            megabytes,
            printed.read_text("utf-8", "surrogateescape"),
            json.loads(results.read_text(encoding="utf-8")) if results.exists() else {},
            sum(each.stat().st_size for each in record.rglob("*") if each.is_file()) // 1024,
        )


def _wait(process: subprocess.Popen[bytes], deadline: float) -> tuple[int | None, int]:
    """Wait for the end; what is not at its end by the deadline is killed. Returns exit code and peak memory in MB."""
    killed, most = False, 0
    while process.poll() is None:
        most = max(most, _peak_kilobytes(process.pid))
        if not killed and time.monotonic() > deadline:
            process.kill()
            killed = True
        time.sleep(0.05)
    return (None if killed else process.returncode), most // 1024


def _peak_kilobytes(pid: int) -> int:
    """Read what a process has held at most; its resource usage would count the process that started it, too."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:  # gone, or a system without it
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


@contextmanager
def reference(ready_delay_s: float = 0.04) -> Iterator[tuple[str, str]]:
    """Serve a reference target; yields its origin and the text of its target file."""
    with serving(settings=Settings(ready_delay_s=ready_delay_s)) as running:
        yield running.base_url, running.target_file_text()


def mutated(api: str, seed: int, *arguments: str, share: float = 0.15, deadline_s: float = DEADLINE_S) -> Outcome:
    """Judge the reference target behind the mutating proxy."""
    with reference() as (origin, text), answering(MutatingProxy(origin, seed, share)) as url:
        return judge(_hasty(text.replace(origin, url)), api, *arguments, deadline_s=deadline_s)


def odd(api: str, server: str, *arguments: str, deadline_s: float = DEADLINE_S) -> Outcome:
    """Judge one of the odd servers, with the target file of the reference target."""
    with reference() as (origin, text), answering(SERVERS[server]) as url:
        return judge(_hasty(text.replace(origin, url)), api, *arguments, deadline_s=deadline_s)


def _hasty(text: str) -> str:
    return text.replace("timeout_s = 10.0", "timeout_s = 3.0", 1)
