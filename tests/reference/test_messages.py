from __future__ import annotations

import pytest

from fixtures.reference.messages import Call, NotJson, json_bytes, strict_json


@pytest.mark.parametrize(
    ("fields", "pairs"),
    [
        (["a=1; b=2"], [("a", "1"), ("b", "2")]),
        (["a=1", "b=2"], [("a", "1"), ("b", "2")]),
        (['a="1"; b=x=y'], [("a", "1"), ("b", "x=y")]),
        (["a; =1;; b="], [("", "1"), ("b", "")]),
    ],
)
def test_cookies_are_read_pair_by_pair(fields: list[str], pairs: list[tuple[str, str]]) -> None:
    assert list(Call("GET", "/", headers=tuple(("cookie", field) for field in fields)).cookies) == pairs


def test_the_first_of_equal_cookies_counts_and_letter_case_does() -> None:
    call = Call("GET", "/", headers=(("cookie", "A=0; a=1; a=2"),))
    assert call.cookie("a") == "1"


def test_the_query_is_decoded_once() -> None:
    assert Call("GET", "/", raw_query="a=%2541+b&c=&%C3%BC=%c3%bc").query == (("a", "%41 b"), ("c", ""), ("ü", "ü"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"\xff",
        b"NaN",
        b"[1,]",
        b"{'a': 1}",
        b'{"a": 1, "a": 1}',
        b'"\\ud800"',
        b"[" * 100_000,
        b"1" * 5_000,
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        strict_json(body)


def test_json_goes_out_as_it_came_in() -> None:
    body = '{"é":[1,true,null,"\\"\\\\"],"__proto__":{}}'.encode()
    assert json_bytes(strict_json(body)) == body
