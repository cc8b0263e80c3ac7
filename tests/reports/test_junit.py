"""JUnit: red where the run is red, a name for each requirement that never moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from reports.junit import render_junit
from reports.verdicts import Verdict
from tests.reports import sample
from tests.reports.sample import row, said

if TYPE_CHECKING:
    from tests.reports.conftest import Recorded


def cases(results: dict[str, Any]) -> dict[str, ET.Element]:
    root = ET.fromstring(render_junit(results).encode("utf-8"))  # noqa: S314 - written by ourselves
    found = [(f"{case.get('classname')}.{case.get('name')}", case) for case in root.iter("testcase")]
    assert len(found) == len(dict(found)), "names are unique"
    return dict(found)


def outcome(case: ET.Element) -> str:
    return next((child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed")


def test_each_requirement_is_a_case_named_by_its_id(recorded: Recorded) -> None:
    assert set(sample.IDS) <= set(cases(recorded()))


def test_each_verdict_has_its_outcome(recorded: Recorded) -> None:
    found = cases(recorded())
    expected = {
        "demo.auth.login-answers-with-token": "passed",
        "demo.auth.token-equals-cookie": "failure",
        "demo.session.old-cookie-ends": "error",
        "demo.session.cookie-http-only": "passed",
        "demo.data.ready-in-promised-time": "skipped",
        "demo.limit.rows-at-most": "skipped",
        "demo.tenant.limit-answers-409": "skipped",
        "demo.wire.head-answers": "skipped",
        "demo.limit.string-or-number": "skipped",
        "run.verdict": "error",
    }
    assert {name: outcome(found[name]) for name in expected} == expected
    assert "observed: Path=/ alone" in str(found["demo.session.cookie-http-only"].findtext("system-out"))
    skipped = found["demo.limit.rows-at-most"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "waived: fixed in the next release"


def test_properties_carry_requirement_level_verdict_and_attribution(recorded: Recorded) -> None:
    case = cases(recorded())["demo.auth.token-equals-cookie"]
    assert {each.get("name"): each.get("value") for each in case.iter("property")} == {
        "requirement": "demo.auth.token-equals-cookie",
        "level": "must",
        "verdict": "fail",
        "attribution": "target",
    }


def test_the_totals_add_up(recorded: Recorded) -> None:
    results = recorded()
    root = ET.fromstring(render_junit(results).encode("utf-8"))  # noqa: S314 - written by ourselves
    outcomes = [outcome(case) for case in root.iter("testcase")]
    assert {key: int(str(root.get(key))) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": len(outcomes),
        "failures": outcomes.count("failure"),
        "errors": outcomes.count("error"),
        "skipped": outcomes.count("skipped"),
    }


def test_a_failure_of_an_api_that_is_not_scored_is_no_failure_here(recorded: Recorded) -> None:
    apis = {"demo": {"claimed": True, "scored": False}, "extra": {"claimed": True, "scored": True}}
    found = cases(recorded(row("token", said("auth.token-equals-cookie", Verdict.FAIL)), apis=apis))
    assert outcome(found["demo.auth.token-equals-cookie"]) == "skipped"


def test_a_run_that_tested_nothing_is_not_green(recorded: Recorded) -> None:
    assert outcome(cases(recorded(row("none")))["run.verdict"]) == "error"


def test_control_characters_and_markup_leave_the_xml_whole(recorded: Recorded) -> None:
    hostile = "]]></failure>\x00\x0b\x1b\ud800\ufffe"
    results = recorded(row("token", said("auth.token-equals-cookie", Verdict.FAIL, observed=hostile)))
    failure = cases(results)["demo.auth.token-equals-cookie"].find("failure")
    assert failure is not None
    assert "]]></failure>\\x00\\x0b\\x1b\\ud800\\ufffe" in str(failure.text)
