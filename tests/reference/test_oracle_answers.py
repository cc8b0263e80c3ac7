"""What chatAuthenticate answers, and what published clients need of it."""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.errors import BadSignatureError

from fixtures.reference.oracle_chat.base import BASE_PATH, ROOTS
from fixtures.reference.oracle_chat.users import CHAT_USER, CHAT_USER_B
from tests.reference.oracle_client import BASIC, Oracle, is_refused

if TYPE_CHECKING:
    from fixtures.reference.server import Running

EXAMPLE: dict[str, Any] = {
    "clientType": "CONSUMER",
    "authUserName": CHAT_USER,
    "categoryId": 456000,
    "contactId": 123000,
    "emailAddress": CHAT_USER,
    "firstName": "First",
    "lastName": "Last",
    "incidentId": None,
    "organizationId": 112233,
    "productId": None,
    "question": "This is a question",
    "queueId": "2",
    "interfaceId": "1",
    "resumeType": "RESUME",
    "incidentName": "Incident 200000",
    "incidentType": "SVC_SERVICE_REQUESTS",
    "inventoryItemId": "200000",
    "inventoryOrgId": "300000",
    "prodGroupId": "400000",
}
FORM = "application/x-www-form-urlencoded"
FRAMEWORK = "application/vnd.oracle.adf.resourceitem+json"
ADDED = {"chatSiteName", "domain", "jwt", "links", "poolId"}


@pytest.fixture
def oracle(target: Running) -> Oracle:
    return Oracle(target.base_url)


def test_the_document_s_example_comes_back_with_its_ids_as_strings_and_its_nulls_kept(oracle: Oracle) -> None:
    body = oracle.created(**EXAMPLE)
    assert {name: body[name] for name in EXAMPLE} == {
        name: str(value) if isinstance(value, int) else value for name, value in EXAMPLE.items()
    }
    assert set(body) == set(EXAMPLE) | ADDED


def test_oracle_s_node_sample_gets_its_token(target: Running) -> None:
    sample = Oracle(target.base_url, "/serviceApi/resources/latest")
    answer = sample.call(
        json={"authUserName": CHAT_USER, "firstName": "First", "interfaceId": 1, "queueId": 1, "mediaList": "CHAT"},
        headers={"Content-Type": FRAMEWORK},
    )
    assert answer.status_code == 201
    assert {"jwt", "domain", "chatSiteName", "poolId"} <= set(answer.json())


def test_the_printed_curl_command_works_though_it_labels_json_as_a_form(oracle: Oracle) -> None:
    answer = oracle.send(b'{"clientType":"CONSUMER","authUserName":"user.4@example.com"}', FORM)
    assert answer.json()["authUserName"] == CHAT_USER


@pytest.mark.parametrize("root", ROOTS)
def test_links_lead_to_the_item_below_the_root_that_was_called(target: Running, root: str) -> None:
    links = Oracle(target.base_url, root).created(authUserName="A/ü b@example.com")["links"]
    assert {link["rel"] for link in links} == {"self", "canonical"}
    for link in links:
        assert link["href"].startswith(target.base_url)
        assert urlsplit(link["href"]).path == f"{root}/chatAuthenticate/A%2F%C3%BC%20b%40example.com"


@pytest.mark.parametrize(("name", "status"), [("created-201", 201), ("ok-200", 200)])
def test_the_status_of_a_success_is_a_reading(target: Running, name: str, status: int) -> None:
    target.swap(readings={"oracle_chat.create.success-status": name})
    assert Oracle(target.base_url).create().status_code == status


@pytest.mark.parametrize(
    ("name", "usual"),
    [("plain-json", "application/json"), ("framework-json", FRAMEWORK)],
)
def test_the_label_is_a_reading_unless_a_client_takes_the_framework_s_type_only(
    target: Running, name: str, usual: str
) -> None:
    target.swap(readings={"oracle_chat.create.media-type": name})
    oracle = Oracle(target.base_url)

    def label(accept: str | None) -> str:
        return oracle.create({"Accept": accept}).headers["Content-Type"]

    for accept in (None, "*/*", "application/json", "text/html, application/*;q=0.5", "Application/JSON"):
        assert label(accept) == usual
    assert label("application/vnd.oracle.adf.resourceitem+json, text/html") == FRAMEWORK


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/*, */*; q=0.000"])
def test_who_takes_no_json_gets_406(oracle: Oracle, accept: str) -> None:
    assert is_refused(oracle.create({"Accept": accept}), 406)


def test_an_answer_is_not_stored_and_has_its_token_once(oracle: Oracle) -> None:
    answer = oracle.create()
    token = answer.json()["jwt"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.count(token) == 1
    assert token not in str(answer.headers)


def test_a_token_is_what_the_document_s_example_shows(oracle: Oracle) -> None:
    before = int(time.time())
    body = oracle.created()
    token = oracle.token(body["jwt"])
    assert token.header == {"alg": "RS256", "typ": "JWT", "kid": "trustservice"}
    issued = token.claims["iat"]
    assert before <= issued <= time.time()
    assert token.claims == {
        "exp": issued + 120,
        "sub": CHAT_USER,
        "aud": f"https://{body['domain']}/engagement/api/consumer/{body['chatSiteName']}",
        "iss": "Fusion Apps",
        "prn": CHAT_USER,
        "iat": issued,
    }
    assert len(urlsafe_b64decode(body["jwt"].rpartition(".")[2] + "==")) == 256


def test_an_altered_token_does_not_verify(oracle: Oracle) -> None:
    with pytest.raises(BadSignatureError):
        oracle.token(altered(oracle.created()["jwt"]))


def altered(token: str) -> str:
    """The token with one bit of its signature changed."""
    head, _, signature = token.rpartition(".")
    first = "A" if signature[0] != "A" else "B"
    return f"{head}.{first}{signature[1:]}"


def test_the_key_set_holds_nothing_private_and_outlives_a_swap(target: Running, oracle: Oracle) -> None:
    url = f"{target.base_url}/.well-known/jwks.json"
    keys = requests.get(url, timeout=5).json()["keys"]
    assert [set(key) for key in keys] == [{"kty", "n", "e", "kid", "use", "alg"}]
    assert len(urlsafe_b64decode(keys[0]["n"] + "==")) == 256
    target.swap()
    assert requests.get(url, timeout=5).json()["keys"] == keys


def test_callers_at_the_same_time_get_their_own_names_and_tokens(oracle: Oracle) -> None:
    def ask(number: int) -> tuple[str, str, str]:
        body = oracle.created(authUserName=(CHAT_USER, CHAT_USER_B)[number % 2], question=f"mark {number}")
        return body["authUserName"], body["question"], oracle.token(body["jwt"]).claims["sub"]

    with ThreadPoolExecutor(8) as pool:
        for number, (name, question, subject) in enumerate(pool.map(ask, range(16))):
            assert (name, subject) == ((CHAT_USER, CHAT_USER_B)[number % 2],) * 2
            assert question == f"mark {number}"


def test_the_same_user_may_call_again_also_after_a_failure(oracle: Oracle) -> None:
    for kind in ("RESUME", "DO_NOT_RESUME", "RESUME"):
        assert oracle.created(resumeType=kind)["resumeType"] == kind
        assert is_refused(oracle.create(resumeType="MAYBE"))


def test_chats_cannot_be_read(oracle: Oracle) -> None:
    oracle.created()
    assert is_refused(oracle.call("GET"), 405)
    known, unknown = oracle.call("GET", f"/{CHAT_USER}"), oracle.call("GET", "/nobody")
    assert is_refused(known, 404)
    assert known.content == unknown.content
    for path in ("", f"/{CHAT_USER}"):
        assert is_refused(oracle.call("GET", path, auth=("nobody", "x")), 401)
    assert oracle.call("OPTIONS").headers["Allow"] == oracle.call("PUT").headers["Allow"] == "OPTIONS, POST"
    assert oracle.call("OPTIONS", f"/{CHAT_USER}").headers["Allow"] == "OPTIONS"


def test_a_body_that_is_too_long_is_refused_in_the_form_of_every_error(oracle: Oracle) -> None:
    assert is_refused(oracle.create(question="x" * 1_100_000), 413)
    assert is_refused(requests.get(f"{oracle.base_url}{BASE_PATH}/nothing", timeout=5), 404)


def test_a_token_opens_one_engagement_at_its_site_and_pool(oracle: Oracle) -> None:
    body = oracle.created()
    site = f"{oracle.base_url}/engagement/api/consumer/{body['chatSiteName']}/v1"
    owner = {"Authorization": f"Bearer {body['jwt']}"}

    def engage(url: str = site, pool: str = body["poolId"], headers: dict[str, str] = owner) -> requests.Response:
        return requests.post(f"{url}/requestEngagement", params={"pool": pool}, headers=headers, timeout=5)

    assert is_refused(engage(headers={"Authorization": f"Bearer {altered(body['jwt'])}"}), 401)
    assert is_refused(engage(headers={"Authorization": "Bearer x"}), 401)
    assert is_refused(engage(headers={}), 401)
    assert is_refused(engage(url=site.replace(body["chatSiteName"], "other")), 401)
    assert is_refused(engage(pool="1:1"))
    session = {"SessionId": engage().json()["sessionId"]}
    other = {"Authorization": f"Bearer {oracle.created(authUserName=CHAT_USER_B)['jwt']}"}

    def terminate(headers: dict[str, str]) -> int:
        return requests.post(f"{site}/terminate", headers=headers, timeout=5).status_code

    assert [terminate(other | session), terminate(owner | session), terminate(owner | session)] == [404, 200, 404]


def test_a_basic_call_needs_two_attributes(oracle: Oracle) -> None:
    assert set(oracle.created()) == set(BASIC) | ADDED
