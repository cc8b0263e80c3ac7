"""Reads YAML as data that JSON could hold, and knows on which line each value stands."""

import re
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from specs.errors import InvalidFile, MissingFile

__all__ = ["LineOf", "Loaded", "load"]

LineOf = Callable[[Sequence[str | int]], int]
"""Maps the path of a value (keys and indexes from the top) to its line, from 1; a path too long, as far as it goes."""


class Loaded(NamedTuple):
    """The data of a file, and where its values stand."""

    data: Any
    line_of: LineOf


def load(path: Path) -> Loaded:
    """Read the YAML file at `path`; refuse what JSON could not hold, and keys that stand twice.

    Raises MissingFile, or InvalidFile with the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MissingFile(path, str(error)) from error
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        data = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidFile(path, line, error.problem or "no YAML", error.note or "") from error
    except yaml.YAMLError as error:
        raise InvalidFile(path, 1, " ".join(str(error).split())) from error
    return Loaded(data, lambda where: _line(root, where))


class _Loader(yaml.CSafeLoader):
    """Safe YAML without its surprises: `no`, `2027-01-31`, `1:30` and `010` are text, `<<` is no merge."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the library's own protocol

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make a dict, whose keys must be text and stand once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise _refused(key, f"the key {key.value} is not text", "put it in quotes")
            if key.value in seen:
                raise _refused(key, f"the key {key.value!r} stands twice", "keep one of the two")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_SCALARS = {
    "null": (r"null|~|", ["n", "~", ""]),
    "bool": (r"true|false", ["t", "f"]),
    "int": (r"-?(?:0|[1-9][0-9]*)", list("-0123456789")),
    "float": (r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", list("-0123456789")),
}
for _name, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), _first)


def _refused(node: yaml.Node, problem: str, way_out: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark, note=way_out)


def _line(root: yaml.Node | None, where: Sequence[str | int]) -> int:
    node, line = root, 1
    for step in where:
        match node:
            case yaml.MappingNode():
                entry = next(((key, value) for key, value in node.value if key.value == step), None)
            case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
                entry = (node.value[step], node.value[step])
            case _:
                entry = None
        if entry is None:
            break
        line, node = entry[0].start_mark.line + 1, entry[1]
    return line
