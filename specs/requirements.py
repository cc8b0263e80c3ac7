"""The requirements of every API: `specs/<api>/requirements.yaml`, read into frozen values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from specs.errors import UnknownApi, UnknownRequirement
from specs.keys import target_keys
from specs.schema import read

__all__ = [
    "SPECS",
    "Alternative",
    "Catalogue",
    "Condition",
    "Group",
    "Impact",
    "Kind",
    "Level",
    "Lowered",
    "Passage",
    "Reading",
    "Requirement",
    "Source",
    "apis",
    "applies",
    "catalogue",
    "impact_on",
    "load_catalogue",
    "lowering_keys",
    "missing_keys",
]

SPECS = Path(__file__).parent

Condition: TypeAlias = Mapping[str, str | bool]
"""Values that keys of an API's table must have; a key that is a list must hold the value."""


class Level(StrEnum):
    """How hard the documents say it, and with it what a miss is worth."""

    MUST = "must"
    SHOULD = "should"
    READING = "reading"
    OBSERVE = "observe"


class Kind(StrEnum):
    """The sort of test that decides."""

    SHAPE = "shape"
    SCENARIO = "scenario"
    PROPERTY = "property"
    RACE = "race"
    WIRE = "wire"
    SECURITY = "security"


class Impact(StrEnum):
    """What a test does to the target; `rank` orders from harmless to intrusive."""

    READ_ONLY = "read-only"
    SESSION = "session"
    INTRUSIVE = "intrusive"

    @property
    def rank(self) -> int:
        """Return 0 for read-only, 1 for session, 2 for intrusive."""
        return list(Impact).index(self)


@dataclass(frozen=True, slots=True)
class Passage:
    """The digest, and the length in characters, of the words of a document that carry a claim (see specs.documents)."""

    sha256: str
    length: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a claim comes from; no passage where the text of the document is not at hand."""

    document: str
    section: str
    passage: Passage | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One of several defensible interpretations of the documents."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Lowered:
    """Target keys that make room for a test, or spare it a step: where all are there, its impact is `to`."""

    by: tuple[str, ...]
    to: Impact


@dataclass(frozen=True, slots=True)
class Requirement:
    """One observable claim about a server; `needs` names target keys and groups of them."""

    id: str
    api: str
    topic: str
    level: Level
    kind: Kind
    operations: tuple[str, ...]
    impact: Impact
    text: str
    source: Source
    observe: str
    readings: tuple[Reading, ...]
    needs: tuple[str, ...]
    applies_when: Condition = field(hash=False)
    catches: tuple[str, ...]
    not_tested: str | None
    lowered: Lowered | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Target keys that together satisfy a need of a target whose table has the values of `when`."""

    when: Condition
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A need that several sets of target keys can satisfy, such as a login."""

    name: str
    meaning: str
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every requirement, in the order of the files; `groups` by API and name."""

    rows: tuple[Requirement, ...]
    groups: Mapping[str, Mapping[str, Group]]

    @property
    def apis(self) -> tuple[str, ...]:
        """Return the names of the APIs that have requirements."""
        return tuple(self.groups)

    def requirements(self, api: str | None = None) -> tuple[Requirement, ...]:
        """Return the requirements of `api`, or all; raise UnknownApi."""
        if api is None:
            return self.rows
        if api not in self.groups:
            raise UnknownApi(api, self.apis)
        return tuple(row for row in self.rows if row.api == api)

    def get(self, requirement_id: str) -> Requirement:
        """Return the requirement with this id; raise UnknownRequirement with the nearest ids."""
        for row in self.rows:
            if row.id == requirement_id:
                return row
        raise UnknownRequirement(requirement_id, (row.id for row in self.rows))

    def matching(self, pattern: str) -> tuple[Requirement, ...]:
        """Return the requirements whose id fits a pattern of `*` and `?`; raise UnknownRequirement if none does."""
        found = tuple(row for row in self.rows if fnmatchcase(row.id, pattern))
        if not found:
            raise UnknownRequirement(pattern, (row.id for row in self.rows))
        return found


NOT_GIVEN: tuple[Any, ...] = (None, False, 0, [])
"""A consent that is not given, a budget of nothing, a list without entries; an empty object may well be an answer."""


@dataclass(frozen=True, slots=True)
class _Table:
    """An API's table of the target file with the defaults of the schema behind it."""

    api: str
    given: Mapping[str, Any]

    def value(self, key: str) -> Any:
        value: Any = self.given
        for step in key.split("."):
            if not isinstance(value, Mapping) or step not in value:
                declared = target_keys(self.api).get(key)
                return declared.default if declared else None
            value = value[step]
        return value

    def lacking(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(key for key in keys if self.value(key) in NOT_GIVEN)


def _holds(when: Condition, values: _Table) -> bool:
    found = {key: values.value(key) for key in when}
    return all(
        value in found[key] if isinstance(found[key], list) else value == found[key] for key, value in when.items()
    )


def _lacking(group: Group, values: _Table) -> tuple[str, ...]:
    fitting = [each for each in group.alternatives if _holds(each.when, values)] or group.alternatives
    return min((values.lacking(each.keys) for each in fitting), key=len)


def applies(requirement: Requirement, table: Mapping[str, Any]) -> bool:
    """Say whether the row speaks of a target whose API's table is this one."""
    return _holds(requirement.applies_when, _Table(requirement.api, table))


def impact_on(requirement: Requirement, table: Mapping[str, Any]) -> Impact:
    """Return what a test of the row does to a target whose API's table is this one: less where its keys allow."""
    lowered = requirement.lowered
    if lowered is None or _Table(requirement.api, table).lacking(lowered.by):
        return requirement.impact
    return lowered.to


def lowering_keys(requirement: Requirement, table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys that would lower the row's impact and that the API's table lacks; none where none would."""
    lowered = requirement.lowered
    return _Table(requirement.api, table).lacking(lowered.by) if lowered else ()


def missing_keys(requirement: Requirement, table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the target keys without which the requirement can't be tested and that the API's table lacks.

    A key is lacking when it is absent without a default, null, false, zero or an empty list. Of a group's alternatives
    the one that lacks least speaks.
    """
    groups = catalogue().groups.get(requirement.api, {})
    values = _Table(requirement.api, table)
    missing: dict[str, None] = {}
    for need in requirement.needs:
        lacking = _lacking(groups[need], values) if need in groups else values.lacking([need])
        missing.update(dict.fromkeys(lacking))
    return tuple(missing)


def apis(root: Path = SPECS) -> tuple[str, ...]:
    """Return the APIs that have a folder with requirements below `root`, by name."""
    return tuple(sorted(path.parent.name for path in root.glob("*/requirements.yaml")))


@cache
def catalogue() -> Catalogue:
    """Return the requirements of every API in `specs/`; raise InvalidFile for the first that is malformed."""
    return load_catalogue(SPECS)


def load_catalogue(root: Path) -> Catalogue:
    """Read `<api>/requirements.yaml` for every API below `root`; raise InvalidFile or MissingFile."""
    files = {api: read(root / api / "requirements.yaml", "requirements").data for api in apis(root)}
    rows = tuple(row for api, data in files.items() for row in _rows(api, data))
    groups = {api: MappingProxyType(dict(_groups(data))) for api, data in files.items()}
    return Catalogue(rows, MappingProxyType(groups))


def _rows(api: str, data: Mapping[str, Any]) -> Iterator[Requirement]:
    for row in data["requirements"]:
        source = row["source"]
        passage, lowered = source.get("passage"), row.get("lowered")
        yield Requirement(
            id=row["id"],
            api=api,
            topic=row["id"].split(".")[1],
            level=Level(row["level"]),
            kind=Kind(row["kind"]),
            operations=tuple(row["operations"]),
            impact=Impact(row["impact"]),
            text=row["text"],
            source=Source(source["document"], source["section"], Passage(**passage) if passage else None),
            observe=row["observe"],
            readings=tuple(Reading(**reading) for reading in row.get("readings", ())),
            needs=tuple(row.get("needs", ())),
            applies_when=MappingProxyType(row.get("applies_when", {})),
            catches=tuple(row.get("catches", ())),
            not_tested=row.get("not_tested"),
            lowered=Lowered(tuple(lowered["by"]), Impact(lowered["to"])) if lowered else None,
        )


def _groups(data: Mapping[str, Any]) -> Iterator[tuple[str, Group]]:
    for name, group in data.get("groups", {}).items():
        alternatives = tuple(
            Alternative(MappingProxyType(each.get("when", {})), tuple(each["keys"])) for each in group["alternatives"]
        )
        yield name, Group(name, group["meaning"], alternatives)
