"""Every accepted reading of the documents passes, and is the one that the record names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.defects.proof import judge
from fixtures.reference.variant import READINGS

if TYPE_CHECKING:
    from fixtures.reference.server import Running

CHOICES = [(reading, name) for reading, names in READINGS.items() for name in names[1:]]
TROUBLE = {"fail", "error", "inconc", "finding"}


@pytest.mark.parametrize(("reading", "name"), CHOICES, ids=[f"{reading}={name}" for reading, name in CHOICES])
def test_the_suite_takes_the_reading_and_records_it(reading: str, name: str, server: Running) -> None:
    server.swap(readings={reading: name})
    results = judge(server.target_file_text(), "--depth", "quick")
    rows = {row["id"]: row for row in results["requirements"]}
    assert {row["id"]: row["verdict"] for row in rows.values() if row["verdict"] in TROUBLE} == {}
    requirement, _, _part = reading.partition("/")
    assert name in str(rows[requirement]["reading"]) or name in str(rows[requirement]["observed"])
