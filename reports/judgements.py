"""What a test says: one judgement a requirement, and the row of the test that gave it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from reports.verdicts import Attribution, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict on one requirement, with what led to it.

    `expected` and `observed` are sentences for people; `facts` are values that two runs are compared by; `blocked_by`
    is the requirement whose failure kept the preamble from its state; `exchanges` are the ids that decided it. The
    verdict none comes with a `reason`: not-applicable, where the test found that the target has nothing to judge.
    """

    requirement: str
    verdict: Verdict
    message: str = ""
    expected: str = ""
    observed: str = ""
    reading: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    blocked_by: str | None = None
    attribution: Attribution | None = None
    exchanges: tuple[str, ...] = ()
    reason: Literal["not-applicable"] | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the judgement as the record holds it."""
        return {
            "requirement": self.requirement,
            "verdict": self.verdict.value,
            "message": self.message,
            "expected": self.expected,
            "observed": self.observed,
            "reading": self.reading,
            "facts": dict(self.facts),
            "blocked_by": self.blocked_by,
            "attribution": self.attribution.value if self.attribution else None,
            "exchanges": list(self.exchanges),
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Judgement:
        """Read what `as_json` wrote; KeyError, ValueError or TypeError where it is something else."""
        known = dict(data)
        blame = known.pop("attribution")
        return cls(
            verdict=Verdict(known.pop("verdict")),
            attribution=Attribution(blame) if blame else None,
            exchanges=tuple(known.pop("exchanges")),
            **known,
        )


@dataclass(frozen=True, slots=True)
class TestRow:
    """What one test said and took; a postamble row says what could not be undone."""

    __test__: ClassVar[bool] = False  # the name begins like a test class, but pytest has nothing to collect here

    nodeid: str
    purpose: str
    judgements: tuple[Judgement, ...]
    duration_s: float
    exchanges: tuple[str, ...]
    kind: Literal["item", "postamble"] = "item"

    def as_json(self) -> dict[str, Any]:
        """Give the row as a shard holds it."""
        return {
            "nodeid": self.nodeid,
            "purpose": self.purpose,
            "judgements": [judgement.as_json() for judgement in self.judgements],
            "duration_s": self.duration_s,
            "exchanges": list(self.exchanges),
            "kind": self.kind,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TestRow:
        """Read what `as_json` wrote; KeyError, ValueError or TypeError where it is something else."""
        known = dict(data)
        return cls(
            judgements=tuple(Judgement.from_json(each) for each in known.pop("judgements")),
            exchanges=tuple(known.pop("exchanges")),
            **known,
        )
