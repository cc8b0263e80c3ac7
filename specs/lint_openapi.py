"""Our own rules for OpenAPI documents, on top of the standard's: nothing in them may fail to be a check.

A schema with a misspelt keyword, without a type or with a format that nobody asserts accepts everything. Each of
them is a problem here, and each component proves itself with an example and a counter-example.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from specs.errors import BrokenReference, nearest_names
from specs.keys import claimable_apis, target_keys
from specs.openapi import METHODS, Document, load_document
from specs.problem import Problem
from specs.requirements import Requirement
from specs.yamlfile import load

__all__ = ["blamed_requirements", "lint_openapi"]

Where = tuple[str | int, ...]
Found = tuple[Where, str, str]
"""Path in the document, message, hint."""

APPLICATORS = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if"})
SCHEMA_KEYS = APPLICATORS | {
    "type", "enum", "const", "not", "then", "else", "properties", "required", "additionalProperties", "propertyNames",
    "minProperties", "maxProperties", "items", "contains", "minItems", "maxItems", "uniqueItems", "minLength",
    "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "title", "description", "examples", "x-counter-examples", "x-requirement", "x-reading", "x-secret",
}  # fmt: skip
OPERATION_KEYS = frozenset({
    "operationId", "tags", "summary", "description", "security", "parameters", "requestBody", "responses",
    "x-impact", "x-recorded-only",
})  # fmt: skip
PATH_KEYS = frozenset({*METHODS, "parameters", "servers", "x-target-path", "x-target-origin"})
WEBHOOK_KEYS = frozenset({"tags", "summary", "description", "requestBody", "responses"})
RESPONSE_KEYS = frozenset({"description", "headers", "content", "x-requirement", "x-may-be-empty"})


def lint_openapi(path: Path, known: Mapping[str, Requirement]) -> Iterator[Problem]:
    """Yield what is wrong with the OpenAPI document at `path`; `known` are the requirements by id."""
    loaded = load(path)
    document = load_document(path)
    for rules in (_references(document), _forms(document.raw), _standard(loaded.data), _ours(document, known)):
        found = tuple(rules)
        for where, message, hint in found:
            yield Problem(path, loaded.line_of(where), message, hint)
        if found:  # each set of rules stands on the one before
            return


def blamed_requirements(node: Any) -> Iterator[str]:
    """Yield the requirements that a document names in x-requirement."""
    yield from (each for _, each in _named(node, "x-requirement"))


def _references(document: Document) -> Iterator[Found]:
    for where, reference in _named(document.raw, "$ref"):
        try:
            document.resolve({"$ref": reference})
        except BrokenReference as error:
            yield where, error.message, error.hint


def _forms(raw: Any) -> Iterator[Found]:
    """Hold every schema against the dialect's own; the standard's validator would not tell the place."""
    dialect = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=FormatChecker())
    for where, schema in _schemas_of(raw):
        for error in dialect.iter_errors(schema):
            yield (*where, *error.absolute_path), f"no JSON Schema: {error.message[:160]}", ""


def _standard(raw: Any) -> Iterator[Found]:
    for error in OpenAPIV31SpecValidator(raw).iter_errors():
        yield tuple(error.absolute_path), f"not OpenAPI 3.1: {error.message[:160]}", ""


def _ours(document: Document, known: Mapping[str, Requirement]) -> Iterator[Found]:
    for where, name in _named(document.raw, "x-requirement"):
        if name not in known:
            near = nearest_names(str(name), known)
            yield where, f"unknown requirement {name!r}", f"nearest: {', '.join(near)}" if near else ""
    yield from _operations(document)
    yield from _schemas(document, known)


def _operations(document: Document) -> Iterator[Found]:
    for path, item in document.raw["paths"].items():
        yield from _path(document.api, path, item)
        for method in METHODS:
            if method in item:
                yield from _operation(document, ("paths", path, method), item[method])
    for name, webhook in document.webhooks.items():
        where: Where = ("webhooks", name, "post")
        yield from _unknown_keys(where, document.raw["webhooks"][name]["post"], WEBHOOK_KEYS)
        if "x-requirement" not in webhook.body:
            yield (*where, "requestBody"), "the webhook's body names no requirement", "add x-requirement"
    for name, response in document.raw.get("components", {}).get("responses", {}).items():
        yield from _response(("components", "responses", name), response)


def _path(api: str, path: str, item: Mapping[str, Any]) -> Iterator[Found]:
    """A path that a target key may replace is below the origin and that key's default; one may name another origin."""
    where: Where = ("paths", path)
    yield from _unknown_keys(where, item, PATH_KEYS)
    keys = target_keys(api) if api in claimable_apis() else {}
    if (origin := item.get("x-target-origin")) is not None and origin not in keys:
        yield (*where, "x-target-origin"), f"unknown target key {origin!r}", "see target.json"
    if origin is not None and "servers" not in item:
        yield where, f"{path} is on another server", "say so to other readers: servers: [{url: https://…}]"
    if (key := item.get("x-target-path")) is None:
        return
    if key not in keys or keys[key].default != path:
        yield (*where, "x-target-path"), f"{path} is not the default of the target key {key!r}", "see target.json"
    if item.get("servers") != [{"url": "/"}]:
        yield where, f"{path} is below the origin", "say so to other readers: servers: [{url: /}]"


def _operation(document: Document, where: Where, node: Mapping[str, Any]) -> Iterator[Found]:
    yield from _unknown_keys(where, node, OPERATION_KEYS)
    if not re.fullmatch(r"[a-z][A-Za-z0-9]*", node["operationId"]):
        yield (*where, "operationId"), f"operationId {node['operationId']!r}", "write it inCamelCase"
    for status, response in node["responses"].items():
        here = (*where, "responses", status)
        yield from _response(here, document.resolve(response))
        if node.get("x-recorded-only") and "content" in response:
            yield here, "an operation that is only recorded has no judged content", "remove x-recorded-only or content"


def _response(where: Where, response: Mapping[str, Any]) -> Iterator[Found]:
    yield from _unknown_keys(where, response, RESPONSE_KEYS)
    if "x-requirement" not in response:
        yield where, "the response names no requirement", "add x-requirement"


def _schemas(document: Document, known: Mapping[str, Requirement]) -> Iterator[Found]:
    for top, whole in _schemas_of(document.raw):
        for where, schema in _nested(top, whole):
            yield from _schema(where, schema)
            yield from _reading(document.raw, where, schema, known)
    for name, schema in document.raw.get("components", {}).get("schemas", {}).items():
        yield from _examples(document, name, schema)


def _schemas_of(node: Any, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Yield the schemas of components, parameters, bodies and answers, each with its path."""
    for step, value in _children(node):
        here = (*where, step)
        if step == "schema" or where == ("components", "schemas"):
            yield here, value
        else:
            yield from _schemas_of(value, here)


def _nested(where: Where, schema: Any) -> Iterator[tuple[Where, Any]]:
    yield where, schema
    if not isinstance(schema, dict):
        return
    for key, value in schema.get("properties", {}).items():
        yield from _nested((*where, "properties", key), value)
    for key in ("allOf", "anyOf", "oneOf"):
        for index, value in enumerate(schema.get(key, ())):
            yield from _nested((*where, key, index), value)
    for key in ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"):
        if key in schema and not isinstance(schema[key], bool):
            yield from _nested((*where, key), schema[key])


def _schema(where: Where, schema: Any) -> Iterator[Found]:
    if not isinstance(schema, dict):
        yield where, "a schema is an object", "say what is allowed"
        return
    yield from _unknown_keys(where, schema, SCHEMA_KEYS)
    if not schema.keys() & (APPLICATORS | {"type"}):
        yield where, "the schema has no type and accepts everything", "add type, $ref, allOf, anyOf or oneOf"
    if ("if" in schema) != bool(schema.keys() & {"then", "else"}):
        yield where, "a condition and its consequence stand together", "add if, or then or else"
    for name in schema.get("required", ()):
        if name not in schema.get("properties", {}):
            yield (*where, "required"), f"the required member {name!r} is not among the properties", "describe it there"
    if "format" in schema and schema["format"] not in FormatChecker.checkers:
        yield (*where, "format"), f"nobody asserts the format {schema['format']!r}", "use pattern, or a known format"


def _examples(document: Document, name: str, schema: Mapping[str, Any]) -> Iterator[Found]:
    """Prove a component with a real validator: its examples are accepted, its counter-examples refused."""
    where: Where = ("components", "schemas", name)
    whole = {"$ref": f"#/components/schemas/{name}", "components": document.raw["components"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    for key in ("examples", "x-counter-examples"):
        if not schema.get(key):
            yield where, f"{name} has no {key}", "one shows what is meant, the other that the schema checks anything"
    for index, value in enumerate(schema.get("examples", ())):
        for error in validator.iter_errors(value):
            yield (*where, "examples", index), f"an example of {name} is refused: {error.message[:160]}", ""
            break
    for index, each in enumerate(schema.get("x-counter-examples", ())):
        here = (*where, "x-counter-examples", index)
        if not isinstance(each, dict) or each.keys() != {"value", "why"}:
            yield here, f"a counter-example of {name} is not {{value, why}}", ""
        elif validator.is_valid(each["value"]):
            yield here, f"a counter-example of {name} is accepted", each["why"]


def _reading(raw: Any, where: Where, schema: Any, known: Mapping[str, Requirement]) -> Iterator[Found]:
    """A branch stands for a reading of the requirement that is named nearest above it."""
    if not isinstance(schema, dict) or "x-reading" not in schema:
        return
    blamed, node = "", raw
    for step in where:
        node = node[step]
        blamed = node.get("x-requirement", blamed) if isinstance(node, dict) else blamed
    names = [reading.name for reading in known[blamed].readings] if blamed in known else []
    if schema["x-reading"] not in names:
        yield (
            (*where, "x-reading"),
            f"{blamed or 'no requirement'} has no reading {schema['x-reading']!r}",
            ", ".join(names),
        )


def _named(node: Any, key: str, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Yield every value that stands under `key`, with its path."""
    for step, value in _children(node):
        if step == key:
            yield (*where, step), value
        else:
            yield from _named(value, key, (*where, step))


def _children(node: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def _unknown_keys(where: Where, node: Mapping[str, Any], known: frozenset[str]) -> Iterator[Found]:
    for key in node:
        if key not in known and key != "$ref":
            near = nearest_names(key, known)
            yield (*where, key), f"unknown keyword {key!r}", f"nearest: {', '.join(near)}" if near else ""
