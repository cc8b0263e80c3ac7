"""Grids compared within one answer: the plain grid stands first, in the middle and last, the varied ones between.

Where these three differ the snapshot moved, and the answer says nothing; a violation counts only when it shows in
three answers in a row. Everything that decides is in relations.py.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_stats import steps
from suites.bp_stats.relations import bag, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_stats.relations import Definition, Row

    Opener = Callable[[], AbstractContextManager[steps.Session]]

T = TypeVar("T")

ROWS = "bp_stats.shape.rows-have-exactly-the-columns"
STRINGS = "bp_stats.shape.grid-values-are-strings"
OWN_DATA = "bp_stats.data.cache-cleared-by-delete"
FIRST, MIDDLE, LAST = PLAIN = ("first", "middle", "last")
MOVED = "the data moved within each answer"
TRIES = 5
"""Reads of a moving grid before the test is inconclusive."""
IN_A_ROW = 3
"""Calm reads in which a violation must show."""

_numbers = itertools.count(1)


def new_app() -> str:
    """Return an app id that no subscription of this process has had: data left over from another one are told by it."""
    return f"app-{next(_numbers)}"


class Refused(Blocked):
    """The target serves the grid without the feature, but not with it; says under which requirement that is judged."""


@dataclass(frozen=True, slots=True)
class Read:
    """One calm answer: rows of the plain grid, and of the varied ones by grid id."""

    plain: list[Row]
    grids: Mapping[str, list[Row]]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Seen:
    """What was wrong with a grid, in words, and the answer that shows it."""

    problem: str
    answer: Answer


class Sandwich:
    """One subscription with its calm reads: gathered when first looked at, again when a violation is to be confirmed.

    Of several alternatives for the varied grids the first one that the target takes is used. `owner` is the requirement
    that judges a refusal of all of them.
    """

    def __init__(
        self,
        opener: Opener,
        section: str,
        columns: Iterable[dict[str, Any]],
        *alternatives: Sequence[Definition],
        owner: str = steps.CREATE,
        texts: frozenset[str] = frozenset(),
    ) -> None:
        """`texts` are the statistics whose cells are no numbers."""
        self.section = section
        self.columns = list(columns)
        self.owner = owner
        self._varied: Sequence[Definition] = ()
        self._alternatives = alternatives or ((),)
        self._opener = opener
        self._texts = texts
        self._reads: list[Read] = []
        self._ended: Inconclusive | None = None

    @property
    def varied(self) -> Sequence[Definition]:
        """The varied grids of the alternative that the target takes; raises what `read` raises."""
        self.read()
        return self._varied

    def read(self, index: int = 0) -> Read:
        """Return one of up to three calm reads; raises Refused, Blocked, or Inconclusive where there is no calm."""
        if self._ended is not None:
            raise self._ended
        if index >= len(self._reads):
            try:
                self._gather(IN_A_ROW if index else 1)
            except Inconclusive as problem:
                self._ended = problem
                raise
        return self._reads[index]

    def persistent(self, problems: Callable[[Read], Sequence[str]]) -> Seen | None:
        """Return what is wrong in three calm reads in a row; None as soon as one read is in order."""
        found: Seen | None = None
        for index in range(IN_A_ROW):
            read = self.read(index)
            if not (wrong := problems(read)):
                return None
            found = Seen(wrong[0], read.answer)
        return found

    def _gather(self, wanted: int) -> None:
        with self._opener() as session:
            try:
                app = self._subscribe(session)
                while len(self._reads) < wanted:
                    if self._reads:
                        pause(session)
                    self._reads.append(calm(session, lambda answer: self._understand(app, answer)))
            finally:
                steps.delete(session)

    def _subscribe(self, session: steps.Session) -> str:
        """Subscribe, and wait for data; return the app id. Raises Refused where only the plain grid gets any."""
        problems: list[Blocked] = []
        for varied in self._alternatives:
            app = new_app()
            try:
                steps.subscribe(session, {app: {self.section: self._layers(varied)}})
                steps.ready(session)
            except Blocked as problem:
                problems.append(problem)
                steps.delete(session)
                continue
            self._varied = varied
            return app
        if any(self._alternatives):
            steps.subscribe(session, {new_app(): {self.section: [self._plain(FIRST)]}})
            steps.ready(session)
            raise Refused(self.owner, str(problems[0]))
        raise problems[0]

    def _layers(self, varied: Sequence[Definition]) -> list[Definition]:
        half = len(varied) // 2
        first, middle, last = (self._plain(name) for name in PLAIN)
        return [first, *varied[:half], middle, *varied[half:], last]

    def _plain(self, name: str) -> dict[str, Any]:
        return steps.grid(name, self.columns)

    def _understand(self, app: str, answer: Answer) -> Read:
        entries = steps.grids(own_data(answer, app), app, self.section)
        definitions = self._layers(self._varied)
        grids = {one["id"]: rows_of(one, entries.get(one["id"]), self._texts) for one in definitions}
        for one in self._varied:
            require_columns(one, entries[one["id"]], grids[FIRST])
        if any(bag(grids[FIRST]) != bag(grids[name]) for name in PLAIN):
            raise Inconclusive(MOVED)
        return Read(grids[FIRST], grids, answer)


def pause(session: steps.Session) -> None:
    """Wait as long as the target file asks for between two reads."""
    session.caller.api.pause(session.caller.api.table["poll_seconds"])


def calm(session: steps.Session, understand: Callable[[Answer], T]) -> T:
    """Read until the answer can be understood; raises what the last of five tries raised.

    Data that moved, that are left over from another subscription, or lack a grid for once, are a reason to look again.
    """
    for attempt in range(TRIES):
        answer = steps.ready(session)
        try:
            return understand(answer)
        except Inconclusive:
            if attempt == TRIES - 1:
                raise
        pause(session)
    raise AssertionError


def confirmed(session: steps.Session, problems: Callable[[Answer], Sequence[str]]) -> Seen | None:
    """Return what is wrong in three answers in a row, in words; None as soon as one is in order.

    `problems` raises Inconclusive for an answer that says nothing.
    """
    for index in range(IN_A_ROW):
        if index:
            pause(session)
        answer, wrong = calm(session, lambda answer: (answer, problems(answer)))
        if not wrong:
            return None
    return Seen(wrong[0], answer)


def own_data(answer: Answer, *apps: str) -> dict[str, Any]:
    """Return the data of an answer; raises Blocked if they lack an app, as those of another subscription do."""
    data = steps.content(answer)
    if missing := [app for app in apps if app not in data]:
        told = OWN_DATA if data and len(missing) == len(apps) else steps.SHAPE
        raise Blocked(told, f"the data lack app {missing[0]}, which was asked for: {shown(answer)}")
    return data


def rows_of(definition: Definition, found: Any, texts: frozenset[str] = frozenset()) -> list[Row]:
    """Return the rows of one grid of an answer, each with exactly the grid's columns; raises Blocked.

    What other requirements judge is read as well as it can be: absent and null cells as no data, numbers as digits.
    """
    if not isinstance(found, list):
        raise Blocked(steps.SHAPE, f"grid {definition['id']} has no readable rows")
    return [_row(definition, row, texts) for row in found]


def require_columns(definition: Definition, found: Sequence[Mapping[str, Any]], plain: Sequence[Row]) -> None:
    """Raise Blocked where cells of a column are absent more often than the plain grid has no data for it."""
    for column in definition["columns"]:
        if plain and (name := column["id"]) in plain[0]:
            gaps = sum(not row[name] for row in plain)
            if sum(name not in row for row in found) > gaps:
                raise Blocked(ROWS, f"column {name} is missing in grid {definition['id']}")


def _row(definition: Definition, found: Any, texts: frozenset[str]) -> Row:
    columns = definition["columns"]
    if not isinstance(found, dict) or not any(column["id"] in found for column in columns):
        raise Blocked(ROWS, f"a row of grid {definition['id']} has none of its columns")
    return {column["id"]: _cell(column, found.get(column["id"]), texts) for column in columns}


def _cell(column: Mapping[str, Any], found: Any, texts: frozenset[str]) -> str:
    if found is None:
        return ""
    if isinstance(found, bool | list | dict):
        raise Blocked(STRINGS, f"column {column['id']} holds {found!r}")
    text = str(found)
    if text and statistic(column) not in texts and number(text) is None:
        raise Blocked(STRINGS, f"the number in column {column['id']} is {text!r}")
    return text


def statistic(column: Mapping[str, Any]) -> str:
    """Return the statistic of a column, whichever way it is spelled."""
    return str(column.get("statName", column.get("stat_name")))


def decide(judge: Judge, sandwich: Sandwich, problems: Callable[[Read], Sequence[str]], expected: str) -> None:
    """Judge a relation between the grids of a sandwich; a refusal of the feature breaks it too."""
    try:
        seen = sandwich.persistent(problems)
    except Refused as refused:
        judge.fail(expected, f"the plain grid is served, but not this: {refused}")
    if seen is not None:
        judge.fail(expected, seen.problem, seen.answer)
    judge.that(True, expected, "in order")
