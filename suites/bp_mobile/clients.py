"""Clients of the Mobile/Web API and their chats: who sends a request, and what is ended after a test."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixtures.api import PATIENCE, object_in
from fixtures.outcomes import Inconclusive, Unanswered
from suites.bp_mobile import received

if TYPE_CHECKING:
    from fixtures.api import Api, Caller, Query
    from fixtures.exchange import Answer, Fields

SCHEME = "MOBILE-API-140-327-PLAIN"
JSON = "application/json; charset=UTF-8"
MOBILE = "MobileClient"
WEB_CHAT = "WebChat"
EVENTFUL = frozenset({"getNewChatEvents", "getChatHistory", "sendEvents"})
"""Operations whose answers hold events."""
BUSY_CODES = frozenset({"5000", "5001", "5004"})
END = {"events": [{"event": "chat_session_end"}]}
BUSY_S = 1.0
"""Pause before a request is sent again to a busy server."""
LOOK_S = 0.1
"""Pause between two looks at something that is to happen."""


def authorization(app_id: str, client_id: str) -> str:
    """Return the value of the documented Authorization field."""
    return f'{SCHEME} appId="{app_id}", clientId="{client_id}"'


def code_of(answer: Answer) -> str | None:
    """Return the error_code of an answer, as text; None where there is none."""
    return received.word(object_in(answer), "error_code") or None


class Client:
    """One client: a client id under a scenario entry, or a visitor of a web page, whose `jar` holds the cookies.

    `call` sends a normal request of the client; `caller` has the same header fields, but adds no tenantUrl.
    """

    def __init__(
        self,
        api: Api,
        client_id: str | None = None,
        *,
        app_id: str | None = None,
        user_agent: str = MOBILE,
        jar: dict[str, str] | None = None,
    ) -> None:
        self.api = api
        self.id = client_id or str(uuid.uuid4())
        self.app_id = app_id or str(api.table["app_id"])
        self.user_agent = user_agent
        self.jar = jar
        self.chats: list[str] = []
        """Ids of the chats that Request Chat gave this client, in order."""
        self.parties: set[str] = set()
        """Ids of the parties that were seen to join its chats."""
        if self.id != WEB_CHAT:
            api.recorder.redactor.token(self.id, "client")
        self.caller: Caller = api.anonymous().bearing(
            ("Authorization", authorization(self.app_id, self.id)), ("User-Agent", user_agent)
        )

    def again(self, user_agent: str | None = None) -> Client:
        """Return the same client on another connection, as after a restart; it shares cookies and chats."""
        twin = Client(self.api, self.id, app_id=self.app_id, user_agent=user_agent or self.user_agent, jar=self.jar)
        twin.chats, twin.parties = self.chats, self.parties
        return twin

    def call(
        self,
        operation_id: str,
        *,
        query: Query = (),
        headers: Fields = (),
        content_type: str | None = JSON,
        **how: Any,
    ) -> Answer:
        """Send a normal request: as Caller.call, tenantUrl before the query, and again while the server is busy."""
        pairs = (("tenantUrl", str(self.api.table["tenant_url"])), *dict(query).items())
        for _ in range(PATIENCE + 1):
            fields = (*self.cookies(), *headers)
            answer = self.caller.call(operation_id, query=pairs, headers=fields, content_type=content_type, **how)
            self.learn(operation_id, answer)
            if answer.status != 503 and code_of(answer) not in BUSY_CODES:
                return answer
            time.sleep(BUSY_S)
        raise Unanswered(f"the server was busy: {operation_id} answered {answer.status}, {PATIENCE + 1} times in a row")

    def cookies(self) -> Fields:
        """Return the Cookie field of a visitor who was given cookies."""
        return (("Cookie", "; ".join(f"{name}={value}" for name, value in self.jar.items())),) if self.jar else ()

    def learn(self, operation_id: str, answer: Answer) -> None:
        """Keep the cookies of an answer, the chat that it gave, and who joined."""
        if self.jar is not None:
            for field in answer.values("Set-Cookie"):
                name, _, value = field.partition(";")[0].partition("=")
                self.jar[name.strip()] = value.strip()
        if operation_id == "requestChat" and (chat_id := chat_id_of(answer)) and chat_id not in self.chats:
            self.chats.append(chat_id)
        if operation_id in EVENTFUL:
            self.parties.update(received.joined(received.events_of(answer)))


def chat_id_of(answer: Answer) -> str | None:
    """Return the chat_id of a 200, when it is a string that is not empty."""
    return received.name_in(answer, "chat_id")


@dataclass(frozen=True)
class Chat:
    """A chat of a client, and the answer that opened it."""

    client: Client
    id: str
    opened: Answer

    @property
    def api(self) -> Api:
        """The API under test."""
        return self.client.api

    def call(self, operation_id: str, **how: Any) -> Answer:
        """Send a normal request of the owner for this chat."""
        return self.client.call(operation_id, path={"chatId": self.id}, **how)

    def again(self) -> Chat:
        """Return the same chat, the owner on another connection."""
        return Chat(self.client.again(), self.id, self.opened)


class Clients:
    """Makes the clients of one test, each with an id of its own, and ends their chats after it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._made: list[Client] = []

    def fresh(self, client_id: str | None = None, *, app_id: str | None = None, user_agent: str = MOBILE) -> Client:
        """Return a client that nobody used before."""
        return self.watch(Client(self.api, client_id, app_id=app_id, user_agent=user_agent))

    def visitor(self) -> Client:
        """Return a visitor of a web page without cookies: clientId WebChat."""
        return self.watch(Client(self.api, WEB_CHAT, jar={}))

    def watch(self, client: Client) -> Client:
        """Take a client among those whose chats are ended after the test."""
        self._made.append(client)
        return client

    @property
    def unattended(self) -> bool:
        """Whether the target file says that no person answers, so that many chats disturb nobody."""
        return bool(self.api.table["unattended"])

    def need(self, count: int) -> None:
        """End the test as inconclusive when the target does not want so many chats at one time."""
        if count > self.api.table["max_clients"]:
            raise Inconclusive(f"the test opens {count} chats at one time; max_clients in the target file is lower")

    def release(self, *clients: Client) -> None:
        """End the chats of these clients before the test is over, to stay below max_clients."""
        for client in clients:
            self._made.remove(client)
        _end_chats(clients)

    def close(self) -> None:
        """End all chats; raises Inconclusive when one is left over."""
        made, self._made = self._made, []
        _end_chats(made)


def _end_chats(clients: list[Client] | tuple[Client, ...]) -> None:
    left = [chat_id for client in clients for chat_id in _left_over(client)]
    if left:
        raise Inconclusive(f"chats that could not be ended: {', '.join(left)}")


def _left_over(client: Client) -> list[str]:
    """End the chats of one client, also one whose id no answer told; return those that are still there."""
    if client.jar == {}:
        return []
    for chat_id in client.chats:
        client.call("sendEvents", path={"chatId": chat_id}, json=END)
    deadline = time.monotonic() + client.api.table["end_settle_s"]
    ended = set(client.chats)
    while (found := chat_id_of(client.call("getActiveChat"))) is not None:
        if found not in ended:
            ended.add(found)
            client.call("sendEvents", path={"chatId": found}, json=END)
        elif time.monotonic() > deadline:
            return [found]
        else:
            time.sleep(LOOK_S)
    return []
