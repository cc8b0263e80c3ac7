"""Gateways in front of a server, which change how an answer travels and nothing of what it says."""

from __future__ import annotations

import gzip
import re
import socket
from typing import TYPE_CHECKING

from tests.field.kit import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.miniatures import Conversation, Line

    Change = Callable[["Answered"], bytes]

FRAMING = re.compile(rb"(?i)^(content-length|transfer-encoding|connection|keep-alive):")


class Answered:
    """An answer of the server: its head line by line, without framing, and its body."""

    def __init__(self, octets: bytes) -> None:
        head, _, self.body = octets.partition(b"\r\n\r\n")
        self.status_line, *fields = head.split(b"\r\n")
        self.status = int(self.status_line.split()[1])
        self.length = [field for field in fields if field.lower().startswith(b"content-length:")]
        if any(field.lower().startswith(b"transfer-encoding:") for field in fields):
            self.body = _joined(self.body)
        self.fields = [field for field in fields if not FRAMING.match(field)]

    @property
    def has_body(self) -> bool:
        return self.status not in {204, 304} and self.status >= 200

    def octets(self, *fields: bytes, body: bytes | None = None, version: bytes = b"HTTP/1.1") -> bytes:
        """Write the answer again, with further fields or another body."""
        content = self.body if body is None else body
        framing = [b"Content-Length: %d" % len(content)] if self.has_body and content else self.length
        line = version + self.status_line[8:]
        return b"\r\n".join([line, *self.fields, *framing, *fields, b"", b""]) + content


def _joined(chunks: bytes) -> bytes:
    body = b""
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        body, chunks = body + chunks[:length], chunks[length + 2 :]
    return body


def gateway(base_url: str, change: Change, *, keeps: bool = True) -> Conversation:
    """Return a gateway to the server; it keeps connections, or closes each one behind its answer."""

    def talk(line: Line) -> None:
        while True:
            request = line.request()
            head, end, body = request.partition(b"\r\n\r\n")
            with socket.create_connection(address(base_url)) as server:
                server.sendall(head + b"\r\nConnection: close" + end + body)
                octets = b""
                while part := server.recv(65536):
                    octets += part
            line.send(change(Answered(octets)))
            if not keeps:
                return

    return talk


def zipped(answer: Answered) -> bytes:
    if not answer.has_body or not answer.body:
        return answer.octets()
    return answer.octets(b"Content-Encoding: gzip", b"Vary: Accept-Encoding", body=gzip.compress(answer.body))


def announced(answer: Answered) -> bytes:
    early = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    return early + answer.octets()


def plain(answer: Answered) -> bytes:
    return answer.octets()


def old(answer: Answered) -> bytes:
    return answer.octets(version=b"HTTP/1.0")


def closing(answer: Answered) -> bytes:
    return answer.octets(b"Connection: close")
