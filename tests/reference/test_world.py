"""The numbers show each rule of the API at every moment."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from fixtures.reference.bp_stats.tenants import (
    AGENT_PROFILES,
    CHAT,
    CHAT_WORD,
    OUTCOMES,
    SERVICE_PROFILES,
    SUPERVISED,
    TENANT,
    TENANTS,
)
from fixtures.reference.bp_stats.world import Row, World

MOMENTS = range(len(SERVICE_PROFILES))
KINDS = ["service_rows", "agent_rows"]
COLUMNS = {
    "service_rows": ["in_ewt", "in_max_wait_time", "in_avg_wait_time"],
    "agent_rows": ["in_calls_handled_per_day", "out_calls_handled_per_day", "in_avg_talk_time"],
}
CASES = [(kind, column, tick) for kind in KINDS for column in COLUMNS[kind] for tick in MOMENTS]


def _rows(kind: str, tick: int) -> list[Row]:
    rows: list[Row] = getattr(World(TENANTS, 1, 0.0).snapshot(tick), kind)(TENANT, SUPERVISED)
    return rows


def _values(kind: str, column: str, tick: int) -> list[Decimal]:
    return [value for row in _rows(kind, tick) if isinstance(value := row.values[column], Decimal)]


@pytest.mark.parametrize(("kind", "column", "tick"), CASES)
def test_rows_never_come_sorted_and_numbers_sort_otherwise_than_text(kind: str, column: str, tick: int) -> None:
    values = _values(kind, column, tick)
    assert len(values) >= 8
    assert len(set(values)) < len(values)
    assert values not in (sorted(values), sorted(values, reverse=True))
    assert sorted(values) != sorted(values, key=lambda value: f"{value:f}")


@pytest.mark.parametrize("tick", MOMENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_two_columns_have_the_same_order(kind: str, tick: int) -> None:
    rows = [row.values for row in _rows(kind, tick) if all(row.values[column] is not None for column in COLUMNS[kind])]
    ranks = {"natural": tuple(range(len(rows)))}
    for column in COLUMNS[kind]:
        values = [Decimal(str(row[column])) for row in rows]
        ranks[column] = tuple(sorted(range(len(rows)), key=values.__getitem__))
    assert len(set(ranks.values())) == len(ranks)


def test_the_rows_move_with_every_tick() -> None:
    moments = [[dict(row.values) for row in _rows("service_rows", tick)] for tick in MOMENTS]
    assert all(now != then for then, now in pairwise(moments))


def test_readiness_differs_in_every_way_and_one_service_changes() -> None:
    ready = [
        {str(row.values["name"]): row.values["agents_ready"] for row in _rows("service_rows", t)} for t in range(30)
    ]
    always = {name: {moment[name] for moment in ready} for name in ready[0]}
    assert always["Customer Service Chat"] == {0}
    assert always["Billing & Refunds"] == {1}
    assert always["Late Desk"] == {0, 1}
    assert all(0 not in seen for name, seen in always.items() if not name.endswith(("Chat", "Desk")))


def test_agents_who_are_logged_out_have_an_empty_state() -> None:
    states = {row.values["acd_state"]: row.values["state_duration"] for row in _rows("agent_rows", 7)}
    assert set(states) == {"Ready", "Busy", "Not Ready", ""}
    assert states[""] is None


def test_the_tables_fit_each_other() -> None:
    assert len(AGENT_PROFILES) == len(OUTCOMES) == sum(agent.team in SUPERVISED for agent in TENANT.agents)
    assert len(SERVICE_PROFILES) == sum(service.team in SUPERVISED for service in TENANT.services)
    assert {service for agent in TENANT.agents for service in agent.services} == {one.name for one in TENANT.services}


@pytest.mark.parametrize("tick", range(0, 400, 7))
def test_chat_messages_never_run_out_and_never_come_from_the_future(tick: int) -> None:
    messages = World(TENANTS, 1, 0.0).snapshot(tick).messages(TENANT)
    assert len({message.id for message in messages}) == 20
    assert all(message.sent.timestamp() <= tick for message in messages)
    assert len({message.content for message in messages}) == len(CHAT)
    told = [message for message in messages if CHAT_WORD in message.content.lower()]
    assert 0 < len(told) < len(messages)
    assert any(CHAT_WORD in message.sender.first.lower() and message not in told for message in messages)


def test_ids_depend_on_the_seed_alone() -> None:
    one, again, other = World(TENANTS, 1, 0.0), World(TENANTS, 1, 9.0), World(TENANTS, 2, 0.0)
    assert one.id_of("team", "x") == again.id_of("team", "x") != other.id_of("team", "x")
