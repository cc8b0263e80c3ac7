"""The short forms: the worst first, with denominators, and inside the limits of those who show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.record import Judgement
from reports.results import verdict_sentence
from reports.summary import MARKDOWN_LIMIT, render_summary, terminal_lines
from reports.verdicts import Verdict
from specs.plain import printable
from tests.reports import sample
from tests.reports.sample import row, said

if TYPE_CHECKING:
    from reports.record import TestRow
    from tests.reports.conftest import Recorded

FAILED = row("token", said("auth.token-equals-cookie", Verdict.FAIL, observed="<b>@all</b> | `x`\n# y"))


def test_the_summary_begins_with_the_verdict(recorded: Recorded) -> None:
    text = render_summary(recorded(FAILED))
    assert text.startswith("## acme staging does not conform to demo: 1 of 1 judged requirement failed. 1 of the ")
    assert "| demo | 0/1 | 0 | 1 |" in text


def test_foreign_text_is_no_markup_and_mentions_nobody(recorded: Recorded) -> None:
    text = render_summary(recorded(FAILED))
    assert "&lt;b&gt;&#64;all&lt;/b&gt; &#124; &#96;x&#96; &#35; y" in text


def test_the_summary_stays_under_the_limit(recorded: Recorded) -> None:
    results = recorded(FAILED)
    results["run"]["waivers"] = [{"requirement": f"demo.{number}", "note": "é" * 900} for number in range(2_000)]
    text = render_summary(results)
    assert len(text.encode()) <= MARKDOWN_LIMIT
    assert text.endswith("report.html\n")


def test_ten_failures_are_shown_and_the_rest_counted(recorded: Recorded) -> None:
    results = recorded(FAILED)
    failed = next(each for each in results["requirements"] if each["verdict"] == "fail")
    results["requirements"] = [{**failed, "id": f"demo.auth.claim-{number}"} for number in range(12)]
    text = render_summary(results)
    assert "demo.auth.claim-9`" in text
    assert "demo.auth.claim-10`" not in text
    assert "… and 2 more" in text


def test_the_terminal_lists_each_deviation_and_ends_with_the_status(recorded: Recorded) -> None:
    lines = terminal_lines(recorded(), {"report": Path("runs/x/report.html")})
    assert lines[0].startswith("demo: 3 of 9 judged requirements passed, 1 failed, 2 inconclusive, 1 finding")
    starts = [line.split(" (")[0] for line in lines if line.split()[0].isupper()]
    assert starts.pop() == "NOT JUDGED extra.fields.content-type-once"
    assert starts == [
        "ERROR demo.session.old-cookie-ends",
        "FAIL demo.auth.token-equals-cookie",
        "INCONC demo.data.ready-in-promised-time",
        "INCONC demo.data.rows-in-order",
        "FINDING demo.session.cookie-http-only",
    ]
    assert any(line.startswith("waiver demo.auth.*: expired") for line in lines)
    assert lines[-2:] == [
        "report: runs/x/report.html",
        "invalid: This run is no verdict on acme staging: the suite itself failed.",
    ]


def test_an_error_of_the_suite_is_named_by_its_message_not_by_its_traceback(recorded: Recorded) -> None:
    broken = said(
        "session.old-cookie-ends", Verdict.ERROR, message="KeyError: 'token'", observed="x.py:12: in test_old"
    )
    assert "ERROR demo.session.old-cookie-ends (must): KeyError: 'token'" in terminal_lines(
        recorded(row("old", broken)), {}
    )


def test_fifteen_inconclusive_requirements_are_listed_at_most(recorded: Recorded) -> None:
    results = recorded()
    row_ = next(each for each in results["requirements"] if each["verdict"] == "inconc")
    results["requirements"] = [{**row_, "id": f"demo.data.claim-{number}"} for number in range(18)]
    lines = terminal_lines(results, {})
    assert sum(line.startswith("INCONC") for line in lines) == 15
    assert "… and 3 more inconclusive" in lines


def test_no_line_of_the_terminal_carries_control_characters(recorded: Recorded) -> None:
    results = recorded(
        row("token", said("auth.token-equals-cookie", Verdict.FAIL, observed="\x1b[2J\r\n\x07" + "x" * 9999))
    )
    for line in terminal_lines(results, {}):
        assert printable(line) == line
        assert "\n" not in line
        assert len(line) < 300


PASSED = row("login", said("auth.login-answers-with-token"))


@pytest.mark.parametrize(
    ("tests", "sentence"),
    [
        ([PASSED], "acme staging conforms to demo: 1 of 1 judged requirement passed."),
        (
            [PASSED, row("limit", said("limit.rows-at-most", Verdict.FAIL))],
            "acme staging conforms to demo, with remarks: 1 of 2 judged requirements passed, 1 waived.",
        ),
        (
            [PASSED, row("ready", said("data.ready-in-promised-time", Verdict.INCONC))],
            "acme staging is not fully verified against demo: 1 of 2 judged requirements stayed inconclusive."
            " 1 of the 2 requirements that apply were judged (50 %).",
        ),
        ([row("none")], "Nothing was tested: this run says nothing about acme staging."),
    ],
)
def test_the_sentence_fits_the_run(recorded: Recorded, tests: list[TestRow], sentence: str) -> None:
    rows = [each for each in sample.plan()["requirements"] if any(each["id"] in str(test) for test in tests)]
    assert verdict_sentence(recorded(*tests, requirements=rows, partial=[])) == sentence


def test_a_partial_run_claims_no_more_than_it_asked(recorded: Recorded) -> None:
    chosen = sample.selected(*(each.requirement.removeprefix("demo.") for each in PASSED.judgements))
    results = recorded(PASSED, requirements=chosen)
    assert "conforms to demo, as far as this run asked: 1 of 1" in verdict_sentence(results)


def test_what_was_to_be_judged_and_was_not_is_listed_with_the_reason(recorded: Recorded) -> None:
    results = recorded(PASSED)
    assert "8 selected requirements not judged" in verdict_sentence(results)
    lines = terminal_lines(results, {})
    assert "NOT JUDGED demo.data.rows-in-order (must): no test judged it in this run" in lines
    assert "not judged" in render_summary(results)


def test_what_was_not_judged_stands_beside_the_verdict(recorded: Recorded) -> None:
    states = [
        {"id": "demo.auth.login-answers-with-token", "state": "selected", "why": ""},
        {"id": "demo.tenant.limit-answers-409", "state": "untestable", "why": "needs x", "keys": ["tenant_limit"]},
        {"id": "demo.wire.head-answers", "state": "not-applicable", "why": "speaks of others"},
    ]
    results = recorded(PASSED, requirements=states, partial=[])
    assert verdict_sentence(results) == (
        "acme staging conforms to demo: 1 of 1 judged requirement passed."
        " 1 of the 2 requirements that apply were judged (50 %)."
    )
    assert results["apis"]["demo"]["coverage"] == {"judged": 1, "applicable": 2}
    assert results["apis"]["demo"]["counts"]["untestable"] == 1
    [row_] = [each for each in results["requirements"] if each["reason"] == "untestable"]
    assert row_["keys"] == ["tenant_limit"]


@pytest.mark.parametrize(("share", "code"), [(0, 0), (0.5, 0), (0.6, 6)])
def test_too_little_coverage_is_6_where_a_share_is_required(recorded: Recorded, share: float, code: int) -> None:
    states = [
        {"id": "demo.auth.login-answers-with-token", "state": "selected", "why": ""},
        {"id": "demo.tenant.limit-answers-409", "state": "untestable", "why": "needs x", "keys": ["tenant_limit"]},
    ]
    results = recorded(PASSED, requirements=states, require_coverage=share)
    assert results["run"]["exit_code"] == code
    assert ("less than the 60 % required" in verdict_sentence(results)) == (code == 6)


def test_the_sentence_names_the_apis_that_fail_and_those_that_do_not(recorded: Recorded) -> None:
    states = [
        {"id": "demo.limit.rows-at-most", "state": "selected", "why": ""},
        {"id": "extra.fields.content-type-once", "state": "selected", "why": ""},
    ]
    failed = row("limit", said("limit.rows-at-most", Verdict.FAIL))
    passed = row("type", Judgement("extra.fields.content-type-once", Verdict.PASS))
    scored = {api: {"claimed": True, "scored": True} for api in ("demo", "extra")}
    results = recorded(failed, passed, requirements=states, apis=scored, waivers=[])
    sentence = "acme staging does not conform to demo: 1 of 1 judged requirement failed; it conforms to extra."
    assert verdict_sentence(results) == sentence
    assert (results["apis"]["demo"]["status"], results["apis"]["extra"]["status"]) == ("non-conforming", "conforming")
