"""The rows of `suites/<api>/cases.yaml`: requirements that one exchange decides."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from specs.openapi import Document
from specs.requirements import SPECS
from specs.schema import read

__all__ = [
    "SUITES",
    "Case",
    "ExampleBody",
    "Expectation",
    "JsonBody",
    "Request",
    "TextBody",
    "cases",
    "example",
    "fill",
    "load_cases",
    "placeholders",
]

SUITES = SPECS.parent / "suites"

_PLACEHOLDER = re.compile(r"\$\{target:([^}]*)\}")


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A value that is sent as JSON."""

    value: Any = field(hash=False)


@dataclass(frozen=True, slots=True)
class TextBody:
    """A body that is sent letter by letter, as UTF-8."""

    text: str


@dataclass(frozen=True, slots=True)
class ExampleBody:
    """The first example of a component schema of the OpenAPI document, sent as JSON."""

    schema: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. No content type means that the field is left out; without a body it says nothing."""

    operation: str
    path: Mapping[str, str] = field(hash=False)
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] = field(hash=False)
    body: JsonBody | TextBody | ExampleBody | None
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """An answer that may come back and what it means; `verdict` is pass, finding or inconc.

    An answer fits if its status is among `statuses` and the rest holds where it is given: `media_type`, `headers` (name
    to a regular expression for the whole value), `body` (a JSON Schema), `absent` (texts that the body lacks).
    """

    statuses: tuple[int, ...]
    media_type: str | None
    headers: Mapping[str, str] = field(hash=False)
    body: Mapping[str, Any] | bool | None = field(hash=False)
    absent: tuple[str, ...]
    reading: str | None
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One exchange; of `expect` the first expectation that fits the answer decides, and none means fail."""

    id: str
    requirement: str
    purpose: str
    identity: str
    given: str | None
    request: Request
    expect: tuple[Expectation, ...]
    keys: tuple[str, ...]
    """Target keys that the request names; without one of them the case can't run."""


@cache
def cases(api: str) -> tuple[Case, ...]:
    """Return the cases of `suites/<api>/cases.yaml`, none where there is no such file; raise InvalidFile."""
    return load_cases(SUITES / api / "cases.yaml")


def load_cases(path: Path) -> tuple[Case, ...]:
    """Read the cases at `path`, none if the file does not exist; raise InvalidFile."""
    return tuple(_case(row) for row in read(path, "cases").data["cases"]) if path.exists() else ()


def placeholders(node: Any) -> Iterator[str]:
    """Yield the keys of the target file that the texts in `node` name, dots and all: `unprivileged.password`."""
    match node:
        case str():
            yield from _PLACEHOLDER.findall(node)
        case dict():
            for value in node.values():
                yield from placeholders(value)
        case list() | tuple():
            for value in node:
                yield from placeholders(value)


def fill(node: Any, table: Mapping[str, Any]) -> Any:
    """Return `node` with every `${target:key}` replaced by the value of the API's table.

    A text that is one placeholder and nothing else takes the value with its type. The keys must be there (`Case.keys`).
    """
    match node:
        case str():
            whole = _PLACEHOLDER.fullmatch(node)
            return (
                _value(whole[1], table) if whole else _PLACEHOLDER.sub(lambda found: str(_value(found[1], table)), node)
            )
        case dict():
            return {key: fill(value, table) for key, value in node.items()}
        case list() | tuple():
            return type(node)(fill(value, table) for value in node)
        case _:
            return node


def example(document: Document, schema: str) -> Any:
    """Return the first example of the component schema called `schema`."""
    return document.raw["components"]["schemas"][schema]["examples"][0]


def _value(dotted: str, table: Mapping[str, Any]) -> Any:
    value: Any = table
    for key in dotted.split("."):
        value = value[key]
    return value


def _case(row: Mapping[str, Any]) -> Case:
    expect = row["expect"]
    return Case(
        id=row["id"],
        requirement=row["requirement"],
        purpose=row["purpose"],
        identity=row["as"],
        given=row.get("given"),
        request=_request(row["request"]),
        expect=tuple(_expectation(each) for each in (expect if isinstance(expect, list) else [expect])),
        keys=tuple(dict.fromkeys(dotted.partition(".")[0] for dotted in placeholders(row["request"]))),
    )


def _request(row: Mapping[str, Any]) -> Request:
    query = row.get("query", {})
    return Request(
        operation=row["operation"],
        path=MappingProxyType(row.get("path", {})),
        query=tuple((name, value) for name, value in (query.items() if isinstance(query, dict) else query)),
        headers=MappingProxyType(row.get("headers", {})),
        body=_body(row.get("body", {})),
        content_type=row.get("content_type", "application/json" if "body" in row else None),
    )


def _body(row: Mapping[str, Any]) -> JsonBody | TextBody | ExampleBody | None:
    match row:
        case {"json": value}:
            return JsonBody(value)
        case {"text": text}:
            return TextBody(text)
        case {"example": schema}:
            return ExampleBody(schema)
        case _:
            return None


def _expectation(row: Mapping[str, Any]) -> Expectation:
    status = row["status"]
    return Expectation(
        statuses=tuple(status) if isinstance(status, list) else (status,),
        media_type=row.get("media_type"),
        headers=MappingProxyType(row.get("headers", {})),
        body=row.get("body"),
        absent=tuple(row.get("absent", ())),
        reading=row.get("reading"),
        verdict=row.get("verdict", "pass"),
        why=row.get("why", ""),
    )
