"""How every command of the project starts and ends: one parser of wrong usage, and one way to end early."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from specs import plain

__all__ = ["INTERRUPTED", "USAGE", "Parser", "start"]

INTERRUPTED, USAGE = 2, 4
_PIPE = 141
"""What a shell reports of a command whose reader has gone away."""


class Parser(argparse.ArgumentParser):
    """Leaves with the project's exit code for wrong usage; argparse has 2, which means interrupted here."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"ERROR: {self.prog}: {message}\n")


def start(main: Callable[[], int]) -> NoReturn:
    """Run a command and leave with its exit code; ctrl-C and a reader that has seen enough are no errors of ours."""
    plain.tolerate()
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the flush at exit complains again
        code = _PIPE
    sys.exit(code)
