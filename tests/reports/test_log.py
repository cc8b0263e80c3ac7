"""The log of pytest-html: our columns are there, and no name of a test becomes markup."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>"])
def test_hostile(name, request):
    assert False, "<script>"
"""
CONFTEST = """
def pytest_collection_modifyitems(items):
    for item in items:
        item.user_properties += [("requirement", "demo.auth.<b>"), ("level", "must"), ("verdict", "fail")]
"""


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("log")
    (folder / "test_it.py").write_text(TESTS)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text("[pytest]\n")
    page = folder / "pytest.html"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "reports.log",
        "-p",
        "no:cacheprovider",
        f"--html={page}",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
    text = page.read_text()
    assert "<img src=x" not in text
    blob = re.search(r'data-jsonblob="([^"]*)"', text)
    assert blob
    tests = json.loads(html.unescape(blob.group(1)))["tests"]
    (rows,) = tests.values()
    found: dict[str, Any] = rows[0]
    return found


def test_requirement_level_and_verdict_are_columns(row: dict[str, Any]) -> None:
    assert [row[key] for key in ("requirement", "level", "verdict")] == ["demo.auth.&lt;b&gt;", "must", "fail"]
    assert [re.sub(r".*col-(\w+).*", r"\1", cell, flags=re.DOTALL) for cell in row["resultsTableRow"]] == [
        "result",
        "testId",
        "requirement",
        "level",
        "verdict",
        "duration",
        "links",
    ]


def test_a_hostile_node_id_stays_text(row: dict[str, Any]) -> None:
    cells = "".join(row["resultsTableRow"])
    assert "&lt;img src=x onerror=alert(1)&gt;" in cells
    assert "<img" not in cells
    assert "<b>" not in cells
