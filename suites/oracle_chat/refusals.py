"""Calls that must be refused, each made once and judged by many tests."""

from __future__ import annotations

import base64
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fixtures import accounts, budget
from fixtures.credentials import basic_value, replaced
from fixtures.gateway import is_gateways_own
from fixtures.outcomes import Inconclusive, NotApplicable
from suites.oracle_chat import steps
from suites.oracle_chat.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from suites.oracle_chat.archive import Archive

NOBODY: Final = "nobody-7b1e42"
"""A service user that cannot exist."""
GUESS: Final = "Guess-7b1e42-of-Nobody"

NONE, MADE_UP, NO_VALUE = "no credentials", "a made-up user", "Basic without a value"
BEARER, IN_QUERY = "a random Bearer token", "credentials in the query"
WRONG, OTHER_CASE = "a wrong password", "the password in another letter case"
STRANGERS: Final = (NONE, MADE_UP, NO_VALUE, BEARER, IN_QUERY, WRONG, OTHER_CASE)
"""Calls without valid credentials. They need a target that takes HTTP Basic."""

EMPTY, CUT, TEXT, NUMBER, NULL = "an empty body", "a body cut off", "a string", "a number", "null"
ARRAY, NO_MEMBERS, NO_USER = "an array of one valid object", "an empty object", "no authUserName"
BAD_BODIES: Final = (EMPTY, CUT, TEXT, NUMBER, NULL, ARRAY, NO_MEMBERS, NO_USER)
"""Calls with a broken body, or without a mandatory attribute."""


class Refusals:
    """What comes back to a faulty call, by its cause; asked when a test first wants to know."""

    def __init__(self, api: Api, archive: Archive, client: Client, leases: Path) -> None:
        """`client` has the declared credentials; `leases` is where the run counts its wrong passwords."""
        self._leases = leases
        self._locked = False
        """Whether the right password was refused after a wrong one."""
        self._api = api
        self._archive = archive
        self._client = client
        self._answers: dict[str, Answer] = {}

    def __getitem__(self, cause: str) -> Answer:
        """Return the answer; raises NotApplicable where the cause cannot be made."""
        if cause not in self._answers:
            body = self._bodies.get(cause)
            self._answers[cause] = self._strangers[cause]() if body is None else self._client.post(body)
        return self._answers[cause]

    @property
    def all(self) -> Mapping[str, Answer]:
        """The answers to all causes that can be made here."""
        basic = self._api.table["auth"] == "basic"
        found = {}
        for cause in (*(STRANGERS if basic else ()), *BAD_BODIES):
            with suppress(NotApplicable):
                found[cause] = self[cause]
        return found

    @property
    def _bodies(self) -> Mapping[str, bytes]:
        proper = steps.encoded(steps.basic_members(self._api.table))
        return {
            EMPTY: b"",
            CUT: proper[:-1],
            TEXT: b'"CONSUMER"',
            NUMBER: b"12",
            NULL: b"null",
            ARRAY: b"[" + proper + b"]",
            NO_MEMBERS: b"{}",
            NO_USER: steps.encoded(steps.basic_members(self._api.table, authUserName=...)),
        }

    @property
    def _strangers(self) -> Mapping[str, Callable[[], Answer]]:
        table = self._api.table
        return {
            NONE: partial(self._ask, None),
            MADE_UP: partial(self._ask, basic_value(NOBODY, GUESS)),
            NO_VALUE: partial(self._ask, "Basic"),
            BEARER: partial(self._ask, f"Bearer {base64.urlsafe_b64encode(GUESS.encode()).decode()}"),
            IN_QUERY: partial(self._ask, None, username=table["username"], password=table["password"]),
            WRONG: partial(self._guess, "last character replaced"),
            OTHER_CASE: partial(self._guess, "letter case swapped"),
        }

    @property
    def _has_other_case(self) -> bool:
        password: str = self._api.table["password"]
        return password.swapcase() != password

    def _ask(self, authorization: str | None, **query: str) -> Answer:
        return self.stranger(authorization).call(steps.CREATE, **self._body, query=query)

    def stranger(self, authorization: str | None) -> Client:
        """Return a client that sends this Authorization field, or none, on a connection of its own."""
        return Client(self._api, self._archive, (("Authorization", authorization),) if authorization else ())

    @property
    def _body(self) -> dict[str, Any]:
        return {"json": steps.basic_members(self._api.table)}

    def _guess(self, how: str) -> Answer:
        """Ask with a wrong password right after a success, and properly again, so that no account is locked."""
        password: str = self._api.table["password"]
        if how == "letter case swapped" and not self._has_other_case:
            raise NotApplicable("the password has no letters")
        wrong = password.swapcase() if how == "letter case swapped" else replaced(password)
        self._api.recorder.redactor.alter(password, wrong, how)
        client = self.stranger(basic_value(self._api.table["username"], wrong))
        self._client.succeed()
        allowed = 0 if self._locked else int(self._api.table["failed_logins_allowed"])
        if not budget.take(self._leases, "oracle_chat-failed-logins", allowed):
            raise NotApplicable("failed_logins_allowed allows no more wrong passwords")
        # Not patient: sent again, it would be another wrong password.
        answer = client.call(steps.CREATE, **self._body, patient=False)
        if not self._client.is_known():
            self._locked = True
            accounts.wait_until(self._client.is_known, self._api.pause)
        if is_gateways_own(answer):
            return self._guess(how)  # one more of those that are allowed
        if answer.asks_to_wait:
            raise Inconclusive(f"the target defends itself against wrong passwords: {answer.status}")
        return answer
