"""What a target file may say of the network works, or is refused with the key that says it, and no secret is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fixtures import target_file
from fixtures.api import Api
from fixtures.doctor.__main__ import main as doctor
from fixtures.errors import TargetFileProblem
from fixtures.exchange import Request
from fixtures.outcomes import Unanswered
from fixtures.target_values import in_ascii
from fixtures.wire import connection
from tests.fixtures.kit import bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from pathlib import Path

ASK = "checkAvailableAgents"
CANARY = "canary-in-the-mine"
FILE = """
base_url = "https://pbx.example.com"
{top}
[apis.bp_stats]
tenant_url = "example.com"
username = "wallboard-1"
password = "{password}"
"""


def refused(text: str) -> str:
    with pytest.raises(TargetFileProblem) as caught:
        target_file.parse(text, "acme.toml")
    return str(caught.value)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_a_secret_that_ends_in_a_line_break_is_named_by_its_key(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BP_STATS_PASSWORD", CANARY + end)
    told = refused(FILE.format(top="", password="${BP_STATS_PASSWORD}"))
    assert told.startswith("acme.toml:7: apis.bp_stats.password: ends in a line break\n")
    assert CANARY not in told


def test_nor_does_the_doctor_show_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BP_STATS_PASSWORD", CANARY + "\n")
    file = tmp_path / "acme.toml"
    file.write_text(FILE.format(top="", password="${BP_STATS_PASSWORD}"), encoding="utf-8")
    assert doctor(["--target", str(file)]) == 4
    told = "".join(capsys.readouterr())
    assert "apis.bp_stats.password: ends in a line break" in told
    assert CANARY not in told


@pytest.mark.parametrize(
    ("value", "why"),
    [("a\\nb", "a line break"), ("a\\u0000b", "a control character"), ("\\u001b[2J", "a control character")],
)
def test_a_secret_that_no_field_can_hold_is_named_by_its_key(value: str, why: str) -> None:
    told = refused(FILE.format(top="", password=f"{CANARY}{value}"))
    assert f"acme.toml:7: apis.bp_stats.password: holds {why}" in told
    assert CANARY not in told


@pytest.mark.parametrize("letter", ["\n", "\r", "\0", "\u20ac", "\ud800"])
@pytest.mark.parametrize("name", ["Cookie", "X-canary\n"])
def test_no_reason_shows_what_could_not_be_sent(name: str, letter: str, tmp_path: Path) -> None:
    fields = ((name, f"{CANARY}{letter}"),)
    with listening(faults.fine) as server:
        kit = bench(server.url, tmp_path)
        said = []
        with pytest.raises(Unanswered, match="cannot be sent") as caught:
            kit.api.anonymous().call(ASK, headers=fields)
        said.append(repr(caught.value))
        with connection(kit.api) as wire, pytest.raises(Unanswered, match="cannot be sent") as caught:
            wire.call(ASK, headers=fields)
        said.append(repr(caught.value))
        assert "canary" not in "".join(said).replace("X-canary", "")
        assert server.requests == []


@pytest.mark.parametrize("url", ["http://[::canary", "http://127.0.0.1:99999/canary", "http://canary\u2100.example/"])
def test_no_reason_shows_an_address_that_cannot_be_used(url: str, tmp_path: Path) -> None:
    kit = bench("http://127.0.0.1:9", tmp_path)
    with pytest.raises(Unanswered) as caught:
        kit.api.anonymous().send(ASK, Request("GET", url), patient=False)
    assert "canary" not in str(caught.value)


def test_letters_of_latin_1_are_sent_in_fields_by_both(tmp_path: Path) -> None:
    with listening(faults.fine) as server:
        kit = bench(server.url, tmp_path)
        kit.api.anonymous().call(ASK, headers=(("X-Name", "\u00e9"),))
        with connection(kit.api) as wire:
            wire.call(ASK, headers=(("X-Name", "\u00e9"),))
        assert all(b"\r\nX-Name: \xe9\r\n" in request for request in server.requests)


@pytest.mark.parametrize("target", ["/canary x", "/canary\r\nX: y", "/canary\u20ac"])
def test_no_reason_of_the_wire_probe_shows_a_request_target(target: str, tmp_path: Path) -> None:
    with listening(faults.fine) as server:
        kit = bench(server.url, tmp_path)
        with connection(kit.api) as wire, pytest.raises(Unanswered) as caught:
            wire.call(ASK, target=target)
        assert "canary" not in str(caught.value)


NAMES = {
    "https://b\u00fccher.example": "https://xn--bcher-kva.example",
    "https://B\u00dcCHER.example:8443": "https://xn--bcher-kva.example:8443",
    "http://\u4f8b\u3048.example": "http://xn--r8jz45g.example",
    "https://pbx.example.com:8443": "https://pbx.example.com:8443",
    "http://[::1]:8080": "http://[::1]:8080",
}


@pytest.mark.parametrize("url", NAMES)
def test_a_name_in_any_script_is_sent_as_dns_spells_it(url: str) -> None:
    assert in_ascii(url) == NAMES[url]
    assert target_file.from_url(url).base_url == NAMES[url]
    target = target_file.parse(f'[apis.bp_stats]\nbase_url = "{url}"\n', "acme.toml")
    assert target.apis["bp_stats"].base_url == NAMES[url]


@pytest.mark.parametrize("host", ["b\u00fc\u0000cher.example", "\u200d.example", "b\u00fccher..example"])
def test_a_name_that_cannot_be_is_named_by_its_key(host: str) -> None:
    text = '[apis.bp_stats]\nbase_url = "https://{}"\n'.format(host.replace("\0", "\\u0000"))
    assert "acme.toml:2: apis.bp_stats.base_url: " in refused(text)


def test_a_name_in_another_script_reaches_its_server(tmp_path: Path) -> None:
    with listening(faults.fine) as server:
        kit = bench("http://b\u00fccher.example", tmp_path, more=f'proxy = "{server.url}"')
        assert kit.api.anonymous().call(ASK).status == 200
        assert server.requests[0].startswith(b"GET http://xn--bcher-kva.example/statsapi/")


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "127.0.0.1:3128", "http://", "http://127.0.0.1:0", "http://127.0.0.1:3128/pac"]
)
def test_what_is_no_http_proxy_is_refused_without_its_password(proxy: str) -> None:
    url = proxy.replace("://", f"://user:{CANARY}@") if proxy.startswith("socks") else proxy
    told = refused(FILE.format(top=f'proxy = "{url}"', password="secret-word"))
    assert "acme.toml:3: proxy: " in told
    assert CANARY not in told


def test_users_in_an_address_are_refused() -> None:
    told = refused(f'base_url = "https://user:{CANARY}@pbx.example.com"\n[apis.bp_stats]\n')
    assert "acme.toml:1: base_url: " in told
    assert CANARY not in told


def test_a_long_key_may_have_lines() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    text = '[apis.oracle_chat]\nbase_url = "https://pbx.example.com"\nusername = "a"\npassword = "secret-word"\n'
    target = target_file.parse(f'{text}jwt_key = """{pem}"""\n', "acme.toml")
    assert Api(target, target.apis["oracle_chat"], None).table["jwt_key"].endswith("\n")  # type: ignore[arg-type]
