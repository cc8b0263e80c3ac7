"""From a recorded request to a command that sends it again; secrets are read from the environment."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from specs.plain import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_SYMBOL = re.compile(r"«([^«»]+)»")
_SET_BY_CURL = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})


def curl_command(request: Mapping[str, Any]) -> str:
    """Write the request as a curl command for a POSIX shell: `«token 1»` becomes `"$TOKEN_1"`.

    Nothing is followed, decoded or normalised, so that what goes out is what the suite sent.
    """
    method = request["method"]
    verb = "--head" if method == "HEAD" else f"--request {shlex.quote(method)}"
    parts = [f"curl --include --globoff --path-as-is {verb} {quoted(request['url'])}"]
    headers = [(name, value) for name, value in request["headers"] if name.lower() not in _SET_BY_CURL]
    parts += [f"--header {quoted(f'{name}: {value}' if value else f'{name};')}" for name, value in headers]
    if request["body"]:
        if "content-type" not in {name.lower() for name, _ in headers}:
            parts.append("--header 'Content-Type:'")
        parts.append(f"--data-raw {quoted(request['body'])}")
    return " \\\n  ".join(parts)


def variables(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the environment variables that the command reads, in order of their appearance."""
    texts = [request["url"], *(value for _, value in request["headers"]), request["body"] or ""]
    return tuple(dict.fromkeys(_variable(symbol) for text in texts for symbol in _SYMBOL.findall(text)))


def quoted(text: str) -> str:
    """Quote a text for the shell, with each symbol of a secret as an environment variable."""
    pieces = _SYMBOL.split(printable(text))  # literal, symbol, literal, symbol, … literal
    shown = [
        f'"${_variable(piece)}"' if index % 2 else shlex.quote(piece) for index, piece in enumerate(pieces) if piece
    ]
    return "".join(shown) or "''"


def _variable(symbol: str) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", symbol.upper()).strip("_")
    return f"_{name}" if name[:1].isdigit() or not name else name
