"""Finds what is wrong in the data of `specs/` and `suites/`, all of it at once, with the place and the way out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

from specs.bound import Binding, bindings
from specs.cases import ExampleBody, load_cases, placeholders
from specs.documents import load_documents
from specs.errors import InvalidFile, SpecError, nearest_names
from specs.keys import TargetKey, claimable_apis, properties, target_keys, word
from specs.lint_openapi import blamed_requirements, lint_openapi
from specs.openapi import Document, load_document
from specs.problem import Problem
from specs.requirements import Condition, Group, Kind, Level, Requirement, load_catalogue
from specs.schema import SCHEMAS, schema, violations
from specs.yamlfile import LineOf, load

__all__ = ["check"]


@dataclass(frozen=True, slots=True)
class _Api:
    """What the rules about one API's requirements look into."""

    path: Path
    line_of: LineOf
    rows: tuple[Requirement, ...]
    groups: Mapping[str, Group]
    document: Document
    held: Mapping[str, bool]


def check(root: Path) -> Iterator[Problem]:
    """Yield every problem in `root`/specs and `root`/suites; files that can't be read are reported, not raised."""
    yield from _schemas()
    malformed = tuple(_malformed(root))
    yield from malformed
    if malformed:  # the rules below need data of the right form
        return
    try:
        documents = load_documents(root / "specs")
        rows = load_catalogue(root / "specs")
        bound = tuple(bindings(root / "suites"))
        loaded = {api: load_document(root / "specs" / api / "openapi.yaml") for api in rows.apis}
    except SpecError as error:
        yield _as_problem(error, root)
        return
    yield from _repeated(root / "specs" / "documents.yaml", "documents")
    held = {document.id: document.text is not None for document in documents.values()}
    known = {row.id: row for row in rows.rows}
    for api, document in loaded.items():
        folder = root / "specs" / api
        path = folder / "requirements.yaml"
        line_of = load(path).line_of
        yield from _requirements(_Api(path, line_of, rows.requirements(api), rows.groups[api], document, held))
        yield from _repeated(path, "requirements")
        yield from lint_openapi(folder / "openapi.yaml", known)
        yield from _cases(root / "suites" / api / "cases.yaml", document, known)
    yield from _bindings(bound, known)
    blamed = {each for document in loaded.values() for each in blamed_requirements(document.raw)}
    yield from _unjudged_shapes(root, known, blamed | {binding.requirement for binding in bound})


def _malformed(root: Path) -> Iterator[Problem]:
    """Yield every place where a data file does not fit its JSON Schema."""
    files = [(root / "specs" / "documents.yaml", "documents")]
    files += [(path, "requirements") for path in sorted(root.glob("specs/*/requirements.yaml"))]
    files += [(path, "cases") for path in sorted(root.glob("suites/*/cases.yaml"))]
    for path, name in files:
        try:
            loaded = load(path)
        except SpecError as error:
            yield _as_problem(error, path)
        else:
            for each in violations(name, loaded.data):
                yield Problem(path, loaded.line_of(each.path), each.message, each.hint)


def _as_problem(error: SpecError, path: Path) -> Problem:
    if isinstance(error, InvalidFile):
        return Problem(error.path, error.line, error.reason, error.hint)
    return Problem(path, 1, error.message, error.hint)


def _schemas() -> Iterator[Problem]:
    """Look into the JSON Schemas themselves: each is one, asserts its formats, and every default fits its own key."""
    for path in sorted(SCHEMAS.glob("*.json")):
        try:
            Draft202012Validator.check_schema(schema(path.stem))
        except SchemaError as error:
            yield Problem(path, 1, f"no JSON Schema: {error.message}", "")
    for name, key in _keyed(schema("target")):
        checker = Draft202012Validator({"$defs": schema("target")["$defs"], **key}, format_checker=FormatChecker())
        if "default" in key and not checker.is_valid(key["default"]):
            yield Problem(SCHEMAS / "target.json", 1, f"the default of {name} does not fit its own schema", "")
        if "description" not in key:
            yield Problem(SCHEMAS / "target.json", 1, f"the key {name} has no description", "say what it means")


def _keyed(target: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for api in claimable_apis():
        yield from properties(target["$defs"][api])


def _repeated(path: Path, list_name: str) -> Iterator[Problem]:
    loaded = load(path)
    seen: set[str] = set()
    for index, row in enumerate(loaded.data[list_name]):
        if row["id"] in seen:
            line = loaded.line_of((list_name, index, "id"))
            yield Problem(path, line, f"the id {row['id']!r} stands twice", "an id names one thing for ever")
        seen.add(row["id"])


def _requirements(api: _Api) -> Iterator[Problem]:
    name = api.path.parent.name
    if name not in claimable_apis():
        yield Problem(api.path, 1, f"target.json has no table for {name!r}", "add it to $defs and to apis")
        return
    for index, row in enumerate(api.rows):
        for key, message, hint in _row(name, row, api):
            yield Problem(api.path, api.line_of(("requirements", index, key)), f"{row.id}: {message}", hint)
    for group in api.groups.values():
        for key, message, hint in _group(group, target_keys(name)):
            yield Problem(api.path, api.line_of(("groups", group.name, key)), f"{group.name}: {message}", hint)


def _group(group: Group, keys: Mapping[str, TargetKey]) -> Iterator[tuple[str, str, str]]:
    for alternative in group.alternatives:
        for key in alternative.keys:
            if key not in keys:
                yield "alternatives", f"unknown target key {key!r}", _near(key, keys)
        for message, hint in _condition(alternative.when, keys):
            yield "alternatives", message, hint


def _condition(when: Condition, keys: Mapping[str, TargetKey]) -> Iterator[tuple[str, str]]:
    for key, value in when.items():
        if key not in keys:
            yield f"unknown target key {key!r}", _near(key, keys)
        elif value not in keys[key].choices:
            yield f"{key} is never {value!r}", f"possible: {', '.join(map(word, keys[key].choices))}"


def _row(name: str, row: Requirement, api: _Api) -> Iterator[tuple[str, str, str]]:
    """Yield key, message and hint of what is wrong with one requirement."""
    keys = target_keys(name)
    if not row.id.startswith(f"{name}."):
        yield "id", f"does not begin with {name!r}", "ids are <api>.<topic>.<claim>"
    yield from _called(row, api.document)
    yield from _lowered(row, keys)
    for need in row.needs:
        if need not in keys and need not in api.groups:
            yield "needs", f"unknown target key or group {need!r}", _near(need, [*keys, *api.groups])
    for message, hint in _condition(row.applies_when, keys):
        yield "applies_when", message, hint
    if row.source.document not in api.held:
        yield "source", f"unknown document {row.source.document!r}", _near(row.source.document, api.held)
    elif api.held[row.source.document] != bool(row.source.passage):
        wrong = (
            "rests on a held text without a passage" if not row.source.passage else "has a passage of a text not held"
        )
        yield "source", wrong, "see python -m specs passage"
    names = [reading.name for reading in row.readings]
    if len(set(names)) < len(names):
        yield "readings", "two readings have one name", "rename one"


def _lowered(row: Requirement, keys: Mapping[str, TargetKey]) -> Iterator[tuple[str, str, str]]:
    if row.lowered is None:
        return
    for key in row.lowered.by:
        if key not in keys:
            yield "lowered", f"unknown target key {key!r}", _near(key, keys)
    if row.lowered.to.rank >= row.impact.rank:
        yield "lowered", f"{row.lowered.to} is no less than its impact, {row.impact}", "keys only make it milder"


def _called(row: Requirement, document: Document) -> Iterator[tuple[str, str, str]]:
    """Look into the operations of a row, of which its impact must allow one; a test that does more says so itself."""
    known = {**document.operations, **document.webhooks}
    for name in row.operations:
        if name not in known:
            yield "operations", f"unknown operation {name!r}", _near(name, known)
    called = [document.operations[name] for name in row.operations if name in document.operations]
    mildest = min(called, key=lambda each: each.impact.rank, default=None)
    if mildest and mildest.impact.rank > row.impact.rank:
        yield "impact", f"{row.impact} is less than that of {mildest.id}", f"{mildest.id} is {mildest.impact}"


def _cases(path: Path, document: Document, known: Mapping[str, Requirement]) -> Iterator[Problem]:
    if not path.exists():
        return
    yield from _repeated(path, "cases")
    line_of, api = load(path).line_of, path.parent.name
    schemas = document.raw.get("components", {}).get("schemas", {})
    for index, case in enumerate(load_cases(path)):

        def problem(key: str, message: str, hint: str, at: int = index, name: str = case.id) -> Problem:
            return Problem(path, line_of(("cases", at, key)), f"{name}: {message}", hint)

        requirement = known.get(case.requirement)
        if requirement is None:
            yield problem("requirement", f"unknown requirement {case.requirement!r}", _near(case.requirement, known))
        if case.request.operation not in document.operations:
            near = _near(case.request.operation, document.operations)
            yield problem("request", f"unknown operation {case.request.operation!r}", near)
        if isinstance(case.request.body, ExampleBody) and case.request.body.schema not in schemas:
            yield problem(
                "request", f"no component schema {case.request.body.schema!r}", _near(case.request.body.schema, schemas)
            )
        for key in case.keys:
            if key not in target_keys(api):
                yield problem("request", f"unknown target key {key!r}", _near(key, target_keys(api)))
        yield from _expectations(case.expect, requirement, problem)


def _expectations(
    expect: Any, requirement: Requirement | None, problem: Callable[[str, str, str], Problem]
) -> Iterator[Problem]:
    names = [reading.name for reading in requirement.readings] if requirement else []
    for each in expect:
        if each.reading is not None and requirement is not None and each.reading not in names:
            yield problem("expect", f"{requirement.id} has no reading {each.reading!r}", _near(each.reading, names))
        if isinstance(each.body, dict):
            try:
                Draft202012Validator.check_schema(each.body)
            except SchemaError as error:
                yield problem("expect", f"the body is no JSON Schema: {error.message}", "")
        if next(placeholders(each.body), None) or next(placeholders(each.absent), None):
            yield problem("expect", "placeholders stand in requests only", "")


def _bindings(bound: tuple[Binding, ...], known: Mapping[str, Requirement]) -> Iterator[Problem]:
    for binding in bound:
        if binding.requirement not in known and binding.path.suffix != ".yaml":  # cases were looked at above
            message = f"unknown requirement {binding.requirement!r}"
            yield Problem(binding.path, binding.line, message, _near(binding.requirement, known))


def _unjudged_shapes(root: Path, known: Mapping[str, Requirement], judged: set[str]) -> Iterator[Problem]:
    """A shape that no schema and no test speaks of would be believed to be checked."""
    for row in known.values():
        if row.kind is Kind.SHAPE and row.level is not Level.OBSERVE and row.id not in judged and not row.not_tested:
            path = root / "specs" / row.api / "openapi.yaml"
            yield Problem(
                path, 1, f"nothing judges the shape {row.id}", "name it in x-requirement, or bind a test to it"
            )


def _near(name: str, known: Any) -> str:
    near = nearest_names(name, known)
    return f"nearest: {', '.join(near)}" if near else ""
