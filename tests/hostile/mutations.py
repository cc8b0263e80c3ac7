"""Mutations of an answer: each a small way to be wrong; which one comes is drawn by a seed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from tests.hostile.serving import Reply

    Mutation = Callable[[Random, Any], bytes]

STRINGS = (
    *(
        "\x00",
        "a\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x9b2J",
        "\x7f\x08\x08",
        "\u202egnp.exe\u2066",
        "\u2028\u2029",
    ),
    *(
        "\ud800",
        "\udfff\ud800",
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "]]>&lt;&#0;",
        "{{7*7}}",
    ),
    *(
        "[a](javascript:b) | `c` @all #1",
        "%00%0d%0aX: y",
        "\r\nX: y",
        "\ufeff",
        "\uffff",
        "\U0001f600" * 9,
        "",
        " ",
        "'",
    ),
    *("x" * 70_000, "null", "0", "-1", "1e3", "0x10", "٣", "2023-02-30T25:61:61Z", "../../etc", "tr\u00e9s", "A" * 200),
)
NUMBERS = (
    *("1e400", "-1e400", "1" + "0" * 5000, "-" + "9" * 5000, "0.1e-999", "-0", "-1", "1e22", "9007199254740993", "2.5"),
    *("9" * 400, "NaN", "Infinity", "1" * 4300, "1e308"),
)
OTHERS = ("null", "true", "7", '"text"', "[]", "{}", '[{"a":[null]}]', '{"":{"a":1}}', "[[[]]]", '["a","b"]')
KINDS = (
    *("text/html", "text/plain; charset=utf-16", "application/xml", "", "application/json; charset=utf-16", "*/*"),
    *("application/octet-stream", "multipart/form-data", "application/problem+json", "\x1b[31m", "image/png", "json"),
)
STATUSES = (*range(200, 209), 226, *range(300, 309), *range(400, 432), 451, *range(500, 512), 599, 600, 999)
DEPTH = 150


def mutate(draw: Random, reply: Reply) -> Reply:
    """Return the answer with something wrong in it; half of the time inside of its JSON."""
    try:
        value = json.loads(reply.body)
    except ValueError:
        return draw.choice(WHOLE)(draw, reply)
    if draw.random() < 0.35:
        return draw.choice(WHOLE)(draw, reply)
    return replace(reply, body=draw.choice(INSIDE)(draw, value))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield container and key of every value below this one."""
    open_ = [value]
    while open_:
        node = open_.pop()
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, inner in pairs:
            yield node, key
            open_.append(inner)


def _put(draw: Random, value: Any, raw: str) -> bytes:
    """Write the value with one place of it, drawn, replaced by this JSON text."""
    places = list(_places(value))
    if not places or draw.random() < 0.05:
        return raw.encode("utf-8", "surrogatepass")
    node, key = draw.choice(places)
    node[key] = "@raw@"
    return json.dumps(value).replace('"@raw@"', raw).encode("utf-8", "surrogatepass")


def _number(draw: Random, value: Any) -> bytes:
    return _put(draw, value, draw.choice(NUMBERS))


def _other_type(draw: Random, value: Any) -> bytes:
    return _put(draw, value, draw.choice(OTHERS))


def _string(draw: Random, value: Any) -> bytes:
    return _put(draw, value, json.dumps(draw.choice(STRINGS)))


def _every_string(draw: Random, value: Any) -> bytes:
    text = draw.choice(STRINGS[:20])
    for node, key in list(_places(value)):
        if isinstance(node[key], str):
            node[key] = text
    return json.dumps(value).encode()


def _nested(draw: Random, value: Any) -> bytes:
    opening, closing = draw.choice((("[", "]"), ('{"a":', "}")))
    return _put(draw, value, opening * DEPTH + "1" + closing * DEPTH)


def _dropped(draw: Random, value: Any) -> bytes:
    places = list(_places(value))
    if places:
        node, key = draw.choice(places)
        del node[key]
    return json.dumps(value).encode()


def _doubled(draw: Random, value: Any) -> bytes:
    every = (value, *(node[key] for node, key in _places(value)))
    objects = [node for node in every if isinstance(node, dict) and node]
    if not objects:
        return json.dumps([value, value]).encode()
    node = draw.choice(objects)
    name = draw.choice(list(node))
    node["@twice@"] = draw.choice((node[name], None, 7))
    return json.dumps(value).replace('"@twice@"', json.dumps(name)).encode()


def _more(draw: Random, value: Any) -> bytes:
    """Add a member with an odd name, or repeat the items of an array."""
    if isinstance(value, dict):
        return json.dumps({**value, draw.choice(STRINGS[:12]): draw.choice((1, "a", None))}).encode()
    return json.dumps(value * 50 if isinstance(value, list) else [value]).encode()


def _wrapped(draw: Random, value: Any) -> bytes:
    return json.dumps(draw.choice(([value], {"data": value}, json.dumps(value)))).encode()


INSIDE: tuple[Mutation, ...] = (
    *(_number, _other_type, _other_type, _string, _string, _every_string, _nested, _dropped, _dropped, _doubled, _more),
    _wrapped,
)


def _cut(draw: Random, reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: draw.randrange(len(reply.body))] if reply.body else b"{")


def _not_utf8(draw: Random, reply: Reply) -> Reply:
    place = draw.randrange(len(reply.body)) if reply.body else 0
    return replace(reply, body=reply.body[:place] + b"\xff\xfe\xc0\xaf\x80" + reply.body[place:])


def _scalar(draw: Random, reply: Reply) -> Reply:
    return replace(reply, body=draw.choice((*OTHERS, *NUMBERS)).encode())


def _header(draw: Random, reply: Reply) -> Reply:
    name = draw.choice(("Set-Cookie", "Location", "Retry-After", "Content-Type", "X-A", "Date", "Cache-Control"))
    value = draw.choice(("\x1b[31m\x07", "\x9b2J\xe9", "", "a=\x1b]0;t\x07", "==;;==", "%ff", "9" * 500, "\x85"))
    return replace(reply, headers=(*reply.headers, (name, value)))


def _reason(draw: Random, reply: Reply) -> Reply:
    return replace(reply, reason=draw.choice(("", "\x1b[31mOK\x07", "\x9b", "<b>OK</b>", "O" * 3000)))


WHOLE: tuple[Callable[[Random, Reply], Reply], ...] = (
    lambda draw, reply: replace(reply, kind=draw.choice((*KINDS, None))),
    lambda _, reply: replace(reply, body=b""),
    lambda draw, reply: replace(reply, status=draw.choice(STATUSES)),
    lambda draw, reply: replace(reply, status=draw.choice(STATUSES)),
    lambda _, reply: replace(reply, body=b"<!DOCTYPE html><html><body>\x1b[31m</body></html>", kind="text/html"),
    lambda _, reply: replace(reply, body=b"\xef\xbb\xbf" + reply.body),
    lambda _, reply: replace(reply, body=reply.body + b"\x00"),
    *(_cut, _not_utf8, _scalar, _header, _reason),
)
