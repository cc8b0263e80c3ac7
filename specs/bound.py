"""Which tests decide which requirements, found without importing a test."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from specs.cases import load_cases
from specs.errors import InvalidFile

__all__ = ["Binding", "bindings", "bound_tests"]


@dataclass(frozen=True, slots=True)
class Binding:
    """A test that is bound to a requirement, and the place where it says so; lines count from 1."""

    requirement: str
    test: str
    path: Path
    line: int


def bindings(suites: Path) -> Iterator[Binding]:
    """Yield what is bound by `@pytest.mark.requirement("…")` and by rows of `cases.yaml` below the folder `suites`.

    The id stands in the mark or in a constant of the module. A mark on a class or module binds each of its tests.
    Raises InvalidFile for what is no Python or no case.
    """
    for path in sorted(suites.rglob("test_*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            raise InvalidFile(path, error.lineno or 1, f"no Python: {error.msg}") from error
        yield from _in_module(tree, path, suites)
    for path in sorted(suites.glob("*/cases.yaml")):
        name = path.relative_to(suites.parent).as_posix()
        for case in load_cases(path):
            yield Binding(case.requirement, f"{name}::{case.id}", path, 1)


def bound_tests(suites: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the tests by requirement, in the order of the files."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for binding in bindings(suites):
        found[binding.requirement][binding.test] = None
    return {requirement: tuple(tests) for requirement, tests in found.items()}


def _in_module(tree: ast.Module, path: Path, suites: Path) -> Iterator[Binding]:
    name = path.relative_to(suites.parent).as_posix()
    constants = dict(_constants(tree))
    for node, test, marked in _tests(tree, name, [*_pytestmark(tree)]):
        for each in (*marked, *node.decorator_list):
            for requirement, line in _marks(each, constants):
                yield Binding(requirement, test, path, line)


def _tests(
    scope: ast.Module | ast.ClassDef, name: str, marked: list[ast.expr]
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str, list[ast.expr]]]:
    for node in scope.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name.startswith("test"):
                yield node, f"{name}::{node.name}", marked
            case ast.ClassDef():
                inherited = [*marked, *node.decorator_list, *_pytestmark(node)]
                yield from _tests(node, f"{name}::{node.name}", inherited)


def _pytestmark(scope: ast.Module | ast.ClassDef) -> Iterator[ast.expr]:
    for node in scope.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id == "pytestmark" for to in node.targets
        ):
            yield node.value


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the texts that the module gives names to: `SHAPE = "…"`."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                yield name, text


def _marks(expression: ast.expr, constants: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Yield id and line of every `….mark.requirement("id", NAME, …)` in a decorator, or in its parameters."""
    for node in ast.walk(expression):
        match node:
            case ast.Call(func=ast.Attribute(attr="requirement", value=ast.Attribute(attr="mark"))):
                for argument in node.args:
                    match argument:
                        case ast.Constant(value=str(text)):
                            yield text, argument.lineno
                        case ast.Name(id=name) if name in constants:
                            yield constants[name], argument.lineno
