"""The rules by which verdicts are compared, graded and summed up; pure, nothing here reads a file.

A verdict only gets worse: none < pass < finding < inconc < fail < error (ISO/IEC 9646, TTCN-3).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What a test, a requirement or an API came to; ordered by `rank`."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - a verdict, no password
    FINDING = "finding"
    INCONC = "inconc"
    FAIL = "fail"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """Position in the order of verdicts: 0 (none) to 5 (error)."""
        return list(Verdict).index(self)


class Attribution(StrEnum):
    """Who has to act on a verdict that is no pass."""

    TARGET = "target"
    TARGET_FILE = "target-file"
    CREDENTIALS = "credentials"
    NETWORK = "network"
    SUITE = "suite"
    DOCUMENT = "document"


class Status(StrEnum):
    """What a whole run says about the target."""

    CONFORMING = "conforming"
    WITH_FINDINGS = "conforming-with-findings"
    NON_CONFORMING = "non-conforming"
    NOT_FULLY_VERIFIED = "not-fully-verified"
    INVALID = "invalid"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Sum up verdicts: the worst of them, `none` where there are none."""
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.NONE)


def graded(verdict: Verdict, level: str, *, strict: bool) -> Verdict:
    """Weigh a verdict by the level of its requirement: nothing fails on an `observe`; `strict` fails on findings.

    That a `should` which is not met is a finding is the judge's doing, who also knows what such a row never accepts.
    """
    if level == "observe" and verdict in {Verdict.FAIL, Verdict.FINDING}:
        return Verdict.PASS
    return Verdict.FAIL if strict and verdict is Verdict.FINDING else verdict


def default_attribution(verdict: Verdict) -> Attribution | None:
    """Blame whoever is to blame unless a test knows better: nobody for a pass, the suite for its own errors."""
    match verdict:
        case Verdict.NONE | Verdict.PASS:
            return None
        case Verdict.ERROR:
            return Attribution.SUITE
        case _:
            return Attribution.TARGET


_VOLATILE = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE), "#uuid"),
    (re.compile(r"(«[^»]*?)\s*\d+»"), r"\1»"),
    (re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "#time"),
    (re.compile(r"\b\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "#time"),
    (re.compile(r"\b\d{1,2}:\d\d:\d\d(?:\.\d+)?\b"), "#time"),
    (re.compile(r"(?<=[\w\]]):\d{2,5}(?=[/?#\s]|$)"), ":#port"),
    (re.compile(r"\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", re.IGNORECASE), "#hex"),
    (re.compile(r"\b\d+(?:\.\d+)?(?= ?(?:s|ms|seconds?)\b)"), "#"),
    (re.compile(r"\d{4,}"), "#"),
)


def signature(requirement: str, expected: str, observed: str) -> str:
    """Name a failure by what is wrong: 12 hex digits, the same in two runs that show the same failure.

    Whatever differs from run to run (ids, tokens, times, ports, long numbers) takes no part.
    """
    text = f"{requirement}\x1f{expected}\x1f{observed}"
    for pattern, symbol in _VOLATILE:
        text = pattern.sub(symbol, text)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]


DECISIVE = frozenset({"must", "reading"})
"""Levels without whose verdicts a target is not verified."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one requirement ended, as far as it bears on the run; `selected`: the run was to judge it."""

    verdict: Verdict
    level: str
    waived: bool = False
    scored: bool = True
    selected: bool = True

    @property
    def is_open(self) -> bool:
        """Whether the run was to judge it and did not come to a verdict on the target."""
        return self.selected and self.verdict in {Verdict.NONE, Verdict.INCONC}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Status and exit code of a run."""

    status: Status
    exit_code: int


def decide(
    standings: Iterable[Standing],
    *,
    strict: bool = False,
    interrupted: bool = False,
    suite_failed: bool = False,
    preflight_failed: bool = False,
    ended_early: bool = False,
    too_little: bool = False,
) -> Outcome:
    """Give the run its status and exit code; only requirements of scored APIs count, errors of the suite always do.

    A waived failure excuses the exit code, but the run is not called plainly conforming over it. What was selected and
    not judged is as open as what stayed inconclusive: of a must or a reading it keeps the target from being verified,
    of a should or an observe only if `strict`. A run that `ended_early`, or that judged `too_little` of what
    applies, verifies nothing fully.
    """
    rows = list(standings)
    scored = [row for row in rows if row.scored]
    unwaived = [row for row in scored if not row.waived]
    still_open = [row for row in unwaived if row.is_open]
    rules = (
        (interrupted, Status.INVALID, 2),
        (suite_failed or any(row.verdict is Verdict.ERROR for row in rows), Status.INVALID, 3),
        (preflight_failed, Status.INVALID, 7),
        (all(row.verdict is Verdict.NONE for row in scored), Status.NOT_FULLY_VERIFIED, 5),
        (any(row.verdict is Verdict.FAIL for row in unwaived), Status.NON_CONFORMING, 1),
        (
            ended_early or too_little or any(strict or row.level in DECISIVE for row in still_open),
            Status.NOT_FULLY_VERIFIED,
            6,
        ),
        (
            bool(still_open) or any(row.verdict is Verdict.FINDING or row.waived for row in scored),
            Status.WITH_FINDINGS,
            0,
        ),
        (True, Status.CONFORMING, 0),
    )
    return next(Outcome(status, exit_code) for holds, status, exit_code in rules if holds)
