"""A small HTTP server for answers that no framework would send: whatever a responder returns goes out byte for byte."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Fields = tuple[tuple[str, str], ...]
BODILESS = frozenset({204, 304})
LONGEST = 1 << 24
"""Octets of a request body that are read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: Fields
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out; the length is added, everything else stands as it is. No reply at all hangs up."""

    status: int = 200
    body: bytes = b""
    kind: str | None = "application/json"
    headers: Fields = field(default=())
    reason: str = "OK"

    def head(self) -> bytes:
        """Write status line and header fields."""
        kind = (("Content-Type", self.kind),) if self.kind is not None else ()
        length = () if self.status in BODILESS else (("Content-Length", str(len(self.body))),)
        lines = [f"HTTP/1.1 {self.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in (*kind, *self.headers, *length)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


if TYPE_CHECKING:
    Responder = Callable[[Asked], Reply | None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    responder: Responder
    timeout = 30

    def handle_one_request(self) -> None:
        """Read one request with any method, and write what the responder says."""
        with suppress(OSError):
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or len(self.raw_requestline) > 65536 or not self.parse_request():
                self.close_connection = True
                return
            asked = Asked(self.command, self.path, tuple(self.headers.items()), self._body())
            reply = self.responder(asked)
            if reply is None:
                self.close_connection = True
                return
            bodiless = self.command == "HEAD" or reply.status in BODILESS
            self.wfile.write(reply.head() + (b"" if bodiless else reply.body))
            return
        self.close_connection = True

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            length = self.headers.get("Content-Length", "0")
            return self.rfile.read(min(int(length), LONGEST) if length.isdigit() else 0)
        parts = []
        while size := int(self.rfile.readline(20).split(b";")[0].strip() or b"0", 16):
            parts.append(self.rfile.read(min(size, LONGEST)))
            self.rfile.readline(3)
        self.rfile.readline(3)
        return b"".join(parts)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away, or of what was no request."""


@contextmanager
def answering(responder: Responder) -> Iterator[str]:
    """Serve the responder on loopback until the context ends; yields the origin."""
    handler = type("Handler", (_Handler,), {"responder": staticmethod(responder)})
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
