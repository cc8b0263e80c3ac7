"""Truth tables of the verdict rules."""

from __future__ import annotations

import itertools

import pytest

from reports.verdicts import (
    Attribution,
    Outcome,
    Standing,
    Status,
    Verdict,
    decide,
    default_attribution,
    graded,
    signature,
    worst,
)

NONE, PASS, FINDING, INCONC, FAIL, ERROR = Verdict


def test_a_verdict_only_gets_worse() -> None:
    for one, other in itertools.combinations(Verdict, 2):
        assert one.rank < other.rank
        assert worst([one, other]) is worst([other, one, one]) is other


def test_nothing_sums_up_to_none() -> None:
    assert worst([]) is NONE


@pytest.mark.parametrize(
    ("level", "strict", "expected"),
    [
        ("must", False, (NONE, PASS, FINDING, INCONC, FAIL, ERROR)),
        ("must", True, (NONE, PASS, FAIL, INCONC, FAIL, ERROR)),
        ("reading", False, (NONE, PASS, FINDING, INCONC, FAIL, ERROR)),
        ("reading", True, (NONE, PASS, FAIL, INCONC, FAIL, ERROR)),
        ("should", False, (NONE, PASS, FINDING, INCONC, FAIL, ERROR)),
        ("should", True, (NONE, PASS, FAIL, INCONC, FAIL, ERROR)),
        ("observe", False, (NONE, PASS, PASS, INCONC, PASS, ERROR)),
        ("observe", True, (NONE, PASS, PASS, INCONC, PASS, ERROR)),
    ],
)
def test_the_level_weighs_the_verdict(level: str, strict: bool, expected: tuple[Verdict, ...]) -> None:
    assert tuple(graded(verdict, level, strict=strict) for verdict in Verdict) == expected
    again = tuple(graded(graded(verdict, level, strict=strict), level, strict=strict) for verdict in Verdict)
    assert again == expected, "grading twice changes nothing"


def test_whatever_is_no_pass_is_somebodys() -> None:
    blamed = [default_attribution(verdict) for verdict in Verdict]
    assert blamed == [None, None, Attribution.TARGET, Attribution.TARGET, Attribution.TARGET, Attribution.SUITE]


MUST = "must"


@pytest.mark.parametrize(
    ("standings", "flags", "expected"),
    [
        ([Standing(PASS, MUST)], {}, (Status.CONFORMING, 0)),
        ([Standing(PASS, MUST), Standing(NONE, MUST, selected=False)], {}, (Status.CONFORMING, 0)),
        ([Standing(PASS, MUST), Standing(NONE, MUST)], {}, (Status.NOT_FULLY_VERIFIED, 6)),
        ([Standing(PASS, MUST), Standing(NONE, "reading")], {}, (Status.NOT_FULLY_VERIFIED, 6)),
        ([Standing(PASS, MUST), Standing(NONE, "should")], {}, (Status.WITH_FINDINGS, 0)),
        ([Standing(PASS, MUST), Standing(NONE, "should")], {"strict": True}, (Status.NOT_FULLY_VERIFIED, 6)),
        ([Standing(PASS, MUST), Standing(NONE, "observe")], {}, (Status.WITH_FINDINGS, 0)),
        ([Standing(PASS, MUST), Standing(FINDING, "should")], {}, (Status.WITH_FINDINGS, 0)),
        ([Standing(FAIL, MUST), Standing(INCONC, MUST)], {}, (Status.NON_CONFORMING, 1)),
        ([Standing(FAIL, MUST, waived=True)], {}, (Status.WITH_FINDINGS, 0)),
        ([Standing(FAIL, MUST, waived=True), Standing(FAIL, MUST)], {}, (Status.NON_CONFORMING, 1)),
        ([Standing(PASS, MUST), Standing(FAIL, MUST, scored=False)], {}, (Status.CONFORMING, 0)),
        ([Standing(PASS, MUST), Standing(INCONC, MUST, scored=False)], {}, (Status.CONFORMING, 0)),
        ([Standing(PASS, MUST), Standing(INCONC, MUST)], {}, (Status.NOT_FULLY_VERIFIED, 6)),
        ([Standing(PASS, MUST), Standing(INCONC, "should")], {}, (Status.WITH_FINDINGS, 0)),
        ([Standing(PASS, MUST), Standing(INCONC, "should")], {"strict": True}, (Status.NOT_FULLY_VERIFIED, 6)),
        ([Standing(FAIL, MUST), Standing(INCONC, "should")], {"strict": True}, (Status.NON_CONFORMING, 1)),
        ([Standing(PASS, MUST), Standing(INCONC, "reading")], {}, (Status.NOT_FULLY_VERIFIED, 6)),
        ([Standing(PASS, MUST), Standing(INCONC, "observe")], {}, (Status.WITH_FINDINGS, 0)),
        ([Standing(PASS, MUST), Standing(INCONC, "observe")], {"strict": True}, (Status.NOT_FULLY_VERIFIED, 6)),
        ([Standing(PASS, MUST), Standing(INCONC, MUST, waived=True)], {}, (Status.WITH_FINDINGS, 0)),
        ([], {}, (Status.NOT_FULLY_VERIFIED, 5)),
        ([Standing(NONE, MUST)], {}, (Status.NOT_FULLY_VERIFIED, 5)),
        ([Standing(NONE, MUST), Standing(PASS, MUST, scored=False)], {}, (Status.NOT_FULLY_VERIFIED, 5)),
        ([Standing(ERROR, MUST), Standing(FAIL, MUST)], {}, (Status.INVALID, 3)),
        ([Standing(PASS, MUST), Standing(ERROR, MUST, scored=False)], {}, (Status.INVALID, 3)),
        ([Standing(PASS, MUST)], {"suite_failed": True}, (Status.INVALID, 3)),
        ([Standing(NONE, MUST)], {"preflight_failed": True}, (Status.INVALID, 7)),
        ([Standing(FAIL, MUST)], {"interrupted": True}, (Status.INVALID, 2)),
        ([Standing(ERROR, MUST)], {"interrupted": True, "suite_failed": True}, (Status.INVALID, 2)),
        ([], {"suite_failed": True, "preflight_failed": True}, (Status.INVALID, 3)),
    ],
)
def test_status_and_exit_code(standings: list[Standing], flags: dict[str, bool], expected: tuple[Status, int]) -> None:
    assert decide(standings, **flags) == Outcome(*expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("session 4f0c2c1e-9d1b-4a55-8a0b-0c4c3e1a9f77 ended", "session 00000000-1111-2222-3333-444444444444 ended"),
        ("the cookie is «token 2»", "the cookie is «token 17»"),
        ("Date was 2026-01-05T10:22:31.1Z", "Date was 2027-12-31T00:00:00.25+01:00"),
        ("Date: Mon, 05 Jan 2026 10:22:31 GMT", "Date: Tue, 06 Jan 2026 11:00:00 GMT"),
        ("Location: http://127.0.0.1:40123/auth", "Location: http://127.0.0.1:51999/auth"),
        ("etag 9f86d081884c7d65", "etag 60303ae22b998861"),
        ("answered after 12.5 s", "answered after 3 s"),
        ("id 100234", "id 99"[:3] + "1234567"),
    ],
)
def test_the_same_failure_has_the_same_signature_in_another_run(one: str, other: str) -> None:
    assert signature("a.b.c", "x", one) == signature("a.b.c", "x", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("status 200", "status 204"),
        ("«password» is shown", "«token 1» is shown"),
        ("HTTP/1.0", "HTTP/1.1"),
        ("6 rows", "7 rows"),
    ],
)
def test_another_failure_has_another_signature(one: str, other: str) -> None:
    assert signature("a.b.c", "x", one) != signature("a.b.c", "x", other)
    assert signature("a.b.c", "x", one) != signature("a.b.d", "x", one)
