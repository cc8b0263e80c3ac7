"""The command sends what the suite sent, and carries no secret."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from reports.curl import curl_command, quoted, variables


def request(**changes: Any) -> dict[str, Any]:
    return {"method": "POST", "url": "https://pbx.example.com/auth", "headers": [], "body": None, "size": 0, **changes}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", "''"),
        ("«password»", '"$PASSWORD"'),
        ("«token 12»", '"$TOKEN_12"'),
        ('{"password": "«password»"}', """'{"password": "'"$PASSWORD"'"}'"""),
        ("it's $(id) `id`", """'it'"'"'s $(id) `id`'"""),
        ("«$(id)»", '"$ID"'),
        ("«1»", '"$_1"'),
    ],
)
def test_secrets_become_variables_and_nothing_else_is_expanded(text: str, expected: str) -> None:
    assert quoted(text) == expected


def test_the_request_is_sent_as_it_was() -> None:
    headers = [["Host", "x"], ["Content-Length", "2"], ["X-Empty", ""], ["Cookie", "S=«token 1»"]]
    command = curl_command(request(method="PUT", headers=headers, body="@x", url="https://pbx.example.com/a/../b?[1]"))
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:6] == ["curl", "--include", "--globoff", "--path-as-is", "--request", "PUT"]
    assert words[6] == "https://pbx.example.com/a/../b?[1]"
    assert words[7:] == [
        "--header",
        "X-Empty;",
        "--header",
        "Cookie: S=$TOKEN_1",
        "--header",
        "Content-Type:",
        "--data-raw",
        "@x",
    ]


def test_the_content_type_that_was_sent_is_kept() -> None:
    assert "'Content-Type: application/json'" in curl_command(
        request(headers=[["Content-Type", "application/json"]], body="{}")
    )


def test_head_is_asked_as_head() -> None:
    assert "--head" in curl_command(request(method="HEAD"))


def test_the_variables_are_named_once_in_order() -> None:
    sent = request(headers=[["Cookie", "S=«token 1»"]], body="«password» «token 1»")
    assert variables(sent) == ("TOKEN_1", "PASSWORD")
