"""The statistics API in the field: what a tenant does not have is nobody's fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.defects.proof import judge
from fixtures.reference.bp_stats.tenants import NEWCOMER, USERS
from fixtures.reference.server import serving
from fixtures.reference.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.reference.bp_stats.world import User
    from fixtures.reference.messages import Answer, Call
    from fixtures.reference.server import Running


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    with serving() as running:
        yield running


LOCKING = 4
"""Wrong passwords within a minute that lock an account: one more than a target file allows that says nothing of it."""


def first_file(server: Running, user: User, more: str = "") -> str:
    return (
        f'name = "first"\nbase_url = "{server.base_url}"\n[apis.bp_stats]\ntenant_url = "{user.tenant}"\n'
        f'username = "{user.login}"\npassword = "{user.password}"\npoll_seconds = 0.1\n{more}\n'
    )


def run(server: Running, user: User, more: str = "", *arguments: str) -> dict[str, Any]:
    return judge(first_file(server, user, more), "--impact", "session", *arguments, apis=["bp_stats"])


def whys(results: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["why"] for row in results["requirements"] if row["reason"] == "not-applicable"}


def open_ends(results: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["why"] for row in results["requirements"] if row["verdict"] in {"inconc", "fail", "error"}}


def test_a_tenant_that_shows_nothing_is_called_empty_and_not_wrong(reference: Running) -> None:
    results = run(reference, NEWCOMER)
    assert (results["run"]["exit_code"], open_ends(results)) == (0, {})
    assert whys(results)["bp_stats.order.sorted-and-direction"].startswith("too few: 0 rows of service_grids")
    assert "names none" in whys(results)["bp_stats.available.no-authentication"]


def test_rows_that_the_file_promises_and_the_tenant_lacks_stay_open(reference: Running) -> None:
    results = run(reference, NEWCOMER, "min_service_rows = 3", "--requirement", "bp_stats.order.*")
    assert results["run"]["exit_code"] == 6
    assert "min_service_rows promises 3 rows" in open_ends(results)["bp_stats.order.sorted-and-direction"]


def test_data_that_are_there_at_once_show_no_204() -> None:
    with serving(settings=Settings(ready_delay_s=0.0)) as server:
        results = run(server, USERS[0], "", "--requirement", "bp_stats.data.*")
    assert (results["run"]["exit_code"], open_ends(results)) == (0, {})
    assert "no 204 came" in whys(results)["bp_stats.data.no-content-on-204"]


def test_a_limit_for_which_too_few_users_are_declared_is_not_judged(reference: Running) -> None:
    more = 'tenant_limit = 3\nextra_users = [{ username = "wallboard-2", password = "Wallboard-Two-82" }]'
    results = run(reference, USERS[0], more, "--requirement", "bp_stats.tenant-limit.*")
    assert "a limit of 3 takes 4 users; the target file declares 2" in set(whys(results).values())
    assert open_ends(results) == {}


def test_a_server_that_locks_accounts_is_judged_with_the_usual_number_of_failed_logins() -> None:
    with serving(settings=Settings(lockout=LOCKING)) as server:
        results = run(server, USERS[0], "", "--requirement", "bp_stats.auth.*", "--requirement", "bp_stats.session.*")
    assert (results["run"]["exit_code"], open_ends(results)) == (0, {})
    judged = {row["id"] for row in results["requirements"] if row["verdict"] == "pass"}
    assert {
        "bp_stats.auth.wrong-credentials-401",
        "bp_stats.auth.near-miss-passwords-refused",
        "bp_stats.auth.incomplete-body-refused",
        "bp_stats.session.failed-login-keeps-session",
    } <= judged


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_no_more_wrong_passwords_are_sent_than_the_file_allows(allowed: int) -> None:
    user, wrong = USERS[0], []

    def observe(call: Call, _answer: Answer, _seconds: float) -> None:
        body = call.json() if call.path.endswith("/auth") and call.body.endswith(b"}") else None
        if isinstance(body, dict) and body.get("username") == user.login and body.get("password") != user.password:
            wrong.append(body)

    with serving(observer=observe) as server:
        more = f"failed_logins_allowed = {allowed}"
        results = run(server, user, more, "--requirement", "bp_stats.auth.*", "--requirement", "bp_stats.session.*")
    assert (results["run"]["exit_code"], open_ends(results), len(wrong)) == (0, {}, allowed)


def test_a_token_path_with_nothing_behind_it_is_named_as_the_cause() -> None:
    with serving(settings=Settings(auth_mode="bearer")) as server:
        text = server.target_file_text().replace('bearer_token = "', 'token_path = "/nowhere"\n# bearer_token = "')
        results = judge(text, apis=["bp_stats"])
    assert results["run"]["exit_code"] == 7
    (told,) = [check["text"] for check in results["run"]["preflight"] if not check["ok"]]
    assert "nothing is at /nowhere: check token_path and base_url" in told
