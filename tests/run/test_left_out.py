"""Whatever keeps a test from running is named, and nothing that only some of its tests looked at is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.defects import find
from tests.run.command import Done, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.run.conftest import Reference

FILE = "suites/bp_stats/test_available_agents.py"
BODY, BROKEN = "bp_stats.available.body-form", "bp_stats.available.true-and-false"
BODY_TEST = f"{FILE}::test_the_answer_has_one_form_for_every_service"
BROKEN_TEST = f"{FILE}::test_availability_tells_a_ready_service_from_one_that_is_not"
CHOSEN = ("--requirement", BODY, "--requirement", BROKEN)


@pytest.fixture(scope="module", autouse=True)
def faulty(reference: Reference) -> Iterator[None]:
    """A target that breaks what the tests that are left out would have shown."""
    reference.server.swap(defects=[find("bp_stats.always-available")])
    yield
    reference.server.swap()


def row(done: Done, requirement: str) -> dict[str, object]:
    return next(each for each in done.results["requirements"] if each["id"] == requirement)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--deselect", BROKEN_TEST),
        ("-k", "one_form"),
        ("-m", "not requirement"),
        ("--ignore", FILE),
        ("--deselect", BROKEN_TEST, "-n", "2"),
    ],
    ids=" ".join,
)
def test_a_requirement_without_its_tests_is_named_and_not_called_passed(
    reference: Reference, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *CHOSEN, *arguments)
    found = row(done, BROKEN)
    assert (found["verdict"], found["reason"]) == ("none", "not-selected")
    assert "left out on the command line" in str(found["why"])
    assert "PARTIAL" in done.told.upper()
    assert BROKEN in "".join(done.results["run"]["partial_reasons"])
    assert done.code == (0 if done.verdicts else 5)


def test_a_node_id_leaves_out_the_rest_of_what_was_asked_for(
    reference: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *CHOSEN, places=(BODY_TEST,))
    assert done.verdicts == {BODY: "pass"}
    assert row(done, BROKEN)["reason"] == "not-selected"
    assert done.results["run"]["partial"]


def test_some_of_the_tests_of_a_requirement_do_not_make_it_pass(reference: Reference, tmp_path: Path) -> None:
    requirement = "bp_stats.available.unknown-or-missing-service"
    target = reference.target_file(tmp_path)
    whole = run(tmp_path / "whole", "--target", target, "--requirement", requirement)
    tests = row(whole, requirement)["tests"]
    assert isinstance(tests, list)
    assert len(tests) > 1
    done = run(tmp_path, "--target", target, "--requirement", requirement, "--deselect", tests[0])
    assert (done.code, done.verdicts) == (6, {requirement: "inconc"})
    assert tests[0] in str(row(done, requirement)["why"])


def test_a_test_that_skips_leaves_its_requirement_open(
    reference: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = "import pytest\ndef pytest_runtest_call(item):\n    if 'ready_service' in item.name: pytest.skip('no')\n"
    (tmp_path / "skipper.py").write_text(plugin, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = run(tmp_path, "--target", reference.target_file(tmp_path), "-p", "skipper", *CHOSEN)
    assert (done.code, done.results["run"]["status"]) == (6, "not-fully-verified")
    assert done.verdicts == {BODY: "pass"}
    assert (row(done, BROKEN)["verdict"], row(done, BROKEN)["reason"]) == ("none", "not-tested")
    assert f"NOT JUDGED {BROKEN}" in done.told


@pytest.mark.parametrize(
    "arguments",
    [("-x",), ("--maxfail=1", "-n", "2"), ("--stepwise",)],
    ids=" ".join,
)
def test_a_run_that_stops_at_a_failure_says_that_the_target_fails(
    reference: Reference, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    asked = ("--requirement", BROKEN, "--requirement", "bp_stats.chat.*")
    done = run(tmp_path, "--target", reference.target_file(tmp_path), *asked, *arguments)
    assert (done.code, done.results["run"]["status"]) == (1, "non-conforming")
    assert done.verdicts[BROKEN] == "fail"
    assert done.results["run"]["partial"]
