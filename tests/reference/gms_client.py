"""A client of the Service API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from fixtures.reference.gms.configuration import PASSWORD, USERNAME

ROOT = "/genesys/1"
PHONE = "6505550177"


@dataclass
class Gms:
    """Calls below the root, with the credentials unless others are given."""

    base_url: str

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        arguments.setdefault("auth", (USERNAME, PASSWORD))
        return requests.request(method, self.base_url + ROOT + path, timeout=5, **arguments)

    def post(self, path: str, fields: dict[str, str] | None = None, **arguments: Any) -> requests.Response:
        return self.call("POST", path, data=fields, **arguments)

    def create(self, service: str, fields: dict[str, str] | None = None, **arguments: Any) -> requests.Response:
        return self.post(f"/service/{service}", fields, **arguments)

    def booked(self, **fields: str) -> Any:
        """The answer to a booking, fields without their underscore: phone_number, provide_code …"""
        given = {"_phone_number": PHONE} | {f"_{name}": value for name, value in fields.items()}
        answer = self.create("request-interaction", given)
        assert answer.status_code == 200
        return answer.json()

    def match(self, number: str, **fields: str) -> requests.Response:
        given = {"_access_number": number} | {f"_{name}": value for name, value in fields.items()}
        return self.create("match-interaction", given)

    def instance(self, service: str, **fields: str) -> str:
        """The path of a new instance."""
        return f"/service/{self.create(service, fields).json()['_id']}"

    def chat(self, **fields: str) -> str:
        """The path of an opened chat."""
        path = f"{self.instance('request-chat')}/ixn/chat"
        assert self.post(path, fields).status_code == 200
        return path


def refusal(answer: requests.Response) -> int:
    """The status of an answer that is an error in the vendor's form, and nothing else."""
    body = answer.json()
    assert set(body) == {"exception", "message"}
    assert body["exception"].startswith("com.example.")
    assert body["message"]
    return answer.status_code
