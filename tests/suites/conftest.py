"""One reference target for each worker, its faults and readings exchanged between tests."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from fixtures.reference.server import Running, serving
from fixtures.reference.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_S = 0.04
"""Readiness delay of the target: long enough to be seen as 204, short enough for some hundred runs."""


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """A conforming target."""
    gc.freeze()  # what is loaded stays: some hundred runs in one process need not look at it again and again
    with serving(settings=Settings(ready_delay_s=READY_S)) as running:
        yield running
