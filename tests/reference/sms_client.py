"""A client of the token endpoint and the SMS/MMS API, and a receiver of what the server posts on its own."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import requests

from fixtures.reference.bp_sms.numbers import CUSTOMER, SERVICE_NUMBER
from fixtures.reference.clients import MESSENGER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.reference.clients import ApiClient

ROOT = "/clientweb/smsapi/v1"
TOKEN = "/configapi/v2/oauth/token"
MESSAGE: dict[str, Any] = {"To": CUSTOMER, "From": SERVICE_NUMBER, "Body": "Hello"}


@dataclass
class Sms:
    """Calls below the root; `token` goes with each of them, where there is one."""

    base_url: str
    token: str | None = None

    def ask_token(self, client: ApiClient = MESSENGER, **changes: str | None) -> requests.Response:
        """A token request; a change to None leaves the parameter out."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client.login,
            "client_secret": client.secret,
            "scope": client.tenant,
        }
        given = {name: value for name, value in (form | changes).items() if value is not None}
        return requests.post(self.base_url + TOKEN, data=given, timeout=5)

    def log_in(self, client: ApiClient = MESSENGER) -> Sms:
        """A client with a token."""
        return Sms(self.base_url, self.ask_token(client).json()["access_token"])

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= arguments.pop("headers", {})
        return requests.request(method, self.base_url + ROOT + path, headers=headers, timeout=5, **arguments)

    def send(self, **changes: Any) -> requests.Response:
        """Send the usual message; a change to None leaves the member out."""
        return self.call(
            "POST",
            "/Messages",
            json={name: value for name, value in (MESSAGE | changes).items() if value is not None},
        )

    def read(self, sid: str) -> requests.Response:
        return self.call("GET", f"/Messages/{sid}")

    def settled(self, sid: str) -> Any:
        """The message once its status does not change any more."""
        deadline = time.monotonic() + 3
        while (shown := self.read(sid).json())["status"] in {"queued", "sent"} and time.monotonic() < deadline:
            time.sleep(0.01)
        return shown

    def set(self, setter: str, url: Any, number: Any = SERVICE_NUMBER) -> requests.Response:
        return self.call("POST", setter, json={"url": url, "number": number})


@dataclass
class Receiver:
    """Takes posts on loopback; answers the first `refusals` of them with 500."""

    url: str = ""
    refusals: int = 0
    posts: list[tuple[str, str | None, Any]] = field(default_factory=list)

    def wait_for(self, count: int) -> list[Any]:
        """The posted objects, once there are so many."""
        deadline = time.monotonic() + 5
        while len(self.posts) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.posts) == count
        return [body for _, _, body in self.posts]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port, until the context ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.posts.append((self.path, self.headers["Content-Type"], body))
            self.send_response(500 if len(receiver.posts) <= receiver.refusals else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the overridden method
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join(5)
