"""The operator's proxy: every sender goes through it, no deadline ends at it, and its refusals are not the target's."""

from __future__ import annotations

import base64
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import preflight, transport
from fixtures.exchange import Request
from fixtures.listener import Listener
from fixtures.network import NoWay
from fixtures.outcomes import Inconclusive, Unanswered
from fixtures.wire import connection
from reports.verdicts import Attribution
from tests.field.kit import address, dripping, proxy, refusing
from tests.fixtures.kit import TIMEOUT_S, Bench, bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from pathlib import Path

    from tests.field.kit import Authority

ASK = "checkAvailableAgents"
NAME = "pbx.example.com"
DRIP = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000
SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])


def behind(proxy_url: str, base_url: str, folder: Path, *more: str) -> Bench:
    lines = [f'proxy = "{proxy_url}"', *more]
    return bench(base_url, folder, timeout_s=TIMEOUT_S, more="\n".join(lines))


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network in which nothing has a name, and nothing but loopback an address."""
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.usefixtures("no_names")
def test_a_network_with_nothing_but_the_proxy_is_enough(ours: Authority, tmp_path: Path) -> None:
    with listening(ours.secured(faults.fine)) as server, listening(proxy(address(server.url))) as way:
        kit = behind(way.url, f"https://{NAME}", tmp_path, f'ca_file = "{ours.ca}"')
        assert preflight.reach(kit.api).text == f"https://{NAME} takes connections through the proxy, TLSv1.3"
        assert kit.api.anonymous().call(ASK, patient=False).status == 200
        with connection(kit.api) as wire:
            assert wire.call(ASK).status == 200
        assert {request.split(b"\r\n")[0] for request in way.requests} == {f"CONNECT {NAME}:443 HTTP/1.1".encode()}
        assert len(server.requests) == 2


@pytest.mark.usefixtures("no_names")
def test_plain_requests_are_handed_to_the_proxy_and_the_wire_probe_goes_through_a_tunnel(tmp_path: Path) -> None:
    with listening(faults.fine) as server, listening(proxy(address(server.url))) as way:
        kit = behind(way.url, f"http://{NAME}", tmp_path)
        assert preflight.reach(kit.api).ok
        assert kit.api.anonymous().call(ASK, patient=False).status == 200
        with connection(kit.api) as wire:
            assert wire.call(ASK, target="/info//a%zz").status == 200
        first = [request.split(b"\r\n")[0].decode() for request in way.requests]
        path = "/statsapi/info/check_available_agents"
        assert first == [f"GET http://{NAME}{path} HTTP/1.1", f"CONNECT {NAME}:80 HTTP/1.1"]
        assert b"\r\nHost: pbx.example.com\r\n" in server.requests[0]
        assert server.requests[1].startswith(b"GET /statsapi/info//a%zz HTTP/1.1\r\n")


def test_the_check_of_a_listener_and_any_other_address_go_through_the_proxy(tmp_path: Path) -> None:
    with listening(faults.fine) as server, listening(proxy(address(server.url))) as way:
        kit = behind(way.url, f"http://{NAME}", tmp_path)
        with pytest.raises(Inconclusive, match="does not arrive"):
            Listener(kit.api, "http://listener.example.com").check()
        transport.send(transport.new_session(kit.api.target), Request("GET", "http://keys.example.com/jwks"), TIMEOUT_S)
        asked = [request.split(b" ")[1].split(b"/")[2] for request in way.requests]
        assert asked == [b"listener.example.com", b"keys.example.com"]


@SCHEMES
def test_the_proxy_learns_user_and_password_and_nobody_else_does(scheme: str, ours: Authority, tmp_path: Path) -> None:
    talk = ours.secured(faults.fine) if scheme == "https" else faults.fine
    with listening(talk) as server, listening(proxy(address(server.url))) as way:
        url = way.url.replace("://", "://some%40one:canary%2Fproxy@")
        kit = behind(url, f"{scheme}://{NAME}", tmp_path, f'ca_file = "{ours.ca}"')
        kit.api.anonymous().call(ASK, patient=False)
        value = base64.b64encode(b"some@one:canary/proxy").decode()
        assert f"\r\nProxy-Authorization: Basic {value}\r\n".encode() in way.requests[0]
        assert scheme == "http" or b"proxy" not in server.requests[0].lower()
        assert "canary" not in kit.shard.read_text(encoding="utf-8")
        assert value not in kit.shard.read_text(encoding="utf-8")


@SCHEMES
@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway", "403 Forbidden"])
def test_what_the_proxy_refuses_is_the_networks(scheme: str, status: str, tmp_path: Path) -> None:
    with listening(refusing(status)) as way:
        kit = behind(way.url, f"{scheme}://{NAME}", tmp_path)
        with pytest.raises(Inconclusive, match=status[:3]) as caught, connection(kit.api):
            pass
        assert caught.value.attribution is Attribution.NETWORK
        if scheme == "https" or status.startswith("407"):
            with pytest.raises(NoWay, match=f"the proxy .*{status[:3]}"):
                kit.api.anonymous().call(ASK, patient=False)
        if scheme == "https":
            assert preflight.reach(kit.api).name == "proxy"
            assert not preflight.reach(kit.api).ok


def test_a_proxy_that_does_not_listen_is_told_as_such(tmp_path: Path) -> None:
    with listening(faults.fine) as way:
        url = way.url
    for scheme in ("http", "https"):
        check = preflight.reach(behind(url, f"{scheme}://{NAME}", tmp_path).api)
        assert (check.name, check.ok) == ("proxy", False)
        assert "the proxy takes no connection: Connection refused" in check.text


@SCHEMES
def test_a_dripping_proxy_ends_at_the_deadline(scheme: str, tmp_path: Path) -> None:
    with listening(dripping(DRIP)) as way:
        kit = behind(way.url, f"{scheme}://{NAME}", tmp_path)
        for talk in (lambda: kit.api.anonymous().call(ASK, patient=False), lambda: connection(kit.api).__enter__()):
            started = time.monotonic()
            with pytest.raises(Unanswered, match="deadline"):
                talk()
            assert TIMEOUT_S * 0.9 < time.monotonic() - started < TIMEOUT_S + 1


@pytest.mark.parametrize("talk", [faults.never_answers, faults.drops_the_connection, faults.speaks_another_protocol])
def test_a_proxy_that_is_none_ends_with_a_reason(talk: Any, tmp_path: Path) -> None:
    with listening(talk) as way, pytest.raises(Unanswered, match="prox"):
        behind(way.url, f"https://{NAME}", tmp_path).api.anonymous().call(ASK, patient=False)


def test_a_proxy_itself_may_be_reached_by_tls(ours: Authority, tmp_path: Path) -> None:
    with (
        listening(ours.secured(faults.fine)) as server,
        listening(ours.secured(proxy(address(server.url)))) as way,
    ):
        kit = behind(way.url.replace("http:", "https:"), f"https://{NAME}", tmp_path, f'ca_file = "{ours.ca}"')
        assert preflight.reach(kit.api).ok
        caller = kit.api.anonymous()
        assert [caller.call(ASK, patient=False).status for _ in range(2)] == [200, 200]
        with connection(kit.api) as wire:
            assert wire.call(ASK).status == 200
