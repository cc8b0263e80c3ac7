"""A client of the Mobile/Web API, as plain as the documents: used by the tests of the reference target."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from fixtures.reference.bp_mobile.scenario import MAIN_APP
from fixtures.reference.clients import TENANT_URL

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = "/clientweb/api/v1"
SCHEME = "MOBILE-API-140-327-PLAIN"
Event = dict[str, Any]


def field_of(app_id: str, client_id: str) -> str:
    return f'{SCHEME} appId="{app_id}", clientId="{client_id}"'


@dataclass
class Mobile:
    """One client of one scenario entry; `chat` is the chat it opened last, `cookies` go with each request by hand."""

    base_url: str
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    app_id: str = MAIN_APP
    tenant: str = TENANT_URL
    chat: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """A normal request; header fields with the value None are left out."""
        headers = {"Authorization": field_of(self.app_id, self.client_id), "User-Agent": "MobileClient"}
        headers |= arguments.pop("headers", {})
        if self.cookies:
            headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        params = {"tenantUrl": self.tenant} | arguments.pop("params", {})
        answer = requests.request(
            method, self.base_url + ROOT + path, headers=headers, params=params, timeout=15, **arguments
        )
        self.cookies |= answer.cookies.get_dict()
        return answer

    def open(self, **body: Any) -> requests.Response:
        answer = self.call("POST", "/chats", json=body)
        self.chat = answer.json().get("chat_id", self.chat)
        return answer

    def opened(self) -> Mobile:
        """Itself, with a chat."""
        assert self.open().status_code == 200
        return self

    def active(self) -> requests.Response:
        return self.call("GET", "/chats/active")

    def is_live(self) -> bool:
        return self.active().status_code == 200

    def send(self, *events: Any) -> requests.Response:
        return self.call("POST", f"/chats/{self.chat}/events", json={"events": list(events)})

    def write(self, *texts: str) -> requests.Response:
        """Send messages, all in one request."""
        return self.send(
            *({"event": "chat_session_message", "msg_id": str(uuid.uuid4()), "msg": each} for each in texts)
        )

    def end(self) -> requests.Response:
        return self.send({"event": "chat_session_end"})

    def poll(self, **arguments: Any) -> requests.Response:
        return self.call("GET", f"/chats/{self.chat}/events", **arguments)

    def history(self) -> list[Event]:
        events: list[Event] = self.call("GET", f"/chats/{self.chat}/history").json()["events"]
        return events

    def texts(self) -> list[str]:
        """The texts of the client in the history."""
        return [event["msg"] for event in self.history() if event.get("party_id") == self.chat and "msg" in event]

    def until(self, wanted: str | Callable[[Event], bool], within: float = 5) -> list[Event]:
        """Poll until an event of that kind came; all events that came up to then, itself the last one of its poll."""
        events: list[Event] = []
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            answer = self.poll()
            assert answer.status_code == 200, (answer.status_code, answer.text, events)
            events += answer.json()["events"]
            if any(event["event"] == wanted if isinstance(wanted, str) else wanted(event) for event in events):
                return events
        raise AssertionError(f"no {wanted} among {events}")

    def greeted(self) -> Mobile:
        """Itself, once the bot has said everything that it says by itself."""
        self.until(lambda event: event.get("state") == "connected")
        return self

    def ask(self, trigger: str, kind: str | None = None) -> Event:
        """Make the bot do something; the event that it brings."""
        self.write(f"!{trigger}")
        found: Event = next(event for event in self.until(kind or trigger) if event["event"] == (kind or trigger))
        return found

    def upload(self, content: bytes, name: str = "note.txt", kind: str = "text/plain", part: str = "file") -> Any:
        return self.call("POST", "/files", files={part: (name, content, kind)})

    def download(self, file_id: str, **arguments: Any) -> requests.Response:
        return self.call("GET", f"/chats/{self.chat}/files/{file_id}", **arguments)
