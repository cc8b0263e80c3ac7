"""Servers in miniature: a conversation over a plain socket, for what no honest server library would send."""

from __future__ import annotations

import itertools
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Conversation: TypeAlias = Callable[["Line"], None]

PATIENCE_S = 10.0
"""How long a server waits for a client or a test that has died."""


class Gone(Exception):
    """The client has hung up, or the test is over."""


@dataclass
class Line:
    """One connection, as the server sees it."""

    sock: socket.socket
    over: Event

    def request(self) -> bytes:
        """Read one request, head and body; raises Gone at the end of the connection."""
        text = b""
        while b"\r\n\r\n" not in text:
            text += self._more()
        head, _, body = text.partition(b"\r\n\r\n")
        sizes = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while len(body) < sum(sizes):
            body += self._more()
        return head + b"\r\n\r\n" + body

    def send(self, octets: bytes) -> None:
        self.sock.sendall(octets)

    def drip(self, octets: bytes, pause_s: float = 0.02) -> None:
        """Send octet by octet until the client or the test has enough."""
        for number in range(len(octets)):
            self.send(octets[number : number + 1])
            self.hold(pause_s)

    def hold(self, seconds: float = PATIENCE_S) -> None:
        """Keep the connection open and silent."""
        if self.over.wait(seconds):
            raise Gone

    def _more(self) -> bytes:
        if not (octets := self.sock.recv(65536)):
            raise Gone
        return octets


@dataclass
class Miniature:
    """A miniature that listens; `requests` are those that it has answered or refused to answer, in order."""

    url: str
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def listening(*conversations: Conversation) -> Iterator[Miniature]:
    """Hold the first conversation on the first connection, the second on the second; the last one on all others."""
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        miniature = Miniature(f"http://127.0.0.1:{listener.getsockname()[1]}")

        def accept() -> None:
            for number in itertools.count():
                sock, _ = listener.accept()
                if over.is_set():
                    sock.close()
                    return
                talk = conversations[min(number, len(conversations) - 1)]
                Thread(target=converse, args=(talk, sock), daemon=True).start()

        def converse(talk: Conversation, sock: socket.socket) -> None:
            sock.settimeout(PATIENCE_S)
            line = _Noted(sock, over, miniature.requests)
            with sock, suppress(OSError, Gone):
                talk(line)

        accepting = Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield miniature
        finally:
            over.set()
            socket.create_connection(listener.getsockname()).close()  # wakes the thread
            accepting.join(PATIENCE_S)


@dataclass
class _Noted(Line):
    requests: list[bytes]

    def request(self) -> bytes:
        self.requests.append(super().request())
        return self.requests[-1]
