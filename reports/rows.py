"""From judgements to one row a requirement, as the results hold it; pure."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reports.results import count_words
from reports.verdicts import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reports.judgements import Judgement, TestRow
    from specs.requirements import Requirement


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Tests of one requirement that the command line kept from the run, and how many of its tests it let run."""

    tests: tuple[str, ...]
    kept: int

    @property
    def words(self) -> str:
        """Say so."""
        number = len(self.tests)
        count = f"{number} of {number + self.kept} tests" if self.kept else count_words(number, "test")
        return f"{count} left out on the command line: {', '.join(self.tests)}"


NOTHING_LEFT_OUT: Mapping[str, LeftOut] = MappingProxyType({})


def requirement_rows(
    rows: Iterable[Requirement],
    plan: Mapping[str, Any],
    items: Iterable[TestRow],
    left_out: Mapping[str, LeftOut],
) -> list[dict[str, Any]]:
    """Return what `requirements` of the results holds: one row for each, in the order of the catalogue."""
    given: dict[str, list[tuple[str, Judgement]]] = defaultdict(list)
    for item in items:
        for judgement in item.judgements:
            given[judgement.requirement].append((item.nodeid, judgement))
    planned = {each["id"]: each for each in plan["requirements"]}
    return [_requirement(row, planned[row.id], given[row.id], left_out.get(row.id)) for row in rows]


def _requirement(
    row: Requirement,
    planned: Mapping[str, Any],
    given: Sequence[tuple[str, Judgement]],
    left_out: LeftOut | None,
) -> dict[str, Any]:
    judgements = [judgement for _, judgement in given]
    verdict = worst(judgement.verdict for judgement in judgements)
    deciding = [judgement for judgement in judgements if judgement.verdict is verdict]
    blockers = [judgement.blocked_by for judgement in judgements if judgement.blocked_by]
    reason, why = None, "; ".join(dict.fromkeys(each.message for each in deciding if each.message))
    if verdict is Verdict.NONE:
        reason, why = _unjudged(planned, judgements, left_out)
    elif verdict is Verdict.INCONC and len(blockers) == len(judgements):
        reason = "blocked"
    elif verdict in {Verdict.PASS, Verdict.FINDING} and left_out:
        verdict, why = Verdict.INCONC, left_out.words
    return {
        "id": row.id,
        "api": row.api,
        "topic": row.topic,
        "level": row.level.value,
        "kind": row.kind.value,
        "operations": list(row.operations),
        "text": row.text,
        "source": {
            "document": row.source.document,
            "section": row.source.section,
            "text_held": row.source.passage is not None,
        },
        "readings": [{"name": reading.name, "text": reading.text} for reading in row.readings],
        "selected": planned["state"] == "selected" and reason not in {"not-applicable", "not-selected"},
        "verdict": verdict.value,
        "reason": reason,
        "why": why,
        "keys": list(planned.get("keys", ())),
        "waived": False,
        "waiver": None,
        "attribution": deciding[0].attribution if deciding else None,
        "reading": " | ".join(sorted({each.reading for each in judgements if each.reading})) or None,
        "observed": _facts(judgements),
        "blocked_by": blockers[0] if reason == "blocked" else None,
        "tests": list(dict.fromkeys(nodeid for nodeid, _ in given)),
    }


def _unjudged(
    planned: Mapping[str, Any], judgements: Sequence[Judgement], left_out: LeftOut | None
) -> tuple[str, str]:
    """Say why a requirement has no verdict: the reason of the record, and words."""
    for judgement in judgements:
        if judgement.reason:
            return judgement.reason, judgement.message
    if planned["state"] != "selected":
        return planned["state"], planned["why"]
    if left_out and not left_out.kept:
        return "not-selected", left_out.words
    return "not-tested", "no test judged it in this run"


def _facts(judgements: Iterable[Judgement]) -> dict[str, Any]:
    """Merge the facts of all tests; where they differ, the value is the list of what was seen."""
    seen: dict[str, dict[str, Any]] = defaultdict(dict)
    for judgement in judgements:
        for name, value in judgement.facts.items():
            seen[name][json.dumps(value, sort_keys=True)] = value
    return {
        name: next(iter(values.values())) if len(values) == 1 else [values[key] for key in sorted(values)]
        for name, values in sorted(seen.items())
    }
