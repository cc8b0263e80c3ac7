"""The OpenAPI document is read into operations, and says what each answer must look like."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from specs.errors import BrokenReference, InvalidFile, UnknownApi, UnknownOperation
from specs.openapi import document, load_document
from specs.requirements import Impact
from tests.specs import miniature

DOCUMENT = document("bp_stats")


def accepts(component: str, value: Any, api: str = "bp_stats") -> bool:
    whole = {"$ref": f"#/components/schemas/{component}", "components": document(api).raw["components"]}
    return Draft202012Validator(whole).is_valid(value)


def test_an_operation_knows_how_it_is_called() -> None:
    operation = DOCUMENT.operation("checkAvailableAgents")
    assert (operation.method, operation.path, operation.impact) == (
        "GET",
        "/info/check_available_agents",
        Impact.READ_ONLY,
    )
    assert not operation.authenticated
    assert [(each.name, each.where, each.required) for each in operation.parameters] == [
        ("service", "query", True),
        ("tenantUrl", "query", False),
    ]


def test_a_path_below_the_origin_tells_the_key_that_may_move_it() -> None:
    operations = document("bp_sms").operations
    assert (operations["requestAccessToken"].path, operations["requestAccessToken"].path_key) == (
        "/configapi/v2/oauth/token",
        "token_path",
    )
    assert operations["getMessage"].path_key is None


def test_a_path_on_another_server_tells_the_key_that_names_its_origin() -> None:
    operations = document("oracle_chat").operations
    assert operations["requestEngagement"].origin_key == "consumer_url"
    assert operations["createChatAuthentication"].origin_key is None


def test_what_a_server_posts_is_no_operation() -> None:
    webhooks = document("bp_sms").webhooks
    assert set(webhooks) == {"statusNotification", "inboundNotification"}
    assert not webhooks.keys() & document("bp_sms").operations.keys()
    assert webhooks["statusNotification"].body["x-requirement"] == "bp_sms.callback.delivers-message-object"


def test_references_are_followed_in_responses() -> None:
    response = DOCUMENT.operation("getSubscriptionData").responses["401"]
    assert response["x-requirement"] == "bp_stats.session.without-cookie-401"


def test_every_operation_but_login_and_the_open_question_needs_a_session() -> None:
    open_operations = {each.id for each in DOCUMENT.operations.values() if not each.authenticated}
    assert open_operations == {"authenticate", "requestAccessToken", "checkAvailableAgents"}


def test_credentials_that_are_optional_are_no_demand() -> None:
    assert not any(each.authenticated for each in document("gms").operations.values())


def test_an_unknown_operation_names_the_nearest() -> None:
    with pytest.raises(UnknownOperation) as caught:
        DOCUMENT.operation("getDisposition")
    assert caught.value.nearest[0] == "getDispositions"


def test_an_unknown_api_is_refused() -> None:
    with pytest.raises(UnknownApi, match="bp_stat"):
        document("bp_stat")


@pytest.mark.parametrize("reference", ["#/components/schemas/Nothing", "other.yaml#/Login", "#"])
def test_a_reference_that_leads_nowhere_is_an_error(reference: str) -> None:
    with pytest.raises(BrokenReference):
        DOCUMENT.resolve({"$ref": reference})


def test_an_operation_without_impact_is_named_with_its_line(tmp_path: Path) -> None:
    root = miniature.write(tmp_path, openapi=miniature.edited(miniature.OPENAPI, "      x-impact: session\n", ""))
    with pytest.raises(InvalidFile, match="x-impact") as caught:
        load_document(root / "specs" / "bp_stats" / "openapi.yaml")
    assert caught.value.line == 5


def test_an_operation_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    twice = miniature.edited(
        miniature.OPENAPI,
        "components:",
        "  /again:\n    get: {operationId: authenticate, x-impact: session, responses: {}}\ncomponents:",
    )
    root = miniature.write(tmp_path, openapi=twice)
    with pytest.raises(InvalidFile, match="stands twice"):
        load_document(root / "specs" / "bp_stats" / "openapi.yaml")


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"stats_totals": None},
        {"stats_totals": []},
        {"service_grids": None, "agent_grids": [], "chat_messages": None},
        {"service_grids": [{"id": "1", "values": [], "title": "one more member"}]},
        {"something_else": 1},
    ],
)
def test_what_no_row_claims_is_let_through(section: dict[str, Any]) -> None:
    assert accepts("Data", {"1": section})


@pytest.mark.parametrize(
    "section",
    [
        {"stats_totals": ["3"]},
        {"service_grids": [{"id": "1", "values": None}]},
        {"service_grids": [{"id": "1", "values": [{"1": 200}]}]},
        {"agent_grids": [{"id": "1", "values": [["200"]]}]},
        {"chat_messages": [{"id": "1"}]},
    ],
)
def test_what_a_row_claims_is_asked_for(section: dict[str, Any]) -> None:
    assert not accepts("Data", {"1": section})


EVENT = {"event": "chat_session_message", "party_id": "p-1", "msg": "Hello", "timestamp": "1614718751"}


@pytest.mark.parametrize(
    ("component", "value"),
    [
        ("PollAnswer", {"events": [{"event": "chat_session_case_set"}]}),
        ("PollAnswer", {"events": [{**EVENT, "channel": "web", "timestamp": 1614718751123}]}),
        ("PollAnswer", {"events": [{"event": "chat_session_status", "state": "ivr"}]}),
        ("PollAnswer", {"events": [{key: EVENT[key] for key in EVENT if key != "party_id"}]}),
        ("History", {"events": [{"event": "chat_session_file", "timestamp": "1614718751"}, EVENT]}),
        ("Chat", {"chat_id": "c", "state": "queued", "is_new_chat": True, "more": None}),
    ],
)
def test_a_chat_may_hold_what_no_row_claims(component: str, value: Any) -> None:
    assert accepts(component, value, "bp_mobile")


@pytest.mark.parametrize(
    ("component", "value"),
    [
        ("PollAnswer", {"events": [{key: EVENT[key] for key in EVENT if key != "msg"}]}),
        ("PollAnswer", {"events": [{**EVENT, "party_id": None}]}),
        ("PollAnswer", {"events": [{**EVENT, "timestamp": "16147187511"}]}),
        ("History", {"events": [{key: EVENT[key] for key in EVENT if key != "timestamp"}]}),
        ("Chat", {"chat_id": "c", "state": "", "is_new_chat": True}),
        ("Error", {"error_code": "", "error_message": ""}),
    ],
)
def test_a_chat_must_hold_what_a_row_claims(component: str, value: Any) -> None:
    assert not accepts(component, value, "bp_mobile")


def test_no_request_that_is_generated_calls_a_number() -> None:
    assert not accepts("ChatRequest", {"phone_number": "12025550143"}, "bp_mobile")


ANSWER = {"jwt": "e30.e30.c2ln", "chatSiteName": "site", "domain": "chat.example.com", "poolId": "452:2", "links": []}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"port": 443, "assignedId": {"id": 1}},
        {"categoryId": None, "queueId": "2", "firstName": ""},
        {"domain": "[::1]:8443", "poolId": "pool"},
        {"jwt": "e30.e30."},
        {"links": [{"rel": "self", "href": "/a", "name": "chatAuthenticate", "kind": "item", "properties": {}}]},
    ],
)
def test_a_chat_authentication_may_hold_what_no_row_claims(changed: dict[str, Any]) -> None:
    assert accepts("ChatAuthentication", ANSWER | changed, "oracle_chat")


@pytest.mark.parametrize(
    "changed",
    [
        {"jwt": ""},
        {"jwt": "Bearer e30.e30.c2ln"},
        {"domain": "https://chat.example.com"},
        {"poolId": 452},
        {"links": None},
        {"links": [{"rel": "self", "href": "/a"}]},
        {"categoryId": 456000},
        {"customFields": {"a": 1}},
    ],
)
def test_a_chat_authentication_must_hold_what_a_row_claims(changed: dict[str, Any]) -> None:
    assert not accepts("ChatAuthentication", ANSWER | changed, "oracle_chat")


@pytest.mark.parametrize("status", ["400", "401", "403", "406", "415", "4XX", "5XX"])
def test_every_refusal_of_a_chat_may_be_silent_or_text_but_not_json_of_another_form(status: str) -> None:
    response = document("oracle_chat").operations["createChatAuthentication"].responses[status]
    assert response["x-may-be-empty"]
    assert response["content"].keys() == {"application/json", "*/*"}
    assert response["content"]["application/json"]["x-requirement"] == "oracle_chat.error.body-shape"


@pytest.mark.parametrize("name", ["chatSiteName", "domain", "jwt", "poolId", "links"])
def test_no_request_that_is_generated_sets_what_is_the_servers(name: str) -> None:
    request = {"clientType": "CONSUMER", "authUserName": "user@example.com"}
    assert accepts("ChatRequest", request, "oracle_chat")
    assert not accepts("ChatRequest", {**request, name: ANSWER[name]}, "oracle_chat")
