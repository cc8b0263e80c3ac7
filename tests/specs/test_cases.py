"""A row of cases.yaml is one exchange: what is sent, with values of the target file, and what may come back."""

from pathlib import Path
from typing import Any

import pytest

from specs.cases import Case, ExampleBody, JsonBody, TextBody, cases, example, fill, load_cases
from specs.errors import InvalidFile
from specs.openapi import document
from tests.specs import miniature


def loaded(tmp_path: Path, contents: str) -> tuple[Case, ...]:
    path = tmp_path / "cases.yaml"
    path.write_text(contents, encoding="utf-8")
    return load_cases(path)


def case(tmp_path: Path, request: str) -> Case:
    (only,) = loaded(tmp_path, miniature.edited(miniature.CASES, 'body: {text: ""}', request))
    return only


def test_an_api_without_cases_has_none(tmp_path: Path) -> None:
    assert load_cases(tmp_path / "cases.yaml") == ()


def test_a_case_tells_what_is_sent_and_what_may_come_back(tmp_path: Path) -> None:
    (only,) = loaded(tmp_path, miniature.CASES)
    assert (only.id, only.identity, only.given) == ("empty-body-is-refused", "anonymous", None)
    assert (only.request.operation, only.request.body) == ("authenticate", TextBody(""))
    assert [(each.statuses, each.reading, each.verdict) for each in only.expect] == [
        ((400,), "refused", "pass"),
        ((401, 403), "denied", "pass"),
    ]


@pytest.mark.parametrize(
    ("request_line", "body"),
    [
        ("body: {json: null}", JsonBody(None)),
        ("body: {json: [1]}", JsonBody([1])),
        ("body: {text: '{'}", TextBody("{")),
        ("body: {example: Login}", ExampleBody("Login")),
        ("query: {}", None),
    ],
)
def test_a_body_is_json_text_or_an_example(tmp_path: Path, request_line: str, body: object) -> None:
    assert case(tmp_path, request_line).request.body == body


@pytest.mark.parametrize(
    ("request_line", "content_type"),
    [
        ("body: {text: x}", "application/json"),
        ("body: {text: x}\n      content_type: text/plain", "text/plain"),
        ("body: {text: x}\n      content_type: null", None),
        ("query: {}", None),
    ],
)
def test_the_content_type_is_json_unless_said_otherwise(
    tmp_path: Path, request_line: str, content_type: str | None
) -> None:
    assert case(tmp_path, request_line).request.content_type == content_type


@pytest.mark.parametrize("query", ["{inbound: '1', outbound: '1'}", "[[inbound, '1'], [outbound, '1']]"])
def test_a_query_is_a_mapping_or_pairs(tmp_path: Path, query: str) -> None:
    assert case(tmp_path, f"query: {query}").request.query == (("inbound", "1"), ("outbound", "1"))


@pytest.mark.parametrize(("line", "path"), [("path: {service: 'x y'}", {"service": "x y"}), ("query: {}", {})])
def test_a_path_is_a_mapping(tmp_path: Path, line: str, path: dict[str, str]) -> None:
    assert case(tmp_path, line).request.path == path


def test_a_case_knows_the_target_keys_that_its_path_names(tmp_path: Path) -> None:
    assert case(tmp_path, "path: {service: '${target:username}'}").keys == ("username",)


def test_a_value_in_a_path_is_a_text(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"cases\[0\]\.request\.path\.service"):
        case(tmp_path, "path: {service: 1}")


def test_a_case_knows_the_target_keys_that_it_names(tmp_path: Path) -> None:
    body = "body: {json: {a: '${target:username}', b: ['x${target:unprivileged.password}', '${target:username}']}}"
    assert case(tmp_path, body).keys == ("username", "unprivileged")


@pytest.mark.parametrize(
    ("node", "filled"),
    [
        ("${target:username}", "ada"),
        ("x-${target:username}-y", "x-ada-y"),
        ("${target:tenant_limit}", 3),
        ("up to ${target:tenant_limit}", "up to 3"),
        ("${target:unprivileged.password}", "p"),
        ({"a": ["${target:username}", 1, None]}, {"a": ["ada", 1, None]}),
        ("$username", "$username"),
    ],
)
def test_placeholders_take_the_values_of_the_table(node: Any, filled: Any) -> None:
    assert fill(node, {"username": "ada", "tenant_limit": 3, "unprivileged": {"password": "p"}}) == filled


def test_an_example_is_the_components_first() -> None:
    assert set(example(document("bp_stats"), "Subscription")) == {"1"}


def test_a_malformed_case_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"cases\.yaml:8: unknown key 'bdy' at cases\[0\]\.request \(nearest: body\)"):
        loaded(tmp_path, miniature.edited(miniature.CASES, "      body:", "      bdy:"))


def test_cases_of_this_checkout_can_be_read() -> None:
    assert all(each.requirement.startswith("bp_stats.") for each in cases("bp_stats"))
