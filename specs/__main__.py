"""Commands over the specification data: check, explain, sources, passage. See `python -m specs --help`."""

import importlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from specs.bound import bound_tests
from specs.cases import SUITES
from specs.command import USAGE, Parser, start
from specs.documents import documents, make_passage
from specs.errors import SpecError, UnknownDocument
from specs.explain import Defect, explain
from specs.keys import target_keys
from specs.lint import check
from specs.requirements import SPECS, catalogue
from specs.sources import compare, describe, read_text

OK, PROBLEMS = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 something is wrong in the data or sources, 4 wrong usage."""
    parser = Parser(prog="python -m specs", description="What the documents say, as data: look into it and check it.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    command = commands.add_parser("check", help="find mistakes in requirements, OpenAPI documents, schemas and cases")
    command.set_defaults(run=lambda _: _check())

    command = commands.add_parser("explain", help="tell all that is known about a requirement")
    command.add_argument("id", help="id of the requirement")
    command.set_defaults(run=lambda options: _explain(options.id))

    command = commands.add_parser(
        "sources", help="compare source documents with those the requirements were written from"
    )
    command.add_argument("--documents", type=Path, required=True, metavar="DIR", help="holds <document id>.txt")
    command.set_defaults(run=lambda options: _sources(options.documents))

    command = commands.add_parser("passage", help="print the lines that tie a requirement to words of a document")
    command.add_argument("--documents", type=Path, required=True, metavar="DIR", help="holds <document id>.txt")
    command.add_argument("document", help="id of the document")
    command.add_argument("text", help="the words that carry the claim, as they stand there")
    command.set_defaults(run=lambda options: _passage(options.documents, options.document, options.text))

    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except SpecError as error:
        print(f"python -m specs: {error}", file=sys.stderr)
        return USAGE
    return code


def _check() -> int:
    problems = list(check(SPECS.parent))
    for problem in problems:
        print(problem)
    rows = 0 if problems else len(catalogue().rows)
    print(
        f"{len(problems)} problems" if problems else f"{rows} requirements of {', '.join(catalogue().apis)}: no problem"
    )
    return PROBLEMS if problems else OK


def _explain(requirement_id: str) -> int:
    row = catalogue().get(requirement_id)
    document = documents()[row.source.document]
    tests = bound_tests(SUITES).get(row.id, ())
    groups, keys = catalogue().groups[row.api], target_keys(row.api)
    for line in explain(row, document, groups, keys, tests=tests, defects=_defects()):
        print(line)
    return OK


def _defects() -> Iterable[type[Defect]]:
    """Return the seeded defects; imported only here, since the specification stands without the reference target."""
    defects: Iterable[type[Defect]] = importlib.import_module("fixtures.defects").all_defects()
    return defects


def _sources(folder: Path) -> int:
    _require_folder(folder)
    comparisons = tuple(compare(folder, documents(), catalogue()))
    for comparison in comparisons:
        for line in describe(comparison):
            print(line)
    return OK if all(comparison.stands for comparison in comparisons) else PROBLEMS


def _passage(folder: Path, document_id: str, text: str) -> int:
    _require_folder(folder)
    if document_id not in documents():
        raise UnknownDocument(document_id, documents())
    passage = make_passage(read_text(folder / f"{document_id}.txt"), text)
    print(f"document: {document_id}\npassage: {{sha256: {passage.sha256}, length: {passage.length}}}")
    return OK


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise SpecError(f"{folder} is no folder", "--documents takes the folder that holds <document id>.txt")


if __name__ == "__main__":
    start(main)
