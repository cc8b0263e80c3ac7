"""`python -m bench`: measure what the documentation promises: seconds and requests of a run.

The target is the embedded one. Prints a table; never fails because something was slow. Times are of the whole process,
start to end, on this machine.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from fixtures.depth import DEPTHS
from specs.command import Parser, start
from specs.requirements import catalogue

ROOT = Path(__file__).parents[1]
ALL = "all"
PROMISED = {(ALL, "standard"): (120, None), ("bp_stats", "standard"): (45, 2500), ("bp_stats", "quick"): (15, None)}
"""By API and depth, the most seconds and requests that the project promises on two cores; ALL by two workers."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: wall-clock seconds, requests sent, requirements judged, exit code."""

    seconds: float
    requests: int
    judged: int
    exit_code: int


def measure(api: str, depth: str, workers: int) -> Measured:
    """Run the suites of one API once, or those of all by two workers at least."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "suites", "-q", "--depth", depth, "--report-dir", folder]
        command += ["-n", str(max(workers, 2))] if api == ALL else ["--api", api, "-n", str(workers)]
        started = time.monotonic()
        ended = subprocess.run(  # noqa: S603 - our own command
            command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False
        )
        seconds = time.monotonic() - started
        results = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))
    judged = sum(row["verdict"] != "none" for row in results["requirements"])
    return Measured(seconds, results["run"]["requests"]["total"], judged, ended.returncode)


def main() -> int:
    """Measure each API at each depth, then all together, and print the table."""
    parser = Parser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind; the median is printed")
    parser.add_argument("--depth", action="append", choices=list(DEPTHS), help="default: quick and standard")
    parser.add_argument("--api", action="append", choices=[*catalogue().apis, ALL], help="default: each, then all")
    parser.add_argument("--workers", type=int, default=0, help="workers of a parallel run; 0: none")
    given = parser.parse_args()
    print(f"{'api':12} {'depth':10} {'seconds':>18} {'promised':>9} {'requests':>9} {'promised':>9} {'judged':>7} exit")
    for api in given.api or (*catalogue().apis, ALL):
        for depth in given.depth or ("quick", "standard"):
            runs = [measure(api, depth, given.workers) for _ in range(given.runs)]
            seconds = [run.seconds for run in runs]
            spread = f"{statistics.median(seconds):.1f} ({min(seconds):.1f}–{max(seconds):.1f})"
            most_s, most_requests = PROMISED.get((api, depth), (None, None))
            middle = int(statistics.median(run.requests for run in runs))
            codes = ",".join(sorted({str(run.exit_code) for run in runs}))
            print(
                f"{api:12} {depth:10} {spread:>18} {most_s or '–':>9} {middle:>9} {most_requests or '–':>9}"
                f" {runs[0].judged:>7} {codes}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    start(main)
