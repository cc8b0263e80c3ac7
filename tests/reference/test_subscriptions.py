from __future__ import annotations

import copy
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.reference.bp_stats.tenants import USERS
from fixtures.reference.settings import Settings
from fixtures.reference.variant import READINGS
from tests.reference.client import EXAMPLE, A, B, Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.reference.server import Running

OTHER: dict[str, Any] = {"other": {"stats_totals": ["agents_ready"]}}


def test_the_example_of_the_documents_works(client: Client) -> None:
    a = client.login()
    created = a.create()
    assert (created.status_code, created.content) == (200, b"")
    grid = a.settle()["1"]["service_grids"][0]
    assert grid["id"] == "1"
    assert all(set(row) == {"1", "2", "3"} for row in grid["values"])


def test_data_are_404_before_204_while_and_200_after_the_preparation(target: Running) -> None:
    target.swap(settings=Settings(ready_delay_s=0.3))
    a = Client(target.base_url).login()
    assert a.data().status_code == 404
    a.create()
    waiting = a.data()
    assert waiting.status_code == 204
    assert {"Content-Length", "Transfer-Encoding", "Content-Type"}.isdisjoint(waiting.headers)
    a.settle()
    assert [a.data().status_code for _ in range(5)] == [200] * 5
    assert a.delete().status_code == 200
    assert a.data().status_code == 404


def test_a_second_create_replaces_the_first(client: Client) -> None:
    a = client.login()
    a.create()
    a.settle()
    assert a.create(OTHER).status_code == 200
    assert set(a.settle()) == {"other"}


def test_by_the_other_reading_a_second_create_is_refused(target: Running) -> None:
    target.swap(readings={"bp_stats.one-active.second-create": "refused"})
    a = Client(target.base_url).login()
    a.create()
    assert a.create(OTHER).status_code == 409
    assert set(a.settle()) == {"1"}


def test_users_have_subscriptions_of_their_own(client: Client) -> None:
    a, b = client.login(A), client.login(B)
    a.create()
    assert b.data().status_code == 404
    b.create(OTHER)
    assert (set(a.settle()), set(b.settle())) == ({"1"}, {"other"})
    b.delete()
    assert a.data().status_code == 200


def test_the_subscription_outlives_a_login(client: Client) -> None:
    client.login().create()
    assert set(client.login().settle()) == {"1"}


def test_by_the_other_reading_it_ends_with_the_session(target: Running) -> None:
    target.swap(readings={"bp_stats.session.subscription-across-login": "session-bound"})
    client = Client(target.base_url)
    client.login().create()
    assert client.login().data().status_code == 404


def test_the_tenant_has_so_many_subscriptions_and_a_delete_frees_one(client: Client) -> None:
    users = [client.login(user) for user in USERS[:5]]
    assert [user.create().status_code for user in users] == [200, 200, 200, 200, 409]
    assert users[4].data().status_code == 404
    assert users[0].create(OTHER).status_code == 200
    assert users[4].create().status_code == 409
    users[0].delete()
    users[0].delete()
    assert users[4].create().status_code == 200
    assert users[0].create().status_code == 409


def test_concurrent_creates_share_the_slots(client: Client) -> None:
    users = [client.login(user) for user in USERS[:5]]
    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(lambda user: user.create().status_code, users))
    assert sorted(statuses) == [200, 200, 200, 200, 409]


@pytest.mark.parametrize(("name", "status"), [("idempotent", 200), ("not-found", 404)])
def test_a_delete_without_a_subscription(target: Running, name: str, status: int) -> None:
    target.swap(readings={"bp_stats.data.delete-without-active": name})
    assert Client(target.base_url).login().delete().status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"1": 1}',
        b'{"1": {"service_grids": {}}}',
        b'{"1": {"service_grids": [{"columns": []}]}}',
        b'{"1": {"service_grids": [{"id": "1"}]}}',
        b'{"1": {"service_grids": [{"id": "1", "columns": [{"id": "1"}]}]}}',
        b'{"1": {"service_grids": [{"id": "1", "columns": [{"statName": "name"}]}]}}',
        b'{"1": {}, "1": {}}',
        b'{"1": {}} x',
        b'\xef\xbb\xbf{"1": {}}',
        b'{"1": NaN}',
        b'{"\\ud800": {}}',
        b'{"1": {"chat_messages": {"limit": "-1"}}}',
    ],
)
def test_a_wrong_body_is_refused_and_leaves_nothing(client: Client, body: bytes) -> None:
    a = client.login()
    answer = a.create(data=body)
    assert answer.status_code == 400
    error = answer.json()
    assert isinstance(error["error_code"], int)
    assert error["error_message"]
    assert a.data().status_code == 404


def test_a_refused_create_keeps_the_active_subscription(client: Client) -> None:
    a = client.login()
    a.create()
    a.create(data=b"{")
    assert set(a.settle()) == {"1"}


def _with(**features: Any) -> dict[str, Any]:
    definition = copy.deepcopy(EXAMPLE)
    definition["1"]["service_grids"][0] |= features
    return definition


def _with_stat(name: str) -> dict[str, Any]:
    definition = copy.deepcopy(EXAMPLE)
    definition["1"]["service_grids"][0]["columns"][1]["statName"] = name
    return definition


@pytest.mark.parametrize(
    ("reading", "body", "statuses"),
    [
        (
            "bp_stats.subscription.invalid-enum-or-reference",
            lambda: _with(order_by="9", order_dir="ASC"),
            (400, 200, 200),
        ),
        (
            "bp_stats.subscription.invalid-enum-or-reference",
            lambda: _with(order_by="1", order_dir="UP"),
            (400, 200, 200),
        ),
        (
            "bp_stats.subscription.invalid-enum-or-reference",
            lambda: _with(filter_by="2", filter_value="1", filter_operation="IN"),
            (400, 200, 200),
        ),
        ("bp_stats.subscription.unknown-statistic", lambda: _with_stat("no_such_stat"), (200, 400)),
        ("bp_stats.subscription.unknown-statistic/totals", lambda: {"1": {"stats_totals": ["none"]}}, (200, 400)),
        ("bp_stats.limit.string-or-number", lambda: _with(limit=1), (200, 400, 200)),
        ("bp_stats.limit.string-or-number", lambda: _with(limit="1"), (200, 200, 400)),
        ("bp_stats.limit.string-or-number/chat", lambda: {"1": {"chat_messages": {"limit": 1}}}, (200, 400, 200)),
    ],
)
def test_what_the_documents_leave_open_goes_by_the_reading(
    target: Running, reading: str, body: Callable[[], Any], statuses: tuple[int, ...]
) -> None:
    for name, status in zip(READINGS[reading], statuses, strict=True):
        target.swap(readings={reading: name})
        assert Client(target.base_url).login().create(body()).status_code == status, name


def test_strict_content_types_are_a_reading(target: Running) -> None:
    target.swap(readings={"bp_stats.subscription.content-type": "strict"})
    a = Client(target.base_url).login()
    assert a.create(data=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert a.create(data=b"{}", headers={"Content-Type": "application/json; charset=utf-8"}).status_code == 200


def test_data_change_with_the_clock(client: Client) -> None:
    a = client.login()
    a.create()
    first = a.settle()
    deadline = time.monotonic() + 3
    while a.data().json() == first and time.monotonic() < deadline:
        time.sleep(0.1)
    assert a.data().json() != first
