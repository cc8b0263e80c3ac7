"""Every accepted reading of the documents passes, and is the one that the record names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.defects.proof import judge
from fixtures.reference.settings import Settings
from fixtures.reference.variant import READINGS
from specs.requirements import catalogue
from tests.suites.conftest import READY_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.reference.server import Running

CHOICES = [(reading, name) for reading, names in READINGS.items() for name in names[1:]]
TOLD = {
    ("bp_mobile.sms.without-phone-number", "absent"): "sms_phone_number",
    ("bp_mobile.tenant.missing-or-unknown", "host-decides"): "other_tenant_url",
}
"""What the target file of a server of this reading leaves out, as the suite itself tells its operator."""
TROUBLE = {"fail", "error", "inconc", "finding"}


def settings(readings: Mapping[str, str]) -> Settings | None:
    """Settings for a server of these readings: where a match keeps the booking, each must lapse before the next."""
    keeps = {("gms.match.second-match", "kept"), ("gms.match.parallel-matches", "all-see-it")}
    return Settings(ready_delay_s=READY_S, gms_booking_s=1) if keeps & set(readings.items()) else None


def target_file(server: Running, readings: Mapping[str, str]) -> str:
    """The target file of a server of these readings."""
    left_out = {key for (reading, name), key in TOLD.items() if readings.get(reading) == name}
    lines = server.target_file_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.partition(" ")[0] not in left_out)


def troubles(results: Mapping[str, Any]) -> dict[str, str]:
    return {
        row["id"]: f"{row['verdict']}: {row['why']}" for row in results["requirements"] if row["verdict"] in TROUBLE
    }


@pytest.mark.parametrize(("reading", "name"), CHOICES, ids=[f"{reading}={name}" for reading, name in CHOICES])
def test_the_suite_takes_the_reading_and_records_it(reading: str, name: str, server: Running) -> None:
    requirement = catalogue().get(reading.partition("/")[0])
    server.swap(readings={reading: name}, settings=settings({reading: name}))
    text = target_file(server, {reading: name})
    topic = f"{requirement.api}.{requirement.topic}.*"
    results = judge(text, "--requirement", topic, apis=[requirement.api])
    assert troubles(results) == {}
    row = next(row for row in results["requirements"] if row["id"] == requirement.id)
    assert name in f"{row['reading']} {row['observed']}"


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize("api", catalogue().apis)
def test_no_topic_is_disturbed_by_readings_of_another(api: str, place: int, server: Running) -> None:
    readings = {reading: names[min(place, len(names) - 1)] for reading, names in READINGS.items()}
    server.swap(readings=readings, settings=settings(readings))
    assert troubles(judge(target_file(server, readings), apis=[api])) == {}
