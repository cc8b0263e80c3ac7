"""docs/reference-target-hooks.md names methods that exist, with their parameters, in the modules that it says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.reference.settings import Settings
from fixtures.reference.variant import APIS, READINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.reference.api import Api

PAGE = Path(__file__).parents[2] / "docs" / "reference-target-hooks.md"
SECTIONS = dict(re.findall(r"^## [^`\n]*`(\w+)`\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
CLASSES = {api.name: api for api in APIS}
SHARED = frozenset({"api"})
"""The module of what every API inherits, which may be named in any group."""


def _rows(api: str) -> Iterator[tuple[frozenset[str], list[str], list[str]]]:
    """Modules of the group, code in the first column, code in the second."""
    modules: frozenset[str] = frozenset()
    for line in SECTIONS[api].splitlines():
        if line.startswith("| **"):
            modules = frozenset(re.findall(r"`(\w+)\.py`", line))
        elif line.startswith("| `"):
            first, second = line.strip("| ").split(" | ")
            yield modules, re.findall(r"`([^`]+)`", first), re.findall(r"`([^`]+)`", second)


def _home(api: type[Api], method: str) -> set[str]:
    return {each.__module__.rpartition(".")[2] for each in api.__mro__ if method in vars(each)}


def test_every_api_has_its_section() -> None:
    assert set(SECTIONS) == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_every_operation_is_named(name: str) -> None:
    intro = SECTIONS[name].partition("\n| method")[0]
    assert set(CLASSES[name].routes.values()) - set(re.findall(r"`(\w+)`", intro)) == set()


@pytest.mark.parametrize("name", CLASSES)
def test_every_method_is_there_as_it_is_written(name: str) -> None:
    api, wrong = CLASSES[name], []
    for modules, hooks, _ in _rows(name):
        for hook in hooks:
            found = re.fullmatch(r"(await )?(\w+)(?:\((.*)\))?", hook)
            assert found, hook
            method = getattr(api, found[2], None)
            if method is None:
                wrong.append(f"{hook}: there is no such method")
            elif modules and not (modules | SHARED) & _home(api, found[2]):
                wrong.append(f"{hook}: stands in {_home(api, found[2])}, not in {set(modules)}")
            elif found[1] and not inspect.iscoroutinefunction(method):
                wrong.append(f"{hook}: is no coroutine")
            elif found[3] is not None:
                written = [part.strip(" *").partition("=")[0] for part in found[3].split(",") if part]
                if written != list(inspect.signature(method).parameters)[1:]:
                    wrong.append(f"{hook}: is {found[2]}{inspect.signature(method)}")
    assert wrong == []


@pytest.mark.parametrize("name", CLASSES)
def test_what_the_second_column_names_is_there(name: str) -> None:
    readings = {reading: names[0] for reading, names in READINGS.items()}
    api = CLASSES[name](Settings(), readings, {})
    named = [code.partition("(")[0] for _, _, words in _rows(name) for code in words]
    unknown = [word for word in named if re.fullmatch(r"[a-z_]+", word) and not hasattr(api, word)]
    assert unknown == []
