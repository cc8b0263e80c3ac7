"""The steps that tests of bp_stats start from: logging in, subscribing, waiting for data, building definitions.

A step that the target does not take raises Blocked or Inconclusive: the test that needed it has no verdict of its own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from fixtures import strict_json
from fixtures.api import form, object_in, shown
from fixtures.outcomes import Blocked, Inconclusive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.identities import Identity
    from fixtures.recording import Recorder

LOGIN = "bp_stats.auth.login-answers-200-with-token"
CREATE = "bp_stats.subscription.example-verbatim"
READY = "bp_stats.data.ready-in-promised-time"
SHAPE = "bp_stats.shape.body-and-ids-echoed"
BEARER = "bp_stats.session.bearer-instead-of-cookie"
TOKEN_CAUSES = {
    400: "check client_id, client_secret and scope",
    401: "check client_id and client_secret",
    404: "nothing is at {0}: check token_path and base_url",
    405: "{0} takes no POST: check token_path",
}
SERVICES, AGENTS = "service_grids", "agent_grids"


@dataclass(frozen=True)
class Session:
    """A session of one user, and a caller that carries its credential."""

    identity: Identity | None
    token: str
    caller: Caller

    def again(self) -> Session:
        """Return the same session on another connection."""
        return Session(self.identity, self.token, self.caller.bearing())


def credentials(api: Api, identity: Identity, **changed: Any) -> dict[str, Any]:
    """Return the body of a login, with members changed; a member changed to `...` is left out."""
    body = {"tenant_url": api.table["tenant_url"], "username": identity.username, "password": identity.password}
    return {name: value for name, value in {**body, **changed}.items() if value is not ...}


def attempt(api: Api, identity: Identity, **changed: Any) -> Answer:
    """Send a login, on a connection of its own, and return whatever comes back."""
    return api.anonymous().call("authenticate", json=credentials(api, identity, **changed))


def token_of(answer: Answer) -> str | None:
    """Return the token in the body of a login's answer, if there is one."""
    try:
        body = answer.json()
    except strict_json.NotJson:
        return None
    token = body.get("token") if isinstance(body, dict) else None
    return token if isinstance(token, str) and token else None


def cookie(api: Api, token: str) -> tuple[str, str]:
    """Return the Cookie field that carries a session token."""
    return ("Cookie", f"{api.table['cookie_name']}={token}")


def log_in(api: Api, identity: Identity | None) -> Session:
    """Log in, or take the bearer token where the target says so; raises Blocked."""
    if api.table["auth_mode"] == "bearer":
        token = bearer_token(api)
        return Session(None, token, api.anonymous().bearing(("Authorization", f"Bearer {token}")))
    if identity is None:
        raise Inconclusive("the target file declares no user for this step")
    answer = attempt(api, identity)
    found = token_of(answer)
    if answer.status != 200 or found is None:
        raise Blocked(LOGIN, f"the login of user {identity.role} answered {shown(answer)}")
    return Session(identity, found, api.anonymous().bearing(cookie(api, found)))


def bearer_token(api: Api) -> str:
    """Return the access token of the target file, or a new one from the token endpoint; raises Blocked."""
    table = api.table
    if table["bearer_token"]:
        return str(table["bearer_token"])
    fields = {
        "grant_type": "client_credentials",
        "client_id": table["client_id"],
        "client_secret": table["client_secret"],
    }
    if table["scope"]:
        fields["scope"] = table["scope"]
    answer = api.anonymous().call(
        "requestAccessToken", body=form(fields), content_type="application/x-www-form-urlencoded"
    )
    token = object_in(answer).get("access_token") if answer.status == 200 else None
    if not isinstance(token, str) or not token:
        path = table["token_path"]
        cause = TOKEN_CAUSES.get(answer.status, "").format(path)
        raise Blocked(BEARER, f"the token endpoint answered {shown(answer)}{cause and '; '}{cause}")
    return token


def create(session: Session, definition: Any) -> Answer:
    """Send a create and return whatever comes back."""
    return session.caller.call("createSubscription", json=definition)


def read(session: Session) -> Answer:
    """Read the data once."""
    return session.caller.call("getSubscriptionData")


def delete(session: Session) -> Answer:
    """Delete the active subscription."""
    return session.caller.call("deleteSubscription")


def dispositions(session: Session) -> Answer:
    """Read the dispositions: the protected operation without side effects, by which a credential is tried."""
    return session.caller.call("getDispositions")


def disposition_names(answer: Answer) -> list[str] | None:
    """Return the names in an answer of getDispositions, in either of the accepted forms; None for anything else."""
    try:
        body = answer.json()
    except strict_json.NotJson:
        return None
    names = body.get("dispositions") if isinstance(body, dict) else body
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else None


def subscribe(session: Session, definition: Any) -> Answer:
    """Create a subscription that the test needs; raises Blocked, or Inconclusive when the tenant is full."""
    answer = create(session, definition)
    if answer.status == 409:
        raise Inconclusive("the tenant had no free subscription (409): others use it")
    if answer.status != 200:
        raise Blocked(CREATE, f"the create answered {shown(answer)}")
    return answer


SHORTER = 0.95
"""Of the shortest wait so far, what the next one tries."""


class Pace:
    """How soon data were ready in this run: by it a wait for others is neither long nor full of reads."""

    def __init__(self) -> None:
        self._soonest: float | None = None
        self._tight = False
        """Whether a wait that was a little shorter came too soon."""

    def pauses(self, longest: float) -> Iterator[float]:
        """Yield the pauses between reads: as long as data took at best, then ever longer ones up to the longest."""
        if self._soonest:
            yield self._soonest if self._tight else self._soonest * SHORTER
            self._tight = True
        short = longest / 8
        while True:
            yield min(short, longest)
            short *= 2

    def took(self, seconds: float) -> None:
        """Learn how long data took."""
        self._soonest = min(seconds, self._soonest or seconds)


_PACES: WeakKeyDictionary[Recorder, Pace] = WeakKeyDictionary()


def wait(session: Session) -> Answer:
    """Read until the answer is not 204, or ready_seconds are over, at the latest every poll_seconds; return the last.

    Once it is known how long data take, the second read is that much later.
    """
    table, started = session.caller.api.table, time.monotonic()
    pace = _PACES.setdefault(session.caller.api.recorder, Pace())
    pauses = pace.pauses(table["poll_seconds"])
    answer = read(session)
    while answer.status == 204 and (spent := time.monotonic() - started) < table["ready_seconds"]:
        session.caller.api.pause(min(next(pauses), table["ready_seconds"] - spent))
        answer = read(session)
        if answer.status == 200:
            pace.took(answer.started - started)
    return answer


def ready(session: Session) -> Answer:
    """Wait for the data and return the 200 that carries them; raises Blocked."""
    answer = wait(session)
    if answer.status == 204:
        ready = session.caller.api.table["ready_seconds"]
        raise Blocked(READY, f"the data were still 204 after {ready} s")
    if answer.status != 200:
        raise Blocked("bp_stats.data.only-204-or-200-while-active", f"the data answered {shown(answer)}")
    return answer


def settle(session: Session) -> dict[str, Any]:
    """Wait for the data and return them by app id; raises Blocked."""
    return content(ready(session))


def data(session: Session, definition: Any) -> dict[str, Any]:
    """Subscribe, settle, and return the data by app id."""
    subscribe(session, definition)
    return settle(session)


def content(answer: Answer) -> dict[str, Any]:
    """Return the data of a 200 by app id; raises Blocked when they are no JSON object."""
    try:
        body = answer.json()
    except strict_json.NotJson as problem:
        raise Blocked(SHAPE, f"the data are not strict JSON: {problem}") from None
    if not isinstance(body, dict):
        raise Blocked(SHAPE, f"the data are no JSON object: {shown(answer)}")
    return body


def column(section: str, name: str, statistic: str, **members: Any) -> dict[str, Any]:
    """Define a column in the document's spelling: statName in service grids, stat_name in agent grids."""
    return {"id": name, "statName" if section == SERVICES else "stat_name": statistic, **members}


def total(section: str, name: str, statistics: Iterable[str]) -> dict[str, Any]:
    """Define a SUM column."""
    return column(section, name, "SUM", sum_stat_names=list(statistics))


def grid(name: str, columns: Iterable[dict[str, Any]], **features: str) -> dict[str, Any]:
    """Define a grid; features are order_by, order_dir, limit, filter_by, filter_value, filter_operation."""
    return {"id": name, "columns": list(columns), **features}


def example() -> dict[str, Any]:
    """Return the definition of the document's own example (Create subscription > Example)."""
    columns = [
        column(SERVICES, "1", "name"),
        column(SERVICES, "2", "in_ewt"),
        column(SERVICES, "3", "in_max_wait_time"),
    ]
    return {"1": {SERVICES: [grid("1", columns)]}}


def small(app: str, grid_id: str = "g", column_id: str = "n") -> dict[str, Any]:
    """Return a small definition that can be told from others by its ids."""
    return {app: {SERVICES: [grid(grid_id, [column(SERVICES, column_id, "name")])]}}


def grids(data: dict[str, Any], app: str, section: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each grid of one section by grid id; raises Blocked when the section is not of that form."""
    held = data.get(app)
    entries = held.get(section) if isinstance(held, dict) else None
    if not isinstance(entries, list):
        raise Blocked(SHAPE, f"app {app} has no readable {section}: {held!r:.80}")
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        name, rows = (entry.get("id"), entry.get("values")) if isinstance(entry, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Blocked(SHAPE, f"app {app} has no readable grid in {section}: {entry!r:.80}")
        found[name] = rows
    return found


def ids_of(answer: Answer) -> frozenset[tuple[str, str]]:
    """Return (app id, grid id) of every readable grid in a 200: by it a subscription is told from others."""
    held = [(app, sections) for app, sections in content(answer).items() if isinstance(sections, dict)]
    sections_of = [(app, sections.get(name)) for app, sections in held for name in (SERVICES, AGENTS)]
    listed = [(app, entry) for app, entries in sections_of if isinstance(entries, list) for entry in entries]
    return frozenset((app, str(entry.get("id"))) for app, entry in listed if isinstance(entry, dict))
