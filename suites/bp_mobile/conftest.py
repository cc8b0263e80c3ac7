"""Clients made for one test, and chats that are ended after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.bp_mobile import scenario, steps
from suites.bp_mobile.clients import Clients
from suites.bp_mobile.overlap import Overlap, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api, Caller
    from fixtures.plugin.run import Run
    from suites.bp_mobile.clients import Chat, Client


@pytest.fixture(scope="session")
def api(run: Run) -> Iterator[Api]:
    """The API under test; what was seen of it is forgotten afterwards."""
    found = run.api("bp_mobile")
    yield found
    scenario.forget(found)


@pytest.fixture(scope="session")
def overlap(request: pytest.FixtureRequest, run: Run, api: Api) -> Iterator[Overlap]:
    """The tests that wait for held polls, from the first one on that has its turn now."""
    items = request.session.items
    made = Overlap(run, api, items[items.index(run.last) :] if run.last in items else items)
    yield made
    made.close()


@pytest.fixture
def turn(request: pytest.FixtureRequest, run: Run, overlap: Overlap) -> Iterator[Turn]:
    """The turn of a test that may have run beside others."""
    made = Turn(run, overlap, request.node)
    yield made
    if made.left is not None:
        raise made.left


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
