"""A gateway may compress, announce, or close each connection behind its answer: no verdict changes for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.defects import proof
from fixtures.reference.server import serving
from tests.field.gateways import announced, closing, gateway, old, plain, zipped
from tests.miniatures import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.reference.server import Running
    from tests.field.gateways import Change

SUITES = Path(__file__).parent.parent.parent / "suites"
GATEWAYS: dict[str, tuple[Change, bool]] = {
    "compresses": (zipped, True),
    "announces": (announced, True),
    "speaks HTTP/1.0": (old, False),
    "says that it closes": (closing, False),
    "closes without a word": (plain, False),
}
WIRE = ("oracle_chat/test_authentication.py", "bp_stats/test_wire_not_ready.py", "gms/test_auth.py")
"""Tests that send over the wire probe, and look at what is on the connection."""


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    with serving() as running:
        yield running


@pytest.mark.parametrize("which", GATEWAYS)
def test_a_gateway_changes_no_verdict(which: str, reference: Running) -> None:
    change, keeps = GATEWAYS[which]
    with listening(gateway(reference.base_url, change, keeps=keeps)) as way:
        text = reference.target_file_text().replace(reference.base_url, way.url)
        tests = [str(SUITES / test) for test in WIRE]
        results = proof.judge(text, apis=["oracle_chat", "bp_stats", "gms"], tests=tests)
    odd = {test["nodeid"]: test["message"] for test in results["tests"] if test["verdict"] not in {"pass", "none"}}
    assert odd == {}
    passed = [test["nodeid"] for test in results["tests"] if test["verdict"] == "pass"]
    assert {"bp_stats", "gms", "oracle_chat"} == {node.split("/")[1] for node in passed}
