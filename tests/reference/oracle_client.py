"""A client of chatAuthenticate, its key set and the consumer API, and a strict reader of its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from fixtures.reference.oracle_chat.base import BASE_PATH, RESOURCE
from fixtures.reference.oracle_chat.tokens import KEY_SET_PATH
from fixtures.reference.oracle_chat.users import CHAT_USER, SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping

BASIC: dict[str, Any] = {"clientType": "CONSUMER", "authUserName": CHAT_USER}


@dataclass
class Oracle:
    """Calls with the service user's credentials, unless `auth` says otherwise."""

    base_url: str
    root: str = BASE_PATH

    @property
    def url(self) -> str:
        return self.base_url + self.root + RESOURCE

    def call(self, method: str = "POST", path: str = "", **arguments: Any) -> requests.Response:
        """Any call of the resource."""
        arguments.setdefault("auth", (SERVICE.name, SERVICE.password))
        return requests.request(method, self.url + path, timeout=5, **arguments)

    def create(self, headers: Mapping[str, str | None] | None = None, **changes: Any) -> requests.Response:
        """The basic call with these members on top, ... leaves one out; a header of None is not sent."""
        body = {name: value for name, value in (BASIC | changes).items() if value is not ...}
        return self.call(json=body, headers=headers)

    def send(self, body: bytes, label: str | None = "application/json") -> requests.Response:
        """Bytes under a label."""
        return self.call(data=body, headers={"Content-Type": label})

    def created(self, **changes: Any) -> Any:
        """The body of a success."""
        answer = self.create(**changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def token(self, text: str) -> jwt.Token:
        """The token, verified with the published key set."""
        keys = requests.get(self.base_url + KEY_SET_PATH, timeout=5).json()
        return jwt.decode(text, KeySet.import_key_set(keys), algorithms=["RS256"])


def is_refused(answer: requests.Response, status: int = 400) -> bool:
    """Whether it is an error of that status in the framework's form, without a token."""
    body = answer.json()
    return (
        answer.status_code == status
        and answer.headers["Content-Type"] == "application/vnd.oracle.adf.error+json"
        and body["status"] == str(status)
        and all(isinstance(detail, dict) for detail in body["o:errorDetails"])
        and "eyJ" not in answer.text
    )
