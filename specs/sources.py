"""Compares the source documents that somebody has at hand with the digests that the requirements were written from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from specs.documents import Document, normalise, passage_of, standing
from specs.errors import MissingFile
from specs.requirements import Catalogue, Requirement

__all__ = ["Comparison", "State", "compare", "describe", "read_text"]


class State(StrEnum):
    """What became of a document's text."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    ABSENT = "absent"
    NOT_HELD = "not held"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A document, the requirements that rest on it by a passage, and those of them whose passage no longer stands."""

    document: Document
    state: State
    resting: tuple[Requirement, ...]
    fallen: tuple[Requirement, ...]

    @property
    def stands(self) -> bool:
        """Whether every passage was found; a document without a registered text has none to find."""
        return self.state is not State.ABSENT and not self.fallen


def compare(folder: Path, documents: Mapping[str, Document], catalogue: Catalogue) -> Iterator[Comparison]:
    """Compare `<document id>.txt` in `folder` with each document; raise MissingFile for a text that can't be read."""
    for document in documents.values():
        resting = tuple(row for row in catalogue.rows if row.source.document == document.id and row.source.passage)
        path = folder / f"{document.id}.txt"
        if document.text is None:
            yield Comparison(document, State.NOT_HELD, resting, ())
        elif not path.exists():
            yield Comparison(document, State.ABSENT, resting, ())
        else:
            text = normalise(read_text(path))
            state = State.UNCHANGED if passage_of(text) == document.text else State.CHANGED
            found = standing(text, {row.source.passage for row in resting if row.source.passage})
            yield Comparison(document, state, resting, tuple(row for row in resting if row.source.passage not in found))


def describe(comparison: Comparison) -> Iterator[str]:
    """Yield the lines that tell of a comparison: names and digests, never text."""
    document, count = comparison.document, len(comparison.resting)
    stand = count - len(comparison.fallen)
    match comparison.state:
        case State.NOT_HELD:
            detail = "no text is registered"
        case State.ABSENT:
            detail = f"no {document.id}.txt; {count} passages not looked for"
        case _:
            detail = f"{stand} of {count} passages stand"
    yield f"{comparison.state:<9}  {document.id}  {detail}"
    for row in comparison.fallen:
        digest = row.source.passage.sha256[:12] if row.source.passage else ""
        yield f"           {row.id}  passage {digest}… is gone: read “{row.source.section}” again"
    if comparison.state is State.CHANGED and not comparison.fallen:
        yield "           the text changed elsewhere: read it for new claims, then update its digest in documents.yaml"


def read_text(path: Path) -> str:
    """Return the text of a document; raise MissingFile."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MissingFile(path, str(error)) from error
