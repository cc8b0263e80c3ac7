"""The keys of a target file's table, as the schema `target.json` declares them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from specs.errors import UnknownApi
from specs.schema import schema

__all__ = ["TargetKey", "claimable_apis", "properties", "target_keys", "word"]


@dataclass(frozen=True, slots=True)
class TargetKey:
    """A key of an API's table, or of a table inside it: then the name is dotted, such as bot.greets.

    Its default is None and its choices are empty where there are none; those of a list are what it may hold. A secret
    is redacted wherever it appears.
    """

    name: str
    meaning: str
    default: Any
    secret: bool
    choices: tuple[str | bool, ...]


def claimable_apis() -> tuple[str, ...]:
    """Return the APIs whose table a target file may have."""
    return tuple(schema("target")["properties"]["apis"]["properties"])


@cache
def target_keys(api: str) -> Mapping[str, TargetKey]:
    """Return the keys of the table `[apis.<api>]` by name; raise UnknownApi."""
    definitions: Mapping[str, Any] = schema("target")["$defs"]
    if api not in claimable_apis():
        raise UnknownApi(api, claimable_apis())
    keys = {
        name: TargetKey(
            name,
            key.get("description", ""),
            key.get("default"),
            _is_secret(key, definitions),
            (True, False) if key.get("type") == "boolean" else tuple(key.get("items", key).get("enum", ())),
        )
        for name, key in properties(definitions[api])
    }
    return MappingProxyType(keys)


def properties(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield dotted name and schema of every key that the schema of a table declares, keys of tables inside it too."""
    for name, key in table.get("properties", {}).items():
        yield f"{prefix}{name}", key
        yield from properties(key, f"{prefix}{name}.")


def word(value: str | bool) -> str:
    """Return a key's value as a target file spells it."""
    return str(value).lower() if isinstance(value, bool) else value


def _is_secret(key: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    """Tell whether the key's value is a secret or holds one."""
    reference = key.get("$ref")
    if reference is not None:
        return _is_secret(definitions[reference.rpartition("/")[2]], definitions)
    inner = [*key.get("properties", {}).values(), *([key["items"]] if "items" in key else [])]
    return bool(key.get("writeOnly")) or any(_is_secret(each, definitions) for each in inner)
