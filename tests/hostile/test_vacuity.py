"""Servers that implement nothing: what a must row says of them is never that they keep it."""

from __future__ import annotations

import pytest

from specs.requirements import catalogue
from tests.hostile import runs

NULL = ("200 {}", "echo", "500 JSON", "login page")
"""Of the servers of vacuity, those that differ most; `python -m tests.hostile --server null --passed` asks all."""
ENDINGS = frozenset({1, 6, 7})


@pytest.mark.parametrize("server", NULL)
@pytest.mark.parametrize("api", catalogue().apis)
def test_a_server_that_implements_nothing_keeps_no_must_row(api: str, server: str) -> None:
    outcome = runs.odd(api, server)
    assert outcome.faults(ENDINGS) == []
    assert outcome.passed == set()  # a row whose claim holds there would be named here, with the reason
