from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from fixtures.reference.bp_sms.base import DELIVERED, known_sid
from fixtures.reference.clients import LEAVER, MESSENGER, NEIGHBOUR, NEIGHBOUR_URL, TENANT_URL, WALLBOARD, WATCHER
from fixtures.reference.settings import Settings
from tests.reference.sms_client import TOKEN, Sms

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.reference.clients import ApiClient
    from fixtures.reference.server import Running

SID = known_sid(Settings(), DELIVERED)


@pytest.fixture
def sms(target: Running) -> Sms:
    """Nobody yet: a client without a token."""
    return Sms(target.base_url)


def test_a_token_comes_with_its_type_life_and_scope_and_is_not_stored(sms: Sms) -> None:
    answer = sms.ask_token()
    body = answer.json()
    assert answer.status_code == 200
    assert body | {"access_token": ""} == {
        "access_token": "", "token_type": "Bearer", "expires_in": "3600", "scope": TENANT_URL,
    }  # fmt: skip
    assert len(body["access_token"]) == 64
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": None}, 400, "invalid_request"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "CLIENT_CREDENTIALS"}, 400, "unsupported_grant_type"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": MESSENGER.role}, 401, "invalid_client"),
        ({"client_secret": MESSENGER.secret[:-1]}, 401, "invalid_client"),
        ({"client_secret": MESSENGER.secret.swapcase()}, 401, "invalid_client"),
        ({"client_secret": MESSENGER.former_secret}, 401, "invalid_client"),
        ({"client_id": LEAVER.login, "client_secret": LEAVER.secret}, 401, "invalid_client"),
        ({"scope": NEIGHBOUR_URL}, 400, "invalid_scope"),
        ({"scope": None, "tenant": NEIGHBOUR_URL}, 400, "invalid_scope"),
    ],
)
def test_a_bad_request_gets_the_registered_error_and_no_secret_back(
    sms: Sms, changes: dict[str, Any], status: int, error: str
) -> None:
    answer = sms.ask_token(**changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert MESSENGER.secret not in answer.text


def test_an_unknown_client_and_a_wrong_secret_are_refused_alike(sms: Sms) -> None:
    answers = [sms.ask_token(client_id="nobody"), sms.ask_token(client_secret="wrong")]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ("grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        ("grant_type=%ff", "application/x-www-form-urlencoded"),
        ("grant_type=\u00e9", "application/x-www-form-urlencoded"),
        ("{}", "application/json"),
        ("grant_type=client_credentials", ""),
    ],
)
def test_what_is_no_form_is_an_invalid_request(sms: Sms, body: str, media_type: str) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    answer = requests.post(sms.base_url + TOKEN, data=body.encode(), headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_credentials_may_come_in_a_basic_field(sms: Sms) -> None:
    def ask(secret: str) -> requests.Response:
        form = {"grant_type": "client_credentials", "scope": TENANT_URL}
        return requests.post(sms.base_url + TOKEN, data=form, auth=(MESSENGER.login, secret), timeout=5)

    assert ask(MESSENGER.secret).status_code == 200
    assert ask("wrong").headers["WWW-Authenticate"].startswith("Basic ")


def test_secrets_in_the_query_open_nothing(sms: Sms) -> None:
    query = {"grant_type": "client_credentials", "client_id": MESSENGER.login, "client_secret": MESSENGER.secret}
    assert requests.post(sms.base_url + TOKEN, params=query, timeout=5).status_code == 400
    assert requests.get(sms.base_url + TOKEN, params=query, timeout=5).status_code == 405


@pytest.mark.parametrize(
    ("reading", "same", "old_lives"),
    [("same-token", True, True), ("new-token-old-lives", False, True), ("new-token-old-ends", False, False)],
)
def test_what_a_second_request_brings_is_a_reading(target: Running, reading: str, same: bool, old_lives: bool) -> None:
    target.swap(readings={"bp_sms.token.repeat-request": reading})
    old, new = Sms(target.base_url).log_in(), Sms(target.base_url).log_in()
    assert (old.token == new.token) is same
    assert new.read(SID).status_code == 200
    assert (old.read(SID).status_code == 200) is old_lives


def test_a_token_ends_after_its_life_and_is_not_handed_out_again(target: Running) -> None:
    target.swap(settings=Settings(token_life_s=2))
    old = Sms(target.base_url).log_in()
    assert old.read(SID).status_code == 200
    time.sleep(2.1)
    refused = old.read(SID)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    new = Sms(target.base_url).log_in()
    assert new.token != old.token
    assert new.read(SID).status_code == 200


@pytest.mark.parametrize(
    ("readings", "changes", "status"),
    [
        ({}, {"scope": None}, 200),
        ({}, {"scope": None, "tenant": TENANT_URL}, 200),
        ({"bp_sms.token.scope-required": "refused"}, {"scope": None, "tenant": TENANT_URL}, 400),
        ({"bp_sms.token.client-id-login-or-role": "role-name"}, {"client_id": MESSENGER.role}, 200),
        ({"bp_sms.token.client-id-login-or-role": "role-name"}, {}, 200),
    ],
)
def test_scope_and_client_id_go_by_their_readings(
    target: Running, readings: dict[str, str], changes: dict[str, Any], status: int
) -> None:
    target.swap(readings=readings)
    answer = Sms(target.base_url).ask_token(**changes)
    assert answer.status_code == status
    assert answer.json().get("scope", TENANT_URL) == TENANT_URL


@pytest.mark.parametrize(("name", "kind"), [("digits-in-a-string", str), ("number", int)])
def test_the_life_is_digits_or_a_number_by_the_reading(target: Running, name: str, kind: type) -> None:
    target.swap(readings={"bp_sms.token.expires-in-seconds": name})
    assert type(Sms(target.base_url).ask_token().json()["expires_in"]) is kind


@pytest.mark.parametrize(
    ("name", "at_token", "at_api"),
    [("at-the-api-403", 200, 403), ("at-the-api-401", 200, 401), ("at-the-token-endpoint", 400, None)],
)
def test_a_missing_privilege_is_reported_where_the_reading_says(
    target: Running, name: str, at_token: int, at_api: int | None
) -> None:
    target.swap(readings={"bp_sms.privilege.refusal-form": name})
    asked = Sms(target.base_url).ask_token(WATCHER)
    assert asked.status_code == at_token
    if at_api:
        watcher = Sms(target.base_url, asked.json()["access_token"])
        answers = [watcher.read(SID), watcher.send(), watcher.set("/SetMsgReceiver", "https://hooks.example.com/")]
        assert [answer.status_code for answer in answers] == [at_api] * 3
        assert all("insufficient_scope" in answer.headers["WWW-Authenticate"] for answer in answers)


@pytest.mark.parametrize(
    "field",
    [
        lambda token: f"Bearer {token[:-1]}",
        lambda token: f"Bearer {token[:-1]}{'0' if token[-1] != '0' else '1'}",
        lambda token: f"Bearer {token.lower()}",
        lambda token: f"Basic {token}",
        lambda token: token,
        lambda _: f"Bearer {MESSENGER.secret}",
        lambda _: "Bearer",
        lambda _: "",
    ],
)
def test_only_the_exact_token_opens_the_api(sms: Sms, field: Callable[[str], str]) -> None:
    token = sms.log_in().token or ""
    answer = sms.call("GET", f"/Messages/{SID}", headers={"Authorization": field(token)})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="smsapi", error="invalid_token"'


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"/Messages/{SID}"), ("POST", "/Messages"), ("POST", "/SetStatusCallback"), ("POST", "/SetMsgReceiver")],
)
def test_without_a_token_every_method_is_challenged_without_an_error(sms: Sms, method: str, path: str) -> None:
    answer = sms.call(method, path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="smsapi"'


def test_another_tenant_s_message_looks_like_none_at_all(sms: Sms) -> None:
    neighbour = sms.log_in(NEIGHBOUR)
    foreign, unknown = neighbour.read(SID), neighbour.read(known_sid(Settings(), "nothing"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    assert sms.log_in().read(SID).status_code == 200


def test_the_token_serves_the_statistics_api_in_bearer_mode(target: Running) -> None:
    target.swap(settings=Settings(auth_mode="bearer"))

    def teams(client: ApiClient) -> int:
        headers = {"Authorization": f"Bearer {Sms(target.base_url).log_in(client).token}"}
        return requests.get(f"{target.base_url}/statsapi/cfg/teams", headers=headers, timeout=5).status_code

    assert (teams(WALLBOARD), teams(MESSENGER)) == (200, 401)
