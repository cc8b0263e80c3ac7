"""The ways in which the data of `specs/`, or a question about them, can be wrong."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

__all__ = [
    "AmbiguousPassage",
    "BrokenReference",
    "InvalidFile",
    "MissingFile",
    "SpecError",
    "UnknownApi",
    "UnknownDocument",
    "UnknownOperation",
    "UnknownPassage",
    "UnknownRequirement",
    "nearest_names",
]


class SpecError(Exception):
    """Something is wrong with the specification data or with a question about them; `hint` is the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep what is wrong, and the way out."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the message, with the hint behind it in parentheses."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InvalidFile(SpecError):
    """A data file is not what its JSON Schema, or YAML itself, asks for; `line` counts from 1."""

    def __init__(self, path: Path, line: int, message: str, hint: str = "") -> None:
        """Put the place before the message, as editors and CI systems read it."""
        super().__init__(f"{path}:{line}: {message}", hint)
        self.path = path
        self.line = line
        self.reason = message


class MissingFile(SpecError):
    """A file does not exist or can't be read."""

    def __init__(self, path: Path, reason: str) -> None:
        """Name the file and what the operating system says."""
        super().__init__(f"{path}: {reason}")
        self.path = path


class _UnknownName(SpecError):
    """A name that nothing has; `nearest` holds the most similar names there are, best first."""

    thing = "name"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        """Look for the nearest names among the known ones."""
        self.name = name
        self.nearest = nearest_names(name, known)
        near = ", ".join(self.nearest)
        super().__init__(f"unknown {self.thing} {name!r}", f"nearest: {near}" if near else "")


class UnknownRequirement(_UnknownName):
    """No requirement has this id, or none matches this pattern."""

    thing = "requirement"


class UnknownApi(_UnknownName):
    """No folder of `specs/` has this name."""

    thing = "API"


class UnknownOperation(_UnknownName):
    """The OpenAPI document has no operation with this operationId."""

    thing = "operation"


class UnknownDocument(_UnknownName):
    """`documents.yaml` has no document with this id."""

    thing = "document"


class BrokenReference(SpecError):
    """A `$ref` leads nowhere or out of the document."""


class UnknownPassage(SpecError):
    """The text does not stand in the document."""


class AmbiguousPassage(SpecError):
    """The text stands in the document more than once, so that it can't witness a change of one place."""


def nearest_names(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Return at most `limit` names out of `known` that are written most like `name`, best first."""
    candidates = list(known)
    close = get_close_matches(name, candidates, n=limit, cutoff=0.6)
    if not close:  # a bare claim or topic without its prefix is a frequent slip
        close = [each for each in candidates if name and name in each][:limit]
    return tuple(close)
