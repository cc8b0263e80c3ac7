"""Servers that implement nothing: what a must row says of them is not that they keep it, unless they do."""

from __future__ import annotations

import pytest

from specs.requirements import catalogue
from tests.hostile import runs

NULL = ("200 {}", "echo", "500 JSON", "login page")
"""Of the servers of vacuity, those that differ most; `python -m tests.hostile --server null --passed` asks all."""
HOLDS = {
    "gms.match.no-match-is-404": "where everything is answered 404, so is a call from a number that was never booked",
    "gms.create.urlencoded-answers-200": "an echo answers 200 to a form, which is all that is claimed of the status",
}
"""Rows that may pass at such a server, each with what makes its claim true there."""
ENDINGS = frozenset({1, 6, 7})


@pytest.mark.parametrize("server", NULL)
@pytest.mark.parametrize("api", catalogue().apis)
def test_a_server_that_implements_nothing_keeps_no_must_row(api: str, server: str) -> None:
    outcome = runs.odd(api, server)
    assert outcome.faults(ENDINGS) == []
    assert outcome.passed <= set(HOLDS)


def test_each_exception_is_a_row_of_level_must() -> None:
    assert {catalogue().get(name).level.value for name in HOLDS} <= {"must"}
