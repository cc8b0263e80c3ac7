"""Every artefact of a run, made from its record, and made again whenever somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.html import STYLESHEET, render_html, stylesheet
from reports.junit import render_junit
from reports.record import load, load_exchanges, recover
from reports.summary import render_summary

if TYPE_CHECKING:
    from pathlib import Path


def render(run_dir: Path, out: Path | None = None) -> dict[str, Path]:
    """Write report.html with its stylesheet, junit.xml and summary.md; give their paths by the names people know.

    A killed run is recovered first, as an interrupted one. Raises ReportError where there is no record.
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
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {"report": folder / "report.html", "junit": folder / "junit.xml", "summary": folder / "summary.md"}
