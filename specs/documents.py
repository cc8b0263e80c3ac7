"""The source documents, and the passages in them that requirements rest on.

Only digests are kept here, never text. A text is normalised before it is digested: Unicode NFC, each run of white space
as one space, none at the ends. A passage is a piece of the normalised text that begins where a word begins.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from specs.errors import AmbiguousPassage, UnknownPassage
from specs.requirements import SPECS, Passage
from specs.schema import read

__all__ = ["Document", "documents", "load_documents", "make_passage", "normalise", "passage_of", "standing"]


@dataclass(frozen=True, slots=True)
class Document:
    """A source document; `text` is the digest and length of its normalised text, None where the text is not at hand."""

    id: str
    title: str
    publisher: str
    revision: str
    text: Passage | None


@cache
def documents() -> Mapping[str, Document]:
    """Return every document of `specs/documents.yaml` by id; raise InvalidFile."""
    return load_documents(SPECS)


def load_documents(root: Path) -> Mapping[str, Document]:
    """Read `documents.yaml` in `root`; raise InvalidFile or MissingFile."""
    rows = read(root / "documents.yaml", "documents").data["documents"]
    known = {row["id"]: Document(**{**row, "text": Passage(**row["text"]) if "text" in row else None}) for row in rows}
    return MappingProxyType(known)


def normalise(text: str) -> str:
    """Return the text in Unicode NFC, with one space for each run of white space and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def passage_of(normalised: str) -> Passage:
    """Return digest and length, in characters, of a piece of normalised text."""
    return Passage(hashlib.sha256(normalised.encode()).hexdigest(), len(normalised))


def make_passage(document_text: str, piece: str) -> Passage:
    """Return the passage that `piece` is in the document; raise UnknownPassage or AmbiguousPassage.

    Both texts are normalised here. `piece` must begin where a word begins, and stand in the document once.
    """
    text, words = normalise(document_text), normalise(piece)
    starts = [start for start in _word_starts(text) if text.startswith(words, start)] if words else []
    if not starts:
        raise UnknownPassage(
            "the text does not stand in the document", "copy it from there, from the beginning of a word"
        )
    if len(starts) > 1:
        raise AmbiguousPassage(
            f"the text stands in the document {len(starts)} times", "take in more of the words around it"
        )
    return passage_of(words)


def standing(normalised: str, passages: Collection[Passage]) -> frozenset[Passage]:
    """Return those of `passages` that stand in a normalised text, wherever."""
    starts = _word_starts(normalised)
    found: set[Passage] = set()
    for length in {passage.length for passage in passages}:
        found.update(passage_of(normalised[start : start + length]) for start in starts)
    return frozenset(passages) & found


def _word_starts(normalised: str) -> list[int]:
    return [0, *(at + 1 for at, character in enumerate(normalised) if character == " ")]
