"""Something in front of a target that passes requests on, and after so many of them does something else instead."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Fault: TypeAlias = Literal["hangs", "refuses", "closes", "502", "503", "504"]
PAGE = b"<html><body><h1>The backend is away</h1></body></html>"


@dataclass
class Gateway:
    """A gateway that listens. From the request `after` on it does what `fault` says; `None` is never."""

    backend: str
    fault: Fault = "hangs"
    after: int | None = None
    path: bytes = b""
    """Only requests whose first line holds this meet the fault."""
    back_after_s: float | None = None
    """Seconds after which the fault is over."""
    on_fault: Callable[[], None] | None = None
    """Called when the fault is met first."""
    requests: int = 0
    faulty: int = 0
    listener: socket.socket = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _healed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = self.listener.getsockname()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}"

    def serve(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self.listener.accept()
            except OSError:  # closed: refusing, or over
                if self._over.wait(0.02):
                    return
                continue
            threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._over.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _converse(self, client: socket.socket) -> None:
        parts = urlsplit(self.backend)
        with client, suppress(OSError), socket.create_connection((parts.hostname or "", parts.port or 80)) as server:
            if self._is_faulty(b"") and self.fault == "closes":
                return
            threading.Thread(target=_pump, args=(server, client), daemon=True).start()
            while octets := client.recv(65536):
                if _begins_a_request(octets):
                    with self._lock:
                        self.requests += 1
                    if self._is_faulty(octets.partition(b"\r\n")[0]):
                        self._misbehave(client)
                        return
                server.sendall(octets)

    def _is_faulty(self, line: bytes) -> bool:
        if self.after is None or self._healed.is_set() or self.requests <= self.after or self.path not in line:
            return False
        with self._lock:
            self.faulty += 1
            first = self.faulty == 1
        if first:
            if self.on_fault:
                self.on_fault()
            if self.back_after_s is not None:
                threading.Timer(self.back_after_s, self._heal).start()
            if self.fault == "refuses":
                self.listener.shutdown(socket.SHUT_RDWR)
                self.listener.close()
        return True

    def _heal(self) -> None:
        if self.fault == "refuses" and not self._over.is_set():
            self.listener = socket.create_server(self.address, backlog=64)
        self._healed.set()

    def _misbehave(self, client: socket.socket) -> None:
        if self.fault == "hangs":
            self._over.wait(60)
        elif self.fault.isdigit():
            head = f"HTTP/1.1 {self.fault} Bad\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n"
            client.sendall(head.encode() + b"Connection: close\r\n\r\n" + PAGE)


def _begins_a_request(octets: bytes) -> bool:
    return octets.partition(b"\r\n")[0].endswith((b" HTTP/1.1", b" HTTP/1.0"))


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while octets := source.recv(65536):
            sink.sendall(octets)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def in_front_of(
    backend: str,
    fault: Fault = "hangs",
    after: int | None = None,
    *,
    path: bytes = b"",
    back_after_s: float | None = None,
    on_fault: Callable[[], None] | None = None,
) -> Iterator[Gateway]:
    """Pass on what comes, until the fault."""
    gateway = Gateway(backend, fault, after, path, back_after_s, on_fault)
    threading.Thread(target=gateway.serve, daemon=True).start()
    try:
        yield gateway
    finally:
        gateway.close()
