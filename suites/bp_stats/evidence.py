"""What several tests judge: the grids that show order, limit and filter, gathered once for each kind of grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixtures.outcomes import Blocked, Inconclusive, NotApplicable
from reports.verdicts import Attribution
from suites.bp_stats import steps
from suites.bp_stats.relations import (
    OPERATIONS,
    is_numeric,
    number,
    telling,
    text_order_problem,
    unexplained,
    values,
)
from suites.bp_stats.sandwich import Sandwich

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fixtures.target import ApiTable
    from suites.bp_stats.relations import Definition, Row
    from suites.bp_stats.sandwich import Opener, Read

NAME = "name"
DIRECTIONS = ("ASC", "DESC")
ORDER = "bp_stats.order.sorted-and-direction"
LIMIT = "bp_stats.limit.top-records"
FILTER = "bp_stats.filter.each-operation"


class Evidence:
    """Sandwiches over the columns that the target file declares; each is gathered once, when it is first looked at."""

    def __init__(self, table: ApiTable, opener: Opener) -> None:
        self.table = table
        self.session = opener
        """Opens a session of user A, who is then leased: gather what the sandwiches show before, not inside."""
        self._kept: dict[tuple[str, str], Sandwich] = {}

    def name_statistic(self, section: str) -> str:
        """Return the statistic that names the rows."""
        return str(self.table["service_name_stat" if section == steps.SERVICES else "agent_name_stat"])

    def numbers(self, section: str) -> dict[str, str]:
        """Return the numeric columns: id → statistic."""
        names: list[str] = self.table["service_stats" if section == steps.SERVICES else "agent_stats"]
        return {f"v{place}": name for place, name in enumerate(names, start=1)}

    def statistics(self, section: str) -> dict[str, str]:
        """Return all columns, the one with the names first: id → statistic."""
        return {NAME: self.name_statistic(section), **self.numbers(section)}

    def columns(self, section: str) -> list[dict[str, Any]]:
        """Return the definitions of all columns."""
        return [steps.column(section, name, stat) for name, stat in self.statistics(section).items()]

    def sandwich(
        self,
        section: str,
        *alternatives: Sequence[Definition],
        owner: str = steps.CREATE,
        columns: Sequence[dict[str, Any]] | None = None,
        texts: Iterable[str] = (),
    ) -> Sandwich:
        """Return a new sandwich, over all columns unless others are given; `texts` are read as they stand."""
        return Sandwich(
            self.session,
            section,
            columns or self.columns(section),
            *alternatives,
            owner=owner,
            texts=frozenset({self.name_statistic(section), *texts}),
        )

    def kept(self, name: str, section: str, make: Callable[[], Sandwich]) -> Sandwich:
        """Return the sandwich of that name, made at the first call."""
        if (name, section) not in self._kept:
            self._kept[name, section] = make()
        return self._kept[name, section]

    def bread(self, section: str) -> Sandwich:
        """Return the sandwich of nothing but plain grids."""
        return self.kept("plain", section, lambda: self.sandwich(section))

    def plain(self, section: str) -> list[Row]:
        """Return the rows of the plain grid as they were at some moment of the run; raises Inconclusive."""
        return self.bread(section).read().plain

    def telling_columns(self, section: str) -> list[str]:
        """Return the numeric columns that can show anything; raises Inconclusive where there is none."""
        rows = self.plain(section)
        found = [name for name in self.numbers(section) if telling(rows, name)]
        if not found:
            raise self.too_few(section, f"too few: {len(rows)} rows of {section}, or only equal numbers in them")
        return found

    def too_few(self, section: str, reason: str, rows: int | None = None) -> Inconclusive | NotApplicable:
        """Return how a test ends for which a kind of grid shows too little: that is the tenant's, unless promised.

        `rows`: how many the test saw; without it as many as the plain grid has.
        """
        key = "min_service_rows" if section == steps.SERVICES else "min_agent_rows"
        if (len(self.plain(section)) if rows is None else rows) < (self.table[key] or 0):
            return Inconclusive(f"{reason}; {key} promises {self.table[key]} rows", Attribution.TARGET_FILE)
        return NotApplicable(reason)

    def of(self, feature: Feature, section: str) -> Sandwich:
        """Return the sandwich that shows a feature."""

        def make() -> Sandwich:
            return self.sandwich(section, *feature.alternatives(self, section), owner=feature.requirement)

        return self.kept(feature.requirement, section, make)

    def limit(self, count: int, section: str = steps.SERVICES) -> str | int:
        """Return a limit as string, or as number where only that works."""
        sandwich = self.of(LIMITS, section)
        sandwich.read()
        return count if isinstance(sandwich.varied[0]["limit"], int) else str(count)

    def require(self, feature: Feature, section: str) -> None:
        """Go on only where the feature by itself works; raises Blocked by its requirement."""
        sandwich = self.of(feature, section)
        if seen := sandwich.persistent(feature.problems_in(sandwich)):
            raise Blocked(feature.requirement, seen.problem)


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a grid may ask for: the requirement that owns it, and the grids that show it."""

    requirement: str
    alternatives: Callable[[Evidence, str], list[list[Definition]]]

    def problems_in(self, sandwich: Sandwich) -> Callable[[Read], list[str]]:
        """Return what finds the problems in a read of the sandwich."""
        return lambda read: [
            *unexplained(sandwich.varied, read.plain, read.grids),
            *_text_orders(sandwich.varied, read),
        ]


def _text_orders(definitions: Iterable[Definition], read: Read) -> Iterator[str]:
    """Yield what is wrong with columns of text that are ordered in both directions."""
    ordered = {(one["order_by"], one["order_dir"]): one["id"] for one in definitions if set(one) == ORDERED}
    for column, direction in ordered:
        if direction == "ASC" and (column, "DESC") in ordered and not is_numeric(read.plain, column):
            up, down = (read.grids[ordered[column, each]] for each in DIRECTIONS)
            if problem := text_order_problem(up, down, column):
                yield problem


ORDERED = {"id", "columns", "order_by", "order_dir"}


def _orders(evidence: Evidence, section: str) -> list[list[Definition]]:
    """Each column in each direction."""
    columns = evidence.columns(section)
    return [
        [
            steps.grid(f"by-{name}-{direction}", columns, order_by=name, order_dir=direction)
            for name in evidence.statistics(section)
            for direction in DIRECTIONS
        ]
    ]


def _limits(evidence: Evidence, section: str) -> list[list[Definition]]:
    """Limits around the number of rows, with and without an order; as string, or else as number."""
    columns, rows = evidence.columns(section), len(evidence.plain(section))
    counts = sorted({count for count in (1, 2, rows - 1, rows, rows + 1, 1000) if count > 0})
    orders = [{}, *({"order_by": name, "order_dir": each} for name in evidence.numbers(section) for each in DIRECTIONS)]

    def grids(form: Callable[[int], str | int]) -> list[Definition]:
        return [
            steps.grid(f"top-{count}-{number}", columns, **order) | {"limit": form(count)}
            for count in counts
            for number, order in enumerate(orders)
        ]

    return [grids(str), grids(int)]


def _filters(evidence: Evidence, section: str) -> list[list[Definition]]:
    """Each operation with the median of each column, and with the least, the greatest and an absent value of one."""
    columns, rows = evidence.columns(section), evidence.plain(section)
    asked: list[tuple[str, str]] = []
    for name in evidence.telling_columns(section):
        cells = sorted(set(values(rows, name)), key=lambda cell: number(cell) or 0)
        edges = [] if asked else [cells[0], cells[-1], str((number(cells[-1]) or 0) + 1)]
        asked += [(name, value) for value in (cells[len(cells) // 2], *edges)]
    return [
        [
            steps.grid(f"{place}-{operation}", columns, filter_by=name, filter_value=value, filter_operation=operation)
            for place, (name, value) in enumerate(asked)
            for operation in OPERATIONS
        ]
    ]


ORDERS = Feature(ORDER, _orders)
LIMITS = Feature(LIMIT, _limits)
FILTERS = Feature(FILTER, _filters)
