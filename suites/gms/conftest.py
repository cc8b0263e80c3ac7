"""Who calls, and the desk where instances are made."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from suites.gms import evidence, steps
from suites.gms.chatting import Chats
from suites.gms.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api, Caller
    from fixtures.plugin.run import Run


@pytest.fixture(scope="session")
def api(run: Run) -> Api:
    """The API under test."""
    return run.api("gms")


@pytest.fixture
def anonymous(api: Api) -> Caller:
    """A caller without credentials, on a connection of its own."""
    return steps.stranger(api)


@pytest.fixture
def a(api: Api) -> Caller:
    """A caller with the declared credentials, on a connection of its own."""
    return steps.known(api)


@pytest.fixture(scope="session")
def desk(api: Api) -> Desk:
    """Where instances and bookings are made."""
    return Desk(api)


@pytest.fixture
def phone(api: Api, rng: random.Random) -> str:
    """The number of a device that no other test uses."""
    return steps.phone(api.table, rng)


@pytest.fixture(scope="session")
def creations(desk: Desk, run: Run) -> evidence.Creations:
    """A dozen creates and more."""
    return evidence.gathered(desk, random.Random(f"{run.options.seed}/creations"))  # noqa: S311 - marks, no secrets


@pytest.fixture(scope="session")
def codes(desk: Desk) -> evidence.Codes:
    """What asking for an access code brings."""
    return evidence.Codes(desk)


@pytest.fixture
def chats(desk: Desk, a: Caller) -> Iterator[Chats]:
    """Opens chats; they are left afterwards."""
    made = Chats(desk, a)
    yield made
    made.close()
