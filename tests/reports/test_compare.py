"""Two runs side by side: what counts as a regression, what as a change, and the exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reports.compare import Change, Comparison, compare, compare_json, compare_text
from reports.verdicts import Verdict
from tests.reports import sample
from tests.reports.sample import row, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reports.conftest import Recorded

    Compared = Callable[..., Comparison]

NONE, PASS, FINDING, INCONC, FAIL, ERROR = Verdict
CLAIM = "auth.token-equals-cookie"


@pytest.fixture
def compared(recorded: Recorded) -> Compared:
    def between(old: list[Any], new: list[Any], **changes: Any) -> Comparison:
        before = recorded(row("one", *old), folder="old", waivers=[])
        return compare(before, recorded(row("one", *new), folder="new", **{"waivers": [], **changes}))

    return between


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (PASS, PASS, None),
        (PASS, FINDING, Change.CHANGED),
        (FINDING, PASS, Change.CHANGED),
        (PASS, INCONC, Change.REGRESSED),
        (FINDING, INCONC, Change.REGRESSED),
        (PASS, FAIL, Change.REGRESSED),
        (FINDING, FAIL, Change.REGRESSED),
        (INCONC, FAIL, Change.REGRESSED),
        (PASS, ERROR, Change.REGRESSED),
        (INCONC, ERROR, Change.CHANGED),
        (FAIL, INCONC, Change.CHANGED),
        (FAIL, PASS, Change.FIXED),
        (FAIL, FINDING, Change.FIXED),
        (INCONC, PASS, Change.FIXED),
        (ERROR, PASS, Change.FIXED),
    ],
)
def test_what_became_of_a_requirement(compared: Compared, old: Verdict, new: Verdict, change: Change | None) -> None:
    comparison = compared([said(CLAIM, old)], [said(CLAIM, new)])
    assert [each.change for each in comparison.differences] == ([change] if change else [])
    assert comparison.exit_code == (1 if change is Change.REGRESSED else 0)


def test_a_requirement_that_is_no_longer_judged_fails_the_comparison(compared: Compared) -> None:
    comparison = compared([said(CLAIM)], [])
    (difference,) = comparison.differences
    assert (difference.change, difference.new) == (Change.NO_LONGER_TESTED, "not-tested")
    assert comparison.exit_code == 1


def test_a_requirement_that_is_gone_is_no_longer_tested(compared: Compared) -> None:
    left = [each for each in sample.plan()["requirements"] if not each["id"].endswith(CLAIM)]
    comparison = compared([said(CLAIM)], [], requirements=left)
    assert [each.new for each in comparison.differences] == ["unknown"]
    assert comparison.exit_code == 1


def test_a_requirement_that_is_judged_for_the_first_time_is_named(compared: Compared) -> None:
    comparison = compared([], [said(CLAIM, FAIL, observed="another cookie")])
    (difference,) = comparison.differences
    assert (difference.change, difference.details) == (Change.NEWLY_TESTED, ("observed another cookie",))
    assert comparison.exit_code == 0


def test_a_waived_failure_is_a_change_and_no_regression(compared: Compared) -> None:
    waived = [sample.waiver("demo.*")]
    comparison = compared([said(CLAIM)], [said(CLAIM, FAIL)], waivers=waived)
    (difference,) = comparison.differences
    assert (difference.change, difference.new) == (Change.CHANGED, "fail (waived)")


def test_readings_and_facts_are_compared(compared: Compared) -> None:
    comparison = compared(
        [
            said("auth.incomplete-body-refused", reading="unauthorized"),
            said("session.cookie-attributes", facts={"Path": "/", "Secure": False, "same": [1]}),
        ],
        [
            said("auth.incomplete-body-refused", reading="bad-request"),
            said("session.cookie-attributes", facts={"Path": "/api", "SameSite": "Lax", "same": [1]}),
        ],
    )
    assert [each.details for each in comparison.differences] == [
        ("reading: unauthorized → bad-request",),
        ('Path: "/" → "/api"', 'SameSite: absent → "Lax"', "Secure: false → absent"),
    ]
    assert comparison.exit_code == 0


def test_a_requirement_that_fails_in_another_way_is_a_change(compared: Compared) -> None:
    comparison = compared([said(CLAIM, FAIL, observed="status 500")], [said(CLAIM, FAIL, observed="status 200")])
    assert comparison.differences[0].details == ("fails in another way: observed status 200",)


def test_different_conditions_are_named(compared: Compared) -> None:
    comparison = compared([said(CLAIM)], [said(CLAIM)], depth="quick", suite_version="0.2.0")
    assert comparison.conditions == ("depth: standard → quick", "suite_version: 0.1.0 → 0.2.0")


def test_text_and_json_say_the_same(compared: Compared) -> None:
    comparison = compared([said(CLAIM)], [said(CLAIM, FAIL, observed="another\ncookie")])
    text, data = compare_text(comparison), json.loads(compare_json(comparison))
    assert "regressed (1)\n  demo.auth.token-equals-cookie: pass → fail\n    observed another cookie\n" in text
    assert "\n1 regressed, 0 no longer tested, 0 fixed, " in text
    assert text.endswith("; 12 requirements unchanged\n")
    assert data["counts"]["regressed"] == 1
    assert data["differences"][0]["details"] == ["observed another cookie"]
