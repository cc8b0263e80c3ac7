"""The page of odd servers names every server that the harness knows."""

from __future__ import annotations

import pytest

from tests.hostile.servers import SERVERS
from tests.run.command import ROOT


@pytest.mark.parametrize("name", SERVERS)
def test_the_page_tells_what_became_of(name: str) -> None:
    page = (ROOT / "docs" / "odd-servers.md").read_text(encoding="utf-8")
    assert f"\n| {name} |" in page
