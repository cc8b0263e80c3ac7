"""`python -m bench.pool`: how long gms is judged where access numbers are few, and with which verdicts.

The target is the reference target with so many numbers (`--pool`) and such bookings (`--booking`), judged at depth
standard in three ways: a match puts the number back; a match keeps it, so that only time does; there is no match.
Prints a row for each; never fails because something was slow.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from fixtures.defects.proof import judge
from fixtures.reference.server import serving
from fixtures.reference.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = {"gms.match.second-match": "kept"}
WAYS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "released by a match": ({}, ""),
    "kept by a match": (KEPT, ""),
    "no match": ({}, "match_interaction"),
}
"""The readings of the target, and the service that its file does not name."""


def measure(way: str, pool: int, booking: int, depth: str) -> str:
    """Judge one target and return a row: seconds, requests, exit code, must rows judged, verdicts."""
    readings, missing = WAYS[way]
    with serving(settings=Settings(gms_pool=pool, gms_booking_s=booking), readings=dict(readings)) as target:
        text = target.target_file_text()
        if missing:
            text = re.sub(rf"(?m)^{missing} = .*\n", "", text)
        started = time.monotonic()
        results = judge(text, "--depth", depth, apis=["gms"])
        seconds = time.monotonic() - started
    rows = results["requirements"]
    must = [row["verdict"] for row in rows if row["level"] == "must"]
    judged = sum(verdict in {"pass", "fail"} for verdict in must)
    said = ", ".join(f"{count} {verdict}" for verdict, count in Counter(row["verdict"] for row in rows).most_common())
    run = results["run"]
    return f"{seconds:8.1f} {run['requests']['total']:9} {run['exit_code']:5} {judged:5} of {len(must)}  {said}"


def main() -> int:
    """Measure each way and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.pool", description=__doc__)
    parser.add_argument("--pool", type=int, action="append", help="access numbers; default: 6")
    parser.add_argument("--booking", type=int, default=8, help="seconds that a booking lives (default %(default)s)")
    parser.add_argument("--depth", default="standard", help="default %(default)s")
    parser.add_argument("--way", action="append", choices=list(WAYS), help="default: all")
    given = parser.parse_args()
    print(f"{'numbers':>7} {'booked':>7} {'':20} {'seconds':>8} {'requests':>9} {'exit':>5} {'must':>11}  verdicts")
    for pool in given.pool or [6]:
        for way in given.way or WAYS:
            print(f"{pool:7} {given.booking:5} s {way:20} {measure(way, pool, given.booking, given.depth)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
