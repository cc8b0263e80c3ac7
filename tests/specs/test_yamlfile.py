"""YAML is read as data that JSON could hold, and every value knows its line."""

from pathlib import Path

import pytest

from specs.errors import InvalidFile, MissingFile
from specs.yamlfile import load


def written(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", "no"),
        ("a: 2027-01-31", "2027-01-31"),
        ("a: 1:30", "1:30"),
        ("a: 010", "010"),
        ("a: 12", 12),
        ("a: -1.5e3", -1500.0),
        ("a: true", True),
        ("a: null", None),
        ("a:", None),
        ('a: "12"', "12"),
    ],
)
def test_scalars_mean_what_they_mean_in_json(tmp_path: Path, text: str, value: object) -> None:
    data = load(written(tmp_path, text)).data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"file\.yaml:3: the key 'a' stands twice") as caught:
        load(written(tmp_path, "a: 1\nb: 2\na: 3\n"))
    assert caught.value.line == 3


def test_a_key_that_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="the key 200 is not text") as caught:
        load(written(tmp_path, "responses:\n  200: {}\n"))
    assert caught.value.hint == "put it in quotes"


def test_broken_yaml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile) as caught:
        load(written(tmp_path, "a: 1\nb: [1\nc: 2\n"))
    assert caught.value.line >= 2


@pytest.mark.parametrize("text", ["a: !!python/name:os.system x", "a: !unknown x"])
def test_tags_make_no_objects(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidFile):
        load(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("where", "line"),
    [((), 1), (("rows",), 2), (("rows", 0), 3), (("rows", 0, "b"), 4), (("rows", 1, "a"), 5), (("rows", 9, "x"), 2)],
)
def test_a_path_leads_to_its_line(tmp_path: Path, where: tuple[str | int, ...], line: int) -> None:
    loaded = load(written(tmp_path, "top: 1\nrows:\n  - a: 1\n    b: 2\n  - a: 3\n"))
    assert loaded.line_of(where) == line
