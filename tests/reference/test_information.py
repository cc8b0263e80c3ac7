from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from fixtures.reference.clients import NEIGHBOUR_URL
from tests.reference.client import Client

if TYPE_CHECKING:
    from fixtures.reference.server import Running

FLAGS = ("agentCanSelect", "inbound", "outbound", "preview")
SUBSETS = [frozenset(chosen) for size in range(5) for chosen in combinations(FLAGS, size)]


def _names(client: Client, flags: frozenset[str] = frozenset()) -> set[str]:
    answer = client.call("GET", "/cfg/dispositions", params=dict.fromkeys(flags, "1"))
    assert answer.status_code == 200
    body = answer.json()
    return set(body if isinstance(body, list) else body["dispositions"])


def test_dispositions_narrow_with_each_flag_and_can_be_none(client: Client) -> None:
    a = client.login()
    shown = {flags: _names(a, flags) for flags in SUBSETS}
    assert all(shown[more] <= shown[less] for less in SUBSETS for more in SUBSETS if less <= more)
    assert not all(shown.values())


def test_by_the_other_reading_directions_are_joined(target: Running) -> None:
    target.swap(readings={"bp_stats.dispositions.parameters-combine": "joining"})
    a = Client(target.base_url).login()
    single = {flag: _names(a, frozenset({flag})) for flag in FLAGS}
    assert _names(a, frozenset({"inbound", "preview"})) == single["inbound"] | single["preview"]


@pytest.mark.parametrize(("name", "kind"), [("object", dict), ("bare-array", list)])
def test_the_form_of_the_list_is_a_reading(target: Running, name: str, kind: type) -> None:
    target.swap(readings={"bp_stats.dispositions.body-form": name})
    assert type(Client(target.base_url).login().call("GET", "/cfg/dispositions").json()) is kind


@pytest.mark.parametrize("path", ["teams", "services", "agents"])
def test_lists_have_ids_and_names_and_need_a_session(client: Client, path: str) -> None:
    assert client.call("GET", f"/cfg/{path}").status_code == 401
    entries = client.login().call("GET", f"/cfg/{path}").json()
    assert all(set(entry) == {"id", "name"} for entry in entries)
    assert len({entry["id"] for entry in entries}) == len(entries) > 1


def _available(client: Client, query: str) -> object:
    return client.call("GET", f"/info/check_available_agents?{query}").json()["availability"]


def test_availability_agrees_with_the_grid_for_every_service(client: Client) -> None:
    a = client.login()
    for _ in range(3):  # the data may move between two answers, but not three times
        before = a.grid(columns={"n": "name", "r": "agents_ready"})
        shown = {row["n"]: _available(client, f"service={quote(row['n'])}") for row in before}
        after = a.data().json()["app"]["service_grids"][0]["values"]
        if before == after:
            break
    assert shown == {row["n"]: row["r"] != "0" for row in before}
    assert {row["r"] for row in before} >= {"0", "1", "2"}


@pytest.mark.parametrize(
    "query", ["service=Customer%20Service", "service=Customer+Service&x=1", "service=%43ustomer%20Service"]
)
def test_equal_encodings_of_a_name_are_equal(client: Client, query: str) -> None:
    assert _available(client, query) is True


@pytest.mark.parametrize(
    "query", ["", "service=", "service=nothing", "service=customer%20service", "service=" + "x" * 4096]
)
def test_an_unknown_service_is_not_available(client: Client, query: str) -> None:
    assert _available(client, query) is False


def test_a_service_of_another_tenant_needs_its_tenant(client: Client) -> None:
    assert _available(client, "service=Harbour%20Office") is False
    assert _available(client, f"service=Harbour%20Office&tenantUrl={NEIGHBOUR_URL}") is True
    assert _available(client, f"service=Customer%20Service&tenantUrl={NEIGHBOUR_URL}") is False


def test_forms_of_the_answer_are_readings(target: Running) -> None:
    target.swap(
        readings={
            "bp_stats.available.body-form": "array",
            "bp_stats.available.unknown-or-missing-service": "refused",
        }
    )
    client = Client(target.base_url)
    assert _available(client, "service=Customer%20Service") == [True]
    assert client.call("GET", "/info/check_available_agents").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PUT", "/auth", 405, "DELETE, OPTIONS, POST"),
        ("POST", "/subscription/data", 405, "GET, HEAD, OPTIONS"),
        ("OPTIONS", "/cfg/teams", 204, "GET, HEAD, OPTIONS"),
        ("GET", "/nothing", 404, None),
    ],
)
def test_other_methods_and_paths_are_answered_as_http_asks(
    client: Client, method: str, path: str, status: int, allow: str | None
) -> None:
    answer = client.call(method, path)
    assert (answer.status_code, answer.headers.get("Allow")) == (status, allow)


def test_head_is_answered_like_get_without_content(client: Client) -> None:
    answer = client.call("HEAD", "/info/check_available_agents?service=x")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0
