"""Foreign text on its way to a person: nothing in it moves a cursor, turns a line around, or cannot be encoded."""

from __future__ import annotations

import re
import sys

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\uffff]"
)


def tolerate() -> None:
    r"""Let what this terminal or pipe cannot spell come out as \xNN or \uNNNN; every command says so first."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # what captures output may have none
            reconfigure(errors="backslashreplace")


def printable(text: str) -> str:
    r"""Make a hostile text visible: each character that XML forbids or that reorders a line becomes \xNN or \uNNNN."""
    return _UNPRINTABLE.sub(lambda found: _escape(found.group()), text.replace("\r\n", "\n").replace("\r", "\\r"))


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def one_line(text: str, limit: int = 200) -> str:
    """Fit a text on one line of `limit` characters."""
    line = " ".join(printable(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def bounded(text: str, limit: int) -> str:
    """Cut a text at `limit` characters, and say how many there were."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
