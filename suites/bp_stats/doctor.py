"""What the doctor knows of bp_stats: how its users log in, and how to look for what the target file promises."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from fixtures import identities as users
from fixtures.api import shown
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check, Discovery
from suites.bp_stats import chat, services, steps
from suites.bp_stats.sandwich import calm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api

TYPICAL_REQUESTS = {"quick": 1850, "standard": 2300, "thorough": 8000}
KNOCK: tuple[str, Mapping[str, str]] = ("getDispositions", {})
APP = "doctor"
ENOUGH = 3
"""Rows and messages that a written target file promises at most: the fewest by which anything can be told."""
REFUSED = "is refused ({0}): check tenant_url, the user name and the password"


def identities(api: Api) -> Iterator[Check]:
    """Log in every declared user; a refusal of a user with rights ends the preflight."""
    if api.table["auth_mode"] == "bearer":
        yield _bearer(api)
        return
    for role, identity in users.declared(api.table).items():
        name = f"login of user {role}"
        try:
            answer = steps.attempt(api, identity)
        except Inconclusive as problem:
            yield Check(name, "failed", str(problem))
            continue
        if role == "unprivileged" or answer.status == 200:
            yield Check(name, "ok", f"answers {answer.status}")
        elif answer.status == 403 and "illegal" in answer.text.lower():
            yield Check(name, "failed", 'the server takes no logins at /auth any more: set auth_mode = "bearer"')
        elif answer.status in {401, 403}:
            yield Check(name, "failed", REFUSED.format(answer.status))
        elif answer.status == 404:
            where = f"{api.root}/auth"
            yield Check(name, "warning", f"nothing is at {where} (404): check base_url and base_path")
        else:
            yield Check(name, "warning", f"answers {shown(answer)}; the tests will judge that")


def _bearer(api: Api) -> Check:
    try:
        session = steps.log_in(api, None)
        answer = steps.dispositions(session)
    except Inconclusive as problem:
        return Check("access token", "failed", str(problem))
    if answer.status == 401:
        return Check("access token", "failed", "is refused (401): check bearer_token, or client_id and client_secret")
    return Check("access token", "ok", f"dispositions answer {answer.status}")


def facts(api: Api) -> Iterator[Check]:
    """Read one subscription with every declared statistic, dispositions, and availability of the named services."""
    yield from _open(api)
    declared = users.declared(api.table)
    if api.table["auth_mode"] != "bearer" and "a" not in declared:
        return
    try:
        session = steps.log_in(api, declared.get("a"))
        yield from _dispositions(api, session)
        try:
            chat_too = {**_grids_asked(api)[APP], "chat_messages": {"filter": "", "limit": str(chat.ALL)}}
            answer = steps.data(session, {APP: chat_too})
        finally:
            steps.delete(session)
    except Inconclusive as problem:
        yield Check("data", "warning", str(problem))
        return
    yield from _grids(api, answer)


def _open(api: Api) -> Iterator[Check]:
    for key, expected in (("service_ready", "true"), ("service_not_ready", "false")):
        if name := api.table[key]:
            answer = api.anonymous().call("checkAvailableAgents", query={"service": name})
            good = answer.status == 200 and expected in answer.text
            yield Check(key, "ok" if good else "warning", f"{name!r} answers {shown(answer)}")


def _dispositions(api: Api, session: steps.Session) -> Iterator[Check]:
    if wanted := api.table["dispositions"]:
        found = steps.disposition_names(steps.dispositions(session)) or []
        missing = [name for name in wanted if name not in found]
        text = f"not listed: {', '.join(missing)}" if missing else f"all {len(wanted)} are listed"
        yield Check("dispositions", "warning" if missing else "ok", text)


def _grids_asked(api: Api) -> dict[str, dict[str, object]]:
    table = api.table
    of_services = [
        steps.column(steps.SERVICES, name, name) for name in (table["service_name_stat"], *table["service_stats"])
    ]
    of_agents = [steps.column(steps.AGENTS, name, name) for name in (table["agent_name_stat"], *table["agent_stats"])]
    return {
        APP: {
            "stats_totals": table["total_stats"],
            steps.SERVICES: [steps.grid("services", of_services)],
            steps.AGENTS: [steps.grid("agents", of_agents)],
        }
    }


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _grids(api: Api, answer: dict[str, Any]) -> Iterator[Check]:
    table = api.table
    of_services = _objects(steps.grids(answer, APP, steps.SERVICES).get("services"))
    of_agents = _objects(steps.grids(answer, APP, steps.AGENTS).get("agents"))
    messages = _objects(answer[APP].get("chat_messages") if isinstance(answer[APP], dict) else None)
    counted = {"min_service_rows": of_services, "min_agent_rows": of_agents, "min_chat_messages": messages}
    for key, found in counted.items():
        if (promised := table[key]) is not None:
            yield Check(key, "ok" if len(found) >= promised else "warning", f"{promised} promised, {len(found)} found")
    names = {str(row.get(table["service_name_stat"])) for row in of_services}
    if missing := sorted(set(table["services"] or ()) - names):
        yield Check("services", "warning", f"not shown: {', '.join(missing)}")
    for section, rows, statistics in (
        ("service_stats", of_services, table["service_stats"]),
        ("agent_stats", of_agents, table["agent_stats"]),
    ):
        empty = [name for name in statistics if rows and not any(row.get(name) for row in rows)]
        if empty:
            yield Check(section, "warning", f"no value in any row: {', '.join(empty)}")


def discoveries(api: Api) -> Iterator[Discovery]:
    """Read dispositions, rows, availability and messages as user A."""
    declared = users.declared(api.table)
    if api.table["auth_mode"] != "bearer" and "a" not in declared:
        return
    session = steps.log_in(api, declared.get("a"))
    if names := steps.disposition_names(steps.dispositions(session)):
        yield Discovery("dispositions", names, f"GET /cfg/dispositions lists {len(names)}")
    try:
        yield from _rows(api, session)
        yield from _messages(session)
    finally:
        steps.delete(session)


def _rows(api: Api, session: steps.Session) -> Iterator[Discovery]:
    steps.delete(session)
    data = steps.data(session, {**_grids_asked(api), **services.ready_grid(api.table)})
    for key, section, name in (
        ("min_service_rows", steps.SERVICES, "services"),
        ("min_agent_rows", steps.AGENTS, "agents"),
    ):
        if found := len(steps.grids(data, APP, section).get(name, [])):
            yield Discovery(key, min(found, ENOUGH), f"{found} rows of {section} now; a promise for every run")
    seen = services.ready_agents(data)
    for ready, key in services.KEYS.items():
        fitting = (name for name, agents in seen.items() if agents is not None and (agents > 0) is ready)
        for name in islice(fitting, services.MOST_SERVICES):
            if services.availability(services.ask(api.anonymous(), name)) is ready:
                yield Discovery(key, name, f"grid and availability agree on {seen[name]} ready agents now")
                break


def _messages(session: steps.Session) -> Iterator[Discovery]:
    steps.delete(session)
    texts = [chat.text(one) for one in calm(session, chat.open_chat(session).subscribe()).everything]
    if texts:
        why = f"{len(texts)} messages now; a promise for every run"
        yield Discovery("min_chat_messages", min(len(texts), ENOUGH), why)
    if word := chat.telling_word(texts):
        yield Discovery("chat_word", word, "some messages contain it, and some do not")
