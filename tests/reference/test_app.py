"""What the application does around every API: paths, and answers that do not end as they should."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from fixtures.defects.bp_stats import StatsDefect
from fixtures.reference.messages import Answer, Ending

if TYPE_CHECKING:
    from fixtures.reference.server import Running


class HangsUpDefect(StatsDefect):
    """The connection is closed without an answer."""

    def availability_answer(self, *, available: bool) -> Answer:
        return replace(super().availability_answer(available=available), ending=Ending.HUNG_UP)


class NeverEndsDefect(StatsDefect):
    """The answer has a beginning and no end."""

    def availability_answer(self, *, available: bool) -> Answer:
        return replace(super().availability_answer(available=available), headers=(), ending=Ending.UNFINISHED)


AVAILABLE = "/statsapi/info/check_available_agents"


def test_an_answer_can_be_a_closed_connection(target: Running) -> None:
    target.swap(defects=[HangsUpDefect])
    parts = urlsplit(target.base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(f"GET {AVAILABLE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(100) == b""


def test_an_answer_can_have_no_end(target: Running) -> None:
    target.swap(defects=[NeverEndsDefect])
    with requests.get(target.base_url + AVAILABLE, timeout=0.3, stream=True) as answer:
        assert answer.status_code == 200
        with pytest.raises(requests.ConnectionError):
            answer.content  # noqa: B018 - reading is what fails


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/statsapi/%63fg/teams", 401),
        ("/statsapi/cfg%2Fteams", 404),
        ("/statsapi/cfg/teams/", 404),
        ("/statsapi/./cfg/teams", 404),
        ("/statsapi//cfg/teams", 404),
        ("/statsapi/cfg/%ff", 404),
        ("/nothing", 404),
    ],
)
def test_a_path_is_compared_segment_by_segment(target: Running, path: str, status: int) -> None:
    parts = urlsplit(target.base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize("path", ["/statsapi/auth", "/nothing"])
def test_a_body_beyond_the_limit_is_not_read(target: Running, path: str) -> None:
    answer = requests.post(target.base_url + path, data=bytes(1_048_577), timeout=5)
    assert answer.status_code == (404 if path == "/nothing" else 413)
