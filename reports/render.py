"""Every artefact of a run, made from its record, and made again whenever somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.errors import NotWrittenError
from reports.html import STYLESHEET, render_html, stylesheet
from reports.junit import render_junit
from reports.record import load, load_exchanges, recover, unwritten
from reports.summary import render_summary

if TYPE_CHECKING:
    from pathlib import Path


def render(run_dir: Path, out: Path | None = None) -> dict[str, Path]:
    """Write report.html with its stylesheet, junit.xml and summary.md; give their paths by the names people know.

    A killed run is recovered first, as an interrupted one. Raises ReportError where there is no record, and
    NotWrittenError when all was written that could be.
    """
    recover(run_dir)
    results = load(run_dir)
    texts = {
        "report.html": render_html(results, load_exchanges(run_dir)),
        STYLESHEET: stylesheet(),
        "junit.xml": render_junit(results),
        "summary.md": render_summary(results),
    }
    folder = out or run_dir
    problems = list(filter(None, (_problem(folder / name, text) for name, text in texts.items())))
    if problems:
        raise NotWrittenError("; ".join(problems), "make room and render again: the record stays")
    return {"report": folder / "report.html", "junit": folder / "junit.xml", "summary": folder / "summary.md"}


def _problem(file: Path, text: str) -> str | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        return unwritten(file, problem)
    return None
