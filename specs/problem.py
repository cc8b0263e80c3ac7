"""One mistake in a data file."""

from pathlib import Path
from typing import NamedTuple

__all__ = ["Problem"]


class Problem(NamedTuple):
    """Where a mistake is, what it is, and the way out; lines count from 1."""

    path: Path
    line: int
    message: str
    hint: str

    def __str__(self) -> str:
        """Return one line that editors and CI systems can follow to the place."""
        return f"{self.path}:{self.line}: {self.message}" + (f" ({self.hint})" if self.hint else "")
