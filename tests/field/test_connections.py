"""Connections end as HTTP allows, names lead nowhere, and the suite neither hangs nor blames the answer."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import network
from fixtures.outcomes import Dropped, Unanswered
from fixtures.wire import connection
from tests.fixtures.kit import TIMEOUT_S, bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.field.kit import Authority
    from tests.miniatures import Line

READ, WRITE = "checkAvailableAgents", "createSubscription"


def answers_once(line: Line) -> None:
    """Answer, and close without a word."""
    line.request()
    line.send(faults.answer())


def answers_once_and_waits(line: Line) -> None:
    """Close when the next request has come, as a server does whose time for idle connections is over."""
    line.request()
    line.send(faults.answer())
    line.request()


def announces_the_end(line: Line) -> None:
    line.request()
    line.send(faults.answer(faults.GOOD, "200 OK", "Connection: close"))


@pytest.mark.parametrize("talk", [answers_once, announces_the_end])
@pytest.mark.parametrize("operation", [READ, WRITE])
def test_connections_closed_after_each_answer_are_legal(talk: Any, operation: str, tmp_path: Path) -> None:
    with listening(talk) as server:
        caller = bench(server.url, tmp_path).api.anonymous()
        for _ in range(5):
            assert caller.call(operation, patient=False).status == 200
            time.sleep(0.05)


def test_a_read_is_sent_again_when_its_kept_connection_ends_before_the_answer(tmp_path: Path) -> None:
    with listening(answers_once_and_waits) as server:
        kit = bench(server.url, tmp_path)
        caller = kit.api.anonymous()
        assert [caller.call(READ, patient=False).status for _ in range(3)] == [200, 200, 200]
        assert len(server.requests) == 5
        assert len(kit.exchanges) == 3


def test_a_write_never_comes_twice_and_learns_for_the_next_one(tmp_path: Path) -> None:
    with listening(answers_once_and_waits) as server:
        caller = bench(server.url, tmp_path).api.anonymous()
        caller.call(WRITE, patient=False)
        with pytest.raises(Dropped):
            caller.call(WRITE, patient=False)
        assert len(server.requests) == 2
        assert [caller.call(WRITE, patient=False).status for _ in range(3)] == [200, 200, 200]
        assert len(server.requests) == 5


def test_a_fresh_connection_that_ends_without_an_answer_is_not_tried_again(tmp_path: Path) -> None:
    with listening(faults.drops_the_connection) as server:
        with pytest.raises(Dropped):
            bench(server.url, tmp_path).api.anonymous().call(READ, patient=False)
        assert len(server.requests) == 1


def test_half_an_answer_is_not_asked_for_again(tmp_path: Path) -> None:
    def half(line: Line) -> None:
        line.request()
        line.send(faults.answer())
        line.request()
        line.send(b"HTTP/1.1 2")

    with listening(half) as server:
        caller = bench(server.url, tmp_path).api.anonymous()
        caller.call(READ, patient=False)
        with pytest.raises(Unanswered):
            caller.call(READ, patient=False)
        assert len(server.requests) == 2


@pytest.mark.parametrize("talk", [answers_once, announces_the_end])
def test_the_wire_probe_sees_that_a_connection_has_ended(talk: Any, tmp_path: Path) -> None:
    with listening(talk) as server, connection(bench(server.url, tmp_path).api) as wire:
        assert wire.call(READ).status == 200
        assert not wire.reusable


def test_a_server_that_reads_slowly_is_cut_at_the_deadline(tmp_path: Path) -> None:
    def reads_nothing(line: Line) -> None:
        line.hold()

    with listening(reads_nothing) as server:
        caller = bench(server.url, tmp_path).api.anonymous()
        started = time.monotonic()
        with pytest.raises(Unanswered, match="deadline"):
            caller.call(WRITE, body=b"x" * 20_000_000, patient=False)
        assert time.monotonic() - started < TIMEOUT_S + 1


def test_a_tls_handshake_has_the_time_of_the_answer(tmp_path: Path) -> None:
    def stays_silent(line: Line) -> None:
        line.hold()

    with listening(stays_silent) as server:
        kit = bench(server.url.replace("http:", "https:"), tmp_path)
        started = time.monotonic()
        with pytest.raises(Unanswered, match="deadline"):
            kit.api.anonymous().call(READ, patient=False)
        with pytest.raises(Unanswered, match="deadline"), connection(kit.api):
            pass
        assert time.monotonic() - started < 2 * TIMEOUT_S + 1


def test_a_dripping_tls_handshake_ends_at_the_deadline(ours: Authority, tmp_path: Path) -> None:
    def drips(line: Line) -> None:
        line.drip(b"\x16\x03\x03\x10\x00" + b"\x02" * 4096)

    with listening(drips) as server:
        kit = bench(server.url.replace("http:", "https:"), tmp_path)
        started = time.monotonic()
        with pytest.raises(Unanswered):
            kit.api.anonymous().call(READ, patient=False)
        assert time.monotonic() - started < TIMEOUT_S + 1


@pytest.fixture
def silent_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server that gives no answer."""
    over = threading.Event()
    real = socket.getaddrinfo

    def look_up(*args: Any, **options: Any) -> Any:
        if not options.get("flags", 0) & socket.AI_NUMERICHOST:
            over.wait(10)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real(*args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield
    over.set()


@pytest.mark.usefixtures("silent_names")
def test_a_name_server_that_gives_no_answer_is_not_waited_for(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(Unanswered, match=r"the look-up of pbx\.example\.com goes on"):
        bench("http://pbx.example.com", tmp_path).api.anonymous().call(READ, patient=False)
    assert time.monotonic() - started < TIMEOUT_S + 1


def test_a_name_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Dropped, match="Name or service not known"):
        bench("http://pbx.example.com", tmp_path).api.anonymous().call(READ, patient=False)


def test_an_address_that_swallows_connections_leaves_time_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with listening(faults.fine) as server, socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        queued = [socket.socket() for _ in range(4)]
        for sock in queued:
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        good = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in (full.getsockname(), good)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        answer = bench("http://pbx.example.com", tmp_path, timeout_s=1.0).api.anonymous().call(READ, patient=False)
        assert answer.status == 200
        for sock in queued:
            sock.close()


@pytest.mark.parametrize("seconds", [1e-9, 1e300, float("inf")])
def test_no_length_of_time_breaks_a_wait(seconds: float, tmp_path: Path) -> None:
    with listening(faults.fine) as server:
        caller = bench(server.url, tmp_path).api.anonymous()
        if seconds < 1:
            with pytest.raises(Unanswered, match="deadline"):
                caller.call(READ, patient=False, timeout_s=seconds)
        else:
            assert caller.call(READ, patient=False, timeout_s=seconds).status == 200


def test_a_literal_address_of_version_6_is_a_host(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("the machine has no IPv6")
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("the machine has no address ::1")
    with listener, listening(faults.fine) as server:
        port = listener.getsockname()[1]

        def relay() -> None:
            for _ in range(2):
                sock, _ = listener.accept()
                with sock:
                    head.append(sock.recv(65536))
                    sock.sendall(faults.answer(faults.GOOD, "200 OK", "Connection: close"))

        head: list[bytes] = []
        thread = threading.Thread(target=relay, daemon=True)
        thread.start()
        kit = bench(f"http://[::1]:{port}", tmp_path)
        assert kit.api.anonymous().call(READ, patient=False).status == 200
        with connection(kit.api) as wire:
            assert wire.call(READ).status == 200
        assert all(f"\r\nHost: [::1]:{port}\r\n".encode() in each for each in head)
        assert server.requests == []


def test_the_dot_behind_a_name_is_looked_up_and_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []

    def look_up(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

    with listening(faults.fine) as server:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        kit = bench(f"http://pbx.example.com.:{address[1]}", tmp_path)
        kit.api.anonymous().call(READ, patient=False)
        with connection(kit.api) as wire:
            wire.call(READ)
    assert "pbx.example.com" not in asked
    assert "pbx.example.com." in asked
    assert all(f"\r\nHost: pbx.example.com:{address[1]}\r\n".encode() in each for each in server.requests)


def test_an_origin_knows_its_port() -> None:
    assert network.Origin.of("https://[::1]/x").authority == "[::1]:443"
    assert network.Origin.of("http://pbx.example.com").authority == "pbx.example.com:80"


@pytest.mark.parametrize("talk", [answers_once, announces_the_end])
def test_the_wire_probe_goes_on_over_another_connection(talk: Any, tmp_path: Path) -> None:
    with listening(talk) as server, connection(bench(server.url, tmp_path).api) as wire:
        assert [wire.call(READ).status for _ in range(3)] == [200, 200, 200]


def test_the_wire_probe_goes_on_after_an_answer_that_did_not_come(tmp_path: Path) -> None:
    with listening(faults.never_answers, faults.fine) as server, connection(bench(server.url, tmp_path).api) as wire:
        with pytest.raises(Unanswered):
            wire.call(READ)
        assert wire.call(READ).status == 200
