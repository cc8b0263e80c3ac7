"""Checks data against the JSON Schemas of our own files, and says what is wrong in words with a way out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import best_match

from specs.errors import InvalidFile, nearest_names
from specs.yamlfile import Loaded, load

__all__ = ["SCHEMAS", "Violation", "read", "schema", "violations"]

SCHEMAS = Path(__file__).parent / "schemas"


class Violation(NamedTuple):
    """One place where data do not fit their schema: path from the top, what is wrong, the way out."""

    path: tuple[str | int, ...]
    message: str
    hint: str


@cache
def schema(name: str) -> Mapping[str, Any]:
    """Return the JSON Schema `specs/schemas/<name>.json`."""
    contents: Mapping[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return contents


def violations(name: str, data: object) -> Iterator[Violation]:
    """Yield what in `data` does not fit the schema called `name`, in the order of the data; formats count."""
    errors = sorted(_validator(name).iter_errors(data), key=lambda error: [str(step) for step in error.absolute_path])
    for error in errors:
        yield from _in_words(error)


def read(path: Path, name: str) -> Loaded:
    """Read the YAML file at `path`; raise InvalidFile for the first place that does not fit the schema `name`."""
    loaded = load(path)
    for violation in violations(name, loaded.data):
        raise InvalidFile(path, loaded.line_of(violation.path), violation.message, violation.hint)
    return loaded


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name), format_checker=FormatChecker())


def _in_words(error: ValidationError) -> Iterator[Violation]:
    """Turn one error into ours; of alternatives that all fail, the one that came closest speaks."""
    of_right_type = [each for each in error.context or () if each.validator != "type" or each.relative_path]
    if (closest := best_match(of_right_type or error.context or ())) is not None:
        yield from _in_words(closest)
        return
    path = tuple(error.absolute_path)
    place = _place(path)
    rule: Any = error.validator_value
    value: Any = error.instance
    around: Any = error.schema if isinstance(error.schema, dict) else {}
    meaning = around.get("description", "")
    match error.validator:
        case "additionalProperties":
            known = around.get("properties", {})
            for key in sorted(set(value) - set(known)):
                near = nearest_names(key, known, limit=1)
                hint = f"nearest: {near[0]}" if near else _all(known)
                yield Violation((*path, key), f"unknown key {key!r}{place}", hint)
        case "enum":
            yield Violation(path, f"{value!r} is not possible{place}", _all(rule))
        case "required":
            missing = next(key for key in rule if key not in value)
            yield Violation(path, f"missing key {missing!r}{place}", meaning)
        case "type":
            wanted = " or ".join([rule] if isinstance(rule, str) else rule)
            yield Violation(path, f"expected {wanted}, found {_type(value)}{place}", meaning)
        case _:
            # The value itself stays out of the message: it may be a secret, or hold one.
            yield Violation(path, f"the value{place} breaks the rule {error.validator} {json.dumps(rule)}", meaning)


def _place(path: tuple[str | int, ...]) -> str:
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f" at {words.removeprefix('.')}" if path else ""


def _all(names: Iterable[object]) -> str:
    return "possible: " + ", ".join(map(str, names))


def _type(value: object) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
