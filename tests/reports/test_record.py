"""From shards to results: complete, deterministic, and honest about what is missing."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from reports import record
from reports.errors import BrokenRecordError, ForeignRecordError, NoRecordError
from reports.record import Shard, shard_path
from reports.rows import LeftOut
from reports.verdicts import Verdict
from tests.reports import sample
from tests.reports.sample import row, said

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports.conftest import Recorded


def of(results: dict[str, Any], id_: str) -> dict[str, Any]:
    return next(each for each in results["requirements"] if each["id"] == f"demo.{id_}")


def test_every_requirement_of_the_plan_appears_in_the_order_of_the_catalogue(recorded: Recorded) -> None:
    assert [each["id"] for each in recorded()["requirements"]] == sample.IDS


def test_each_api_counts_each_of_its_requirements_once(recorded: Recorded) -> None:
    results = recorded()
    for api, entry in results["apis"].items():
        assert sum(entry["counts"].values()) == sum(each["api"] == api for each in results["requirements"])


def test_a_requirement_has_the_worst_verdict_of_its_tests(recorded: Recorded) -> None:
    results = recorded(
        row("one", said("auth.token-equals-cookie")), row("two", said("auth.token-equals-cookie", Verdict.FAIL))
    )
    found = of(results, "auth.token-equals-cookie")
    assert found["verdict"] == "fail"
    assert len(found["tests"]) == 2


@pytest.mark.parametrize(("strict", "verdict"), [(False, "finding"), (True, "fail")])
def test_a_finding_fails_the_run_only_when_strict(recorded: Recorded, strict: bool, verdict: str) -> None:
    flags, chosen = "session.cookie-http-only", sample.selected("session.cookie-http-only")
    results = recorded(row("flags", said(flags, Verdict.FINDING)), strict=strict, requirements=chosen)
    assert of(results, "session.cookie-http-only")["verdict"] == verdict
    assert results["tests"][0]["verdict"] == verdict
    assert results["run"]["exit_code"] == (1 if strict else 0)


def test_blocked_is_what_only_a_failed_preamble_kept_from_an_answer(recorded: Recorded) -> None:
    found = of(recorded(), "data.rows-in-order")
    assert (found["verdict"], found["reason"]) == ("inconc", "blocked")
    assert found["blocked_by"] == "demo.data.ready-in-promised-time"


def test_a_requirement_decided_by_another_test_is_not_blocked(recorded: Recorded) -> None:
    blocked = said("data.rows-in-order", Verdict.INCONC, blocked_by="demo.data.ready-in-promised-time")
    found = of(
        recorded(row("one", blocked), row("two", said("data.rows-in-order", Verdict.INCONC))), "data.rows-in-order"
    )
    assert (found["verdict"], found["reason"], found["blocked_by"]) == ("inconc", None, None)


def test_every_verdict_that_is_no_pass_is_attributed(recorded: Recorded) -> None:
    results = recorded()
    for test in results["tests"]:
        for judgement in test["judgements"]:
            assert (judgement["attribution"] is None) == (judgement["verdict"] == "pass")
            assert (judgement["signature"] is None) == (judgement["verdict"] == "pass")
    assert of(results, "data.ready-in-promised-time")["attribution"] == "network"


def test_what_was_left_out_is_not_judged_by_the_way(recorded: Recorded) -> None:
    found = of(recorded(row("head", said("wire.head-answers", Verdict.FAIL))), "wire.head-answers")
    assert (found["verdict"], found["reason"], found["tests"]) == ("none", "not-selected", [])


def test_an_error_counts_even_where_nothing_else_would(recorded: Recorded) -> None:
    assert recorded(row("head", said("wire.head-answers", Verdict.ERROR)))["run"]["exit_code"] == 3


def test_a_judgement_on_an_unknown_requirement_is_an_error_of_the_suite(recorded: Recorded) -> None:
    run = recorded(row("typo", said("auth.no-such-claim")))["run"]
    assert run["exit_code"] == 3
    assert "demo.auth.no-such-claim" in run["suite_error"]


def test_selected_requirements_that_no_test_judged_make_the_run_partial(recorded: Recorded) -> None:
    run = recorded(row("login", said("auth.login-answers-with-token")))["run"]
    assert run["partial"]
    [reason] = run["partial_reasons"][1:]
    assert reason.startswith("9 of 10 selected requirements judged by no test of this run: demo.auth.token-equals-coo")
    assert reason.endswith(" and 4 more")
    assert (run["status"], run["exit_code"]) == ("not-fully-verified", 6)


def test_a_run_that_leaves_requirements_out_is_partial_even_if_the_plan_gives_no_reason(recorded: Recorded) -> None:
    assert recorded(partial=[])["run"]["partial_reasons"][0] == "1 of 13 requirements were not selected"


def test_facts_and_readings_are_kept_and_contradictions_shown(recorded: Recorded) -> None:
    results = recorded(
        row("one", said("session.cookie-attributes", facts={"Path": "/", "flags": 1})),
        row("two", said("session.cookie-attributes", facts={"Path": "/statsapi", "flags": 1})),
        row("three", said("auth.incomplete-body-refused", reading="unauthorized")),
        row("four", said("auth.incomplete-body-refused", reading="bad-request")),
    )
    assert of(results, "session.cookie-attributes")["observed"] == {"Path": ["/", "/statsapi"], "flags": 1}
    assert of(results, "auth.incomplete-body-refused")["reading"] == "bad-request | unauthorized"


def test_a_waived_failure_is_shown_as_waived_and_excuses_the_exit_code(recorded: Recorded) -> None:
    chosen = sample.selected("limit.rows-at-most")
    results = recorded(row("limit", said("limit.rows-at-most", Verdict.FAIL)), requirements=chosen)
    found = of(results, "limit.rows-at-most")
    assert (found["verdict"], found["waived"], found["waiver"]["ticket"]) == ("fail", True, "ACME-7")
    assert results["apis"]["demo"]["counts"]["waived"] == 1
    assert results["run"]["exit_code"] == 0
    assert results["run"]["status"] == "conforming-with-findings"


def test_what_could_not_be_undone_is_listed_and_fails_no_requirement(recorded: Recorded) -> None:
    left = row("left", said("auth.token-equals-cookie", Verdict.FAIL, message="still there"), kind="postamble")
    results = recorded(left)
    assert [each["text"] for each in results["run"]["undone"]] == ["still there"]
    assert of(results, "auth.token-equals-cookie")["verdict"] == "none"


def test_a_failed_preflight_makes_the_run_invalid(recorded: Recorded) -> None:
    run = recorded(row("none"), preflight=[{"check": "login", "ok": False, "text": "401"}])["run"]
    assert (run["status"], run["exit_code"]) == ("invalid", 7)


def test_a_judgement_repeated_a_thousand_times_is_kept_once(recorded: Recorded) -> None:
    results = recorded(
        row("schema", *[said("auth.login-answers-with-token", exchanges=(str(n),)) for n in range(1000)])
    )
    assert len(results["tests"][0]["judgements"]) == 1


def test_requests_are_counted_by_method(recorded: Recorded) -> None:
    assert recorded()["run"]["requests"] == {"total": 2, "by_method": {"POST": 2}}


def test_two_equal_runs_give_equal_files_whichever_worker_ran_what(tmp_path: Path) -> None:
    for folder, tests in (("one", sample.TESTS), ("two", sample.TESTS[::-1])):
        record.merge(sample.write_run(tmp_path / folder, tests), finished=sample.FINISHED, interrupted=False)
    for file in ("results.json", "exchanges.jsonl"):
        assert (tmp_path / "one" / file).read_text() == (tmp_path / "two" / file).read_text()


def test_merging_leaves_the_record_and_no_shards(recorded: Recorded, tmp_path: Path) -> None:
    results = recorded()
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == ["exchanges.jsonl", "results.json", "run.json"]
    assert record.load(tmp_path / "run") == record.load(tmp_path / "run" / "results.json") == results
    assert list(record.load_exchanges(tmp_path / "run")) == ["main-1", "main-2"]


def test_a_torn_last_line_is_tolerated_and_counted(tmp_path: Path) -> None:
    run_dir = sample.write_run(tmp_path / "run")
    with shard_path(run_dir, "gw0").open("a") as shard:
        shard.write('{"test": {"nodeid": "suites/demo/te')
    results = record.merge(run_dir, finished=sample.FINISHED, interrupted=True)
    assert results["run"]["torn_lines"] == 1
    assert (results["run"]["status"], results["run"]["exit_code"]) == ("invalid", 2)
    assert len(results["tests"]) == len(sample.TESTS) - 1


@pytest.mark.parametrize("line", ["{nonsense", '{"other": 1}', '{"test": {"nodeid": "x"}}', "[]"])
def test_a_broken_line_is_named_with_file_and_number(tmp_path: Path, line: str) -> None:
    run_dir = sample.write_run(tmp_path / "run")
    shard = shard_path(run_dir, "gw0")
    shard.write_text(f"{line}\n{shard.read_text()}")
    with pytest.raises(BrokenRecordError, match=r"shard-gw0\.jsonl:1: "):
        record.merge(run_dir, finished=sample.FINISHED, interrupted=False)
    assert shard.exists(), "nothing is deleted before the record is whole"


def test_a_plan_of_another_suite_is_refused_with_the_version_that_made_it(tmp_path: Path) -> None:
    rows = [*sample.plan()["requirements"], {"id": "demo.auth.of-tomorrow", "state": "selected", "why": ""}]
    run_dir = sample.write_run(tmp_path / "run", requirements=rows)
    with pytest.raises(ForeignRecordError, match=r"demo\.auth\.of-tomorrow(.|\n)*0\.1\.0"):
        record.merge(run_dir, finished=sample.FINISHED, interrupted=False)


def test_a_wrong_plan_is_refused_when_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(BrokenRecordError, match=r"run\.json: depth"):
        record.write_plan(tmp_path, sample.plan(depth="endless"))
    assert not list(tmp_path.iterdir())


def test_no_record_is_said_with_the_path(tmp_path: Path) -> None:
    with pytest.raises(NoRecordError, match=r"results\.json"):
        record.load(tmp_path)


def test_threads_may_share_a_shard(tmp_path: Path) -> None:
    shard = Shard(shard_path(tmp_path, "main"))

    def fill() -> None:
        for _ in range(50):
            shard.exchange(sample.exchange("x", "y"))

    threads = [threading.Thread(target=fill) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shard.close()
    lines = shard_path(tmp_path, "main").read_text().splitlines()
    assert len([json.loads(line) for line in lines]) == 200


def test_what_a_test_found_not_to_be_there_is_not_applicable_and_keeps_nobody_from_conforming(
    recorded: Recorded,
) -> None:
    chosen = sample.selected("auth.login-answers-with-token", "data.rows-in-order")
    missing = said("data.rows-in-order", Verdict.NONE, message="the tenant has no rows", reason="not-applicable")
    results = recorded(
        row("login", said("auth.login-answers-with-token")), row("order", missing), requirements=chosen
    )
    found = of(results, "data.rows-in-order")
    assert (found["verdict"], found["reason"], found["why"]) == ("none", "not-applicable", "the tenant has no rows")
    assert results["apis"]["demo"]["counts"]["not_applicable"] == 1
    assert (results["run"]["status"], results["run"]["exit_code"]) == ("conforming", 0)


def left_out(tmp_path: Path, kept: int, *tests: Any) -> dict[str, Any]:
    chosen = sample.selected("auth.login-answers-with-token", "data.rows-in-order")
    run_dir = sample.write_run(tmp_path / "run", tests, requirements=chosen)
    shard = Shard(shard_path(run_dir, "gw2"))
    shard.left_out("demo.data.rows-in-order", LeftOut(("suites/demo/test_order.py::test_down",), kept))
    shard.close()
    return record.merge(run_dir, finished=sample.FINISHED, interrupted=False)


def test_a_requirement_some_of_whose_tests_were_left_out_is_not_passed(tmp_path: Path) -> None:
    up, login = row("up", said("data.rows-in-order")), row("login", said("auth.login-answers-with-token"))
    results = left_out(tmp_path, 1, up, login)
    found = of(results, "data.rows-in-order")
    why = "1 of 2 tests left out on the command line: suites/demo/test_order.py::test_down"
    assert (found["verdict"], found["why"]) == ("inconc", why)
    assert results["run"]["exit_code"] == 6
    assert "1 test left out on the command line: of demo.data.rows-in-order" in results["run"]["partial_reasons"]


def test_a_requirement_all_of_whose_tests_were_left_out_is_not_selected(tmp_path: Path) -> None:
    results = left_out(tmp_path, 0, row("login", said("auth.login-answers-with-token")))
    found = of(results, "data.rows-in-order")
    assert (found["verdict"], found["reason"], found["selected"]) == ("none", "not-selected", False)
    assert (results["run"]["exit_code"], results["run"]["partial"]) == (0, True)


def test_a_failure_stays_one_whatever_was_left_out(tmp_path: Path) -> None:
    results = left_out(tmp_path, 1, row("up", said("data.rows-in-order", Verdict.FAIL)))
    assert of(results, "data.rows-in-order")["verdict"] == "fail"
    assert results["run"]["exit_code"] == 1
