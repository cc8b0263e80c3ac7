"""Hosts, path segments and links, by RFC 3986."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

_SEGMENT: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+"
_URI: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})+")
_NAME: Final = re.compile(r"[^\s/?#@:\[\]\\]+")
"""A registered name; letters beyond ASCII pass, since that is no matter of a scheme, path, user or blank."""


def is_segment(text: str) -> bool:
    """Say whether a text can stand in a path as one segment, as it is."""
    return re.fullmatch(_SEGMENT, text) is not None


def is_host(text: str) -> bool:
    """Say whether a text is host[:port]."""
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host = text
    elif not (port.isascii() and port.isdecimal() and int(port) < 65536):
        return False
    if host.startswith("[") and host.endswith("]"):
        return _is_address(host[1:-1])
    return _NAME.fullmatch(host) is not None


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def uri(text: str) -> SplitResult | None:
    """Take a URI reference apart; None for a text that is none, such as one with a blank."""
    if _URI.fullmatch(text) is None:
        return None
    try:
        return urlsplit(text)
    except ValueError:
        return None


def is_item_of(path: str, collection: str) -> bool:
    """Say whether a path is that of a collection, or of one item in it."""
    return path == collection or re.fullmatch(f"{re.escape(collection)}/{_SEGMENT}", path) is not None
