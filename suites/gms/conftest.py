"""Who calls, and the desk where instances are made."""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING

import pytest

from fixtures.plugin.binding import bound_to
from suites.gms import evidence, steps
from suites.gms.chatting import Chats
from suites.gms.desk import Desk
from suites.gms.lifetimes import Lifetimes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
def gather(desk: Desk, run: Run) -> Callable[[], evidence.Creations]:
    """Sends a dozen creates and more, at the first call."""
    rng = random.Random(f"{run.options.seed}/creations")  # noqa: S311 - marks, no secrets
    return functools.cache(functools.partial(evidence.gathered, desk, rng))


@pytest.fixture(scope="session")
def creations(gather: Callable[[], evidence.Creations]) -> evidence.Creations:
    """A dozen creates and more."""
    return gather()


@pytest.fixture(scope="session")
def codes(desk: Desk, gather: Callable[[], evidence.Creations]) -> evidence.Codes:
    """What asking for an access code brings."""
    return evidence.Codes(desk, gather)


@pytest.fixture(scope="session")
def lifetimes(request: pytest.FixtureRequest, desk: Desk, run: Run) -> Lifetimes:
    """What became of user data, stored items and a booking, as far as a test of this run asks: one wait for all."""
    wanted = {name for item in request.session.items for name in bound_to(item)}
    return Lifetimes(desk, random.Random(f"{run.options.seed}/lifetimes"), wanted)  # noqa: S311 - marks, no secrets


@pytest.fixture
def chats(desk: Desk, a: Caller) -> Iterator[Chats]:
    """Opens chats; they are left afterwards."""
    made = Chats(desk, a)
    yield made
    made.close()
