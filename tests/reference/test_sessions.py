from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from fixtures.reference.bp_stats.tenants import ACCESS_TOKEN, USERS
from fixtures.reference.clients import NEIGHBOUR_URL, WALLBOARD
from fixtures.reference.settings import Settings
from tests.reference.client import COOKIE, A, B, Client

if TYPE_CHECKING:
    from fixtures.reference.server import Running


def test_login_answers_the_token_that_it_sets_as_cookie(client: Client) -> None:
    answer = client.try_login()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.cookies[COOKIE] == answer.json()["token"]
    assert set(answer.json()) == {"token", "privileges", "user_id"}


def test_the_user_id_is_the_user_s_and_stays(client: Client) -> None:
    ids = [client.try_login(user).json()["user_id"] for user in (A, A, B)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong"},
        {"password": A.password[:-1]},
        {"password": A.password + " "},
        {"password": A.password.lower()},
        {"password": ""},
        {"username": "nobody"},
        {"tenant_url": "nowhere.example.com"},
        {"tenant_url": NEIGHBOUR_URL},
    ],
)
def test_wrong_credentials_are_refused_in_one_and_the_same_way(client: Client, changes: dict[str, Any]) -> None:
    answer = client.try_login(**changes)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"]
    assert "Set-Cookie" not in answer.headers
    assert answer.text == client.try_login(password="other").text


@pytest.mark.parametrize("changes", [{"password": None}, {"password": 1}, {"username": ["x"]}, {"tenant_url": {}}])
@pytest.mark.parametrize(("name", "status"), [("bad-request", 400), ("unauthorized", 401)])
def test_an_incomplete_login_is_refused(target: Running, changes: dict[str, Any], name: str, status: int) -> None:
    target.swap(readings={"bp_stats.auth.incomplete-body-refused": name})
    assert Client(target.base_url).try_login(**changes).status_code == status


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"{", b"\xff", b"[" * 5000, b"9" * 5000])
def test_a_login_body_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    assert client.call("POST", "/auth", data=body).status_code == 400


def test_the_next_login_ends_the_session_on_every_operation(client: Client) -> None:
    old, new = client.login(), client.login()
    answers = [
        old.data(),
        old.create(),
        old.delete(),
        old.call("GET", "/cfg/teams"),
        old.call("GET", "/cfg/dispositions"),
    ]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert new.works()


def test_sessions_of_other_users_stay(client: Client) -> None:
    a, _ = client.login(A), client.login(B)
    assert a.works()


def test_a_refused_login_ends_no_session(client: Client) -> None:
    a = client.login()
    client.try_login(password="wrong")
    assert a.works()


def test_concurrent_logins_leave_one_session(client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(lambda _: client.login(), range(8)))
    assert sum(each.works() for each in clients) == 1


@pytest.mark.parametrize(
    "form", ["{0}={1}", "a=b; {0}={1}", "{0}x=1; {0}={1}; c=d", '{0}="{1}"', ";;{0}={1};", "a; {0}={1}"]
)
def test_the_cookie_counts_wherever_it_stands(client: Client, form: str) -> None:
    token = client.login().token
    answer = client.call("GET", "/cfg/teams", headers={"Cookie": form.format(COOKIE, token)})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "change", [str.upper, lambda token: token[:-1], lambda token: token + "0", lambda _: "", lambda _: "a" * 4096]
)
def test_only_the_exact_token_works(client: Client, change: Any) -> None:
    token = client.login().token
    assert not Client(client.base_url, change(token)).works()


def test_the_token_works_in_the_cookie_only(client: Client) -> None:
    token = client.login().token
    assert client.call("GET", f"/cfg/teams?token={token}&{COOKIE}={token}").status_code == 401
    assert client.call("GET", "/cfg/teams", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_logout_ends_the_session(client: Client) -> None:
    a = client.login()
    assert a.call("DELETE", "/auth").status_code == 200
    assert not a.works()


@pytest.mark.parametrize(
    ("name", "login", "create"),
    [("refused-at-login", 403, None), ("refused-at-create", 200, 403), ("empty-data", 200, 200)],
)
def test_a_user_without_the_privilege_gets_no_rows(target: Running, name: str, login: int, create: int | None) -> None:
    target.swap(readings={"bp_stats.auth.missing-privilege": name})
    client = Client(target.base_url)
    assert client.try_login(USERS[-1]).status_code == login
    if create:
        reporter = client.login(USERS[-1])
        assert reporter.create().status_code == create
    if create == 200:
        assert reporter.settle()["1"]["service_grids"][0]["values"] == []


def test_bearer_mode_refuses_the_login_and_takes_access_tokens(target: Running) -> None:
    target.swap(settings=Settings(auth_mode="bearer"))
    client = Client(target.base_url)
    assert client.try_login().status_code == 403
    grant = {"grant_type": "client_credentials", "client_id": WALLBOARD.login, "client_secret": WALLBOARD.secret}
    url = f"{target.base_url}/configapi/v2/oauth/token"
    issued = requests.post(url, data=grant, timeout=5)
    for token, status in ((ACCESS_TOKEN, 200), (issued.json()["access_token"], 200), (ACCESS_TOKEN[:-1], 401)):
        answer = client.call("GET", "/cfg/teams", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    wrong = requests.post(url, data=grant | {"client_secret": "wrong"}, timeout=5)
    assert wrong.status_code == 401
