"""`python -m bench.polls`: seconds of a run of bp_mobile where idle polls are held, with a full and a small file.

The waits of clients overlap, as many chats at a time as max_clients allows. Prints a table; never fails because
something was slow.
"""

from __future__ import annotations

import argparse
import time

from fixtures.defects import proof
from fixtures.reference.server import serving
from fixtures.reference.settings import Settings

SMALL = '[apis.bp_mobile]\ntenant_url = "tenant.example.com"\napp_id = "conformance"\n'
PROMISED_S = 120


def main() -> int:
    """Measure each hold with each file, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.polls", description=__doc__)
    parser.add_argument("--hold", type=float, action="append", metavar="S", help="seconds; default: 0.6 and 10")
    given = parser.parse_args()
    print(f"{'hold':>6} {'file':6} {'seconds':>8} {'promised':>9} {'requests':>9} {'judged':>7} exit")
    for hold in given.hold or (0.6, 10.0):
        with serving(settings=Settings(poll_hold_s=hold)) as server:
            head = f'name = "small"\nbase_url = "{server.base_url}"\nimpact = "session"\n'
            for name, text in (("full", server.target_file_text()), ("small", head + SMALL)):
                started = time.monotonic()
                results = proof.judge(text, "--depth", "standard", apis=["bp_mobile"])
                seconds = time.monotonic() - started
                judged = sum(row["verdict"] != "none" for row in results["requirements"])
                run = results["run"]
                print(
                    f"{hold:6.1f} {name:6} {seconds:8.1f} {PROMISED_S:>9} {run['requests']['total']:>9} {judged:>7}"
                    f" {run['exit_code']}",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
