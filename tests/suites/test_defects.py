"""A green run shows only that the suite raises no false alarm; these show that it catches what it says it catches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.defects import Defect, all_defects
from fixtures.defects.proof import prove

if TYPE_CHECKING:
    from fixtures.reference.server import Running


@pytest.mark.parametrize("defect", all_defects(), ids=lambda defect: defect.id)
def test_the_suite_reports_the_defect_and_nothing_else(defect: type[Defect], server: Running) -> None:
    proof = prove(defect, server)
    assert not proof.survived, f"not reported: {defect.fault}"
    assert not proof.strays, "requirements of other topics failed too"
