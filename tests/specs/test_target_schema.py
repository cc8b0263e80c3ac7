"""The schema of the target file names mistakes and the nearest key, and never repeats a value that may be secret."""

from collections.abc import Iterator
from typing import Any

import pytest

from specs.schema import schema, violations

USER = {"username": "x", "password": "swordfish"}


def found(table: dict[str, Any], **top: Any) -> list[str]:
    return [f"{each.message} {each.hint}" for each in violations("target", {"apis": {"bp_stats": table}, **top})]


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"base_url": "http://127.0.0.1:8080", "tenant_url": "tenant.example.com", **USER},
        {"extra_users": [USER], "unprivileged": USER, "tenant_limit": 2, "ready_seconds": 0.5},
        {"auth_mode": "bearer", "client_id": "i", "client_secret": "s", "scope": "tenant.example.com"},
    ],
)
def test_a_good_table_is_accepted(table: dict[str, Any]) -> None:
    assert found(table) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"usrname": "a"}, "unknown key 'usrname' at apis.bp_stats nearest: username"),
        ({"auth_mode": "basic"}, "'basic' is not possible at apis.bp_stats.auth_mode possible: cookie, bearer"),
        ({"tenant_limit": "3"}, "expected integer, found a string at apis.bp_stats.tenant_limit"),
        ({"base_url": "https://example.com/statsapi"}, "the value at apis.bp_stats.base_url breaks the rule pattern"),
        ({"extra_users": [{"username": "x"}]}, "missing key 'password' at apis.bp_stats.extra_users[0]"),
        ({"service_stats": ["one"]}, "breaks the rule minItems 2"),
    ],
)
def test_a_mistake_is_named_with_place_and_way_out(table: dict[str, Any], message: str) -> None:
    assert any(message in each for each in found(table)), found(table)


@pytest.mark.parametrize(
    "table",
    [
        {"password": ["swordfish"]},
        {"extra_users": ["swordfish"]},
        {"unprivileged": {"username": "", "password": "swordfish"}},
    ],
)
def test_no_message_repeats_a_secret(table: dict[str, Any]) -> None:
    assert found(table)
    assert "swordfish" not in " ".join(found(table))


@pytest.mark.parametrize(
    "waiver",
    [
        {"requirement": "bp_stats.limit.top-records", "reason": "known", "expires": "never"},
        {"requirement": "bp_stats.limit.top-records", "expires": "2027-01-31"},
        {"requirement": "bp_stats.limit.top-records", "reason": "known"},
    ],
)
def test_a_waiver_has_a_reason_and_a_last_day(waiver: dict[str, str]) -> None:
    assert found({}, waivers=[waiver])
    assert not found({}, waivers=[{"reason": "known", **waiver, "expires": "2027-01-31"}])


@pytest.mark.parametrize(
    ("bot", "message"),
    [
        ({"greets": True, "triggers": {"chat_session_ended": "bye"}}, None),
        ({"grets": True}, "unknown key 'grets' at apis.bp_mobile.bot nearest: greets"),
        ({"triggers": {"chat_session_end": "bye"}}, "nearest: chat_session_ended"),
        ({"replies": "none"}, "'none' is not possible at apis.bp_mobile.bot.replies possible: any, echo"),
    ],
)
def test_a_table_inside_a_table_is_closed_too(bot: dict[str, Any], message: str | None) -> None:
    told = [f"{each.message} {each.hint}" for each in violations("target", {"apis": {"bp_mobile": {"bot": bot}}})]
    assert message in " ".join(told) if message else not told, told


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"queueId": "2", "contactId": 123000}, None),
        ({"queueID": "2"}, "unknown key 'queueID' at apis.oracle_chat.attributes nearest: queueId"),
        ({"queueId": 1.5}, "expected string or integer, found a number at apis.oracle_chat.attributes.queueId"),
    ],
)
def test_the_attributes_of_a_chat_are_known_by_name(attributes: dict[str, Any], message: str | None) -> None:
    found = violations("target", {"apis": {"oracle_chat": {"attributes": attributes}}})
    told = [f"{each.message} {each.hint}" for each in found]
    assert message in " ".join(told) if message else not told, told


@pytest.mark.parametrize(
    ("gms", "message"),
    [
        ({"auth": "basic", "username": "", "password": "swordfish"}, None),
        ({"auth": "none"}, None),
        ({"auth": "basic", "username": "a"}, "missing key 'password' at apis.gms"),
        ({"services": {"request_interacton": "book"}}, "nearest: request_interaction"),
        ({"honoured": ["_provide_cod"]}, "'_provide_cod' is not possible at apis.gms.honoured[0]"),
    ],
)
def test_services_that_demand_credentials_come_with_them(gms: dict[str, Any], message: str | None) -> None:
    told = [f"{each.message} {each.hint}" for each in violations("target", {"apis": {"gms": gms}})]
    assert message in " ".join(told) if message else not told, told


def test_a_file_that_claims_nothing_is_refused() -> None:
    assert [each.message for each in violations("target", {"name": "x"})] == ["missing key 'apis'"]


def numbers(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of the schema that takes numbers and nothing else, with its rules."""
    if isinstance(node, dict):
        if node.get("type") in ("number", "integer"):
            yield path, node
        for key, value in node.items():
            yield from numbers(value, f"{path}.{key}" if key not in {"properties", "$defs"} else path)


def test_every_number_has_a_least_and_a_most() -> None:
    """A rate of 1e-300 would wait for ever, a time-out of 1e300 overflows: no number of a file is without bounds."""
    found = dict(numbers(schema("target")))
    assert len(found) > 30
    lowest = {path: rules.get("minimum", rules.get("exclusiveMinimum")) for path, rules in found.items()}
    assert [path for path, low in lowest.items() if low is None or "maximum" not in found[path]] == []


@pytest.mark.parametrize("key", ["timeout_s", "max_requests_per_second"])
@pytest.mark.parametrize("value", [1e300, 1e-300, True, False, 0, -1])
def test_a_number_out_of_bounds_is_refused(key: str, value: float) -> None:
    assert found({}, **{key: value})
