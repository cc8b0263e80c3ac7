"""Token requests that must be refused, each sent once and judged by many tests."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from fixtures.api import form
from fixtures.credentials import replaced
from fixtures.outcomes import NotApplicable
from suites.bp_sms.tokens import Client, fields, form_pairs, post, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from suites.bp_sms.tokens import Tokens

FOREIGN_SCOPE = "tenant-x.example.com"
"""A tenant that cannot exist."""
UNKNOWN = "nobody-7b1e42"
"""A login id that nobody has."""
GUESS = "Guess-7b1e42-of-Nobody"

WRONG_SECRET = "a wrong secret"  # noqa: S105 - the name of a cause
UNKNOWN_CLIENT = "an unknown login id"
OTHER_GRANT = "another grant type"
FOREIGN_TENANT = "a tenant that does not exist"
NO_GRANT, NO_LOGIN, NO_SECRET = "no grant_type", "no client_id", "no client_secret"
TWICE = "grant_type twice"


class Refusals:
    """What the token endpoint answers to a faulty request, by its cause; asked when a test first wants to know."""

    def __init__(self, api: Api, tokens: Tokens, client: Client) -> None:
        self._api = api
        self._tokens = tokens
        self._client = client
        self._answers: dict[str, Answer] = {}

    def __getitem__(self, cause: str) -> Answer:
        """Return the answer; raises NotApplicable when it takes a bad login and none is left."""
        if cause not in self._answers:
            self._answers[cause] = self._requests[cause]()
        return self._answers[cause]

    def those(self, causes: tuple[str, ...]) -> dict[str, Answer]:
        """Return the answers to those of the causes for which the target file leaves a bad login."""
        found = {}
        for cause in causes:
            with suppress(NotApplicable):
                found[cause] = self[cause]
        return found

    @property
    def _requests(self) -> Mapping[str, Callable[[], Answer]]:
        ask = partial(self._tokens.ask, self._client)
        wrong = self._api.recorder.redactor.alter(
            self._client.secret, replaced(self._client.secret), "last character replaced"
        )
        return {
            WRONG_SECRET: lambda: self._tokens.guess(self._client, wrong),
            NO_SECRET: lambda: self._tokens.guess(self._client, None),
            UNKNOWN_CLIENT: partial(ask, client_id=UNKNOWN, client_secret=GUESS),
            OTHER_GRANT: partial(ask, grant_type="conformance"),
            FOREIGN_TENANT: partial(ask, scope=FOREIGN_SCOPE),
            NO_GRANT: partial(ask, grant_type=None),
            NO_LOGIN: partial(ask, client_id=None),
            TWICE: self._twice,
        }

    def _twice(self) -> Answer:
        answer = post(
            self._api.anonymous(), form_pairs(fields(self._client), ("grant_type", fields(self._client)["grant_type"]))
        )
        if token_of(answer) is not None:
            self._tokens.forget(self._client)
        return answer


def without_secret(client: Client) -> bytes:
    """Return a proper form but for the secret, which is empty."""
    return form(fields(client, client_secret=""))
