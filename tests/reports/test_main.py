"""The command line, as a user drives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reports import record
from reports.__main__ import main
from reports.record import shard_path
from reports.verdicts import Verdict
from tests.reports import sample
from tests.reports.sample import row, said

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports.conftest import Recorded

WRITTEN = ["report.css", "report.html", "junit.xml", "summary.md"]


def test_render_writes_every_artefact_beside_the_record(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded()
    assert main(["render", str(tmp_path / "run")]) == 0
    assert all((tmp_path / "run" / name).stat().st_size for name in WRITTEN)
    assert str(tmp_path / "run" / "report.html") in capsys.readouterr().out


def test_render_writes_elsewhere_and_twice_the_same(recorded: Recorded, tmp_path: Path) -> None:
    recorded()
    for folder in ("a", "b"):
        main(["render", str(tmp_path / "run"), "--out", str(tmp_path / folder)])
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == sorted(WRITTEN)
    for name in WRITTEN:
        assert (tmp_path / "a" / name).read_text() == (tmp_path / "b" / name).read_text()


@pytest.mark.parametrize("killed_before_any_test", [False, True])
def test_a_killed_run_is_rendered_as_interrupted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], killed_before_any_test: bool
) -> None:
    run_dir = sample.write_run(tmp_path / "run")
    if killed_before_any_test:
        for worker in ("gw0", "gw1"):
            shard_path(run_dir, worker).unlink()
    assert main(["render", str(run_dir)]) == 0
    assert "it was interrupted" in capsys.readouterr().out
    assert record.load(run_dir)["run"]["exit_code"] == 2


def test_rendering_a_run_that_goes_on_takes_nothing_from_it(tmp_path: Path) -> None:
    run_dir = sample.write_run(tmp_path / "run")
    main(["render", str(run_dir)])
    late = record.Shard(shard_path(run_dir, "gw1"))
    late.test(row("late", said("auth.token-equals-cookie")))
    late.close()
    results = record.merge(run_dir, finished=sample.FINISHED, interrupted=False)
    assert len(results["tests"]) == len(sample.TESTS)
    assert not results["run"]["interrupted"]
    assert record.load(run_dir) == results


def test_compare_fails_on_a_regression(recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(row("one", said("auth.token-equals-cookie")), folder="old")
    recorded(row("one", said("auth.token-equals-cookie", Verdict.FAIL)), folder="new", waivers=[])
    old, new = str(tmp_path / "old"), str(tmp_path / "new" / "results.json")
    assert main(["compare", old, new]) == 1
    assert main(["compare", old, old]) == 0
    assert main(["compare", old, new, "--json"]) == 1
    assert '"change": "regressed"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["render", "{}/nowhere"], ["compare", "{}", "{}"], ["compare", "{}/broken.json", "{}"]]
)
def test_a_record_that_is_not_there_is_a_clear_error(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert main([each.format(tmp_path) for each in arguments]) == 4
    error = capsys.readouterr().err
    assert str(tmp_path) in error
    assert "Traceback" not in error


@pytest.mark.parametrize("arguments", [[], ["rendr"], ["compare", "one"], ["render", "x", "--nonsense"]])
def test_wrong_usage_is_4(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 4
    assert "usage: python -m reports" in capsys.readouterr().err
