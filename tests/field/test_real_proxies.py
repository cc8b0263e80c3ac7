"""The same through the proxies and gateways of the trade, where the machine has them: tinyproxy, squid, nginx."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from fixtures import preflight
from fixtures.network import NoWay
from fixtures.outcomes import Inconclusive
from fixtures.wire import connection
from tests.field.kit import address
from tests.fixtures.kit import bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.field.kit import Authority

ASK = "checkAvailableAgents"
UP_S = 10.0
LARGE = b'{"availability": true, "more": "' + b"a" * 5000 + b'"}'


@contextmanager
def started(program: str, port: int, *arguments: str) -> Iterator[str]:
    """Run a proxy, which listens on the port, for the length of a `with` block; skip the test where there is none."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed; Debian's package of that name has it")
    with subprocess.Popen(
        [found, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:
        try:
            until = time.monotonic() + UP_S
            while not listens(port):
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < until, f"{program} does not listen"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def tinyproxy(folder: Path, *lines: str) -> Iterator[str]:
    port, file = free_port(), folder / "tinyproxy.conf"
    text = [f"Port {port}", "Listen 127.0.0.1", "Timeout 20", "Allow 127.0.0.1", "MaxClients 20", *lines]
    file.write_text("\n".join([*text, ""]), encoding="ascii")
    with started("tinyproxy", port, "-d", "-c", str(file)) as url:
        yield url


@contextmanager
def squid(folder: Path, *lines: str) -> Iterator[str]:
    port, file = free_port(), folder / "squid.conf"
    text = [
        *lines,
        f"http_port 127.0.0.1:{port}", "http_access allow all", "cache deny all", "access_log none",
        "cache_log /dev/null", "pid_filename none", "shutdown_lifetime 0 seconds", "visible_hostname proxy.example.com",
        "pinger_enable off", "memory_cache_shared off", "connect_timeout 2 seconds",
    ]  # fmt: skip
    file.write_text("\n".join([*text, ""]), encoding="ascii")
    with started("squid", port, "-N", "-n", f"field{port}", "-f", str(file)) as url:
        yield url


@contextmanager
def nginx(folder: Path, port: int, *servers: str) -> Iterator[str]:
    file = folder / "nginx.conf"
    paths = " ".join(f"{each}_temp_path {folder};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = [
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;",
        "events {}",
        f"http {{ access_log off; {paths} {' '.join(servers)} }}",
    ]
    file.write_text("\n".join([*text, ""]), encoding="ascii")
    with started("nginx", port, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)) as url:
        yield url


PROXIES = pytest.mark.parametrize("proxy", [tinyproxy, squid])


@PROXIES
def test_a_target_behind_a_proxy_is_reached_by_all(proxy: object, ours: Authority, tmp_path: Path) -> None:
    with (
        proxy(tmp_path) as way,  # type: ignore[operator]
        listening(faults.fine) as plain,
        listening(ours.secured(faults.fine)) as secured,
    ):
        for url in (plain.url, secured.url.replace("http:", "https:")):
            kit = bench(url, tmp_path, timeout_s=5, more=f'proxy = "{way}"\nca_file = "{ours.ca}"')
            assert preflight.reach(kit.api).ok
            caller = kit.api.anonymous()
            assert [caller.call(ASK, patient=False).status for _ in range(3)] == [200, 200, 200]
            with connection(kit.api) as wire:
                assert [wire.call(ASK).status for _ in range(2)] == [200, 200]
        assert any(b"\r\nvia:" in request.lower() for request in plain.requests)


@PROXIES
def test_a_target_that_is_gone_behind_a_proxy_is_told_as_such(proxy: object, ours: Authority, tmp_path: Path) -> None:
    with proxy(tmp_path) as way:  # type: ignore[operator]
        port = free_port()
        kit = bench(f"https://127.0.0.1:{port}", tmp_path, timeout_s=5, more=f'proxy = "{way}"')
        with pytest.raises(NoWay, match=f"the proxy answers 50[0-9] when it is asked for a tunnel to 127.0.0.1:{port}"):
            kit.api.anonymous().call(ASK, patient=False)
        assert preflight.reach(kit.api).name == "proxy"


def test_a_proxy_that_asks_for_credentials_gets_them(ours: Authority, tmp_path: Path) -> None:
    with (
        tinyproxy(tmp_path, "BasicAuth someone canary-proxy") as way,
        listening(faults.fine) as plain,
        listening(ours.secured(faults.fine)) as secured,
    ):
        for url in (plain.url, secured.url.replace("http:", "https:")):
            known = way.replace("://", "://someone:canary-proxy@")
            kit = bench(url, tmp_path, timeout_s=5, more=f'proxy = "{known}"\nca_file = "{ours.ca}"')
            assert kit.api.anonymous().call(ASK, patient=False).status == 200
            unknown = bench(url, tmp_path, timeout_s=5, more=f'proxy = "{way}"\nca_file = "{ours.ca}"')
            with pytest.raises(NoWay, match="407"):
                unknown.api.anonymous().call(ASK, patient=False)
        assert "canary-proxy" not in kit.shard.read_text(encoding="utf-8")


def test_a_proxy_that_tunnels_to_443_alone_leaves_the_wire_of_plain_targets_undecided(tmp_path: Path) -> None:
    with tinyproxy(tmp_path, "ConnectPort 443") as way, listening(faults.fine) as plain:
        kit = bench(plain.url, tmp_path, timeout_s=5, more=f'proxy = "{way}"')
        assert kit.api.anonymous().call(ASK, patient=False).status == 200
        with pytest.raises(Inconclusive, match="only a tunnel shows what is on the wire: the proxy answers 403"):
            connection(kit.api).__enter__()


def test_a_gateway_that_ends_tls_and_compresses_changes_no_answer(ours: Authority, tmp_path: Path) -> None:
    port = free_port()
    with listening(faults.answering(faults.answer(LARGE))) as server:
        host, inner = address(server.url)
        block = (
            f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {ours.cert}; ssl_certificate_key {ours.key};"
            f" gzip on; gzip_types application/json; location / {{ proxy_pass http://{host}:{inner}; }} }}"
        )
        with nginx(tmp_path, port, block) as url:
            kit = bench(url.replace("http:", "https:"), tmp_path, timeout_s=5, more=f'ca_file = "{ours.ca}"')
            caller = kit.api.anonymous()
            coded = caller.call(ASK, headers=(("Accept-Encoding", "gzip"),))
            assert coded.values("Content-Encoding") == ("gzip",)
            assert coded.body == caller.call(ASK).body == LARGE
            with connection(kit.api) as wire:
                assert wire.call(ASK, headers=(("Accept-Encoding", "gzip"),)).body == LARGE


def test_a_gateway_that_sends_everybody_to_https_is_told(tmp_path: Path) -> None:
    port = free_port()
    block = f"server {{ listen 127.0.0.1:{port}; return 301 https://$host$request_uri; }}"
    with nginx(tmp_path, port, block) as url:
        check = preflight.moved(bench(url, tmp_path, timeout_s=5).api)
        assert check is not None
        assert check.text == f"{url}: the target redirects everything to https://127.0.0.1; put that into base_url"
