"""One server for all tests; each test gets a fresh target behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.reference.server import Running, serving
from fixtures.reference.settings import Settings
from tests.reference.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    with serving() as running:
        yield running


@pytest.fixture
def target(server: Running) -> Running:
    server.swap(settings=Settings(ready_delay_s=0.05))
    return server


@pytest.fixture
def client(target: Running) -> Client:
    """Nobody yet: a client without a session."""
    return Client(target.base_url)
