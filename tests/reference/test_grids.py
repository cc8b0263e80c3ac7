from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.reference.bp_stats.tenants import AGENTS, CHAT_WORD, SERVICES, SUPERVISED
from tests.reference.client import Client

if TYPE_CHECKING:
    from fixtures.reference.server import Running

NUMBERS = {"a": "in_ewt", "b": "in_max_wait_time"}
SERVICE = ("service_grids", {"n": "name", **NUMBERS})
AGENT = ("agent_grids", {"n": "login_id", "a": "in_calls_handled_per_day", "b": "out_calls_handled_per_day"})
RELATIONS = {
    "EQ": operator.eq, "NE": operator.ne, "LT": operator.lt, "GT": operator.gt, "LE": operator.le, "GE": operator.ge,
}  # fmt: skip


@pytest.fixture
def a(client: Client) -> Client:
    return client.login()


def _numbers(rows: list[dict[str, str]], column: str) -> list[Decimal]:
    return [Decimal(row[column]) for row in rows if row[column]]


def test_a_grid_shows_what_the_user_supervises(a: Client) -> None:
    services = [row["n"] for row in a.grid(columns={"n": "name"})]
    assert services == [service.name for service in SERVICES if service.team in SUPERVISED]
    agents = [row["n"] for row in a.grid("agent_grids", columns={"n": "login_id"})]
    assert agents == [agent.login for agent in AGENTS if agent.team in SUPERVISED]


@pytest.mark.parametrize(("kind", "columns"), [SERVICE, AGENT])
def test_rows_are_sorted_as_numbers_and_those_without_data_stand_last(
    a: Client, kind: str, columns: dict[str, Any]
) -> None:
    rising = a.grid(kind, columns=columns, order_by="b", order_dir="ASC")
    assert _numbers(rising, "b") == sorted(_numbers(rising, "b"))
    falling = a.grid(kind, columns=columns, order_by="b", order_dir="DESC")
    assert _numbers(falling, "b") == sorted(_numbers(falling, "b"), reverse=True)
    assert rising[-1]["b"] == falling[-1]["b"] == ""


def test_by_the_other_reading_they_are_sorted_as_text(target: Running) -> None:
    target.swap(readings={"bp_stats.order.numeric-or-text": "text"})
    a = Client(target.base_url).login()
    shown = [row["a"] for row in a.grid(columns=NUMBERS, order_by="a", order_dir="ASC")]
    assert shown == sorted(shown) != sorted(shown, key=Decimal)
    kept = a.grid(columns=NUMBERS, filter_by="a", filter_value="10", filter_operation="LT")
    assert {row["a"] for row in kept} == {"0"}


def test_the_later_form_of_order_is_understood(a: Client) -> None:
    order = [{"by": "b", "dir": "DESC"}, {"by": "a", "dir": "ASC"}]
    rows = a.grid(columns={"a": "agents_ready", "b": "agents_busy"}, order=order)
    keys = [(-int(row["b"]), int(row["a"])) for row in rows]
    assert keys == sorted(keys)


@pytest.mark.parametrize(("kind", "columns"), [SERVICE, AGENT])
@pytest.mark.parametrize("operation", RELATIONS)
@pytest.mark.parametrize("value", ["10", "9", "100", "1000", "10.0"])
def test_a_filter_keeps_the_rows_that_stand_in_the_relation(
    a: Client, kind: str, columns: dict[str, Any], operation: str, value: str
) -> None:
    both = [{"id": "plain"}, {"id": "kept", "filter_by": "a", "filter_value": value, "filter_operation": operation}]
    key = "statName" if kind == "service_grids" else "stat_name"
    shown = [{"id": name, key: stat} for name, stat in columns.items()]
    a.create({"x": {kind: [grid | {"columns": shown} for grid in both]}})
    plain, kept = (grid["values"] for grid in a.settle()["x"][kind])
    assert kept == [row for row in plain if row["a"] and RELATIONS[operation](Decimal(row["a"]), Decimal(value))]


@pytest.mark.parametrize("name", [service.name for service in SERVICES if service.team in SUPERVISED])
def test_eq_on_a_name_keeps_exactly_that_row(a: Client, name: str) -> None:
    kept = a.grid(columns={"n": "name"}, filter_by="n", filter_value=name, filter_operation="EQ")
    assert kept == [{"n": name}]


def test_filter_goes_before_order_and_order_before_limit(a: Client) -> None:
    features = {"order_by": "a", "order_dir": "DESC"}
    features |= {"filter_by": "a", "filter_value": "100", "filter_operation": "LT"}
    everything = a.grid(columns=NUMBERS, **features)
    assert [row["a"] for row in a.grid(columns=NUMBERS, limit="3", **features)] == [row["a"] for row in everything[:3]]


@pytest.mark.parametrize(("limit", "rows"), [("0", 0), ("1", 1), ("2", 2), (3, 3), ("1000", 11), ("", 11)])
def test_a_limit_gives_so_many_rows(a: Client, limit: str | int, rows: int) -> None:
    assert len(a.grid(columns=NUMBERS, limit=limit)) == rows


def test_sum_adds_the_numbers_of_its_row(a: Client) -> None:
    total = {"statName": "SUM", "sum_stat_names": ["in_ewt", "in_avg_wait_time"]}
    columns = {"a": "in_ewt", "b": "in_avg_wait_time", "s": total}
    rows = a.grid(columns=columns, order_by="s", order_dir="ASC")
    assert all(Decimal(row["s"]) == Decimal(row["a"]) + Decimal(row["b"]) for row in rows if row["b"])
    assert [row["s"] for row in rows if not row["b"]] == [""]
    assert _numbers(rows, "s") == sorted(_numbers(rows, "s"))


def test_dispositions_narrow_the_count_of_their_column_only(a: Client) -> None:
    def count(*names: str) -> dict[str, Any]:
        return {"stat_name": "calls_dispositions_per_day", "dispositions": list(names)}

    columns = {"1": count("Resolved"), "2": count("Call back"), "12": count("Call back", "Resolved"), "all": count()}
    rows = a.grid("agent_grids", columns=columns)
    assert all(int(row["1"]) + int(row["2"]) == int(row["12"]) <= int(row["all"]) for row in rows)
    assert any(0 < int(row["1"]) < int(row["12"]) < int(row["all"]) for row in rows)


@pytest.mark.parametrize(
    ("name", "status", "shown"),
    [("both", 200, True), ("own-only-refused", 400, None), ("own-only-ignored", 200, False)],
)
def test_the_other_spelling_of_a_column_is_a_reading(
    target: Running, name: str, status: int, shown: bool | None
) -> None:
    target.swap(readings={"bp_stats.grid.column-key-spelling": name})
    a = Client(target.base_url).login()
    columns = [{"id": "1", "statName": "in_ewt"}, {"id": "2", "stat_name": "in_ewt"}]
    assert a.create({"x": {"service_grids": [{"id": "g", "columns": columns}]}}).status_code == status
    if status == 200:
        rows = a.settle()["x"]["service_grids"][0]["values"]
        assert all(row["2"] == (row["1"] if shown else "") for row in rows)


def test_an_invalid_reference_empties_only_its_own_grid_where_that_is_the_reading(target: Running) -> None:
    target.swap(readings={"bp_stats.subscription.invalid-enum-or-reference": "empty-grid"})
    a = Client(target.base_url).login()
    columns = [{"id": "1", "statName": "in_ewt"}]
    grids = [{"id": "sound", "columns": columns}, {"id": "odd", "columns": columns, "order_by": "9"}]
    a.create({"x": {"service_grids": grids}})
    assert [len(grid["values"]) for grid in a.settle()["x"]["service_grids"]] == [11, 0]


@pytest.mark.parametrize(("name", "kind"), [("string", str), ("number", int)])
def test_totals_are_strings_or_numbers_by_the_reading(target: Running, name: str, kind: type) -> None:
    target.swap(readings={"bp_stats.totals.value-type": name})
    a = Client(target.base_url).login()
    a.create({"x": {"stats_totals": ["agents_ready", "in_calls_waiting"]}})
    totals = a.settle()["x"]["stats_totals"]
    assert set(totals) == {"agents_ready", "in_calls_waiting"}
    assert all(type(value) is kind for value in totals.values())


def test_ids_come_back_unchanged(a: Client) -> None:
    ids = ["1", "01", "a", "A", "__proto__", "length", "é \"'<"]
    a.create({name: {"service_grids": [{"id": name, "columns": [{"id": name, "statName": "name"}]}]} for name in ids})
    data = a.settle()
    assert list(data) == ids
    assert all(data[name]["service_grids"][0]["id"] == name for name in ids)
    assert all(set(row) == {name} for name in ids for row in data[name]["service_grids"][0]["values"])


def test_chat_messages_are_filtered_by_content_then_limited_newest_first(a: Client) -> None:
    queries = {"all": {"limit": "1000"}, "word": {"filter": CHAT_WORD}, "two": {"filter": CHAT_WORD, "limit": 2}}
    a.create({name: {"chat_messages": query} for name, query in queries.items()})
    shown = {name: app["chat_messages"] for name, app in a.settle().items()}
    assert shown["word"] == [each for each in shown["all"] if CHAT_WORD in each["content"].lower()]
    assert shown["two"] == shown["word"][:2]
    times = [each["send_time"] for each in shown["all"]]
    assert times == sorted(times, reverse=True)
    assert {each["is_urgent"] for each in shown["all"]} == {"0", "1"}
    assert len({each["id"] for each in shown["all"]}) == 20
