"""What the tests of the field share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.field.kit import authority

if TYPE_CHECKING:
    from tests.field.kit import Authority


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that no system knows."""
    return authority(tmp_path_factory.mktemp("authority"))
