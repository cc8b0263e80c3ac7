"""How many instances of services the property tests and races of gms may make."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from suites.gms.pool import RESERVED, SHARES, Pool

DEFAULT = 500
"""max_services of a target file that does not name it."""


def pool(max_services: int) -> Any:
    return SimpleNamespace(api=SimpleNamespace(table={"max_services": max_services}))


@pytest.mark.parametrize(
    ("max_services", "wanted", "each", "had"),
    [(DEFAULT, 12, 1, 12), (DEFAULT, 60, 1, 37), (DEFAULT, 60, 6, 6), (2000, 60, 1, 60), (80, 60, 1, 1), (80, 3, 4, 1)],
)
def test_scenarios_keep_what_they_need(max_services: int, wanted: int, each: int, had: int) -> None:
    assert Pool.share(pool(max_services), wanted, each=each) == had
    assert had == 1 or RESERVED + SHARES * had * each <= max_services or had == wanted
