"""From what the tests said to the results of the run; pure: the same input gives the same results, in one order."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from reports.errors import ForeignRecordError
from reports.results import CATEGORIES, category, count_words, covered
from reports.rows import NOTHING_LEFT_OUT, requirement_rows
from reports.verdicts import Standing, Verdict, decide, default_attribution, graded, signature, worst
from reports.waivers import EXCUSABLE, Applied, Deviation, Waiver, apply_waivers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from reports.judgements import Judgement, TestRow
    from reports.rows import LeftOut
    from reports.verdicts import Outcome
    from specs.requirements import Requirement

FORMAT = 1
_COUNTED_STATES = frozenset({"selected", "not-tested"})
_FINE = frozenset({Verdict.NONE, Verdict.PASS})
_NAMED = 5  # requirements that a reason names


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run came to its end; `torn_lines` are lines of the record that a killed worker left unfinished."""

    finished: str
    interrupted: bool = False
    suite_error: str | None = None
    ended_early: str | None = None
    torn_lines: int = 0


def build(
    plan: Mapping[str, Any],
    tests: Iterable[TestRow],
    exchanges: Iterable[Mapping[str, Any]],
    catalogue: Iterable[Requirement],
    ending: Ending,
    left_out: Mapping[str, LeftOut] = NOTHING_LEFT_OUT,
) -> dict[str, Any]:
    """Sum the run up as `results.json` holds it (format 1, `specs/schemas/results.json`).

    Verdicts are graded by the level of the requirement. A judgement on a requirement that the plan left out does not
    count, unless it is an error. `left_out` are the tests that the command line kept from the run, by requirement:
    what only some of its tests looked at is not passed. Raises ForeignRecordError where plan and catalogue do not
    belong together.
    """
    rows = _planned_rows(plan, catalogue)
    levels = {row.id: row.level for row in rows}
    every = list(tests)
    stray = sorted({each.requirement for row in every for each in row.judgements if each.requirement not in levels})
    items = [_weighed(row, plan, levels) for row in _gathered(row for row in every if row.kind == "item")]
    undone = _undone(row for row in every if row.kind == "postamble")
    requirements = requirement_rows(rows, plan, items, left_out)
    applied = _apply_waivers(plan, requirements, items)
    decided = partial(
        decide,
        strict=plan["strict"],
        interrupted=ending.interrupted,
        suite_failed=bool(ending.suite_error or stray or any(each["verdict"] == Verdict.ERROR for each in undone)),
        preflight_failed=any(not check["ok"] for check in plan["preflight"]),
    )
    outcome = decided(
        [_standing(each, plan) for each in requirements],
        ended_early=ending.ended_early is not None,
        too_little=_covers_too_little(plan, requirements),
    )
    early = [f"ended early: {ending.ended_early}"] if ending.ended_early else []
    narrowed = [*early, *(plan["partial"] or _not_selected(plan)), *_left_out(left_out), *_unjudged(requirements)]
    methods = Counter(each["request"]["method"] for each in exchanges)
    return {
        "format": FORMAT,
        "run": {
            "require_coverage": plan.get("require_coverage", 0),
            **{key: plan[key] for key in ("id", "started", "seed", "depth", "impact", "strict", "suite_version")},
            "finished": ending.finished,
            "status": outcome.status.value,
            "exit_code": outcome.exit_code,
            "interrupted": ending.interrupted,
            "ended_early": ending.ended_early,
            "suite_error": _suite_error(ending, stray),
            "partial": bool(narrowed),
            "partial_reasons": narrowed,
            "command": plan["command"],
            "target": dict(plan["target"]),
            "requests": {"total": methods.total(), "by_method": dict(sorted(methods.items()))},
            "preflight": [dict(check) for check in plan["preflight"]],
            "waivers": [each.as_json() for each in applied],
            "undone": undone,
            "torn_lines": ending.torn_lines,
        },
        "apis": {api: _api(api, claim, requirements, plan, decided) for api, claim in plan["apis"].items()},
        "requirements": requirements,
        "tests": [_test(row) for row in items],
    }


def _planned_rows(plan: Mapping[str, Any], catalogue: Iterable[Requirement]) -> list[Requirement]:
    planned = {row["id"] for row in plan["requirements"]}
    rows = [row for row in catalogue if row.id in planned]
    if missing := sorted(planned - {row.id for row in rows}):
        raise ForeignRecordError(
            f"run {plan['id']} names requirements that this suite does not have: {', '.join(missing[:3])}",
            f"use the version of the suite that made the run: {plan['suite_version']}",
        )
    return rows


def _gathered(rows: Iterable[TestRow]) -> list[TestRow]:
    """Put what was said under one node id into one row, repeated judgements once; ordered by node id."""
    by_node: dict[str, list[TestRow]] = defaultdict(list)
    for row in rows:
        by_node[row.nodeid].append(row)
    return [
        replace(
            parts[0],
            judgements=_distinct(each for part in parts for each in part.judgements),
            duration_s=sum(part.duration_s for part in parts),
            exchanges=tuple(dict.fromkeys(each for part in parts for each in part.exchanges)),
        )
        for _, parts in sorted(by_node.items())
    ]


def _distinct(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    seen: dict[str, Judgement] = {}
    for judgement in judgements:
        key = json.dumps(replace(judgement, exchanges=()).as_json(), sort_keys=True)
        seen.setdefault(key, judgement)
    return tuple(seen.values())


def _weighed(row: TestRow, plan: Mapping[str, Any], levels: Mapping[str, str]) -> TestRow:
    """Keep the judgements that count, each graded by the level of its requirement and attributed."""
    states = {each["id"]: each["state"] for each in plan["requirements"]}
    kept = []
    for judgement in row.judgements:
        state = states.get(judgement.requirement)
        if state is None or (state not in _COUNTED_STATES and judgement.verdict is not Verdict.ERROR):
            continue
        verdict = graded(judgement.verdict, levels[judgement.requirement], strict=plan["strict"])
        blame = default_attribution(verdict) and (judgement.attribution or default_attribution(verdict))
        kept.append(replace(judgement, verdict=verdict, attribution=blame))
    return replace(row, judgements=tuple(kept))


def _signature(judgement: Judgement) -> str:
    return signature(judgement.requirement, judgement.expected, judgement.observed or judgement.message)


def _apply_waivers(
    plan: Mapping[str, Any], requirements: Iterable[dict[str, Any]], items: Iterable[TestRow]
) -> tuple[Applied, ...]:
    """Mark what is waived in `requirements`."""
    worst_of = {each["id"]: each["verdict"] for each in requirements}
    signatures: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for judgement in item.judgements:
            if judgement.verdict in EXCUSABLE and judgement.verdict == worst_of[judgement.requirement]:
                signatures[judgement.requirement].add(_signature(judgement))
    deviations = [Deviation(each, frozenset(signatures[each])) for each in worst_of if each in signatures]
    judged = [each for each, verdict in worst_of.items() if verdict != Verdict.NONE]
    waivers = [Waiver.from_json(each) for each in plan["waivers"]]
    applied = apply_waivers(waivers, deviations, judged, date.fromisoformat(plan["today"]))
    for each in requirements:
        for waiver in applied:
            if each["id"] in waiver.excused and not each["waived"]:
                each["waived"] = True
                each["waiver"] = {key: waiver.as_json()[key] for key in ("requirement", "reason", "ticket", "expires")}
    return applied


def _undone(rows: Iterable[TestRow]) -> list[dict[str, Any]]:
    """List what the postambles could not restore."""
    return [
        {
            "nodeid": row.nodeid,
            "requirement": judgement.requirement,
            "verdict": judgement.verdict.value,
            "text": judgement.message or judgement.observed or row.purpose,
            "exchanges": list(judgement.exchanges or row.exchanges),
        }
        for row in sorted(rows, key=lambda row: row.nodeid)
        for judgement in row.judgements
        if judgement.verdict is not Verdict.PASS
    ]


def _not_selected(plan: Mapping[str, Any]) -> list[str]:
    """Say that requirements were left out, for a plan that does not say why: partial is partial."""
    left_out = sum(each["state"] == "not-selected" for each in plan["requirements"])
    return [f"{left_out} of {len(plan['requirements'])} requirements were not selected"] if left_out else []


def _left_out(left_out: Mapping[str, LeftOut]) -> list[str]:
    """Say which tests the command line kept from the run."""
    tests = {test for each in left_out.values() for test in each.tests}
    return [f"{count_words(len(tests), 'test')} left out on the command line: of {_names(left_out)}"] if tests else []


def _unjudged(requirements: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say what the run was to judge and did not."""
    selected = [each for each in requirements if each["selected"]]
    missed = [each["id"] for each in selected if each["verdict"] == Verdict.NONE]
    text = f"{len(missed)} of {count_words(len(selected), 'selected requirement')} judged by no test of this run"
    return [f"{text}: {_names(missed)}"] if missed else []


def _names(ids: Collection[str]) -> str:
    first, rest = list(ids)[:_NAMED], len(ids) - _NAMED
    return ", ".join(first) + (f" and {rest} more" if rest > 0 else "")


def _standing(row: Mapping[str, Any], plan: Mapping[str, Any]) -> Standing:
    scored = plan["apis"][row["api"]]["scored"]
    return Standing(Verdict(row["verdict"]), row["level"], row["waived"], scored, row["selected"])


def _suite_error(ending: Ending, stray: Sequence[str]) -> str | None:
    unknown = f"tests judged what the plan of the run does not have: {', '.join(stray)}" if stray else None
    return "; ".join(filter(None, (ending.suite_error, unknown))) or None


def _api(
    api: str,
    claim: Mapping[str, Any],
    requirements: Iterable[Mapping[str, Any]],
    plan: Mapping[str, Any],
    decided: Callable[[Iterable[Standing]], Outcome],
) -> dict[str, Any]:
    rows = [each for each in requirements if each["api"] == api]
    counts = dict.fromkeys(CATEGORIES, 0)
    for row in rows:
        counts[category(row)] += 1
    return {
        "claimed": claim["claimed"],
        "scored": claim["scored"],
        "verdict": worst(Verdict(row["verdict"]) for row in rows if not row["waived"]).value,
        "status": decided(replace(_standing(row, plan), scored=True) for row in rows).status.value,
        "coverage": covered(rows),
        "counts": counts,
    }


def _covers_too_little(plan: Mapping[str, Any], requirements: Iterable[Mapping[str, Any]]) -> bool:
    """Whether some API that counts was judged to a smaller share than the run requires."""
    coverages = [
        covered(row for row in requirements if row["api"] == api)
        for api, claim in plan["apis"].items()
        if claim["scored"]
    ]
    return any(each["judged"] < plan.get("require_coverage", 0) * each["applicable"] for each in coverages)


def _test(row: TestRow) -> dict[str, Any]:
    verdict = worst(judgement.verdict for judgement in row.judgements)
    deciding = next((each for each in row.judgements if each.verdict is verdict), None)
    bad = deciding if deciding and verdict not in _FINE else None
    return {
        "nodeid": row.nodeid,
        "purpose": row.purpose,
        "requirements": list(dict.fromkeys(each.requirement for each in row.judgements)),
        "verdict": verdict.value,
        "attribution": bad.attribution if bad else None,
        "message": bad.message if bad else "",
        "expected": bad.expected if bad else "",
        "observed": bad.observed if bad else "",
        "signature": _signature(bad) if bad else None,
        "duration_s": round(row.duration_s, 6),
        "exchanges": list(row.exchanges),
        "judgements": [
            {**each.as_json(), "signature": None if each.verdict in _FINE else _signature(each)}
            for each in row.judgements
        ],
    }
