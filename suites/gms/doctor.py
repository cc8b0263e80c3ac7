"""What the doctor knows of gms: whether the credentials are taken, and how to look for the services of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.api import shown
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check
from suites.gms import steps
from suites.gms.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from fixtures.preflight import Discovery

TYPICAL_REQUESTS = {"quick": 590, "standard": 690, "thorough": 1080}
TYPICAL_INSTANCES = 240
"""Services that depth standard creates on a conforming target."""
NOWHERE = "00000000-0000-4000-8000-000000000000"
"""An id that no create hands out: a call to it changes nothing."""
KNOCK: tuple[str, Mapping[str, str]] = ("readStorage", {"idOrTtl": NOWHERE})
NOT_STARTED = frozenset({"match_interaction", "request_access", "queue"})
"""Services that need what is not there yet, or call somebody back."""


def identities(api: Api) -> Iterator[Check]:
    """Ask an instance that there is not, with the credentials of the file; 401 ends the preflight."""
    try:
        answer = steps.ask(steps.known(api), NOWHERE, "status", {})
    except Inconclusive as problem:
        yield Check("credentials", "failed", str(problem))
        return
    if answer.status == 401 and api.table["auth"] == "basic":
        yield Check("credentials", "failed", "are refused (401): check auth, username and password")
    elif answer.status == 401:
        yield Check("credentials", "warning", 'are asked for (401): declare auth = "basic", username and password')
    else:
        yield Check("credentials", "ok", f"answers {answer.status}")


def facts(api: Api) -> Iterator[Check]:
    """Create one instance of each service that can stand alone."""
    desk = Desk(api)
    if api.table["max_services"] < TYPICAL_INSTANCES:
        said = f"depth standard creates about {TYPICAL_INSTANCES} instances; what comes after the last is inconclusive"
        yield Check("max_services", "warning", said)
    for role, name in (api.table["services"] or {}).items():
        if role in NOT_STARTED:
            continue
        try:
            answer = desk.create(role, {})
        except Inconclusive as problem:
            yield Check(f"service {name}", "warning", str(problem))
            continue
        yield Check(f"service {name}", "ok" if steps.started(answer) else "warning", f"answers {shown(answer)}")


def discoveries(_api: Api) -> Iterator[Discovery]:
    """Nothing yet."""
    return iter(())
