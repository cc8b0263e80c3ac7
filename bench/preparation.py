"""`python -m bench.preparation`: how long bp_stats is judged where data take their time, and with which verdicts.

The target is the reference target with so many seconds of preparation (`--delay`), judged at depth standard with the
target file that it writes and with the first one of the guide. Prints a row for each; never fails because something was
slow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from fixtures.defects.proof import judge
from fixtures.reference.bp_stats.tenants import USERS
from fixtures.reference.server import serving
from fixtures.reference.settings import Settings
from fixtures.toml_text import table


def measure(delay: float, depth: str, *, short: bool) -> str:
    """Judge one target and return a row: seconds, requests, exit code, verdicts."""
    with serving(settings=Settings(ready_delay_s=delay)) as target:
        text = target.target_file_text()
        if short:
            user = USERS[0]
            keys = {"tenant_url": user.tenant, "username": user.login, "password": user.password}
            text = f'name = "first"\nbase_url = "{target.base_url}"\n{table("apis.bp_stats", keys)}\n'
        started = time.monotonic()
        results = judge(text, "--impact", "session", "--depth", depth, apis=["bp_stats"])
        seconds = time.monotonic() - started
    run, rows = results["run"], results["requirements"]
    said = ", ".join(f"{count} {verdict}" for verdict, count in Counter(row["verdict"] for row in rows).most_common())
    return f"{seconds:8.1f} {run['requests']['total']:9} {run['exit_code']:5}  {said}"


def main() -> int:
    """Measure both target files and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.preparation", description=__doc__)
    parser.add_argument("--delay", type=float, default=2.0, help="seconds until data are ready (default %(default)s)")
    parser.add_argument("--depth", default="standard", help="default %(default)s")
    given = parser.parse_args()
    print(f"{'delay':>6} {'target file':12} {'seconds':>8} {'requests':>9} {'exit':>5}  verdicts")
    for name, short in (("whole", False), ("first", True)):
        print(f"{given.delay:5} s {name:12} {measure(given.delay, given.depth, short=short)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
