"""One conversation for each fault, named after it; and one without."""

from __future__ import annotations

import gzip
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.miniatures import Line

GOOD = b'{"availability": true}'
BOMB = gzip.compress(bytes(64 * 1024 * 1024))
"""64 MiB of zeros in 64 KiB."""


def answer(body: bytes = GOOD, status: str = "200 OK", *fields: str, kind: str = "application/json") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def answering(octets: bytes) -> Callable[[Line], None]:
    """Answer every request on the connection with these octets."""

    def talk(line: Line) -> None:
        while True:
            line.request()
            line.send(octets)

    return talk


fine = answering(answer())


def never_answers(line: Line) -> None:
    line.request()
    line.hold()


def drips_its_header(line: Line) -> None:
    line.request()
    line.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000)


def drips_its_body(line: Line) -> None:
    line.request()
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    line.drip(b" " * 1000)


def stops_in_its_body(line: Line) -> None:
    line.request()
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
    line.hold()


def drips_a_body_without_length(line: Line) -> None:
    line.request()
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    line.drip(b" " * 1000)


def has_an_endless_header(line: Line) -> None:
    line.request()
    line.send(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        line.send(f"X-{number}: {'a' * 1000}\r\n".encode())


def has_an_endless_body(line: Line) -> None:
    line.request()
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    while True:
        line.send(b" " * 65536)


def promises_more_than_it_sends(line: Line) -> None:
    line.request()
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{}")


def drops_the_connection(line: Line) -> None:
    line.request()


def speaks_another_protocol(line: Line) -> None:
    line.request()
    line.send(b"SSH-2.0-miniature\r\n")


sends_more_than_it_promises = answering(answer() + b"surplus")
sends_a_gzip_bomb = answering(answer(BOMB, "200 OK", "Content-Encoding: gzip"))
sends_broken_gzip = answering(answer(b"no gzip at all", "200 OK", "Content-Encoding: gzip"))
sends_invalid_utf8 = answering(answer(b'{"availability": "\xff\xfe"}'))
sends_deep_json = answering(answer(b"[" * 100_000 + b"]" * 100_000))
sends_huge_numbers = answering(answer(b'{"availability": 1e999, "size": ' + b"9" * 10_000 + b"}"))
puts_a_body_behind_204 = answering(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello")
redirects_to_itself = answering(answer(b"", "302 Found", "Location: /statsapi/info/check_available_agents"))
is_busy_for_ever = answering(answer(b"", "429 Too Many Requests", "Retry-After: 0"))
asks_to_wait_in_no_number = answering(answer(b"", "429 Too Many Requests", "Retry-After: \u00b2"))


def is_busy_at_first(line: Line) -> None:
    line.request()
    line.send(answer(b"", "503 Service Unavailable", "Retry-After: 0"))
    fine(line)
