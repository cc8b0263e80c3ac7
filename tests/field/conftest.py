"""What the tests of the field share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.field.kit import authority
from tests.run.conftest import compiled, reference  # noqa: F401 - for those who judge the reference target by a run

if TYPE_CHECKING:
    from tests.field.kit import Authority


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that no system knows."""
    return authority(tmp_path_factory.mktemp("authority"))
