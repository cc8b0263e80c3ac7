"""A client of the statistics API, as plain as the documents: used by the tests of the reference target."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from fixtures.reference.bp_stats.tenants import USERS

if TYPE_CHECKING:
    from fixtures.reference.bp_stats.world import User

COOKIE = "X-BP-SESSION-ID"
A, B = USERS[:2]
EXAMPLE: dict[str, Any] = {
    "1": {
        "service_grids": [
            {
                "id": "1",
                "columns": [
                    {"id": "1", "statName": "name"},
                    {"id": "2", "statName": "in_ewt"},
                    {"id": "3", "statName": "in_max_wait_time"},
                ],
            }
        ]
    }
}


@dataclass
class Client:
    """Calls below /statsapi; `token` is sent as the session cookie, where there is one."""

    base_url: str
    token: str | None = None

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        headers = {"Cookie": f"{COOKIE}={self.token}"} if self.token else {}
        headers |= arguments.pop("headers", {})
        return requests.request(
            method, f"{self.base_url}/statsapi{path}", headers=headers, timeout=5, allow_redirects=False, **arguments
        )

    def try_login(self, user: User = A, **changes: object) -> requests.Response:
        body = {"tenant_url": user.tenant, "username": user.login, "password": user.password} | changes
        return self.call("POST", "/auth", json=body)

    def login(self, user: User = A) -> Client:
        """A client with a session of its own."""
        return Client(self.base_url, self.try_login(user).json()["token"])

    def create(self, definition: Any = EXAMPLE, **arguments: Any) -> requests.Response:
        return self.call("POST", "/subscription", **(arguments or {"json": definition}))

    def delete(self) -> requests.Response:
        return self.call("DELETE", "/subscription/active")

    def data(self) -> requests.Response:
        return self.call("GET", "/subscription/data")

    def settle(self) -> Any:
        """The data as soon as they are there."""
        deadline = time.monotonic() + 3
        while (answer := self.data()).status_code == 204 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert answer.status_code == 200
        return answer.json()

    def works(self) -> bool:
        """Whether the session is valid."""
        return self.call("GET", "/cfg/dispositions").status_code == 200

    def grid(self, kind: str = "service_grids", **features: Any) -> list[dict[str, str]]:
        """Rows of one grid with these columns (id to statistic, or to a column object) and features."""
        key = "statName" if kind == "service_grids" else "stat_name"
        columns = [
            {"id": name, **({key: stat} if isinstance(stat, str) else stat)}
            for name, stat in features.pop("columns").items()
        ]
        answer = self.create({"app": {kind: [{"id": "g", "columns": columns, **features}]}})
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, str]] = self.settle()["app"][kind][0]["values"]
        return rows
