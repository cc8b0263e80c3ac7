"""At a target that locks an account after few wrong passwords, a run with default keys ends green."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.defects.proof import judge
from fixtures.reference.settings import Settings

if TYPE_CHECKING:
    from fixtures.reference.server import Running

TABLES = {
    "bp_sms": 'client_id = "sms.sender"\nclient_secret = "Sms-Sender-Secret-64"\nscope = "tenant.example.com"\n',
    "oracle_chat": 'username = "chat.service"\npassword = "Chat-Service-Pass-57"\n',
}
KEYS = {"bp_sms": "max_bad_logins", "oracle_chat": "failed_logins_allowed"}
WRONG = {"bp_sms": "bp_sms.token.wrong-secret-refused", "oracle_chat": "oracle_chat.auth.no-token-without-credentials"}


def first_file(server: Running, api: str, more: str = "") -> str:
    return f'name = "locks"\nbase_url = "{server.base_url}"\n[apis.{api}]\n{TABLES[api]}{more}'


@pytest.mark.parametrize("after", [3, 5])
@pytest.mark.parametrize("api", TABLES)
def test_no_account_is_locked_by_a_run(api: str, after: int, server: Running) -> None:
    server.swap(settings=Settings(lock_out_after=after))
    results = judge(first_file(server, api), "--impact", "session", apis=[api])
    assert (results["run"]["exit_code"], results["run"]["status"]) == (0, "conforming")


@pytest.mark.parametrize("api", TABLES)
def test_an_account_that_the_first_wrong_password_locks_is_waited_for(api: str, server: Running) -> None:
    server.swap(settings=Settings(lock_out_after=1, lock_out_s=1.0))
    results = judge(first_file(server, api), "--impact", "session", apis=[api])
    assert results["run"]["exit_code"] == 0
    assert {row["verdict"] for row in results["requirements"]} <= {"pass", "finding", "none"}


@pytest.mark.parametrize("allowed", [0, 1])
@pytest.mark.parametrize("api", TABLES)
def test_no_row_stays_open_for_want_of_wrong_passwords(api: str, allowed: int, server: Running) -> None:
    server.swap(settings=Settings(lock_out_after=allowed + 1))
    text = first_file(server, api, f"{KEYS[api]} = {allowed}\n")
    results = judge(text, "--impact", "session", apis=[api])
    assert (results["run"]["exit_code"], results["run"]["status"]) == (0, "conforming")


@pytest.mark.parametrize("api", TABLES)
def test_the_wrong_password_is_judged_by_default(api: str, server: Running) -> None:
    server.swap(settings=Settings(lock_out_after=3))
    results = judge(first_file(server, api), "--requirement", WRONG[api], "--impact", "session", apis=[api])
    assert [row["verdict"] for row in results["requirements"] if row["id"] == WRONG[api]] == ["pass"]
