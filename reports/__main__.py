"""`python -m reports render RUN [--out DIR]` and `python -m reports compare OLD NEW [--json]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reports.compare import compare, compare_json, compare_text
from reports.errors import NotWrittenError, ReportError
from reports.record import load
from reports.render import render
from reports.summary import terminal_lines
from specs.command import USAGE, Parser, start

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_WRITTEN = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0, 1 for a regression, 3 for a full disk, 4 for wrong usage."""
    parser = Parser(
        prog="python -m reports", description="Make reports from the record of a run, or compare two runs."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    rendering = commands.add_parser("render", help="write report.html, junit.xml and summary.md again")
    rendering.add_argument("run", type=Path, metavar="RUN", help="folder of a run")
    rendering.add_argument("--out", type=Path, metavar="DIR", help="where to write; default: the folder of the run")
    comparing = commands.add_parser("compare", help="say what regressed, what changed, what is no longer tested")
    comparing.add_argument("old", type=Path, metavar="OLD", help="folder of a run, or its results.json")
    comparing.add_argument("new", type=Path, metavar="NEW", help="the same of a later run")
    comparing.add_argument("--json", action="store_true", help="write JSON")
    options = parser.parse_args(arguments)
    try:
        if options.command == "render":
            return _render(options.run, options.out)
        return _compare(options.old, options.new, as_json=options.json)
    except NotWrittenError as error:
        print(error, file=sys.stderr)
        return _NOT_WRITTEN
    except ReportError as error:
        print(error, file=sys.stderr)
        return USAGE


def _render(run: Path, out: Path | None) -> int:
    paths = render(run, out)
    print("\n".join(terminal_lines(load(run), paths)))
    return 0


def _compare(old: Path, new: Path, *, as_json: bool) -> int:
    comparison = compare(load(old), load(new))
    print((compare_json if as_json else compare_text)(comparison), end="")
    return comparison.exit_code


if __name__ == "__main__":
    start(main)
