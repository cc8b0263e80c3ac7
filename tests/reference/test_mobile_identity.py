"""Who a client of the Mobile/Web API is, and what others cannot do to it."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from fixtures.reference.bp_mobile.identity import COOKIE_NAME
from fixtures.reference.bp_mobile.scenario import MAIN_APP, OTHER_APP, WEB_ORIGIN
from fixtures.reference.clients import NEIGHBOUR_URL, TENANT_URL
from fixtures.reference.settings import Settings
from tests.reference.mobile_client import ROOT, SCHEME, Mobile, field_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.reference.server import Running

QUICK = Settings(poll_hold_s=0.2, bot_delay_s=0.01)
ID = "3f0c1c52-6d0e-4b5a-9a51-0a4d2f6b7e10"


@pytest.fixture
def mobile(target: Running) -> Mobile:
    target.swap(settings=QUICK)
    return Mobile(target.base_url)


def _swapped(target: Running, reading: str, name: str) -> Mobile:
    target.swap(readings={f"bp_mobile.{reading}": name}, settings=QUICK)
    return Mobile(target.base_url)


def _refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error_code"]


BROKEN = {
    "": "2000",
    f'Basic appId="{MAIN_APP}", clientId="{ID}"': "2002",
    f'{SCHEME[:-1]} appId="{MAIN_APP}", clientId="{ID}"': "2002",
    f'{SCHEME}X appId="{MAIN_APP}", clientId="{ID}"': "2002",
    f'appId="{MAIN_APP}", clientId="{ID}"': "2002",
    SCHEME: "2003",
    f"{SCHEME} ,,,": "2003",
    f'{SCHEME} a="b"': "2003",
    f'{SCHEME} clientId="{ID}"': "2003",
    f'{SCHEME} appId="", clientId="{ID}"': "2003",
    f'{SCHEME} appId="{MAIN_APP}"': "2004",
    f'{SCHEME} appId="{MAIN_APP}", clientId=""': "2004",
    f"{SCHEME} appId, clientId": "2001",
    f'{SCHEME} appId="{MAIN_APP}, clientId="{ID}"': "2001",
    f'{SCHEME} appId="{MAIN_APP}", clientId="{ID}", clientId="{ID}"': "2001",
    f'{SCHEME} appId="nothing", clientId="{ID}"': "3000",
}


@pytest.mark.parametrize("field", BROKEN)
def test_each_fault_of_the_header_has_its_code(mobile: Mobile, field: str) -> None:
    answer = mobile.call("POST", "/chats", json={}, headers={"Authorization": field})
    assert _refused(answer) == (403, BROKEN[field])
    assert ID not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/availability"), ("GET", "/parameters"), ("POST", "/chats"), ("POST", "/requestsms"),
        ("GET", "/chats/active"), ("POST", "/chats/{}/events"), ("GET", "/chats/{}/history"),
        ("GET", "/chats/{}/events"), ("POST", "/files"), ("GET", "/chats/{}/files/x"),
        ("GET", "/chats/{}/profilephotos/x"),
    ],
)  # fmt: skip
def test_every_method_needs_the_header(mobile: Mobile, method: str, path: str) -> None:
    mobile.opened()
    answer = mobile.call(method, path.format(mobile.chat), json={"events": []}, headers={"Authorization": None})
    assert _refused(answer) == (403, "2000")


@pytest.mark.parametrize(
    ("reading", "field", "statuses"),
    [
        ("auth.missing-header-refused", "", {"forbidden": 403, "unauthorized": 401}),
        ("auth.wrong-scheme-refused", "Bearer x", {"forbidden": 403, "unauthorized": 401}),
        ("auth.broken-parameters-refused", SCHEME, {"forbidden": 403, "unauthorized": 401, "bad-request": 400}),
        (
            "auth.unknown-app-id-refused",
            field_of("x", ID),
            {"forbidden": 403, "unauthorized": 401, "not-found": 404, "bad-request": 400},
        ),
    ],
)
def test_the_status_of_a_fault_is_that_of_the_reading(
    target: Running, reading: str, field: str, statuses: Mapping[str, int]
) -> None:
    for name, status in statuses.items():
        answer = _swapped(target, reading, name).call("GET", "/availability", headers={"Authorization": field})
        assert answer.status_code == status
        assert ("WWW-Authenticate" in answer.headers) is (status == 401)


@pytest.mark.parametrize(
    "field",
    [
        f'{SCHEME} clientId="{ID}", appId="{MAIN_APP}"',
        f'{SCHEME} appId="{MAIN_APP}",clientId="{ID}"',
        f'{SCHEME}   appId = "{MAIN_APP}"  ,   clientId="{ID}" ',
        f"{SCHEME} appId={MAIN_APP}, clientId={ID}",
        f'{SCHEME.lower()} APPID="{MAIN_APP}", clientid="\\{ID}", x="y"',
    ],
)
def test_other_spellings_of_the_header_name_the_same_client(mobile: Mobile, field: str) -> None:
    owner = Mobile(mobile.base_url, ID).opened()
    answer = owner.call("GET", "/chats/active", headers={"Authorization": field})
    assert answer.json()["chat_id"] == owner.chat


@pytest.mark.parametrize(("name", "status"), [("accepted", 200), ("refused", 403)])
def test_values_without_quotes_and_ids_that_are_no_uuid_are_readings(target: Running, name: str, status: int) -> None:
    mobile = _swapped(target, "auth.unquoted-values", name)
    field = f"{SCHEME} appId={MAIN_APP}, clientId={ID}"
    assert mobile.call("GET", "/availability", headers={"Authorization": field}).status_code == status
    mobile = _swapped(target, "client.non-uuid-id", name)
    mobile.client_id = "relay-118"
    assert [mobile.open().status_code, mobile.open().status_code] == [status] * 2
    for version in (uuid.uuid1(), uuid.uuid4(), str(uuid.uuid4()).upper()):
        assert Mobile(target.base_url, str(version)).open().status_code == 200


def test_only_the_header_says_who_asks(mobile: Mobile) -> None:
    victim = Mobile(mobile.base_url, ID).opened()
    claim = {"appId": MAIN_APP, "clientId": victim.client_id}
    assert mobile.call("GET", "/chats/active", params=claim, headers=claim).status_code == 404
    bare = requests.get(f"{mobile.base_url}{ROOT}/chats/active?tenantUrl={TENANT_URL}", params=claim, timeout=5)
    assert bare.status_code == 403


@pytest.mark.parametrize("hostile", ["%", "*", "' or ''='", "x" * 8000, "{0}", "%s%n", "\\", "é", f"{ID}%00", f"{ID} "])
def test_no_value_reaches_another_client_s_chat(mobile: Mobile, hostile: str) -> None:
    Mobile(mobile.base_url, ID).opened()
    field = f'{SCHEME} appId="{MAIN_APP}", clientId="{hostile}"'.encode("latin-1")
    answer = mobile.call("GET", "/chats/active", headers={"Authorization": field})
    assert answer.status_code in {403, 404}


@pytest.mark.parametrize(
    ("name", "unknown", "missing"),
    [("refused", 403, 403), ("host-when-missing", 403, 200), ("host-decides", 200, 200)],
)
def test_what_an_unknown_or_missing_tenant_means_is_a_reading(
    target: Running, name: str, unknown: int, missing: int
) -> None:
    mobile = _swapped(target, "tenant.missing-or-unknown", name)

    def status(tenant: str | None) -> int:
        return mobile.call("GET", "/availability", params={"tenantUrl": tenant}).status_code

    assert [status("other.example.com"), status(""), status(None)] == [unknown, missing, missing]
    assert status(TENANT_URL.upper()) == 200


def test_another_tenant_does_not_reach_a_chat(mobile: Mobile) -> None:
    mobile.opened()
    elsewhere = Mobile(mobile.base_url, mobile.client_id, tenant=NEIGHBOUR_URL, chat=mobile.chat)
    assert elsewhere.call("GET", "/availability").status_code == 200
    answers = [elsewhere.active(), elsewhere.poll(), elsewhere.write("x"), elsewhere.end()]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert mobile.is_live()
    assert mobile.texts() == []


@pytest.mark.parametrize(
    ("name", "status", "same", "elsewhere"),
    [("session-per-app", 200, False, 200), ("session-per-client", 200, True, 200), ("second-refused", 409, None, 404)],
)
def test_a_client_under_two_entries_is_a_reading(
    target: Running, name: str, status: int, same: bool | None, elsewhere: int
) -> None:
    mobile = _swapped(target, "client.app-scope", name).opened()
    other = Mobile(target.base_url, mobile.client_id, app_id=OTHER_APP)
    answer = other.open()
    assert answer.status_code == status
    if status == 200:
        assert (other.chat == mobile.chat) is same
        assert answer.json()["is_new_chat"] is not same
    assert other.active().status_code == elsewhere
    assert mobile.active().json()["chat_id"] == mobile.chat


def test_a_web_client_is_known_by_its_cookie(mobile: Mobile) -> None:
    web, other = Mobile(mobile.base_url, "WebChat"), Mobile(mobile.base_url, "WebChat")
    answer = web.call("GET", "/availability")
    assert answer.headers["Set-Cookie"] == f"{COOKIE_NAME}={web.cookies[COOKIE_NAME]}; Path=/; HttpOnly; SameSite=Lax"
    first = web.open()
    assert "Set-Cookie" not in first.headers
    assert web.open().json() == first.json() | {"is_new_chat": False}
    assert other.opened().chat != web.chat
    for stranger in (Mobile(mobile.base_url, "WebChat"), other):
        stranger.chat = web.chat
        answers = [stranger.poll(), stranger.write("x"), stranger.call("GET", f"/chats/{web.chat}/history")]
        assert [each.status_code for each in answers] == [404] * 3
    assert web.active().json()["chat_id"] == web.chat
    assert Mobile(mobile.base_url, web.cookies[COOKIE_NAME]).active().status_code == 404


def test_a_cookie_that_the_server_did_not_make_is_nobody_s(mobile: Mobile) -> None:
    jars = [Mobile(mobile.base_url, "WebChat", cookies={COOKIE_NAME: "planted"}) for _ in range(2)]
    assert len({jar.opened().chat for jar in jars}) == 2
    assert len({jar.cookies[COOKIE_NAME] for jar in jars} | {"planted"}) == 3


@pytest.mark.parametrize(("name", "status"), [("served", 200), ("refused", 403)])
def test_pictures_of_a_web_chat_need_its_cookie_alone_or_are_refused(target: Running, name: str, status: int) -> None:
    web = _swapped(target, "webchat.media-by-cookie", name)
    web.client_id = "WebChat"
    file_id = web.opened().upload(b"x").json()["file_id"]
    party_id = next(each["party_id"] for each in web.until("chat_session_party_joined") if "party_id" in each)
    other = Mobile(target.base_url, "WebChat").opened()
    for path in (f"/chats/{web.chat}/files/{file_id}", f"/chats/{web.chat}/profilephotos/{party_id}"):

        def status_for(cookies: dict[str, str], path: str = path) -> int:
            return requests.get(target.base_url + ROOT + path, cookies=cookies, timeout=5).status_code

        assert status_for(web.cookies) == status
        assert [status_for(other.cookies), status_for({})] == [403, 403]
        assert web.call("GET", path).status_code == 200


def test_pages_of_the_widget_s_origin_may_use_the_api_with_credentials(mobile: Mobile) -> None:
    def shared(origin: str, method: str = "GET") -> Any:
        headers = mobile.call(method, "/chats/active", headers={"Origin": origin}).headers
        assert "Origin" in headers["Vary"]
        return headers.get("Access-Control-Allow-Origin"), headers.get("Access-Control-Allow-Credentials")

    for origin in (WEB_ORIGIN, "http://localhost:3000", "http://127.0.0.1"):
        assert shared(origin) == shared(origin, "OPTIONS") == (origin, "true")
    for origin in (f"{WEB_ORIGIN}.example.net", "null", "http://localhost.example.net", "https://other.example.net"):
        assert shared(origin) == shared(origin, "OPTIONS") == (None, None)
    preflight = requests.options(f"{mobile.base_url}{ROOT}/chats", headers={"Origin": WEB_ORIGIN}, timeout=5)
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]


def test_clients_that_begin_together_have_chats_of_their_own(mobile: Mobile) -> None:
    clients = [Mobile(mobile.base_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda client: client.opened().write(f"I am {client.client_id}"), clients))
    assert len({client.chat for client in clients}) == 6
    assert all(client.texts() == [f"I am {client.client_id}"] for client in clients)


def test_requests_of_one_client_at_the_same_time_open_one_chat(mobile: Mobile) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = [each.json() for each in pool.map(lambda _: mobile.open(), range(6))]
    assert len({answer["chat_id"] for answer in answers}) == 1
    assert sorted(answer["is_new_chat"] for answer in answers) == [False] * 5 + [True]


def test_a_foreign_chat_looks_like_one_that_never_was(mobile: Mobile) -> None:
    mobile.opened()
    stranger, chat = Mobile(mobile.base_url).opened(), mobile.chat
    answers = []
    for stranger.chat in (chat, str(uuid.uuid4())):
        several = [stranger.poll(), stranger.write("x"), stranger.end(), stranger.download("y")]
        several.append(stranger.call("GET", f"/chats/{stranger.chat}/history"))
        answers.append([(each.status_code, each.text) for each in several])
    assert answers[0] == answers[1]
    assert {status for status, _ in answers[0]} == {404}
    assert mobile.is_live()


@pytest.mark.parametrize("change", ["active", "{}/", "{}%2F", "{}%00", "{}?x=1%23", "..%2f{}", "%7B{}%7D", "x" * 4000])
def test_no_text_in_place_of_a_chat_id_reaches_a_chat(mobile: Mobile, change: str) -> None:
    owner = Mobile(mobile.base_url).opened()
    path = change.format(owner.chat)
    for client in (mobile, owner):
        url = f"{mobile.base_url}{ROOT}/chats/{path}/history?tenantUrl={TENANT_URL}"
        headers = {"Authorization": field_of(client.app_id, client.client_id)}
        assert requests.get(url, headers=headers, timeout=5).status_code in {404, 405}
