"""One trust store for every sender: the system's, or the file that takes its place."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from fixtures import preflight, target
from fixtures.errors import TargetFileProblem
from fixtures.network import NoTls
from fixtures.wire import connection
from tests.field.kit import address, proxy
from tests.fixtures.kit import bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.field.kit import Authority
    from tests.fixtures.kit import Bench
    from tests.miniatures import Line

ASK = "checkAvailableAgents"


@pytest.fixture(autouse=True)
def fresh_store() -> Iterator[None]:
    target._context.cache_clear()
    yield
    target._context.cache_clear()


@pytest.fixture
def secured(ours: Authority) -> Iterator[str]:
    with listening(ours.secured(faults.fine)) as server:
        yield server.url.replace("http:", "https:")


def ways(kit: Bench) -> list[bool]:
    """Say for each sender whether it gets through."""

    def goes(sender: str) -> bool:
        try:
            if sender == "transport":
                return kit.api.anonymous().call(ASK, patient=False).status == 200
            with connection(kit.api) as wire:
                return wire.call(ASK).status == 200
        except NoTls as problem:
            return "the certificate is not trusted" not in str(problem)

    return [preflight.reach(kit.api).ok, goes("transport"), goes("wire")]


def test_an_authority_of_the_systems_store_is_trusted_by_all(
    secured: str, ours: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.ca))
    assert ways(bench(secured, tmp_path)) == [True, True, True]


def test_an_unknown_authority_is_trusted_by_none(secured: str, tmp_path: Path) -> None:
    kit = bench(secured, tmp_path)
    assert ways(kit) == [False, False, False]
    check = preflight.reach(kit.api)
    assert (check.name, "see ca_file and verify_tls" in check.text) == ("TLS", True)


@pytest.mark.parametrize("environment", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_variables_of_other_tools_play_no_part(
    environment: str, secured: str, ours: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment, str(ours.ca))
    assert ways(bench(secured, tmp_path)) == [False, False, False]


def test_the_file_of_an_authority_counts_for_all(secured: str, ours: Authority, tmp_path: Path) -> None:
    assert ways(bench(secured, tmp_path, more=f'ca_file = "{ours.ca}"')) == [True, True, True]


def test_the_file_takes_the_place_of_the_systems_store(
    secured: str, ours: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.ca))
    assert ways(bench(secured, tmp_path, more=f'ca_file = "{_stranger(tmp_path)}"')) == [False, False, False]


def _stranger(folder: Path) -> Path:
    from tests.field.kit import authority  # noqa: PLC0415 - one test alone needs a second one

    (folder / "stranger").mkdir()
    return authority(folder / "stranger").ca


def test_nothing_is_checked_where_the_file_says_so(secured: str, tmp_path: Path) -> None:
    assert ways(bench(secured, tmp_path, more="verify_tls = false")) == [True, True, True]


def test_a_certificate_for_another_name_is_not_trusted(ours: Authority, tmp_path: Path) -> None:
    with listening(ours.secured(faults.fine)) as server, listening(proxy(address(server.url))) as way:
        more = f'ca_file = "{ours.ca}"\nproxy = "{way.url}"'
        assert ways(bench("https://pbx.example.com", tmp_path, more=more)) == [True, True, True]
        assert ways(bench("https://other.example.com", tmp_path, more=more)) == [False, False, False]


def test_a_client_certificate_is_shown_by_all(ours: Authority, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ours.cert, ours.key)
    context.load_verify_locations(ours.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    more = f'ca_file = "{ours.ca}"\nclient_cert = "{ours.cert}"\nclient_key = "{ours.key}"'

    def asks_for_one(line: object) -> None:
        line.sock = context.wrap_socket(line.sock, server_side=True)  # type: ignore[attr-defined]
        faults.fine(line)  # type: ignore[arg-type]

    with listening(asks_for_one) as server:
        assert ways(bench(server.url.replace("http:", "https:"), tmp_path, more=more)) == [True, True, True]


def test_a_server_without_tls_is_told_as_such(tmp_path: Path) -> None:
    def speaks_plainly(line: Line) -> None:
        line.send(faults.answer(b"", "400 Bad Request"))

    with listening(speaks_plainly) as server:
        check = preflight.reach(bench(server.url.replace("http:", "https:"), tmp_path).api)
        assert (check.name, check.ok) == ("TLS", False)


BROKEN = {
    "encrypted": ("client_key", "the key is encrypted"),
    "garbage": ("client_cert", "no certificate"),
    "no-ca": ("ca_file", "no certificate"),
    "other-key": ("client_key", "not that of client_cert"),
    "key-alone": ("client_key", "no client_cert"),
    "key-garbage": ("client_key", "no certificate with its key"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_files_that_cannot_be_used_are_named_by_their_key(case: str, ours: Authority, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n", encoding="ascii")
    (tmp_path / "none.pem").write_text("nothing\n", encoding="ascii")
    lines = {
        "encrypted": f'client_cert = "{ours.cert}"\nclient_key = "{ours.encrypted_key}"',
        "garbage": f'client_cert = "{tmp_path / "none.pem"}"\nclient_key = "{ours.key}"',
        "no-ca": f'ca_file = "{garbage}"',
        "other-key": f'client_cert = "{ours.ca}"\nclient_key = "{ours.key}"',
        "key-alone": f'client_key = "{ours.key}"',
        "key-garbage": f'client_cert = "{ours.cert}"\nclient_key = "{tmp_path / "none.pem"}"',
    }
    key, why = BROKEN[case]
    with pytest.raises(TargetFileProblem) as caught:
        bench("https://127.0.0.1", tmp_path, more=lines[case])
    assert f": {key}: " in str(caught.value)
    assert why in str(caught.value)


def test_one_secured_connection_serves_one_call_after_the_other(ours: Authority, tmp_path: Path) -> None:
    with listening(ours.secured(faults.fine), faults.drops_the_connection) as server:
        kit = bench(server.url.replace("http:", "https:"), tmp_path, more=f'ca_file = "{ours.ca}"')
        caller = kit.api.anonymous()
        assert [caller.call(ASK, patient=False).status for _ in range(5)] == [200] * 5
