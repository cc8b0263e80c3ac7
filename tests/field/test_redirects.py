"""A target that redirects everything elsewhere is told at the start, with the address that belongs into the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import discovery, preflight, target_file
from fixtures.doctor.__main__ import main as doctor
from tests.fixtures.kit import bench
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.preflight import Check
    from tests.miniatures import Conversation, Line


def redirecting(location: str, status: str = "301 Moved Permanently") -> Conversation:
    """Redirect every request; {path} stands for its path and query."""

    def talk(line: Line) -> None:
        while True:
            path = line.request().split(b" ")[1].decode()
            line.send(faults.answer(b"", status, f"Location: {location.format(path=path)}"))

    return talk


def found(location: str, folder: Path, status: str = "301 Moved Permanently") -> Check | None:
    with listening(redirecting(location, status)) as server:
        return preflight.moved(bench(server.url, folder).api)


MOVED = {
    "https://127.0.0.1{path}": "https://127.0.0.1",
    "https://127.0.0.1:8443{path}": "https://127.0.0.1:8443",
    "https://127.0.0.1/": "https://127.0.0.1",
    "//pbx.example.com{path}": "http://pbx.example.com",
    "https://user:canary@pbx.example.com{path}?ticket=canary": "https://pbx.example.com",
    "HTTPS://PBX.example.com{path}#canary": "https://pbx.example.com",
    "https://[2001:db8::1]{path}": "https://[2001:db8::1]",
}


@pytest.mark.parametrize("location", MOVED)
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Moved", "308 Moved"])
def test_the_new_address_is_told_and_nothing_else_of_the_location(location: str, status: str, tmp_path: Path) -> None:
    check = found(location, tmp_path, status)
    assert check is not None
    assert (check.name, check.level) == ("redirect", "failed")
    assert f": the target redirects everything to {MOVED[location]}; put that into base_url" in check.text
    assert "canary" not in check.text


OTHERS = (
    "/login?back={path}",
    "https://sso.example.com/login?back={path}",
    "{path}/",
    "http://[",
    "ftp://127.0.0.1{path}",
    "https://pbx.example.com:99999{path}",
    "https://\x1b[2J.example.com{path}",
    "",
)


@pytest.mark.parametrize("location", OTHERS)
def test_a_way_to_a_login_and_what_is_no_address_are_not_taken_for_one(location: str, tmp_path: Path) -> None:
    assert found(location, tmp_path) is None


def test_a_target_that_redirects_one_path_only_has_not_moved(tmp_path: Path) -> None:
    def talk(line: Line) -> None:
        while True:
            path = line.request().split(b" ")[1].decode()
            moved = path.startswith("/statsapi")
            field = f"Location: https://127.0.0.1{path}"
            line.send(faults.answer(b"", "301 Moved", field) if moved else faults.answer(b"", "404 Not Found"))

    with listening(talk) as server:
        assert preflight.moved(bench(server.url, tmp_path).api) is None


def test_a_bare_address_is_told_the_same(tmp_path: Path) -> None:
    with listening(redirecting("https://127.0.0.1{path}")) as server:
        kit = bench(server.url, tmp_path)
        _, [check] = discovery.discover(target_file.from_url(server.url), kit.api.recorder)
        assert (check.name, check.level) == ("redirect", "failed")


def test_a_run_does_not_start_at_an_address_that_has_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "acme.toml"
    with listening(redirecting("https://user:canary@127.0.0.1{path}?canary")) as server:
        user = 'tenant_url = "example.com"\nusername = "a"\npassword = "some-password"\n'
        file.write_text(f'base_url = "{server.url}"\n[apis.bp_stats]\n{user}', encoding="utf-8")
        for target in (str(file), server.url):
            assert doctor(["--target", target]) == 7
            told = "".join(capsys.readouterr())
            assert "redirects everything to https://127.0.0.1; put that into base_url" in told
            assert "canary" not in told
