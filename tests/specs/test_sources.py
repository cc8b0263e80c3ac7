"""Documents are compared by digest, and a change names the requirements whose words are gone."""

from pathlib import Path

import pytest

from specs.documents import documents, load_documents, make_passage, normalise, passage_of, standing
from specs.errors import AmbiguousPassage, UnknownPassage
from specs.requirements import catalogue, load_catalogue
from specs.sources import Comparison, State, compare, describe
from tests.specs import miniature

REAL_DOCUMENTS = Path(__file__).parents[3] / "shared" / "documents"


def compared(tmp_path: Path, text: str | None) -> tuple[Comparison, Comparison]:
    """Compare the miniature's two documents, the first of them with this text."""
    root = miniature.write(tmp_path)
    folder = tmp_path / "documents"
    folder.mkdir()
    if text is not None:
        (folder / "manual.txt").write_text(text, encoding="utf-8")
    manual, hearsay = compare(folder, load_documents(root / "specs"), load_catalogue(root / "specs"))
    return manual, hearsay


def test_normalised_text_has_single_spaces_and_composed_letters() -> None:
    assert normalise("  a\n\tb\u00a0c e\u0301 ") == "a b c \u00e9"


def test_an_unchanged_document_stands(tmp_path: Path) -> None:
    manual, _ = compared(tmp_path, miniature.TEXT)
    assert (manual.state, manual.stands, manual.fallen) == (State.UNCHANGED, True, ())


def test_another_layout_is_no_change(tmp_path: Path) -> None:
    manual, _ = compared(tmp_path, miniature.TEXT.replace(" ", "\n  "))
    assert manual.state is State.UNCHANGED


def test_a_change_elsewhere_leaves_the_passages_standing(tmp_path: Path) -> None:
    manual, _ = compared(tmp_path, "A new introduction.\n" + miniature.TEXT)
    assert (manual.state, manual.stands, manual.fallen) == (State.CHANGED, True, ())
    assert "read it for new claims" in "\n".join(describe(manual))


def test_a_changed_passage_names_its_requirements(tmp_path: Path) -> None:
    manual, _ = compared(tmp_path, miniature.TEXT.replace("a text", "a number"))
    assert not manual.stands
    assert [row.id for row in manual.fallen] == ["bp_stats.auth.token-is-text"]


def test_an_absent_document_proves_nothing(tmp_path: Path) -> None:
    manual, hearsay = compared(tmp_path, None)
    assert (manual.state, manual.stands) == (State.ABSENT, False)
    assert (hearsay.state, hearsay.stands) == (State.NOT_HELD, True)


def test_no_text_of_a_document_is_told(tmp_path: Path) -> None:
    manual, _ = compared(tmp_path, "Secret words. " + miniature.TEXT.replace("a text", "a number"))
    told = "\n".join(describe(manual))
    assert "Secret" not in told
    assert "a number" not in told


def test_a_passage_is_found_wherever_a_word_begins() -> None:
    passage = passage_of("token is text")
    assert standing("the token is text now", {passage}) == {passage}
    assert standing("the tokens are texts now", {passage}) == frozenset()


def test_a_passage_must_stand_in_the_document() -> None:
    with pytest.raises(UnknownPassage):
        make_passage("the token is text", "the token is a number")


@pytest.mark.parametrize("piece", ["", "oken is text"])
def test_a_passage_begins_with_a_word(piece: str) -> None:
    with pytest.raises(UnknownPassage):
        make_passage("the token is text", piece)


def test_a_passage_stands_once() -> None:
    with pytest.raises(AmbiguousPassage, match="2 times"):
        make_passage("401 here, 401 there", "401")


@pytest.mark.skipif(not REAL_DOCUMENTS.is_dir(), reason="the source documents are not part of the checkout")
def test_every_passage_stands_in_the_real_documents() -> None:
    held = {each.id: each for each in documents().values() if each.text}
    comparisons = list(compare(REAL_DOCUMENTS, held, catalogue()))
    assert comparisons
    assert [(each.document.id, each.state, each.fallen) for each in comparisons] == [
        (document, State.UNCHANGED, ()) for document in held
    ]
