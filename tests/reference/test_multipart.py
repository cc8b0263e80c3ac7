from __future__ import annotations

import pytest

from fixtures.reference.multipart import NotMultipart, Part, parts

HEAD = b'Content-Disposition: form-data; name="file"; filename="a.txt"'
TYPE = "multipart/form-data; boundary=bound"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (TYPE, b"--bound\r\n" + HEAD + b"\r\n\r\nx\r\n--bound--\r\n"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="bound"', b"--bound\r\n" + HEAD + b"\r\n\r\nx\r\n--bound--"),
        (TYPE, b"preamble\r\n--bound \t\r\n" + HEAD + b"\r\n\r\nx\r\n--bound--\r\nepilogue\r\n--bound\r\n"),
        (TYPE, b"--bound\r\n" + HEAD.replace(b"Content", b"CONTENT") + b"\r\nX-Other: 1\r\n\r\nx\r\n--bound--"),
    ],
)
def test_equal_forms_are_read_alike(content_type: str, body: bytes) -> None:
    assert parts(content_type, body) == (Part("file", "a.txt", None, b"x"),)


@pytest.mark.parametrize("content", [b"", b"\r\n", b"\r\n--boundary", b"x--bound--", b"\r\n--boun", b"\r\n\r\n"])
def test_what_only_looks_like_a_boundary_is_content(content: bytes) -> None:
    [part] = parts(TYPE, b"--bound\r\n" + HEAD + b"\r\n\r\n" + content + b"\r\n--bound--")
    assert part.content == content


def test_parts_come_in_order_with_their_types() -> None:
    body = b"--bound\r\n" + HEAD + b"\r\nContent-Type: text/plain\r\n\r\n1\r\n--bound\r\n\r\n2\r\n--bound--"
    assert parts(TYPE, body) == (Part("file", "a.txt", "text/plain", b"1"), Part("", None, None, b"2"))


@pytest.mark.parametrize(
    ("name", "read"), [(b'"a\\"b"', 'a"b'), (b'"a\\\\b"', "a\\b"), ('"ü;=x"'.encode(), "ü;=x"), (b"bare", "bare")]
)
def test_names_are_unquoted(name: bytes, read: str) -> None:
    [part] = parts(TYPE, b"--bound\r\nContent-Disposition: form-data; filename=" + name + b"\r\n\r\n\r\n--bound--")
    assert part.file_name == read


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b""),
        ("multipart/mixed; boundary=bound", b"--bound--"),
        ("multipart/form-data", b"--bound--"),
        ('multipart/form-data; boundary=""', b"----"),
        ("multipart/form-data; boundary=" + "b" * 71, b"--bound--"),
        (TYPE, b""),
        (TYPE, b"--bound\r\n" + HEAD + b"\r\n\r\nx"),
        (TYPE, b"--bound\r\n" + HEAD + b"\r\n\r\nx\r\n--bound\r\n"),
        (TYPE, b"--bound\r\nno end of the header\r\n--bound--"),
    ],
)
def test_what_is_no_form_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(NotMultipart):
        parts(content_type, body)
