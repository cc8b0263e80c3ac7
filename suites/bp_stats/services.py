"""Services by what is known of their agents: those that the target file names, or else those that the grid shows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from fixtures import strict_json
from fixtures.outcomes import Blocked, NotApplicable
from suites.bp_stats import steps
from suites.bp_stats.relations import number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.target import ApiTable
    from suites.bp_stats.sandwich import Opener

OPERATION = "checkAvailableAgents"
MOST_SERVICES = 12
"""Services that are asked about: enough for every kind of name, and bounded on a large tenant."""
TRUE_AND_FALSE = "bp_stats.available.true-and-false"
APP = "ready"
KEYS = {True: "service_ready", False: "service_not_ready"}


def ask(caller: Caller, service: str, **parameters: str) -> Answer:
    """Ask whether the service has a ready agent."""
    return caller.call(OPERATION, query={"service": service, **parameters})


def availability(answer: Answer) -> bool | None:
    """Return what a 200 says, in either of the accepted forms; None for anything else."""
    try:
        body = answer.json()
    except strict_json.NotJson:
        return None
    value = body.get("availability") if isinstance(body, dict) else None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if answer.status == 200 and isinstance(value, bool) else None


def ready_grid(table: ApiTable) -> dict[str, Any]:
    """Define a grid of all services with the number of their ready agents."""
    columns = [
        steps.column(steps.SERVICES, "name", table["service_name_stat"]),
        steps.column(steps.SERVICES, "ready", table["ready_stat"]),
    ]
    return {APP: {steps.SERVICES: [steps.grid("ready", columns)]}}


def ready_agents(data: dict[str, Any]) -> dict[str, Decimal | None]:
    """Return the ready agents by service, None where the cell is no number; names that occur twice are left out."""
    rows = steps.grids(data, APP, steps.SERVICES).get("ready", [])
    found = [(row.get("name"), number(str(row.get("ready")))) for row in rows if isinstance(row, dict)]
    names = [name for name, _ in found]
    return {name: ready for name, ready in found if isinstance(name, str) and _is_text(name) and names.count(name) == 1}


def _is_text(name: str) -> bool:
    """Say whether the name can be asked for: not empty, and no half of a surrogate pair in it."""
    return bool(name) and not any("\ud800" <= sign <= "\udfff" for sign in name)


class Services:
    """What is known of the services; looked up once a run, by user A, where the target file does not say it."""

    def __init__(self, api: Api, opener: Opener) -> None:
        self._api = api
        self._opener = opener

    @cached_property
    def seen(self) -> Mapping[str, Decimal | None]:
        """The ready agents by service, as the grid showed them once."""
        return self.look()

    def look(self) -> dict[str, Decimal | None]:
        """Return the ready agents by service, as the grid shows them now."""
        with self._opener() as session:
            try:
                return ready_agents(steps.data(session, ready_grid(self._api.table)))
            finally:
                steps.delete(session)

    def any(self) -> str:
        """Return an existing service; raises NotApplicable where the user sees none."""
        declared = self._api.table["service_ready"] or self._api.table["service_not_ready"]
        if declared is None and not self.seen:
            raise NotApplicable("the user sees no services, and the target file names none")
        return declared or next(iter(self.seen))

    def declares(self, *, ready: bool) -> bool:
        """Say whether the target file names a service that has a ready agent, or has none."""
        return bool(self._api.table[KEYS[ready]])

    def staffed(self, *, ready: bool) -> str:
        """Return a service that has a ready agent, or none, by file or grid; raises NotApplicable without one."""
        if self.declares(ready=ready):
            return str(self._api.table[KEYS[ready]])
        found = [name for name, agents in self.seen.items() if agents is not None and (agents > 0) is ready]
        if not found:
            what = "a ready agent" if ready else "no ready agent"
            raise NotApplicable(f"the grid shows no service that has {what}, and the target file has no {KEYS[ready]}")
        return found[0]

    def available(self) -> str:
        """Return a service that is available; raises Blocked where one has ready agents and none is."""
        if self.declares(ready=True):
            return self.staffed(ready=True)
        self.staffed(ready=True)
        shown = [name for name, agents in self.seen.items() if agents]
        found = (name for name in shown[:MOST_SERVICES] if availability(ask(self._api.anonymous(), name)))
        if (name := next(found, None)) is None:
            raise Blocked(TRUE_AND_FALSE, "no service is available, though the grid showed ready agents")
        return name
