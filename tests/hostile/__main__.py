"""`python -m tests.hostile`: judge odd servers, or the reference target behind a proxy that falsifies its answers.

    python -m tests.hostile --api bp_stats --seeds 0-9            the mutating proxy, one run a seed
    python -m tests.hostile --api bp_stats --server echo          one odd server; null: those of vacuity; all: every one
    python -m tests.hostile --api bp_sms --server all --write docs/odd-servers.md

Prints a line a run: what answered, status, exit code, seconds, memory, and what is wrong with the suite, whose errors
follow with the end of their trace. What stands behind -- goes to pytest. Exit 1 where a run ended badly.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from specs.command import Parser, start
from specs.requirements import catalogue
from tests.hostile import runs, table
from tests.hostile.servers import NULL, SERVERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.hostile.runs import Outcome

TRACE_LINES = 9


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for."""
    given, passed_on = _parser().parse_known_args(arguments)
    passed_on = [each for each in passed_on if each != "--"]
    bad = 0
    for api in given.api or catalogue().apis:
        outcomes = []
        for name, outcome in _runs(api, given, passed_on):
            bad += _show(api, name, outcome, passed=given.passed)
            outcomes.append((name, outcome))
        if given.write:
            given.write.write_text(table.page(api, [each for each in outcomes if each[0] in SERVERS]), encoding="utf-8")
    return 1 if bad else 0


def _runs(api: str, given: argparse.Namespace, more: Sequence[str]) -> Iterator[tuple[str, Outcome]]:
    for server in given.server:
        for name in {"all": SERVERS, "null": NULL}.get(server, (server,)):
            yield name, runs.odd(api, name, *more, deadline_s=given.deadline)
    if given.seeds is not None or not given.server:
        for seed in _numbers(given.seeds or "0-3"):
            yield f"seed {seed}", runs.mutated(api, seed, *more, share=given.share, deadline_s=given.deadline)


def _show(api: str, name: str, outcome: Outcome, *, passed: bool) -> bool:
    faults = outcome.faults(runs.ENDINGS if name.startswith("seed") else runs.ENDINGS | {7})
    ended = f"{outcome.status:22} exit {outcome.code} {outcome.seconds:6.1f} s {outcome.megabytes:4} MB"
    print(f"{api:12} {name:24} {ended} record {outcome.record_kilobytes} KB, {len(outcome.errors)} errors", flush=True)
    by_trace: dict[tuple[str, ...], list[str]] = {}
    for requirement, trace in outcome.errors.items():
        by_trace.setdefault(_tail(trace), []).append(requirement)
    for lines, requirements in by_trace.items():
        more = f" and {len(requirements) - 1} more" if len(requirements) > 1 else ""
        print(f"    ERROR {requirements[0]}{more}", *lines, sep="\n        ")
    for fault in faults:
        if not fault.startswith("error "):
            print(f"    {fault!a}")
    if not outcome.results:
        print("", *_tail(outcome.told), sep="\n        ")
    for requirement in sorted(outcome.passed) if passed else ():
        print(f"    passed {requirement}")
    return bool(faults)


def _tail(text: str) -> tuple[str, ...]:
    """Return the last lines of a trace as a terminal may show them, without the marks below the code."""
    lines = [ascii(line)[1:-1][:200] for line in text.splitlines() if line.strip(" ^~")]
    return tuple(lines[-TRACE_LINES:])


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _parser() -> Parser:
    parser = Parser(
        prog="python -m tests.hostile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--api", action="append", choices=list(catalogue().apis), help="default: each of them")
    parser.add_argument("--seeds", help="one seed or a range, such as 0-39, of the mutating proxy")
    parser.add_argument("--share", type=float, default=0.15, help="of the answers that are falsified")
    names = [*SERVERS, "all", "null"]
    parser.add_argument(
        "--server", action="append", default=[], choices=names, metavar="NAME", help=", ".join(names).replace("%", "%%")
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table of the servers to a page")
    parser.add_argument("--passed", action="store_true", help="also list the must rows that passed")
    parser.add_argument("--deadline", type=float, default=runs.DEADLINE_S, help="seconds until a run is killed")
    return parser


if __name__ == "__main__":
    start(main)
