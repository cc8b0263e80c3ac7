"""What pytest-html shows of our tests: columns for requirement, level and verdict; a plugin module of the suites.

The values come from `user_properties` of the reports, which cross the wire from a worker. pytest-html 4.2 escapes
neither node ids nor the cells that plugins add, so that both are escaped here.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import pytest

from specs.plain import printable

if TYPE_CHECKING:
    from collections.abc import MutableSequence

_COLUMNS = ("requirement", "level", "verdict")
_NODE_ID = re.compile(r'<td class="col-testId">(.*)</td>', re.DOTALL)
_NODE_ID_COLUMN = 1


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_header(cells: MutableSequence[str]) -> None:
    """Add our columns behind the name of the test."""
    added = [f'<th class="sortable" data-column-type="{name}">{name.capitalize()}</th>' for name in _COLUMNS]
    cells[_NODE_ID_COLUMN + 1 : _NODE_ID_COLUMN + 1] = added


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(
    report: pytest.TestReport | pytest.CollectReport, cells: MutableSequence[str]
) -> None:
    """Fill our columns, and escape the node id that pytest-html wrote as it came."""
    properties = getattr(report, "user_properties", [])  # a report of the collection has none
    if raw := _NODE_ID.fullmatch(cells[_NODE_ID_COLUMN]):
        cells[_NODE_ID_COLUMN] = f'<td class="col-testId">{_cell(raw.group(1))}</td>'
    values = {
        name: ", ".join(dict.fromkeys(str(value) for key, value in properties if key == name)) for name in _COLUMNS
    }
    added = [f'<td class="col-{name}">{_cell(value)}</td>' for name, value in values.items()]
    cells[_NODE_ID_COLUMN + 1 : _NODE_ID_COLUMN + 1] = added


def _cell(text: str) -> str:
    return escape(printable(text))
