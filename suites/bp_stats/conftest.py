"""The users of the tenant, leased and logged in; each leaves no subscription behind."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from fixtures.identities import Identity, declared, lease
from fixtures.outcomes import Inconclusive
from suites.bp_stats import steps
from suites.bp_stats.evidence import Evidence
from suites.bp_stats.refusals import Refusals
from suites.bp_stats.services import Services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api, Caller
    from fixtures.plugin.run import Run

TENANT = "bp_stats.tenant"


@pytest.fixture(scope="session")
def api(run: Run) -> Api:
    """The API under test."""
    return run.api("bp_stats")


@pytest.fixture
def anonymous(api: Api) -> Caller:
    """A caller without credentials, on a connection of its own."""
    return api.anonymous()


@pytest.fixture(scope="session")
def identities(api: Api) -> dict[str, Identity]:
    """The declared users by role: a, b, unprivileged, extra-1, …; see fixtures.identities."""
    return declared(api.table)


@contextmanager
def _logged_in(run: Run, api: Api, identities: dict[str, Identity], role: str) -> Iterator[steps.Session]:
    with lease(run.leases, f"bp_stats.{role}", shared=(TENANT,)):
        session = steps.log_in(api, identities.get(role))
        try:
            yield session
        except BaseException:
            with suppress(Inconclusive):  # how the test ended counts
                _leave_nothing(run, session)
            raise
        _leave_nothing(run, session)


def _leave_nothing(run: Run, session: steps.Session) -> None:
    running = run.recorder.running
    if running is None or "createSubscription" not in running.operations:
        return
    # The test may have ended this session; the subscription, if any, is the user's all the same.
    if steps.delete(session).status == 401:
        steps.delete(steps.log_in(session.caller.api, session.identity))


@pytest.fixture
def a(run: Run, api: Api, identities: dict[str, Identity]) -> Iterator[steps.Session]:
    """A new session of user A; its subscription is deleted afterwards."""
    with _logged_in(run, api, identities, "a") as session:
        yield session


@pytest.fixture
def b(run: Run, api: Api, identities: dict[str, Identity]) -> Iterator[steps.Session]:
    """A new session of user B; its subscription is deleted afterwards."""
    with _logged_in(run, api, identities, "b") as session:
        yield session


@pytest.fixture(scope="session")
def evidence(run: Run, api: Api, identities: dict[str, Identity]) -> Evidence:
    """Grids that several tests judge, each subscription gathered once by user A, when a test first asks for it."""
    return Evidence(api.table, lambda: _logged_in(run, api, identities, "a"))


@pytest.fixture(scope="session")
def services(run: Run, api: Api, identities: dict[str, Identity]) -> Services:
    """The services of the tenant; ask for one before the session `a` is opened, for the look at them is user A's."""
    return Services(api, lambda: _logged_in(run, api, identities, "a"))


@pytest.fixture(scope="session")
def refusals(run: Run, api: Api, identities: dict[str, Identity]) -> Refusals:
    """Logins that must fail, each sent once; ask before the session `a` is opened, for they are user A's."""
    user, redactor = identities["a"], run.recorder.redactor
    return Refusals(run.leases, api, user, lambda: _logged_in(run, api, identities, "a"), redactor)


@pytest.fixture
def service(services: Services) -> str:
    """An existing service."""
    return services.any()


@pytest.fixture
def tenant(run: Run, api: Api, identities: dict[str, Identity]) -> Iterator[list[Identity]]:
    """The whole tenant for this test alone: all users but the unprivileged, without a subscription before and after."""
    users = [user for role, user in identities.items() if role != "unprivileged"]
    with lease(run.leases, TENANT):
        for user in users:
            steps.delete(steps.log_in(api, user))
        yield users
        for user in users:
            steps.delete(steps.log_in(api, user))
