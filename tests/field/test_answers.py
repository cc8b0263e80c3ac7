"""What servers and gateways of the field send is an answer, whatever stands before, in or around it."""

from __future__ import annotations

import gzip
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import CUT_KEPT
from fixtures.outcomes import Unanswered
from fixtures.strict_json import NotJson
from fixtures.wire import connection
from tests.field.kit import raising
from tests.fixtures.kit import TIMEOUT_S, bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fixtures.exchange import Answer
    from tests.fixtures.kit import Bench
    from tests.miniatures import Conversation, Line

    Sender = Callable[[Bench], Answer]

ASK = "checkAvailableAgents"
GOOD = {"availability": True}
REDIRECTS = ("301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect")
LOCATIONS = ("http://[", "//", "https://other.example.com/", "javascript:alert(1)", "\u00e9 \u00e8", "")
INTERIM = {
    "a 100 that nobody asked for": [b"HTTP/1.1 100 Continue\r\n\r\n"],
    "a 102": [b"HTTP/1.1 102 Processing\r\n\r\n"],
    "a 103 with fields": [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n"],
    "one that nobody knows": [b"HTTP/1.1 199 \r\n\r\n"],
    "several": [b"HTTP/1.1 102 Processing\r\n\r\n"] * 3 + [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"],
}


def by_transport(kit: Bench) -> Answer:
    return kit.api.anonymous().call(ASK, patient=False)


def by_wire(kit: Bench) -> Answer:
    with connection(kit.api) as wire:
        return wire.call(ASK)


BOTH = pytest.mark.parametrize("send", [by_transport, by_wire])


def answering(octets: bytes) -> Conversation:
    """Answer each request and close the connection."""

    def talk(line: Line) -> None:
        line.request()
        line.send(octets)

    return talk


@BOTH
@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_has_its_body(send: Sender, status: str, tmp_path: Path) -> None:
    page = b"<p>it has moved</p>"
    with listening(faults.answering(faults.answer(page, status, "Location: /elsewhere", kind="text/html"))) as server:
        kit = bench(server.url, tmp_path)
        assert send(kit).body == page
        assert kit.exchanges[0]["response"]["body"] == page.decode()
        assert len(server.requests) == 1


@BOTH
@pytest.mark.parametrize("location", LOCATIONS)
def test_no_location_is_looked_at(send: Sender, location: str, tmp_path: Path) -> None:
    with listening(faults.answering(faults.answer(b"", "302 Found", f"Location: {location}"))) as server:
        assert send(bench(server.url, tmp_path)).status == 302


@BOTH
def test_a_dripping_redirect_ends_at_the_deadline(send: Sender, tmp_path: Path) -> None:
    def drips(line: Line) -> None:
        line.request()
        line.send(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000\r\n\r\n")
        line.drip(b" " * 1000)

    with listening(drips) as server:
        started = time.monotonic()
        with pytest.raises(Unanswered, match="deadline"):
            send(bench(server.url, tmp_path))
        assert time.monotonic() - started < TIMEOUT_S + 1


@BOTH
@pytest.mark.parametrize("before", INTERIM.values(), ids=INTERIM.keys())
def test_interim_answers_are_passed_over_and_recorded(send: Sender, before: list[bytes], tmp_path: Path) -> None:
    with listening(faults.answering(b"".join(before) + faults.answer())) as server:
        kit = bench(server.url, tmp_path)
        assert send(kit).json() == GOOD
        recorded = kit.exchanges[0]["response"]
        assert recorded["status"] == 200
        assert [each["status"] for each in recorded["interim"]] == [int(each.split()[1]) for each in before]
        assert [len(each["headers"]) for each in recorded["interim"]] == [each.count(b": ") for each in before]


@BOTH
def test_interim_answers_have_the_time_of_the_answer_and_no_more(send: Sender, tmp_path: Path) -> None:
    def announces(line: Line) -> None:
        line.request()
        for _ in range(20):
            line.send(b"HTTP/1.1 102 Processing\r\n\r\n")
            line.hold(0.1)

    with listening(announces) as server, pytest.raises(Unanswered, match="deadline"):
        send(bench(server.url, tmp_path))


@BOTH
def test_interim_answers_without_end_are_none(send: Sender, tmp_path: Path) -> None:
    def announces(line: Line) -> None:
        line.request()
        while True:
            line.send(b"HTTP/1.1 102 Processing\r\n\r\n")

    with listening(announces) as server, pytest.raises(Unanswered, match="more than 32 interim answers"):
        send(bench(server.url, tmp_path, timeout_s=5))


def bare(body: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(body) + packing.flush()


CODED = {
    "gzip": gzip.compress(faults.GOOD),
    "GZip": gzip.compress(faults.GOOD),
    "x-gzip": gzip.compress(faults.GOOD),
    "deflate": zlib.compress(faults.GOOD),
    " deflate": bare(faults.GOOD),
    "identity": faults.GOOD,
    "identity, gzip": gzip.compress(faults.GOOD),
    "gzip, gzip": gzip.compress(gzip.compress(faults.GOOD)),
    "deflate, gzip": gzip.compress(zlib.compress(faults.GOOD)),
    " gzip": gzip.compress(faults.GOOD[:9]) + gzip.compress(faults.GOOD[9:]),
}


@BOTH
@pytest.mark.parametrize("coding", CODED)
def test_a_coding_that_nobody_asked_for_is_undone(send: Sender, coding: str, tmp_path: Path) -> None:
    coded = faults.answer(CODED[coding], "200 OK", f"Content-Encoding: {coding}")
    with listening(faults.answering(coded)) as server:
        assert send(bench(server.url, tmp_path)).json() == GOOD


def test_codings_in_two_fields_are_undone_in_their_order(tmp_path: Path) -> None:
    body = gzip.compress(zlib.compress(faults.GOOD))
    coded = faults.answer(body, "200 OK", "Content-Encoding: deflate", "Content-Encoding: gzip")
    with listening(faults.answering(coded)) as server:
        assert by_transport(bench(server.url, tmp_path)).json() == GOOD


UNDONE = {
    "br": b"\x0b\x02\x80{}\x03",
    "gzip": gzip.compress(faults.GOOD)[:-12],
    "gzip, br": gzip.compress(faults.GOOD),
    ", ".join(["gzip"] * 50): b"whatever it is",
    "deflate": b"neither kind of it",
}


@BOTH
@pytest.mark.parametrize("coding", UNDONE)
def test_a_coding_that_cannot_be_undone_leaves_the_octets(send: Sender, coding: str, tmp_path: Path) -> None:
    coded = faults.answer(UNDONE[coding], "200 OK", f"Content-Encoding: {coding}")
    with listening(faults.answering(coded)) as server:
        answer = send(bench(server.url, tmp_path))
        assert answer.body == UNDONE[coding]
        with pytest.raises(NotJson):
            answer.json()


@pytest.mark.parametrize("coding", ["br", "gzip", "gzip, br"])
def test_what_is_not_read_for_its_coding_says_so(coding: str, tmp_path: Path) -> None:
    coded = faults.answer(UNDONE[coding], "200 OK", f"Content-Encoding: {coding}")
    with listening(faults.answering(coded)) as server:
        answer = by_transport(bench(server.url, tmp_path))
        with pytest.raises(NotJson, match=f"content coding that nobody asked for, .*: {coding.rpartition(' ')[2]}"):
            answer.json()


@BOTH
@pytest.mark.parametrize("codings", ["gzip", "gzip, gzip"])
def test_a_bomb_is_cut(send: Sender, codings: str, tmp_path: Path) -> None:
    bomb = faults.BOMB if codings == "gzip" else gzip.compress(faults.BOMB)
    coded = faults.answer(bomb, "200 OK", f"Content-Encoding: {codings}")
    with listening(faults.answering(coded)) as server:
        answer = send(bench(server.url, tmp_path, timeout_s=10))
        assert (answer.cut, len(answer.body)) == (True, CUT_KEPT)


HEADS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 22\r\n\r\n", GOOD),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\n", GOOD),
    "no length, closed": (b"HTTP/1.1 200 OK\r\n\r\n", GOOD),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 22\n\n", GOOD),
    "20 KB in one field": (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 20_000 + b"\r\nContent-Length: 22\r\n\r\n", GOOD),
    "64 KB in one field": (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 65_500 + b"\r\nContent-Length: 22\r\n\r\n", GOOD),
    "folded": (b"HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\nContent-Length: 22\r\n\r\n", GOOD),
}


@BOTH
@pytest.mark.parametrize("head", HEADS)
def test_an_unusual_head_is_a_head(send: Sender, head: str, tmp_path: Path) -> None:
    octets, body = HEADS[head]
    with listening(answering(octets + faults.GOOD)) as server:
        assert send(bench(server.url, tmp_path, timeout_s=5)).json() == body


LARGE = {
    "99 fields of 60 KB": b"".join(b"X-%d: %s\r\n" % (number, b"a" * 60_000) for number in range(99)),
    "10,000 fields": b"".join(b"X-%d: a\r\n" % number for number in range(10_000)),
    "a field of a megabyte": b"X-Long: " + b"a" * 1_000_000 + b"\r\n",
}


@BOTH
@pytest.mark.parametrize("fields", LARGE.values(), ids=LARGE.keys())
def test_a_head_beyond_all_measure_is_answered_or_named(send: Sender, fields: bytes, tmp_path: Path) -> None:
    with listening(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\n" + fields + b"\r\n" + faults.GOOD)) as server:
        kit = bench(server.url, tmp_path, timeout_s=5)
        assert "header" in raising(lambda: send(kit)) or kit.exchanges[0]["response"]["status"] == 200
        assert kit.shard.stat().st_size < 1_000_000
