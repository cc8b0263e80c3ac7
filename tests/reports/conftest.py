"""The sample run on disk, merged with the sample catalogue in the place of the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reports import record
from specs.requirements import Catalogue
from tests.reports import sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reports.record import TestRow

    Recorded = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def sample_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "catalogue", lambda: Catalogue(sample.CATALOGUE, {}))


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    """Give a function that records a sample run in `tmp_path` and merges it."""

    def merged(*tests: TestRow, folder: str = "run", suite_error: str | None = None, **changes: Any) -> dict[str, Any]:
        run_dir = sample.write_run(tmp_path / folder, tests or sample.TESTS, **changes)
        return record.merge(run_dir, finished=sample.FINISHED, interrupted=False, suite_error=suite_error)

    return merged
