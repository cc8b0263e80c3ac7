"""Short forms of the results: `summary.md` for the job page of a CI server, and the lines at the end of a run."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from reports.results import (
    CATEGORIES,
    LEFT_OUT,
    against,
    category,
    count_words,
    in_category,
    is_judged,
    is_missed,
    judgements_of,
    summary_of,
    verdict_sentence,
)
from specs.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

MARKDOWN_LIMIT = 900 * 1024  # bytes; a job summary of GitHub over 1,024 KiB is dropped whole
_WORST = 10
_INCONCLUSIVE = 15
_MARKUP = {ord(character): f"&#{ord(character)};" for character in "\\`*_[]|#@~"}
_REMARKS = ("fail", "inconc", "finding", "error", "waived")


def render_summary(results: Mapping[str, Any]) -> str:
    """Write the summary in Markdown: verdict, a table with denominators, the worst ten failures."""
    run, rows, judgements = results["run"], results["requirements"], judgements_of(results)
    keys = list(CATEGORIES)
    failed = [*in_category(rows, "fail"), *in_category(rows, "error")]
    lines = [f"## {_cell(verdict_sentence(results))}", "", f"`{run['status']}`, exit code {run['exit_code']}", ""]
    if run["suite_error"]:
        lines += [f"**Error of the suite:** {_cell(run['suite_error'])}", ""]
    if not run["target"].get("verify_tls", True):
        lines += ["**Certificates were not checked** (verify_tls = false)", ""]
    if run["partial"]:
        lines += [f"**Partial:** {_cell('; '.join(run['partial_reasons']))}", ""]
    lines += [
        f"- **{_cell(each['check'])} failed:** {_cell(each['text'])}" for each in run["preflight"] if not each["ok"]
    ]
    lines += [_table_row(["API", "passed of judged", *(CATEGORIES[key].label for key in keys)])]
    lines += [_table_row(["---"] * (len(keys) + 2))]
    for api, entry in results["apis"].items():
        numbers = [str(entry["counts"][key]) for key in keys]
        lines.append(_table_row([api if entry["scored"] else f"{api} (not scored)", _fraction(rows, api), *numbers]))
    if failed:
        lines += ["", f"### {count_words(len(failed), 'requirement')} failed", ""]
        lines += [_item(row, judgements.get(row["id"], [])) for row in failed[:_WORST]]
        lines += [f"- … and {len(failed) - _WORST} more in report.html"] if len(failed) > _WORST else []
    undecided = [row for row in rows if category(row) == "inconc" or is_missed(row)]
    if undecided:
        lines += ["", f"### {count_words(len(undecided), 'requirement')} inconclusive or not judged", ""]
        lines += [f"- `{row['id']}` ({row['level']}) {_cell(row['why'])}" for row in undecided[:_INCONCLUSIVE]]
        rest = len(undecided) - _INCONCLUSIVE
        lines += [f"- … and {rest} more in report.html"] if rest > 0 else []
    notes = [f"- `{each['requirement']}`: {_cell(each['note'])}" for each in run["waivers"] if each["note"]]
    if notes:
        lines += ["", "### Waivers to look at", "", *notes]
    return _capped(lines)


def terminal_lines(results: Mapping[str, Any], paths: Mapping[str, Path]) -> list[str]:
    """Write the end of a run for the terminal; `paths` are names and files of what was written."""
    run, rows, judgements = results["run"], results["requirements"], judgements_of(results)
    lines = [_api_line(api, entry, rows) for api, entry in results["apis"].items()]
    if not run["target"].get("verify_tls", True):
        lines += ["verify_tls = false: certificates were not checked"]
    lines += [f"partial: {one_line(reason)}" for reason in run["partial_reasons"]]
    for key in ("error", "fail", "inconc", "finding"):
        found = in_category(rows, key)
        shown = found[:_INCONCLUSIVE] if key == "inconc" else found
        lines += _verdict_lines(key, shown, judgements)
        lines += [f"… and {len(found) - len(shown)} more inconclusive"] if len(shown) < len(found) else []
    missed = [row for row in rows if is_missed(row)]
    lines += [f"NOT JUDGED {row['id']} ({row['level']}): {one_line(row['why'], 120)}" for row in missed[:_INCONCLUSIVE]]
    lines += [f"… and {len(missed) - _INCONCLUSIVE} more not judged"] if len(missed) > _INCONCLUSIVE else []
    lines += [f"waiver {each['requirement']}: {each['note']}" for each in run["waivers"] if each["note"]]
    lines += [f"left behind: {one_line(each['text'])} ({each['nodeid']})" for each in run["undone"]]
    lines += [f"preflight {each['check']}: {one_line(each['text'])}" for each in run["preflight"] if not each["ok"]]
    lines += [f"error of the suite: {one_line(run['suite_error'])}"] if run["suite_error"] else []
    lines += [f"{name}: {path}" for name, path in paths.items()]
    return [*lines, f"{run['status']}: {one_line(verdict_sentence(results), 500)}"]


def _verdict_lines(
    key: str,
    rows: Iterable[Mapping[str, Any]],
    judgements: Mapping[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]],
) -> list[str]:
    lines = []
    for row in rows:
        text = summary_of(against(row, judgements), limit=120) or one_line(row["why"], 120)
        cause = f"blocked by {row['blocked_by']}: "
        blocked = cause if row["blocked_by"] and not text.startswith(cause) else ""
        lines.append(f"{key.upper()} {row['id']} ({row['level']}): {blocked}{text}")
    return lines


def _api_line(api: str, entry: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    mine = [row for row in rows if row["api"] == api]
    counts = entry["counts"]
    judged = count_words(sum(map(is_judged, mine)), "judged requirement")
    remarks = [CATEGORIES[key].words(counts[key]) for key in _REMARKS if counts[key]]
    others = [CATEGORIES[key].words(counts[key]) for key in LEFT_OUT if counts[key]]
    left_out = f"; of {len(mine)} in all, {', '.join(others)}" if others else ""
    unscored = "" if entry["scored"] else " (not scored)"
    passed = f"{counts['pass']} of {judged} passed"
    return f"{api}{unscored}: {', '.join([passed, *remarks])}{left_out}"


def _fraction(rows: Iterable[Mapping[str, Any]], api: str) -> str:
    mine = [row for row in rows if row["api"] == api]
    return f"{len(in_category(mine, 'pass'))}/{sum(map(is_judged, mine))}"


def _item(row: Mapping[str, Any], pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> str:
    return f"- `{row['id']}` ({row['level']}) {_cell(row['text'])}<br>{_cell(summary_of(pairs, limit=400))}"


def _table_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Fit a foreign text into Markdown, so that it is neither markup nor a mention of somebody."""
    return escape(one_line(text, 1_000), quote=False).translate(_MARKUP)


def _capped(lines: Sequence[str]) -> str:
    """Join the lines, as many as fit under the limit."""
    kept, size = [], 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > MARKDOWN_LIMIT - 100:
            kept.append("… cut: the whole is in report.html")
            break
        kept.append(line)
    return "\n".join(kept) + "\n"
