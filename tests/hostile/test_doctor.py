"""Whatever answers, the doctor ends soon, says in printable words what it saw, and never with a trace."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.doctor.__main__ import main
from tests.hostile.servers import HOSTILE, NULL, always
from tests.hostile.serving import answering
from tests.miniatures import faults, listening

if TYPE_CHECKING:
    from pathlib import Path

    from tests.miniatures import Conversation, Line

LARGE = {"100 MB of JSON", "thousands of tokens"}
"""What takes seconds by its size alone; runs against it are measured elsewhere."""
ODD = {name: server for name, server in {**NULL, **HOSTILE}.items() if name not in LARGE}
EVERYTHING = """
[apis.bp_mobile]
tenant_url = "tenant.example.com"
app_id = "conformance"
[apis.bp_stats]
tenant_url = "tenant.example.com"
username = "wallboard-1"
password = "canary-stats-1"
[apis.bp_sms]
client_id = "sms.sender"
client_secret = "canary-sms-2"
scope = "tenant.example.com"
[apis.gms]
auth = "basic"
username = "mobile-app"
password = "canary-gms-3"
services = { request_interaction = "request-interaction", match_interaction = "match-interaction" }
[apis.oracle_chat]
username = "chat.service"
password = "canary-chat-4"
"""


def is_printable(text: str) -> bool:
    return all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("name", sorted(set(NULL) - {"401"}))
def test_where_nothing_answers_as_an_api_no_run_can_start(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(NULL[name]) as url:
        assert main(["--target", url]) == 7
    assert f"FAIL API: no API that the suite knows answers at {url}" in capsys.readouterr().out


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_without_a_target_is_told_as_one(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(always(status, b"<h1>Sorry</h1>", "text/html")) as url:
        assert main(["--target", url]) == 7
    assert f"answers {status} to everything, as a gateway does" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(ODD))
def test_odd_answers_are_told_in_printable_words(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "acme.toml", tmp_path / "more.toml"
    with answering(ODD[name]) as url:
        file.write_text(f'base_url = "{url}"\ntimeout_s = 2\nimpact = "session"\n{EVERYTHING}', encoding="utf-8")
        code = main(["--target", str(file), "--complete", "--write", str(out)])
    told = capsys.readouterr()
    assert code in {0, 7}
    assert not told.err
    assert "error of the suite" not in told.out
    assert "canary" not in told.out
    assert is_printable(told.out)
    assert max(map(len, told.out.splitlines())) < 600
    if out.exists():
        assert is_printable(out.read_text(encoding="utf-8"))
        assert main(["--target", str(out)]) == 7  # it loads; nobody listens any more


def drips(line: Line) -> None:
    line.request()
    line.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 999)


SILENT: dict[str, Conversation] = {
    "never answers": faults.never_answers,
    "drops the connection": faults.drops_the_connection,
    "drips": drips,
}


@pytest.mark.parametrize("name", SILENT)
def test_a_target_that_does_not_answer_costs_little_time(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "acme.toml"
    with listening(SILENT[name]) as server:
        file.write_text(f'base_url = "{server.url}"\ntimeout_s = 0.5\n{EVERYTHING}', encoding="utf-8")
        started = time.monotonic()
        assert main(["--target", str(file)]) == 7
        assert time.monotonic() - started < 20
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if "FAIL" in line]
    assert "error of the suite" not in told
