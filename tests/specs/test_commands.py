"""`python -m specs` as its users drive it: output and exit codes."""

from pathlib import Path

import pytest

from specs.__main__ import main
from specs.requirements import catalogue

TEXT = "Login answers 200 – OK with a token.\n"


def test_check_finds_nothing_in_this_checkout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    apis = ", ".join(catalogue().apis)
    assert capsys.readouterr().out == f"{len(catalogue().rows)} requirements of {apis}: no problem\n"


def test_explain_tells_claim_source_readings_and_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "bp_stats.limit.string-or-number"]) == 0
    told = capsys.readouterr().out
    for part in (
        "reading · property",
        "Realtime Statistics API",
        "string-only",
        "user A, or an access token",
        "Tests",
        "Defects",
    ):
        assert part in told


def test_explain_tells_which_keys_make_a_requirement_milder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "bp_stats.tenant-limit.exceeding-answers-409"]) == 0
    told = "impact intrusive, session where the target file has tenant_limit and extra_users"
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("row", {row.level: row.id for row in catalogue().rows}.values())
def test_a_requirement_of_every_level_can_be_explained(row: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", row]) == 0
    assert capsys.readouterr().out.startswith(row)


def test_an_unknown_id_leaves_with_4_and_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "bp_stats.limit.string-or-numbr"]) == 4
    assert "nearest: bp_stats.limit.string-or-number" in capsys.readouterr().err


def test_sources_without_the_documents_leaves_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--documents", str(tmp_path)]) == 1
    assert "absent     brightpattern-stats-api-description" in capsys.readouterr().out


def test_sources_of_a_changed_document_names_the_requirements(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "brightpattern-stats-api-description.txt").write_text("another text", encoding="utf-8")
    assert main(["sources", "--documents", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "changed    brightpattern-stats-api-description  0 of " in told
    assert "bp_stats.auth.token-equals-cookie" in told


def test_a_folder_that_is_none_leaves_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--documents", str(tmp_path / "nowhere")]) == 4
    assert "is no folder" in capsys.readouterr().err


def test_passage_prints_the_lines_for_a_requirement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rfc9110.txt").write_text(TEXT, encoding="utf-8")
    assert main(["passage", "--documents", str(tmp_path), "rfc9110", "200  – OK"]) == 0
    document, passage = capsys.readouterr().out.splitlines()
    assert document == "document: rfc9110"
    assert passage.startswith("passage: {sha256: ")
    assert passage.endswith(", length: 8}")


@pytest.mark.parametrize(
    ("document", "text"), [("rfc9110", "not in it"), ("rfc911", "200 – OK"), ("rfc9112", "200 – OK")]
)
def test_a_passage_that_can_not_be_made_leaves_with_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: str, text: str
) -> None:
    (tmp_path / "rfc9110.txt").write_text(TEXT, encoding="utf-8")
    assert main(["passage", "--documents", str(tmp_path), document, text]) == 4
    assert capsys.readouterr().err.startswith("python -m specs: ")


@pytest.mark.parametrize("arguments", [[], ["explan"], ["explain"], ["sources"]])
def test_wrong_usage_leaves_with_4(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 4
    assert "usage: python -m specs" in capsys.readouterr().err
