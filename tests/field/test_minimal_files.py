"""With a target file as short as the guide's, a conforming server ends green, and a good part of it is judged."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.defects import proof
from fixtures.doctor import __main__ as doctor
from fixtures.reference.server import serving
from fixtures.toml_text import table as toml_table
from specs.requirements import Level, catalogue
from tests.fixtures.test_guide import BLOCK, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.reference.server import Running

FLOORS = {"bp_mobile": 57, "bp_stats": 49, "bp_sms": 10, "gms": 18, "oracle_chat": 27}
"""Requirements of level must that a run with the guide's first table judges at least, at --impact session."""
COMPLETED = {"bp_mobile": 59, "bp_stats": 50, "bp_sms": 10, "gms": 18, "oracle_chat": 27}
"""The same with what the doctor adds to that table."""
GOAL = 160
"""Musts of all APIs that are judged for somebody who writes the first tables and nothing else."""
JUDGED = {"pass", "fail", "finding"}


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    with serving() as running:
        yield running


def filled(shown: dict[str, Any], real: dict[str, Any]) -> dict[str, Any]:
    """The keys that the guide shows, with the values that fit the reference target."""
    return {
        key: filled(value, real[key]) if isinstance(value, dict) else real.get(key, value)
        for key, value in shown.items()
    }


def first_file(api: str, reference: Running) -> str:
    """The first table of the guide as somebody would fill it in for the reference target."""
    shown = tomllib.loads(BLOCK.findall(SECTIONS[api])[0])["apis"][api]
    real = tomllib.loads(reference.target_file_text())["apis"][api]
    return f'name = "minimal"\nbase_url = "{reference.base_url}"\n{toml_table(f"apis.{api}", filled(shown, real))}\n'


def judged_musts(text: str, api: str) -> int:
    """How many musts a run judges with this file; the run must be green."""
    results = proof.judge(text, "--impact", "session", "--depth", "standard", apis=[api])
    undecided = {
        row["id"]: f"{row['verdict']}: {row['why'] or row['observed']}"
        for row in results["requirements"]
        if row["verdict"] not in {"pass", "none"}
    }
    assert results["run"]["exit_code"] == 0, undecided
    return sum(row["level"] == Level.MUST and row["verdict"] in JUDGED for row in results["requirements"])


@pytest.mark.parametrize("api", catalogue().apis)
def test_a_conforming_server_ends_green_with_the_first_table(api: str, reference: Running) -> None:
    assert judged_musts(first_file(api, reference), api) >= FLOORS[api]


@pytest.mark.parametrize("api", catalogue().apis)
def test_it_ends_green_with_what_the_doctor_adds(api: str, reference: Running, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(first_file(api, reference), encoding="utf-8")
    asked = ["--target", str(file), "--impact", "session", "--complete", "--write", str(file)]
    assert doctor.main(asked) == 0
    assert judged_musts(file.read_text(encoding="utf-8"), api) >= COMPLETED[api]


def test_the_floors_reach_the_goal() -> None:
    assert sum(FLOORS.values()) >= GOAL
