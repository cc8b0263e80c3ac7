"""Clients made for one test, and chats that are ended after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.bp_mobile import steps
from suites.bp_mobile.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api, Caller
    from fixtures.plugin.run import Run
    from suites.bp_mobile.clients import Chat, Client


@pytest.fixture(scope="session")
def api(run: Run) -> Api:
    """The API under test."""
    return run.api("bp_mobile")


@pytest.fixture
def anonymous(api: Api) -> Caller:
    """A caller without any header field of its own, on its own connection."""
    return api.anonymous()


@pytest.fixture
def clients(api: Api) -> Iterator[Clients]:
    """Makes fresh clients; their chats are ended afterwards."""
    made = Clients(api)
    yield made
    made.close()


@pytest.fixture
def client(clients: Clients) -> Client:
    """A fresh client."""
    return clients.fresh()


@pytest.fixture
def other(clients: Clients) -> Client:
    """Another fresh client."""
    return clients.fresh()


@pytest.fixture
def chat(client: Client) -> Chat:
    """A live chat of the fresh client."""
    return steps.open_chat(client)


@pytest.fixture
def others_chat(other: Client) -> Chat:
    """A live chat of the other client."""
    return steps.open_chat(other)
