"""Reading the results of a run: which requirement ended how, and the words for it that every report shares."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reports.verdicts import Status, Verdict
from specs.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Category:
    """One way for a requirement to end: its key in `counts`, the words for it, and a mark that needs no colour."""

    key: str
    label: str
    title: str
    mark: str
    meaning: str

    def words(self, number: int) -> str:
        """Name so many of them: 1 finding, 3 findings, 3 failed."""
        return count_words(number, self.label) if self.key in {"error", "finding"} else f"{number} {self.label}"


CATEGORIES = {
    category.key: category
    for category in (
        Category("error", "error", "Errors of the suite", "‼", "the suite itself failed: no verdict on the target"),
        Category("fail", "failed", "Failed", "✗", "the target does what the requirement forbids"),
        Category("inconc", "inconclusive", "Inconclusive", "?", "the answer was valid, but does not decide"),
        Category(
            "finding",
            "finding",
            "Findings",
            "!",
            "something that should be so is not; does not fail the run unless strict",
        ),
        Category(
            "waived", "waived", "Waived", "~", "a known failure that the target file names, with reason and expiry"
        ),
        Category("pass", "passed", "Passed", "✓", "what was observed is what the documents ask for"),
        Category(
            "untestable",
            "untestable",
            "Untestable",
            "○",
            "a key of the target file is missing without which it cannot be judged: nothing is known of it",
        ),
        Category(
            "not_applicable",
            "not applicable",
            "Not applicable",
            "–",
            "the target file does not claim it, or the target turned out not to have it",
        ),
        Category("not_selected", "not selected", "Not selected", "○", "left out by an option of this run"),
        Category("not_tested", "not tested", "Not tested", "○", "no test judged it"),
    )
}


def category(requirement: Mapping[str, Any]) -> str:
    """Say under which key of `counts` a requirement is counted: exactly one."""
    if requirement["waived"]:
        return "waived"
    name: str = requirement["reason"] if requirement["verdict"] == Verdict.NONE else requirement["verdict"]
    return name.replace("-", "_")


LEFT_OUT = ("untestable", "not_applicable", "not_selected", "not_tested")
"""Categories of what got no verdict, in the order in which they are told."""


def is_judged(requirement: Mapping[str, Any]) -> bool:
    """Say whether the requirement got a verdict at all: the denominator of every count."""
    return bool(requirement["verdict"] != Verdict.NONE)


def is_missed(requirement: Mapping[str, Any]) -> bool:
    """Say whether the run was to judge the requirement, and did not."""
    return bool(requirement["selected"]) and not is_judged(requirement)


def covered(requirements: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count what was decided, and all that applies to the target: the two numbers of a coverage."""
    rows = [each for each in requirements if category(each) != "not_applicable"]
    decided = sum(is_judged(each) and category(each) not in {"inconc", "error"} for each in rows)
    return {"judged": decided, "applicable": len(rows)}


def in_category(requirements: Iterable[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    """Pick the requirements that ended one way, in their order."""
    return [each for each in requirements if category(each) == key]


def judgements_of(results: Mapping[str, Any]) -> dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]:
    """Collect what each requirement was judged by: pairs of test and judgement, the worst first."""
    found: dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = defaultdict(list)
    for test in results["tests"]:
        for judgement in test["judgements"]:
            found[judgement["requirement"]].append((test, judgement))
    for pairs in found.values():
        pairs.sort(key=lambda pair: -Verdict(pair[1]["verdict"]).rank)
    return found


def against(
    requirement: Mapping[str, Any], judgements: Mapping[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Pick the judgements that gave a requirement its verdict; none where tests that were left out decide."""
    return [pair for pair in judgements.get(requirement["id"], []) if pair[1]["verdict"] == requirement["verdict"]]


def unheld(requirement: Mapping[str, Any]) -> str:
    """Say, for behind the source of a requirement, that it rests on a text that the suite was not held against."""
    rests_on_hearsay = requirement["level"] == "must" and not requirement["source"].get("text_held", True)
    return " (a published text that the suite names but does not hold)" if rests_on_hearsay else ""


def own_message(judgement: Mapping[str, Any]) -> str:
    """Give the message of a judgement, unless it only puts `expected` and `observed` into one sentence."""
    message: str = judgement["message"]
    parts = [judgement[key] for key in ("expected", "observed") if judgement[key]]
    return "" if parts and all(part in message for part in parts) else message


def duration_s(results: Mapping[str, Any]) -> float:
    """Give the seconds from start to end of the run; 0 where the clock was set back meanwhile."""
    run = results["run"]
    passed = datetime.fromisoformat(run["finished"]) - datetime.fromisoformat(run["started"])
    return max(0.0, passed.total_seconds())


def duration_words(seconds: float) -> str:
    """Write a duration as people read it: 12 ms, 3.4 s, 2 min 05 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def count_words(number: int, noun: str) -> str:
    """Write a count with its noun: 1 requirement, 2 requirements."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def verdict_sentence(results: Mapping[str, Any]) -> str:
    """Say what the run says about the target, and how much of it was judged where that is not all."""
    return " ".join(filter(None, (claim_sentence(results), coverage_sentence(results))))


def claim_sentence(results: Mapping[str, Any]) -> str:
    """Say in one sentence, with a denominator, what the run says about the target."""
    run = results["run"]
    name = run["target"]["name"]
    match run["exit_code"]:
        case 0:
            return f"{name} conforms to {_passed(results)}."
        case 1:
            return f"{name} does not conform to {_failed(results)}."
        case 6:
            return f"{name} is not fully verified against {_undecided(results)}."
        case 5:
            return f"Nothing was tested: this run says nothing about {name}."
        case code:
            why = {2: "it was interrupted", 3: "the suite itself failed", 7: "the preflight failed"}[code]
            return f"This run is no verdict on {name}: {why}."


def coverage_sentence(results: Mapping[str, Any]) -> str:
    """Say how much of what applies to the target was judged; empty where it is all, or where there is no verdict."""
    coverage = covered(row for row in results["requirements"] if row["api"] in _scored(results))
    judged, applicable = coverage["judged"], coverage["applicable"]
    if judged == applicable or results["run"]["exit_code"] not in {0, 1, 6}:
        return ""
    share = 100 * judged // applicable
    return f"{judged} of the {count_words(applicable, 'requirement')} that apply were judged ({share} %)."


def _passed(results: Mapping[str, Any]) -> str:
    apis = _scored(results)
    counts, judged = _counted(results, apis)
    asked = ", as far as this run asked" if results["run"]["partial"] else ""
    remarks = [CATEGORIES[key].words(counts[key]) for key in ("finding", "waived", "inconc") if counts[key]]
    passed = f"{counts['pass']} of {judged} passed"
    return f"{_listed(apis)}{asked}{', with remarks' if remarks else ''}: {', '.join([passed, *remarks])}"


def _failed(results: Mapping[str, Any]) -> str:
    apis = _scored(results, Status.NON_CONFORMING)
    counts, judged = _counted(results, apis)
    return f"{_listed(apis)}: {counts['fail']} of {judged} failed{_ended(results)}{_others(results, apis)}"


def _undecided(results: Mapping[str, Any]) -> str:
    apis = _scored(results, Status.NOT_FULLY_VERIFIED) or _scored(results)
    counts, judged = _counted(results, apis)
    missed = sum(is_missed(row) for row in results["requirements"] if row["api"] in apis)
    parts = [f"{counts['inconc']} of {judged} stayed inconclusive"] if counts["inconc"] else []
    parts += [f"{count_words(missed, 'selected requirement')} not judged"] if missed else []
    parts += [CATEGORIES[key].words(counts[key]) for key in ("finding", "waived") if counts[key]]
    required = results["run"].get("require_coverage")
    parts += [f"the coverage is less than the {100 * required:g} % required"] if required else []
    return f"{_listed(apis)}: {', '.join(parts)}{_ended(results)}{_others(results, apis)}"


def _scored(results: Mapping[str, Any], status: Status | None = None) -> list[str]:
    """Name the APIs that decide, or those of them that ended so; in a record of an older suite, all of them."""
    return [
        api
        for api, entry in results["apis"].items()
        if entry["scored"] and (status is None or entry.get("status", status) == status)
    ]


def _counted(results: Mapping[str, Any], apis: Collection[str]) -> tuple[dict[str, int], str]:
    rows = [each for each in results["requirements"] if each["api"] in apis]
    counts = {key: len(in_category(rows, key)) for key in CATEGORIES}
    return counts, count_words(sum(map(is_judged, rows)), "judged requirement")


def _listed(apis: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(apis[:-1]), *apis[-1:]))) or "any API"


def _others(results: Mapping[str, Any], named: Collection[str]) -> str:
    """Say which APIs the target conforms to all the same."""
    fine = [
        api
        for status in (Status.CONFORMING, Status.WITH_FINDINGS)
        for api in _scored(results, status)
        if api not in named
    ]
    return f"; it conforms to {_listed(fine)}" if fine else ""


def _ended(results: Mapping[str, Any]) -> str:
    ended = results["run"].get("ended_early")  # a record of before has no such key
    return f"; {ended}" if ended else ""


def summary_of(pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], limit: int = 200) -> str:
    """Say on one line what the worst judgement of a requirement came to."""
    for _, judgement in pairs:
        if judgement["observed"] and judgement["verdict"] != Verdict.ERROR:  # there it is a traceback
            wanted = f"expected {judgement['expected']}; " if judgement["expected"] else ""
            return one_line(f"{wanted}observed {judgement['observed']}", limit)
        return one_line(judgement["message"], limit)
    return ""
