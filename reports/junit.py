"""JUnit XML from the record, for CI servers: one test case a requirement, with a name that never moves.

The form is that of pytest's `xunit1` family. What does not fail the run does not fail here: a waived failure and a
failure of an API that is not scored are skipped with their reason, a finding passes and speaks in `system-out`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reports.results import (
    against,
    category,
    duration_s,
    judgements_of,
    own_message,
    summary_of,
    unheld,
    verdict_sentence,
)
from specs.plain import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render_junit(results: Mapping[str, Any]) -> str:
    """Write the XML: a suite for each API, and one named `run` for what concerns the run as a whole."""
    root = Element("testsuites", name=printable(results["run"]["target"]["name"]))
    _run_suite(root, results)
    judgements = judgements_of(results)
    seconds = {test["nodeid"]: test["duration_s"] for test in results["tests"]}
    for api, entry in results["apis"].items():
        suite = SubElement(root, "testsuite", name=api, timestamp=results["run"]["started"])
        for row in results["requirements"]:
            if row["api"] == api:
                _case(suite, row, judgements.get(row["id"], []), seconds, scored=entry["scored"])
        _count(suite)
    for total in ("tests", "failures", "errors", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    root.set("time", f"{duration_s(results):.3f}")
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _run_suite(root: Element, results: Mapping[str, Any]) -> None:
    """Say whether the run itself is worth anything: a file with only this suite in it must not read as green."""
    run = results["run"]
    suite = SubElement(root, "testsuite", name="run", timestamp=run["started"])
    for check in run["preflight"]:
        case = SubElement(suite, "testcase", classname="run.preflight", name=printable(check["check"]), time="0.000")
        if not check["ok"]:
            SubElement(case, "error", message=one_line(check["text"]))
    case = SubElement(suite, "testcase", classname="run", name="verdict", time="0.000")
    if run["status"] == "invalid" or run["exit_code"] == 5:
        SubElement(case, "error", message=one_line(verdict_sentence(results))).text = printable(
            run["suite_error"] or ""
        )
    elif run["partial"]:
        SubElement(case, "system-out").text = printable("Partial: " + "; ".join(run["partial_reasons"]))
    _count(suite)


def _case(
    suite: Element,
    row: Mapping[str, Any],
    judgements: list[tuple[Mapping[str, Any], Mapping[str, Any]]],
    seconds: Mapping[str, float],
    *,
    scored: bool,
) -> None:
    time = sum(seconds[test] for test in row["tests"])
    # the API and the topic are the class, the claim is the name: together the id of the requirement
    names = {"classname": f"{row['api']}.{row['topic']}", "name": row["id"].split(".", 2)[2]}
    case = SubElement(suite, "testcase", time=f"{time:.3f}", **names)
    properties = SubElement(case, "properties")
    for name in ("id", "level", "verdict", "attribution", "reading", "reason"):
        if row[name]:
            SubElement(properties, "property", name="requirement" if name == "id" else name, value=printable(row[name]))
    pairs = against(row, {row["id"]: judgements})
    summary, details = summary_of(pairs) or one_line(row["why"]), _details(row, pairs)
    match category(row):
        case "fail" if scored:
            SubElement(case, "failure", message=summary, type=row["level"]).text = details
        case "error":
            SubElement(case, "error", message=summary, type="suite").text = details
        case "waived":
            SubElement(case, "skipped", message=one_line(f"waived: {row['waiver']['reason']}"))
            SubElement(case, "system-out").text = details
        case "fail":
            SubElement(case, "skipped", message=one_line(f"failed, but {row['api']} is not scored: {summary}"))
            SubElement(case, "system-out").text = details
        case "inconc":
            SubElement(case, "skipped", message=one_line(f"inconclusive: {summary}"))
        case "finding":
            SubElement(case, "system-out").text = details
        case "pass":
            pass
        case left_out:
            SubElement(case, "skipped", message=one_line(f"{left_out.replace('_', ' ')}: {row['why']}"))


def _details(row: Mapping[str, Any], pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> str:
    lines = [row["text"], f"source: {row['source']['document']}, {row['source']['section']}{unheld(row)}"]
    for test, said in pairs:
        lines += ["", test["nodeid"]]
        lines += [own_message(said)] if own_message(said) else []
        lines += [f"{key}: {said[key]}" for key in ("expected", "observed", "signature") if said[key]]
    return printable("\n".join(lines))


def _count(suite: Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for tag, total in _COUNTED.items():
        suite.set(total, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
