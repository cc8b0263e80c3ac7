from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fixtures.reference.settings import Settings
from fixtures.reference.target_file import render

ROOT = Path(__file__).parents[2]


def test_the_example_in_the_repository_is_what_is_written_for_its_port() -> None:
    example = (ROOT / "targets" / "reference.toml").read_text(encoding="utf-8")
    assert example == render("http://127.0.0.1:8080", Settings())


@pytest.mark.parametrize("settings", [Settings(), Settings(auth_mode="bearer", tenant_limit=2)])
def test_a_written_file_fits_the_schema_of_target_files(settings: Settings) -> None:
    schema: dict[str, Any] = json.loads((ROOT / "specs" / "schemas" / "target.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(tomllib.loads(render("http://127.0.0.1:1", settings)))


def test_texts_survive_the_way_through_toml() -> None:
    table = tomllib.loads(render("http://127.0.0.1:1", Settings()))["apis"]["bp_stats"]
    assert 'Réclamé & "won"' in table["dispositions"]
    assert "Lead reviewed " in table["dispositions"]
    assert 1 + table["tenant_limit"] == 2 + len(table["extra_users"])
