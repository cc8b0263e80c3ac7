"""Tells all that is known about one requirement, for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Protocol

from specs.documents import Document
from specs.keys import TargetKey, word
from specs.requirements import Group, Requirement

__all__ = ["Defect", "explain"]

LABEL = 12
WIDTH = 110


class Defect(Protocol):
    """What is read of a seeded defect of the reference target."""

    id: str
    breaks: tuple[str, ...]


def explain(
    row: Requirement,
    document: Document,
    groups: Mapping[str, Group],
    keys: Mapping[str, TargetKey],
    *,
    tests: Sequence[str],
    defects: Iterable[type[Defect]],
) -> Iterator[str]:
    """Yield the lines: the claim, its source, what decides, readings, needs, the tests that decide and the defects."""
    yield row.id
    yield f"{row.level} · {row.kind} · impact {_impact(row)} · {', '.join(row.operations)}"
    yield ""
    yield from _block("", [row.text])
    yield ""
    source = row.source
    yield from _block("Source", [f"{document.title} ({document.publisher}, {document.revision})", source.section])
    if source.passage:
        yield from _block("", [f"passage of {source.passage.length} characters, sha256 {source.passage.sha256}"])
    yield from _block("Decides", [row.observe])
    yield from _block("Readings", [f"{reading.name}: {reading.text}" for reading in row.readings])
    yield from _block("Applies", [f"where {key} is {word(value)}" for key, value in row.applies_when.items()])
    yield from _block("Needs", [line for need in row.needs for line in _need(need, groups, keys)])
    yield from _block("Catches", row.catches)
    yield from _block("Not tested", [row.not_tested] if row.not_tested else [])
    yield from _block("Tests", tests or ["none is bound to it"])
    broken = [f"{each.id}: {' '.join((each.__doc__ or '').split())}" for each in defects if row.id in each.breaks]
    yield from _block("Defects", broken or ["none breaks it"])


def _impact(row: Requirement) -> str:
    if row.lowered is None:
        return row.impact
    return f"{row.impact}, {row.lowered.to} where the target file has {' and '.join(row.lowered.by)}"


def _need(need: str, groups: Mapping[str, Group], keys: Mapping[str, TargetKey]) -> Iterator[str]:
    group = groups.get(need)
    if group is None:
        yield f"{need}: {keys[need].meaning}"
        return
    yield f"{need}: {group.meaning}"
    for alternative in group.alternatives:
        condition = " and ".join(f"{key} {word(value)}" for key, value in alternative.when.items())
        yield f"  {f'with {condition}: ' if condition else ''}{', '.join(alternative.keys)}"
        yield from (f"    {key}: {keys[key].meaning}" for key in alternative.keys)


def _block(label: str, paragraphs: Sequence[str]) -> Iterator[str]:
    """Yield the paragraphs with the label before the first line; of several, each hangs by its first line."""
    hanging = "  " if len(paragraphs) > 1 else ""
    for paragraph in paragraphs:
        indent = " " * (len(paragraph) - len(paragraph.lstrip()))
        lines = wrap(
            paragraph.strip(),
            WIDTH - LABEL - len(indent),
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines:
            yield f"{label:<{LABEL}}{indent}{line}"
            label = ""
