"""The OpenAPI document of an API: what can be called, and what each answer must look like."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from specs.errors import BrokenReference, InvalidFile, UnknownApi, UnknownOperation
from specs.requirements import SPECS, Impact, apis
from specs.yamlfile import LineOf, load

__all__ = ["METHODS", "Document", "Operation", "Parameter", "Webhook", "document", "load_document"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; `where` is query, header, path or cookie."""

    name: str
    where: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `responses` maps a status, or `default`, to its response object with references followed.

    The path is below the API's base path; but where `path_key` is not None, it is below the origin, and that key of the
    target file's table says another one. Where `origin_key` is not None, it is below the origin that this key names.
    """

    id: str
    method: str
    path: str
    path_key: str | None
    origin_key: str | None
    impact: Impact
    authenticated: bool
    parameters: tuple[Parameter, ...]
    request_media_types: tuple[str, ...]
    responses: Mapping[str, Mapping[str, Any]] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """What a server posts to an address that it was given; `body` is the request body object, references followed."""

    id: str
    body: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document; `raw` is the document as it stands, references included."""

    api: str
    raw: Mapping[str, Any] = field(hash=False)
    operations: Mapping[str, Operation] = field(hash=False)
    webhooks: Mapping[str, Webhook] = field(hash=False)

    def operation(self, operation_id: str) -> Operation:
        """Return the operation with this operationId; raise UnknownOperation with the nearest."""
        try:
            return self.operations[operation_id]
        except KeyError:
            raise UnknownOperation(operation_id, self.operations) from None

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what `node` refers to by `$ref`, one step far, or `node` itself; raise BrokenReference."""
        return _resolve(self.raw, node)


@cache
def document(api: str) -> Document:
    """Return the OpenAPI document `specs/<api>/openapi.yaml`; raise UnknownApi or InvalidFile."""
    if api not in apis():
        raise UnknownApi(api, apis())
    return load_document(SPECS / api / "openapi.yaml")


def load_document(path: Path) -> Document:
    """Read the OpenAPI document at `path`, whose folder is named after the API; raise InvalidFile, BrokenReference."""
    raw, line_of = load(path)
    operations: dict[str, Operation] = {}
    for where in _operation_paths(raw):
        try:
            operation = _operation(raw, where)
        except KeyError as error:
            raise InvalidFile(path, line_of(where), f"the operation lacks {error}", "every operation has it") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidFile(path, line_of(where), f"no operation can be made of this: {error}") from error
        if operation.id in operations:
            raise InvalidFile(path, line_of(where), f"the operationId {operation.id!r} stands twice", "rename one")
        operations[operation.id] = operation
    webhooks = dict(_webhooks(raw, path, line_of))
    return Document(path.parent.name, raw, MappingProxyType(operations), MappingProxyType(webhooks))


def _operation_paths(raw: Any) -> Iterator[tuple[str, str, str]]:
    paths = raw.get("paths") if isinstance(raw, dict) else None
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        yield from (("paths", path, method) for method in METHODS if isinstance(item, dict) and method in item)


def _webhooks(raw: Any, path: Path, line_of: LineOf) -> Iterator[tuple[str, Webhook]]:
    for name, item in (raw.get("webhooks", {}) if isinstance(raw, dict) else {}).items():
        try:
            yield name, Webhook(name, MappingProxyType(dict(_resolve(raw, item["post"]["requestBody"]))))
        except (KeyError, TypeError) as error:
            problem = "the webhook has no post with a requestBody"
            raise InvalidFile(path, line_of(("webhooks", name)), problem, "that is what a server sends") from error


def _operation(raw: Mapping[str, Any], where: tuple[str, str, str]) -> Operation:
    _, path, method = where
    item = raw["paths"][path]
    node = item[method]
    parameters = [_resolve(raw, each) for each in (*item.get("parameters", ()), *node.get("parameters", ()))]
    body = _resolve(raw, node.get("requestBody", {}))
    return Operation(
        id=node["operationId"],
        method=method.upper(),
        path=path,
        path_key=item.get("x-target-path"),
        origin_key=item.get("x-target-origin"),
        impact=Impact(node["x-impact"]),
        authenticated=_demands_credentials(node.get("security", raw.get("security"))),
        parameters=tuple(Parameter(each["name"], each["in"], each.get("required", False)) for each in parameters),
        request_media_types=tuple(body.get("content", ())),
        responses=MappingProxyType({status: _resolve(raw, each) for status, each in node["responses"].items()}),
    )


def _demands_credentials(security: Any) -> bool:
    """Say whether nobody may call without credentials: an empty alternative makes them optional."""
    return bool(security) and {} not in security


def _resolve(raw: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = node.get("$ref")
    if reference is None:
        return node
    target: Any = raw
    for step in str(reference).removeprefix("#/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not str(reference).startswith("#/") or not isinstance(target, dict) or key not in target:
            raise BrokenReference(f"the reference {reference!r} leads nowhere", "references look like #/components/…")
        target = target[key]
    return {**target, **{key: value for key, value in node.items() if key != "$ref"}}
