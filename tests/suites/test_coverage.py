"""Nothing in the catalogue is forgotten: every requirement has a test, and every test a defect that proves it."""

from __future__ import annotations

import pytest

from fixtures.defects import all_defects
from fixtures.defects.__main__ import table_text
from specs.bound import bound_tests
from specs.cases import SUITES
from specs.requirements import Level, Requirement, catalogue

TABLE = SUITES.parent / "docs" / "defects.md"
ROWS = catalogue().requirements()
BOUND = bound_tests(SUITES)
BROKEN = {name for defect in all_defects() for name in defect.breaks}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_requirement_is_tested_or_says_why_not(row: Requirement) -> None:
    bound = row.id in BOUND
    assert bound is (row.not_tested is None)


@pytest.mark.parametrize("row", [row for row in ROWS if row.level is not Level.OBSERVE], ids=lambda row: row.id)
def test_a_requirement_has_a_defect_that_breaks_it(row: Requirement) -> None:
    assert row.not_tested or row.id in BROKEN


def test_every_defect_names_requirements_that_exist() -> None:
    known = {row.id for row in ROWS}
    assert {name for defect in all_defects() for name in (*defect.breaks, *defect.also)} <= known


def test_the_table_in_the_guide_is_up_to_date() -> None:
    assert TABLE.read_text(encoding="utf-8") == table_text(), "python -m fixtures.defects list --write docs/defects.md"
