"""Tests are found by the marks in their text, without importing them."""

from pathlib import Path

import pytest

from specs.bound import bound_tests
from specs.errors import InvalidFile
from tests.specs import miniature

MARKED = """\
import pytest

pytestmark = pytest.mark.requirement("x.a.module")
TWO = "x.a.two"


@pytest.mark.requirement("x.a.one", TWO)
def test_two() -> None: ...


@pytest.mark.parametrize("name", [pytest.param(1, marks=pytest.mark.requirement("x.a.parameter"))])
async def test_parameter(name: int) -> None: ...


@pytest.mark.requirement("x.a.class")
class TestGroup:
    def test_inside(self) -> None: ...

    def helper(self) -> None: ...
"""


def test_every_way_to_mark_is_found(tmp_path: Path) -> None:
    root = miniature.write(tmp_path, test_auth=MARKED)
    file = "suites/bp_stats/test_auth.py"
    assert bound_tests(root / "suites") == {
        "x.a.module": (f"{file}::test_two", f"{file}::test_parameter", f"{file}::TestGroup::test_inside"),
        "x.a.one": (f"{file}::test_two",),
        "x.a.two": (f"{file}::test_two",),
        "x.a.parameter": (f"{file}::test_parameter",),
        "x.a.class": (f"{file}::TestGroup::test_inside",),
        "bp_stats.auth.empty-body": ("suites/bp_stats/cases.yaml::empty-body-is-refused",),
    }


def test_a_file_that_is_no_python_is_named(tmp_path: Path) -> None:
    root = miniature.write(tmp_path, test_auth="def")
    with pytest.raises(InvalidFile, match=r"test_auth\.py:1"):
        bound_tests(root / "suites")
