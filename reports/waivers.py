"""Waivers: known failures that the target file names, with a reason and an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from reports.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EXCUSABLE = frozenset({Verdict.FINDING, Verdict.INCONC, Verdict.FAIL})  # an error is the suite's: no waiver for it


@dataclass(frozen=True, slots=True)
class Waiver:
    """One `[[waivers]]` table: `requirement` is an id or a glob, `signature` limits it to one failure.

    `expires` is the last day on which it holds; None: for good.
    """

    requirement: str
    reason: str = ""
    ticket: str = ""
    expires: date | None = None
    signature: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Waiver:
        """Read a waiver from the plan of a run; `expires` is an ISO date or absent."""
        expires = data.get("expires")
        return cls(
            requirement=data["requirement"],
            reason=data.get("reason") or "",
            ticket=data.get("ticket") or "",
            expires=date.fromisoformat(str(expires)) if expires else None,
            signature=data.get("signature") or None,
        )

    def expired(self, today: date) -> bool:
        """Say whether its last day is over."""
        return self.expires is not None and self.expires < today

    def covers(self, requirement: str) -> bool:
        """Say whether it speaks of this requirement."""
        return fnmatchcase(requirement, self.requirement)

    def excuses(self, signature: str) -> bool:
        """Say whether it excuses the failure of this signature."""
        return self.signature in {None, signature}


@dataclass(frozen=True, slots=True)
class Deviation:
    """A requirement that was not met, or not decided; the signatures are those of its worst judgements."""

    requirement: str
    signatures: frozenset[str]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one waiver: the requirements it excused, and a sentence where it excused none."""

    waiver: Waiver
    excused: tuple[str, ...]
    expired: bool
    note: str

    def as_json(self) -> dict[str, Any]:
        """Give it as `run.waivers` of the record holds it."""
        return {
            "requirement": self.waiver.requirement,
            "reason": self.waiver.reason,
            "ticket": self.waiver.ticket,
            "expires": self.waiver.expires.isoformat() if self.waiver.expires else None,
            "signature": self.waiver.signature,
            "used": bool(self.excused),
            "expired": self.expired,
            "excused": list(self.excused),
            "note": self.note,
        }


def apply_waivers(
    waivers: Iterable[Waiver], deviations: Sequence[Deviation], judged: Iterable[str], today: date
) -> tuple[Applied, ...]:
    """Excuse deviations. One is excused when each of its signatures is covered by a waiver that has not expired.

    `judged` are the ids of all requirements that got a verdict: a waiver for something that this run never asked is
    not called unused.
    """
    every = tuple(waivers)
    alive = [waiver for waiver in every if not waiver.expired(today)]
    excused = {
        deviation.requirement
        for deviation in deviations
        if all(
            any(waiver.covers(deviation.requirement) and waiver.excuses(signature) for waiver in alive)
            for signature in deviation.signatures
        )
    }
    seen = frozenset(judged)
    return tuple(_applied(waiver, deviations, excused, seen, today) for waiver in every)


def _applied(
    waiver: Waiver, deviations: Sequence[Deviation], excused: set[str], judged: frozenset[str], today: date
) -> Applied:
    covered = [deviation for deviation in deviations if waiver.covers(deviation.requirement)]
    matching = [each for each in covered if any(waiver.excuses(signature) for signature in each.signatures)]
    mine = tuple(each.requirement for each in matching if each.requirement in excused)
    if waiver.expired(today):
        what = f"{_count(len(matching))} it names would need it" if matching else "nothing it names failed"
        return Applied(waiver, (), expired=True, note=f"expired on {waiver.expires}: not applied; {what}")
    return Applied(waiver, mine, expired=False, note="" if mine else _why_unused(waiver, covered, matching, judged))


def _why_unused(
    waiver: Waiver, covered: Sequence[Deviation], matching: Sequence[Deviation], judged: frozenset[str]
) -> str:
    if matching:
        return "not enough: the requirement fails in other ways too, which no waiver names"
    if covered:
        found = sorted({signature for each in covered for signature in each.signatures})
        return f"not applied: the failure is another one now (signature {', '.join(found)})"
    if not any(waiver.covers(requirement) for requirement in judged):
        return "not needed in this run: nothing that it names was judged"
    return "unused: nothing that it names failed; remove it"


def _count(number: int) -> str:
    return "1 requirement" if number == 1 else f"{number} requirements"
