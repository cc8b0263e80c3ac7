"""What a run leaves: a complete record, every artefact, none of the secrets, and the same again with the same seed."""

from __future__ import annotations

import base64
import json
import re
import socket
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from reports.render import render
from tests.run.command import AVAILABLE, ROOT, Done, run

if TYPE_CHECKING:
    from tests.run.conftest import Reference

LOGINS = (
    *("--requirement", "bp_stats.auth.login-answers-200-with-token"),
    *("--requirement", "bp_stats.auth.near-miss-passwords-refused"),
    *("--requirement", "bp_stats.auth.cookie-works-when-supplied-by-hand"),
    *("--requirement", "bp_stats.available.unknown-or-missing-service"),  # generated from the seed
)
PASSWORD = re.compile(r'"password": "([^"\\]+)"')
VOLATILE = {"id", "started", "finished", "duration_s", "command", "exchanges", "base_urls", "requests"}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A run without a target: it starts its own."""
    return run(tmp_path_factory.mktemp("embedded"), *AVAILABLE)


@pytest.fixture(scope="module")
def first(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A run with logins, right ones and wrong ones, against a target whose tokens we know."""
    folder = tmp_path_factory.mktemp("first")
    return run(folder, "--target", reference.target_file(folder), *LOGINS, "-rA", "--showlocals")


@pytest.fixture(scope="module")
def again(reference: Reference, first: Done, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The same run once more, by two workers."""
    folder = tmp_path_factory.mktemp("again")
    return run(folder, "--target", reference.target_file(folder), *LOGINS, "-n", "2")


def stable(value: Any) -> Any:
    """Leave out what differs from run to run: times, ids, addresses, and how often data were not ready."""
    if isinstance(value, dict):
        return {key: stable(each) for key, each in value.items() if key not in VOLATILE}
    return [stable(each) for each in value] if isinstance(value, list) else value


def test_a_conforming_target_ends_with_0_and_says_so(embedded: Done) -> None:
    assert embedded.code == 0
    assert embedded.results["run"]["status"] == "conforming"
    assert "\nconforming: " in embedded.told
    assert set(embedded.verdicts.values()) == {"pass"}


def test_the_embedded_target_ends_with_the_run(embedded: Done) -> None:
    url = urlsplit(embedded.results["run"]["target"]["base_urls"]["bp_stats"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((url.hostname or "", url.port or 0), timeout=5)


def test_the_record_and_every_artefact_are_there_and_nothing_else(embedded: Done) -> None:
    assert {path.name for path in embedded.folder.iterdir()} == {
        *("run.json", "results.json", "exchanges.jsonl"),
        *("report.html", "report.css", "junit.xml", "summary.md", "pytest.html", "assets"),
    }
    for name in ("report.html", "junit.xml", "summary.md"):
        assert str(embedded.folder / name) in embedded.told


def test_a_record_alone_can_be_rendered_later(reference: Reference, tmp_path: Path) -> None:
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *AVAILABLE, "--record-only")
    assert done.code == 0
    assert {file.name for file in done.folder.iterdir()} == {"run.json", "results.json", "exchanges.jsonl"}
    render(done.folder)
    assert {"report.html", "junit.xml", "summary.md"} <= {file.name for file in done.folder.iterdir()}


def test_the_results_keep_their_schema(embedded: Done) -> None:
    schema = json.loads((ROOT / "specs" / "schemas" / "results.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(embedded.results)


def test_every_exchange_of_the_results_is_on_record_and_belongs_to_a_test(embedded: Done) -> None:
    known = {exchange["id"]: exchange for exchange in embedded.exchanges}
    assert len(known) == len(embedded.exchanges) == embedded.results["run"]["requests"]["total"]
    for test in embedded.results["tests"]:
        assert {known[name]["nodeid"] for name in test["exchanges"]} <= {test["nodeid"]}


def test_junit_parses_and_its_names_are_unique(embedded: Done) -> None:
    root = ET.parse(embedded.folder / "junit.xml").getroot()  # noqa: S314 - we wrote it
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert names
    assert len(names) == len(set(names))


def test_a_selection_is_called_partial(embedded: Done) -> None:
    assert embedded.results["run"]["partial"]
    assert "only bp_stats.available.* (--requirement)" in embedded.results["run"]["partial_reasons"]
    assert {row["reason"] for row in embedded.results["requirements"] if row["verdict"] == "none"} == {"not-selected"}


def test_two_runs_with_one_seed_have_equal_results_also_by_two_workers(first: Done, again: Done) -> None:
    assert (first.code, again.code) == (0, 0)
    one, other = stable(first.results), stable(again.results)
    assert one["requirements"] == other["requirements"]
    assert one["tests"] == other["tests"]
    assert one["run"] == other["run"]
    assert one == other


def test_no_secret_of_the_run_is_in_anything_that_it_wrote(first: Done, reference: Reference) -> None:
    target = tomllib.loads(reference.server.target_file_text())["apis"]["bp_stats"]
    passwords = {target["password"], target["password_b"], *(user["password"] for user in target["extra_users"])}
    sent = {found for call in reference.calls for found in PASSWORD.findall(call.body.decode("utf-8", "replace"))}
    # A password that was made up has no symbol; one that was made from a real one has.
    near = {each for each in sent if any(each.lower() in real.lower() or real in each for real in passwords)}
    secrets = {secret for secret in (*passwords, *near, *reference.tokens) if len(secret) >= 6}
    assert len(near) > 3
    assert len(reference.tokens) > 5
    files = {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()}
    files[Path("what was printed")] = first.told.encode()
    for path, content in files.items():
        for secret in secrets:
            for spelled in spellings(secret):
                assert spelled not in content, f"{path.name} holds a secret"


def spellings(secret: str) -> list[bytes]:
    octets = secret.encode()
    ends = [(-(-shift * 8 // 6), (shift + len(octets)) * 8 // 6) for shift in range(3)]
    cores = [base64.b64encode(b"\0" * shift + octets)[first:last] for shift, (first, last) in enumerate(ends)]
    return [octets, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), *cores]


def test_what_was_secret_stands_as_symbols(first: Done) -> None:
    logins = [each for each in first.exchanges if each["operation"] == "authenticate" and each["response"]]
    assert logins
    assert any('"password": "«password»"' in each["request"]["body"] for each in logins)
    fields = [value for each in first.exchanges for _, value in each["request"]["headers"]]
    assert any("=«token " in value for value in fields)
