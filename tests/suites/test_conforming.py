"""A target that does what the documents say gets no bad word, with cookies and with bearer tokens."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.defects.proof import judge
from fixtures.reference.settings import Settings
from specs.requirements import catalogue
from tests.suites.conftest import READY_S

if TYPE_CHECKING:
    from fixtures.reference.server import Running

JUDGED = {"bp_mobile": 127, "bp_sms": 59, "bp_stats": 96, "gms": 82, "oracle_chat": 80}
"""Requirements that the reference target shows; the others speak of targets that are set up in another way."""


def verdicts(results: dict[str, Any]) -> Counter[str]:
    return Counter(row["verdict"] for row in results["requirements"])


def test_every_api_is_judged() -> None:
    assert set(JUDGED) == set(catalogue().apis)


@pytest.mark.parametrize(("api", "judged"), JUDGED.items(), ids=JUDGED)
def test_the_conforming_target_passes_every_requirement_that_speaks_of_it(
    api: str, judged: int, server: Running
) -> None:
    server.swap()
    results = judge(server.target_file_text(), apis=[api])
    assert [row for row in results["requirements"] if row["verdict"] not in {"pass", "none"}] == []
    assert (results["run"]["status"], results["run"]["exit_code"]) == ("conforming", 0)
    assert results["apis"][api]["counts"]["pass"] == judged


def test_a_target_that_takes_bearer_tokens_passes_what_speaks_of_it(server: Running) -> None:
    server.swap(settings=Settings(ready_delay_s=READY_S, auth_mode="bearer"))
    results = judge(server.target_file_text(), apis=["bp_stats"])
    assert (results["run"]["status"], results["run"]["exit_code"]) == ("conforming", 0)
    assert verdicts(results)["pass"] >= 60
    judged = {row["id"] for row in results["requirements"] if row["verdict"] == "pass"}
    assert "bp_stats.session.bearer-instead-of-cookie" in judged
