"""The clients and their tokens, and the messages that several tests judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.outcomes import Inconclusive
from suites.bp_sms.mailbox import Item, Mailbox
from suites.bp_sms.notices import Notices, watched
from suites.bp_sms.outbox import Outbox
from suites.bp_sms.refusals import Refusals
from suites.bp_sms.steps import Session
from suites.bp_sms.tokens import Client, Tokens, declared

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.api import Api, Caller
    from fixtures.plugin.run import Run


@pytest.fixture(scope="session")
def api(run: Run) -> Api:
    """The API under test."""
    return run.api("bp_sms")


@pytest.fixture
def anonymous(api: Api) -> Caller:
    """A caller without a token, on a connection of its own."""
    return api.anonymous()


@pytest.fixture(scope="session")
def clients(api: Api) -> dict[str, Client]:
    """The declared clients by role: a, unprivileged, peer."""
    return declared(api.table)


@pytest.fixture(scope="session")
def tokens(api: Api, run: Run) -> Tokens:
    """The newest token of each client."""
    return Tokens(api, run.leases)


@pytest.fixture(scope="session")
def open_session(tokens: Tokens, clients: dict[str, Client]) -> Callable[[], Session]:
    """Give the privileged client a session with its newest token, whenever one is needed."""

    def opened() -> Session:
        if "a" not in clients:
            raise Inconclusive("the target file declares no client for this step")
        return session_of(tokens, clients["a"])

    return opened


def session_of(tokens: Tokens, client: Client) -> Session:
    """Open a session of a client with its newest token; raises Blocked."""
    caller = tokens.caller(client)
    return Session(client, tokens.newest(client), caller)


@pytest.fixture
def a(open_session: Callable[[], Session]) -> Session:
    """A session of the privileged client."""
    return open_session()


@pytest.fixture(scope="session")
def refusals(api: Api, tokens: Tokens, clients: dict[str, Client]) -> Refusals:
    """What the token endpoint answers to faulty requests; Blocked where it refuses proper ones as well."""
    tokens.newest(clients["a"])
    return Refusals(api, tokens, clients["a"])


@pytest.fixture(scope="session")
def outbox(api: Api, open_session: Callable[[], Session]) -> Outbox:
    """What the suite sends."""
    return Outbox(api, open_session)


@pytest.fixture(scope="session")
def mailbox(open_session: Callable[[], Session], outbox: Outbox) -> Mailbox:
    """Messages that exist."""
    return Mailbox(open_session, outbox)


@pytest.fixture
def item(request: pytest.FixtureRequest, mailbox: Mailbox) -> Item:
    """The message of the kind that the test's parameter names."""
    return mailbox.open(request.param)


@pytest.fixture(scope="session")
def notices(open_session: Callable[[], Session], outbox: Outbox) -> Notices:
    """What the target reported of three messages, to the addresses that it was given."""
    return watched(open_session(), outbox)
