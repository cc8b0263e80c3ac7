"""The clients, and the answers that several tests judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.oracle_chat import steps
from suites.oracle_chat.client import Client, Tour
from suites.oracle_chat.issued import Issued, read
from suites.oracle_chat.refusals import Refusals
from suites.oracle_chat.steps import Archive

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.plugin.run import Run


@pytest.fixture(scope="session")
def api(run: Run) -> Api:
    """The API under test; its table has auth_user_name in any case."""
    return steps.with_chat_user(run.api("oracle_chat"))


@pytest.fixture(scope="session")
def archive(api: Api) -> Archive:
    """Every answer to a call for a token."""
    return Archive(api.table["max_calls"])


@pytest.fixture
def a(api: Api, archive: Archive) -> Client:
    """The service user that the target file declares, on a connection of its own."""
    return Client(api, archive, steps.credentials(api.table), declared=True)


@pytest.fixture
def anonymous(api: Api, archive: Archive) -> Client:
    """A client without credentials, on a connection of its own."""
    return Client(api, archive)


@pytest.fixture(scope="session")
def tour(api: Api, archive: Archive) -> Tour:
    """Ordinary calls, each made once."""
    return Tour(Client(api, archive, steps.credentials(api.table), declared=True))


@pytest.fixture(scope="session")
def refusals(api: Api, archive: Archive, tour: Tour) -> Refusals:
    """What comes back to faulty calls."""
    return Refusals(api, archive, tour.client)


@pytest.fixture
def run_tokens(tour: Tour) -> tuple[Issued, ...]:
    """Every token of the run so far, at least those of ordinary calls; raises Blocked where one cannot be read."""
    return tuple(map(read, tour.successes))
