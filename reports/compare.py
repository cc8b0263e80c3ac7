"""Two runs side by side: what an upgrade of the target broke, repaired or changed below the verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reports.results import category, count_words, is_judged, judgements_of, summary_of, verdict_sentence
from reports.verdicts import Verdict
from specs.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Change(StrEnum):
    """What became of one requirement; the first two make the comparison fail."""

    REGRESSED = "regressed"
    NO_LONGER_TESTED = "no longer tested"
    FIXED = "fixed"
    CHANGED = "changed below the verdict"
    NEWLY_TESTED = "newly tested"


@dataclass(frozen=True, slots=True)
class Difference:
    """One requirement that differs between the runs, with the sentences that say how."""

    requirement: str
    change: Change
    old: str
    new: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, by kind and then as the new run lists them; `conditions` make the runs less comparable."""

    old: str
    new: str
    conditions: tuple[str, ...]
    differences: tuple[Difference, ...]
    unchanged: int

    @property
    def exit_code(self) -> int:
        """1 if anything regressed or is no longer judged, else 0."""
        return int(any(each.change in {Change.REGRESSED, Change.NO_LONGER_TESTED} for each in self.differences))


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Compare the results of two runs, requirement by requirement.

    Met (pass, finding, waived), undecided (inconc, error) and failed are told apart: getting from one to a worse one is
    a regression. A move within one of them is a change below the verdict.
    """
    before = {row["id"]: row for row in old["requirements"]}
    after = {row["id"]: row for row in new["requirements"]}
    said_before, said_now = judgements_of(old), judgements_of(new)
    ids = list(dict.fromkeys([*after, *before]))
    pairs = {id_: (said_before.get(id_, []), said_now.get(id_, [])) for id_ in ids}
    every = [_difference(id_, before.get(id_), after.get(id_), pairs[id_]) for id_ in ids]
    found = [each for each in every if each]
    order = list(Change)
    return Comparison(
        old=f"{old['run']['id']}: {verdict_sentence(old)}",
        new=f"{new['run']['id']}: {verdict_sentence(new)}",
        conditions=_conditions(old["run"], new["run"]),
        differences=tuple(sorted(found, key=lambda each: order.index(each.change))),
        unchanged=len(ids) - len(found),
    )


def _conditions(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what else differs between the runs, besides the target's behaviour."""
    keys = ("seed", "depth", "impact", "strict", "suite_version", "status")
    pairs = [(key, old[key], new[key]) for key in keys]
    pairs += [(f"target {key}", old["target"][key], new["target"][key]) for key in ("name", "product", "version")]
    return tuple(f"{key}: {was} → {now}" for key, was, now in pairs if was != now)


_Pairs = list[tuple["Mapping[str, Any]", "Mapping[str, Any]"]]


def _difference(
    id_: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, said: tuple[_Pairs, _Pairs]
) -> Difference | None:
    was_judged, is_now = bool(old and is_judged(old)), bool(new and is_judged(new))
    words = (_ending(old), _ending(new))
    if not was_judged and not is_now:
        return None
    if old is None or not was_judged:
        return Difference(id_, Change.NEWLY_TESTED, *words, details=_summary(said[1], new))
    if new is None or not is_now:
        why = new["why"] if new else "the new run does not know it"
        return Difference(id_, Change.NO_LONGER_TESTED, *words, details=(why,) if why else ())
    steps = _step(new) - _step(old)
    if steps > 0:
        return Difference(id_, Change.REGRESSED, *words, details=_summary(said[1], new))
    if steps < 0 and _step(new) == 0:
        return Difference(id_, Change.FIXED, *words, details=())
    details = (*_changes(old, new), *_other_failure(old, new, said))
    return Difference(id_, Change.CHANGED, *words, details=details) if details or words[0] != words[1] else None


def _step(row: Mapping[str, Any]) -> int:
    """0 met or excused, 1 undecided, 2 failed."""
    match category(row):
        case "pass" | "finding" | "waived":
            return 0
        case "fail":
            return 2
        case _:
            return 1


def _ending(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "unknown"
    if not is_judged(row):
        return str(row["reason"])
    return f"{row['verdict']} (waived)" if row["waived"] else str(row["verdict"])


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    reading = (
        [f"reading: {old['reading'] or 'none'} → {new['reading'] or 'none'}"]
        if old["reading"] != new["reading"]
        else []
    )
    names = sorted({*old["observed"], *new["observed"]})
    facts = [
        f"{name}: {_fact(old['observed'], name)} → {_fact(new['observed'], name)}"
        for name in names
        if _fact(old["observed"], name) != _fact(new["observed"], name)
    ]
    return tuple(reading + facts)


def _fact(facts: Mapping[str, Any], name: str) -> str:
    return json.dumps(facts[name], sort_keys=True, ensure_ascii=False) if name in facts else "absent"


def _other_failure(old: Mapping[str, Any], new: Mapping[str, Any], said: tuple[_Pairs, _Pairs]) -> tuple[str, ...]:
    """Say that a requirement still fails, but in another way."""
    if old["verdict"] != new["verdict"] or new["verdict"] not in {Verdict.FAIL, Verdict.FINDING}:
        return ()
    before, after = (
        {judgement["signature"] for _, judgement in pairs if judgement["verdict"] == new["verdict"]} for pairs in said
    )
    if before == after:
        return ()
    return (f"{new['verdict']}s in another way: {summary_of(said[1])}",)


def _summary(pairs: _Pairs, row: Mapping[str, Any] | None) -> tuple[str, ...]:
    if row is None or row["verdict"] == Verdict.PASS:
        return ()
    text = summary_of(pairs)
    return (text,) if text else ()


def compare_text(comparison: Comparison) -> str:
    """Write a comparison for people."""
    lines = [f"old  {one_line(comparison.old)}", f"new  {one_line(comparison.new)}"]
    lines += [f"     differs: {one_line(each)}" for each in comparison.conditions]
    for change in Change:
        found = [each for each in comparison.differences if each.change is change]
        lines += ["", f"{change} ({len(found)})"] if found else []
        for each in found:
            lines.append(
                f"  {each.requirement}: {each.old} → {each.new}"
                if each.old != each.new
                else f"  {each.requirement}: {each.new}"
            )
            lines += [f"    {one_line(detail)}" for detail in each.details]
    counts = [f"{_count(comparison.differences, change)} {change}" for change in Change]
    lines += ["", f"{', '.join(counts)}; {count_words(comparison.unchanged, 'requirement')} unchanged"]
    return "\n".join(lines) + "\n"


def _count(differences: Sequence[Difference], change: Change) -> int:
    return sum(each.change is change for each in differences)


def compare_json(comparison: Comparison) -> str:
    """Write a comparison for programs: the same content as `compare_text`."""
    data = {
        "format": 1,
        "old": comparison.old,
        "new": comparison.new,
        "conditions": list(comparison.conditions),
        "counts": {change.value: _count(comparison.differences, change) for change in Change},
        "unchanged": comparison.unchanged,
        "differences": [
            {
                "requirement": each.requirement,
                "change": each.change.value,
                "old": each.old,
                "new": each.new,
                "details": list(each.details),
            }
            for each in comparison.differences
        ],
    }
    return json.dumps(data, indent=1) + "\n"
