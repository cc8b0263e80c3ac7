"""The clients, and the answers that several tests judge."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from suites.oracle_chat import steps
from suites.oracle_chat.archive import Archive
from suites.oracle_chat.client import Client
from suites.oracle_chat.issued import Issued, read
from suites.oracle_chat.refusals import Refusals
from suites.oracle_chat.tour import Tour

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.plugin.run import Run
    from fixtures.plugin.supplies import Given


@pytest.fixture(scope="session")
def api(run: Run) -> Api:
    """The API under test; its table has auth_user_name in any case, a question where the target demands one, and only
    those values of the document's example that the target takes.
    """
    return steps.with_known_values(steps.with_question(steps.with_chat_user(run.api("oracle_chat"))))


@pytest.fixture(scope="session")
def archive(api: Api) -> Archive:
    """Every answer to a call for a token."""
    return Archive(api.table["max_calls"], api.recorder.spent)


@pytest.fixture
def a(api: Api, archive: Archive) -> Client:
    """The service user that the target file declares, on a connection of its own."""
    return Client(api, archive, steps.credentials(api.table), declared=True)


@pytest.fixture
def anonymous(api: Api, archive: Archive) -> Client:
    """A client without credentials, on a connection of its own."""
    return Client(api, archive)


@pytest.fixture(scope="session")
def tour(api: Api, archive: Archive, depth: Depth, run: Run) -> Tour:
    """Calls whose answers several tests judge, each made once."""
    client = Client(api, archive, steps.credentials(api.table), declared=True)
    return Tour(client, depth, random.Random(f"{run.options.seed}/{api.name}"))  # noqa: S311 - marks, no secrets


@pytest.fixture(scope="session")
def refusals(api: Api, archive: Archive, tour: Tour, run: Run) -> Refusals:
    """What comes back to faulty calls."""
    return Refusals(api, archive, tour.client, run.leases)


@pytest.fixture
def given(given: Given, archive: Archive) -> Given:
    """Hypothesis's `given`, within what one property test may get of the tokens of a run."""
    return archive.sparing(given)


@pytest.fixture
def run_tokens(tour: Tour) -> tuple[Issued, ...]:
    """Every token of the run so far, at least those of ordinary calls; raises Blocked where one cannot be read."""
    return tuple(map(read, tour.successes))
