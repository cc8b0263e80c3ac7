"""The two body types of the API, made by hand: every octet that goes out stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fixtures.api import form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["urlencoded", "multipart"]
KINDS: tuple[Kind, Kind] = ("urlencoded", "multipart")
URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "----ConformanceBoundary7MA4YWxk"


@dataclass(frozen=True, slots=True)
class Body:
    """What goes out, and the Content-Type that names it; None leaves the field out."""

    content_type: str | None
    content: bytes


@dataclass(frozen=True, slots=True)
class File:
    """A part of a multipart body that has a filename."""

    name: str
    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


def body(kind: Kind, fields: Mapping[str, str], files: Iterable[File] = ()) -> Body:
    """Encode fields in one of the two types; files are for multipart alone."""
    return urlencoded(fields) if kind == "urlencoded" else multipart(fields, files)


def urlencoded(fields: Mapping[str, str]) -> Body:
    """Encode fields as application/x-www-form-urlencoded."""
    return Body(URLENCODED, form(fields))


def multipart(fields: Mapping[str, str], files: Iterable[File] = (), boundary: str = BOUNDARY) -> Body:
    """Encode fields, and files after them, as multipart/form-data; the parts of fields have no Content-Type."""
    parts = [*(text_part(name, value) for name, value in fields.items()), *map(file_part, files)]
    return Body(f"multipart/form-data; boundary={boundary}", joined(parts, boundary))


def text_part(name: str, value: str, content_type: str | None = None) -> bytes:
    """Return the part of a field: header, empty line, value."""
    typed = f"Content-Type: {content_type}\r\n" if content_type else ""
    head = f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n{typed}\r\n'
    return head.encode() + value.encode()


def file_part(file: File) -> bytes:
    """Return the part of a file."""
    head = (
        f'Content-Disposition: form-data; name="{_quoted(file.name)}"; filename="{_quoted(file.filename)}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    return head.encode() + file.content


def joined(parts: Iterable[bytes], boundary: str = BOUNDARY) -> bytes:
    """Put parts between boundaries."""
    line = f"--{boundary}".encode()
    return b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def _quoted(name: str) -> str:
    """Escape a name as browsers do (RFC 7578, 4.2, and the HTML standard)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
