"""Every exit code means one thing, and what is printed beside it says what and where."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.defects import find
from fixtures.defects.bp_stats import StatsDefect
from fixtures.reference.messages import Answer, Call, Refused
from fixtures.reference.server import serving
from tests.run.command import Done, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.run.conftest import Reference

BROKEN, BODY = "bp_stats.available.true-and-false", "bp_stats.available.body-form"
LISTED = "bp_stats.cfg.teams-listed"
WAIVER = f'[[waivers]]\nrequirement = "{BROKEN}"\nreason = "fixed in the next release"\nexpires = 2099-12-31\n'


class TeamsAreNotThere(StatsDefect, breaks=LISTED):
    """There is no list of teams."""

    async def get_teams(self, call: Call) -> Answer:
        """GET /cfg/teams."""
        raise Refused(404, 404, f"there is no {call.path}")


class AsksToWait(StatsDefect, breaks=BROKEN):
    """The open question is asked too often, whoever asks."""

    async def check_available_agents(self, call: Call) -> Answer:
        """GET /info/check_available_agents."""
        raise Refused(429, 429, f"{call.path} is asked too often")


@pytest.fixture(autouse=True)
def conforming_afterwards(reference: Reference) -> Iterator[None]:
    yield
    reference.server.swap()


def select(*requirements: str) -> list[str]:
    return [part for name in requirements for part in ("--requirement", name)]


def usage_error(folder: Path, *arguments: str) -> Done:
    done = run(folder, *arguments)
    assert done.code == 4
    assert "Traceback" not in done.told
    assert not done.folder.exists()
    return done


def test_1_means_that_the_target_does_not_conform(reference: Reference, tmp_path: Path) -> None:
    reference.server.swap(defects=[find("bp_stats.always-available")])
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *select(BROKEN, BODY))
    assert (done.code, done.results["run"]["status"]) == (1, "non-conforming")
    assert done.verdicts == {BROKEN: "fail", BODY: "pass"}
    assert f"FAIL {BROKEN}" in done.told


def test_a_waived_failure_is_shown_and_decides_nothing(reference: Reference, tmp_path: Path) -> None:
    reference.server.swap(defects=[find("bp_stats.always-available")])
    target = reference.target_file(tmp_path, ("\n[apis.", f"\n{WAIVER}\n[apis."))
    done = run(tmp_path, "--target", target, *select(BROKEN, BODY))
    assert (done.code, done.results["run"]["status"]) == (0, "conforming-with-findings")
    [row] = [row for row in done.results["requirements"] if row["id"] == BROKEN]
    assert (row["verdict"], row["waived"], row["waiver"]["reason"]) == ("fail", True, "fixed in the next release")


@pytest.mark.parametrize(("strict", "code", "verdict"), [([], 0, "finding"), (["--strict"], 1, "fail")])
def test_a_finding_fails_only_under_strict(
    reference: Reference, strict: list[str], code: int, verdict: str, tmp_path: Path
) -> None:
    reference.server.swap(defects=[find("bp_stats.teams-doubled")])
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *select(LISTED), *strict)
    assert (done.code, done.verdicts) == (code, {LISTED: verdict})


def test_3_means_that_the_suite_is_wrong_not_the_target(
    reference: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clumsy.py").write_text("def pytest_pyfunc_call():\n    raise KeyError('typo')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = run(tmp_path, "--target", reference.target_file(tmp_path), "-p", "clumsy", *select(BODY))
    assert (done.code, done.results["run"]["status"]) == (3, "invalid")
    assert done.verdicts == {BODY: "error"}
    assert "KeyError: 'typo'" in done.told


def test_3_also_means_that_something_could_not_be_collected(
    reference: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = (
        "def pytest_itemcollected(item):\n    if 'long_service_name' in item.name:\n        raise KeyError('typo')\n"
    )
    (tmp_path / "clumsy.py").write_text(plugin, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = run(tmp_path, "--target", reference.target_file(tmp_path), "-p", "clumsy", *select(BODY))
    assert done.code == 3
    assert done.results["run"]["suite_error"]


def test_4_names_a_misspelt_key_with_its_line_and_the_nearest(reference: Reference, tmp_path: Path) -> None:
    target = reference.target_file(tmp_path, ("\npassword = ", "\npasword = "))
    lines = Path(target).read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("pasword"))
    told = usage_error(tmp_path, "--target", target).told
    assert f"ERROR: {target}:{line}: unknown key apis.bp_stats.pasword\n  did you mean password" in told


def test_4_names_a_variable_that_is_not_set(reference: Reference, tmp_path: Path) -> None:
    target = reference.target_file(tmp_path, ("Wallboard-One-71", "${NOBODY_SET_THIS}"))
    told = usage_error(tmp_path, "--target", target).told
    assert "apis.bp_stats.password: the environment variable NOBODY_SET_THIS is not set" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--api", "nonsense"], "ERROR: --api nonsense: there is no such API\n  known: bp_mobile, bp_"),
        (["--requirement", "bp_stats.auht.*"], "ERROR: --requirement bp_stats.auht.*: there is no such requirement"),
        (["--target", ""], "ERROR: --target is empty"),
    ],
)
def test_4_names_an_option_that_makes_no_sense(arguments: list[str], told: str, tmp_path: Path) -> None:
    reach = [] if "--target" in arguments else ["--target", "http://127.0.0.1:9"]
    assert told in usage_error(tmp_path, *reach, *arguments).told


def test_4_names_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file", encoding="utf-8")
    done = run(tmp_path, "--target", "http://127.0.0.1:9")
    assert done.code == 4
    assert f"--report-dir {done.folder}: File exists" in done.told


def test_5_means_that_nothing_was_tested(reference: Reference, tmp_path: Path) -> None:
    done = run(tmp_path, "--target", reference.target_file(tmp_path), "-k", "nothing_matches")
    assert (done.code, done.results["run"]["status"]) == (5, "not-fully-verified")
    assert not done.verdicts


def test_6_means_that_something_stayed_open(reference: Reference, tmp_path: Path) -> None:
    reference.server.swap(defects=[AsksToWait])
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *select(BROKEN))
    assert (done.code, done.results["run"]["status"]) == (6, "not-fully-verified")
    assert done.verdicts == {BROKEN: "inconc"}


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 6)])
def test_what_should_be_and_stayed_open_is_shown_and_decides_only_under_strict(
    reference: Reference, strict: list[str], code: int, tmp_path: Path
) -> None:
    reference.server.swap(defects=[TeamsAreNotThere])
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *select(LISTED), *strict)
    assert (done.code, done.verdicts) == (code, {LISTED: "inconc"})
    assert f"INCONC {LISTED}" in done.told


def test_7_means_that_nobody_answers_and_comes_at_once_in_one_line(tmp_path: Path) -> None:
    with serving() as running:
        file = tmp_path / "target.toml"
        file.write_text(running.target_file_text(), encoding="utf-8")
    done = run(tmp_path, "--target", str(file))
    assert done.code == 7
    [line] = [line for line in done.told.splitlines() if line.startswith("Exit: ")]
    assert f": reach: {running.base_url}: Connection refused" in line
    assert "Traceback" not in done.told
    started, finished = (done.results["run"][key] for key in ("started", "finished"))
    assert time.strptime(finished[:19], "%Y-%m-%dT%H:%M:%S") >= time.strptime(started[:19], "%Y-%m-%dT%H:%M:%S")


def test_7_also_means_that_the_password_is_wrong_and_leaves_a_record_that_says_so(
    reference: Reference, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "results.json").write_text("of an earlier run", encoding="utf-8")
    target = reference.target_file(tmp_path, ("Wallboard-One-71", "Canary-Wrong-71"))
    done = run(tmp_path, "--target", target)
    assert (done.code, done.results["run"]["status"], done.results["run"]["exit_code"]) == (7, "invalid", 7)
    assert "Exit: bp_stats: login of user a: is refused (401)" in done.told
    for text in (done.told, *(file.read_text("utf-8") for file in done.folder.iterdir() if file.is_file())):
        assert "Canary" not in text


def test_a_url_alone_is_judged_as_far_as_nobody_need_log_in(reference: Reference, tmp_path: Path) -> None:
    before = len(reference.calls)
    done = run(tmp_path, "--target", reference.server.base_url)
    assert done.code == 6
    assert "the server asks for credentials" in done.told
    assert '[apis.bp_stats]\ntenant_url = "example.com"\n' in done.told  # what to write, ready to paste
    assert not {"fail", "finding", "error"} & set(done.verdicts.values())
    assert {"bp_stats.session.without-cookie-401", "bp_stats.available.unknown-or-missing-service"} <= set(
        done.verdicts
    )
    assert not [call for call in reference.calls[before:] if call.path.endswith("/auth")]


def test_a_run_that_only_reads_sends_nothing_else(reference: Reference, tmp_path: Path) -> None:
    before = len(reference.calls)
    done = run(tmp_path, "--target", reference.target_file(tmp_path), "--impact", "read-only")
    assert done.code == 0
    assert done.verdicts
    assert {call.method for call in reference.calls[before:]} == {"GET"}
    assert done.results["run"]["requests"]["total"] == len(reference.calls) - before
    assert any("impact" in reason for reason in done.results["run"]["partial_reasons"])
