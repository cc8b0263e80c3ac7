"""Access tokens: who may ask for one, asking, and holding the newest of each client."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fixtures import accounts, budget, gateway
from fixtures.api import form, object_in, shown
from fixtures.outcomes import Blocked, Inconclusive, NotApplicable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.target import ApiTable

ISSUED = "bp_sms.token.issued-for-valid-client"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
SCARCE_S = 5.0
"""Seconds of life left to a token below which a test had better start with the next one."""
LONGEST = 65536
"""Characters of a token up to which it is sent: many servers take 8192 octets of a header."""
GRACE_S = 60.0
"""How much later than announced a token may end."""
LONGEST_LIFE_S = 1e9
"""From here on, some thirty years, a lifetime is none that a run has to reckon with."""


@dataclass(frozen=True, slots=True)
class Client:
    """A user with an API secret, and the tenant that it asks for."""

    role: str
    client_id: str
    secret: str
    scope: str


def declared(table: ApiTable) -> dict[str, Client]:
    """Return the clients that the target file declares for use: a, unprivileged, peer."""
    rows = (
        ("a", "client_id", "client_secret", "scope"),
        ("unprivileged", "unprivileged_client_id", "unprivileged_client_secret", "scope"),
        ("peer", "peer_client_id", "peer_client_secret", "peer_scope"),
    )
    return {
        role: Client(role, table[login], table[secret], table[scope])
        for role, login, secret, scope in rows
        if table[login] and table[secret] and table[scope]
    }


def fields(client: Client, **changed: str | None) -> dict[str, str]:
    """Return the parameters of a token request, with some changed, added or, changed to None, left out."""
    proper = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.secret,
        "scope": client.scope,
    }
    return {name: value for name, value in {**proper, **changed}.items() if value is not None}


def post(
    caller: Caller, body: bytes, *, headers: tuple[tuple[str, str], ...] = FORM, patient: bool = True
) -> Answer:
    """Send a body to the token endpoint, wherever the target file says that it is."""
    ask = partial(
        caller.call, "requestAccessToken", body=body, content_type=None, headers=headers, patient=patient
    )
    return gateway.past(ask) if patient else ask()


def token_of(answer: Answer) -> str | None:
    """Return the access token in an answer, if there is one."""
    token = object_in(answer).get("access_token")
    return token if isinstance(token, str) and token else None


def lifetime(answer: Answer) -> float:
    """Return for how many seconds the token in an answer is valid, 0 where that cannot be read."""
    said = object_in(answer).get("expires_in")
    if isinstance(said, str) and said.isascii() and said.isdecimal():
        return min(float(said), LONGEST_LIFE_S)
    if isinstance(said, bool) or not isinstance(said, int | float):
        return 0.0
    return float(max(0, min(said, LONGEST_LIFE_S)))


@dataclass(frozen=True, slots=True)
class Held:
    """A token, and the moment of the monotonic clock at which it ends; None when the answer did not say."""

    token: str
    ends: float | None


class Tokens:
    """The newest token of each client. A new token may end the one before: whoever needs one asks here, when needed."""

    def __init__(self, api: Api, leases: Path | None = None) -> None:
        """Start with no tokens; `leases` is where the run counts its wrong secrets, None where there may be none."""
        self._api = api
        self._leases = leases
        self._held: dict[str, Held] = {}
        self.locked: set[str] = set()
        """Login ids that the right secret opened no more after a wrong one."""

    def ask(self, client: Client, *, patient: bool = True, **changed: str | None) -> Answer:
        """Ask for a token, with parameters changed as in `fields`, and return whatever comes back."""
        answer = post(self._api.anonymous(), form(fields(client, **changed)), patient=patient)
        if token_of(answer) is not None:
            self.forget(client)
        if not changed:
            self.keep(client, answer)
        return answer

    def keep(self, client: Client, answer: Answer) -> None:
        """Hold the token of an answer, if it has one, as the client's newest."""
        if token := token_of(answer):
            life = lifetime(answer)
            self._held[client.client_id] = Held(token, answer.started + life if life else None)

    def forget(self, client: Client) -> None:
        """Hold no token of the client: a newer one may have been issued, or the one held has ended."""
        self._held.pop(client.client_id, None)

    def newest(self, client: Client) -> str:
        """Return a token of the client with enough of its life left for a test; raises Blocked."""
        held = self._held.get(client.client_id) or self._issued(client)
        left = SCARCE_S if held.ends is None else held.ends - time.monotonic()
        if left < SCARCE_S:
            # A running token is handed out until it has ended: the next one has its whole life before it.
            self._api.pause(max(0.0, left) + 1, "the end of a token")
            held = self._issued(client)
        return held.token

    def caller(self, client: Client) -> Caller:
        """Return a caller, on a connection of its own, with the client's newest token; raises Blocked."""
        return bearing(self._api, self.newest(client))

    def guess(self, client: Client, secret: str | None) -> Answer:
        """Ask with a wrong secret, or none, and then properly; raises NotApplicable where max_bad_logins forbids it.

        The secret must be known to be right: else each try is a bad login more. Once an account was locked by it, no
        other wrong secret is tried in this run, and the account is waited for, so that other tests can go on.
        """
        self.newest(client)
        allowed = 0 if client.client_id in self.locked else int(self._api.table["max_bad_logins"])
        if self._leases is None or not budget.take(self._leases, f"bad-logins-{client.role}", allowed):
            raise NotApplicable("max_bad_logins allows no more wrong secrets")
        # Not patient: sent again, it would be another bad login.
        answer = self.ask(client, patient=False, client_secret=secret)
        if token_of(self.ask(client)) is None:
            self.locked.add(client.client_id)
            accounts.wait_until(lambda: token_of(self.ask(client)) is not None, self._api.pause)
        if gateway.is_gateways_own(answer):
            return self.guess(client, secret)  # one more of those that are allowed
        if answer.asks_to_wait:
            raise Inconclusive(f"the target defends itself against wrong secrets: {shown(answer)}")
        return answer

    def _issued(self, client: Client) -> Held:
        answer = self.ask(client)
        held = self._held.get(client.client_id)
        if held is None and client.client_id in self.locked:
            raise Inconclusive(f"the account of client {client.role} is locked since a wrong secret was tried")
        if answer.status != 200 or held is None:
            raise Blocked(ISSUED, f"the token request of client {client.role} answered {shown(answer)}")
        return held


def bearing(api: Api, token: str, scheme: str = "Bearer") -> Caller:
    """Return a caller, on a connection of its own, that carries this token and nothing else; raises Inconclusive."""
    if len(token) > LONGEST:
        raise Inconclusive(f"the token has {len(token)} characters, more than any header field can be expected to hold")
    return api.anonymous().bearing(("Authorization", f"{scheme} {token}"))


def form_pairs(pairs: Mapping[str, str], *more: tuple[str, str]) -> bytes:
    """Encode a form in which parameters stand twice."""
    return b"&".join([form(pairs), *(form({name: value}) for name, value in more)])
