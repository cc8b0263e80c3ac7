"""The odd servers by name: each answers everything alike, whatever it is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.hostile.serving import Asked, Reply

if TYPE_CHECKING:
    from tests.hostile.serving import Responder

LOGIN_PAGE = b"""<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method="post" action="/login">
<input name="user"><input name="password" type="password"><button>Sign in</button></form></body></html>"""


def always(status: int = 200, body: bytes = b"", kind: str | None = "application/json") -> Responder:
    """Return a server that has one answer."""
    reply = Reply(status, body, kind)
    return lambda _: reply


def echo(asked: Asked) -> Reply:
    """Reflect what was sent, as JSON."""
    told = {
        "method": asked.method,
        "path": asked.path,
        "headers": dict(asked.headers),
        "body": asked.body.decode("utf-8", "replace"),
    }
    return Reply(200, json.dumps(told).encode())


def mirror(asked: Asked) -> Reply:
    """Send the body back as it came, labelled as it was."""
    kinds = [value for name, value in asked.headers if name.lower() == "content-type"]
    return Reply(200, asked.body, kinds[0] if kinds else "text/plain")


NULL: dict[str, Responder] = {
    "200 {}": always(body=b"{}"),
    "200 []": always(body=b"[]"),
    "200 null": always(body=b"null"),
    "200 number": always(body=b"42"),
    "200 string": always(body=b'"ok"'),
    "200 empty": always(kind=None),
    "echo": echo,
    "mirror": mirror,
    "204": always(204, kind=None),
    "500 JSON": always(500, b'{"error": "internal"}'),
    "500 empty": always(500, kind=None),
    "404": always(404, b'{"error": "not found"}'),
    "401": always(401, b'{"error": "unauthorized"}'),
    "login page": always(body=LOGIN_PAGE, kind="text/html"),
}
"""Servers that implement nothing. What passes at all of them says nothing of any server."""


def means(responder: Responder) -> str:
    """Say what a server answers to a plain request, for a table."""
    reply = responder(Asked("GET", "/", (), b""))
    if reply is None:
        return "nothing"
    kind = f", {reply.kind.partition(';')[0]}" if reply.kind else ""
    fields = f", {len(reply.headers)} header fields" if reply.headers else ""
    return f"{reply.status}{kind}, {len(reply.body)} octets{fields}"


def deep(levels: int) -> bytes:
    """Return JSON that is nested so deep."""
    return b'{"a":' * levels + b"1" + b"}" * levels


ESCAPES = "a\\u0000b\\u001b[31m\\u001b]0;title\\u0007\\u009b2J\\u202edcba\\ud800\\u2028<script>alert(1)</script>"


def _everywhere(value: str) -> Responder:
    """Return a server whose answer has one value in every member that any of the APIs reads."""
    text = "{" + ",".join(f'"{name}":{value}' for name in MEMBERS) + "}"
    return always(body=text.encode())


MEMBERS = (
    *("token", "access_token", "token_type", "expires_in", "scope", "id", "_id", "sid", "status", "message"),
    *("chat_id", "state", "events", "event", "party_id", "msg_id", "text", "timestamp", "subscriptions", "messages"),
    *("data", "rows", "name", "value", "type", "error", "errors", "exception", "is_available", "available", "apps"),
    *("access-number", "phoneNumber", "chatId", "transcriptPosition", "transcript", "secureKey", "userId", "alias"),
    *("jwt", "url", "_dialog_id", "_action", "_text", "to", "from", "body", "num_segments", "date_created", "list"),
    "statistics",
)
HOSTILE: dict[str, Responder] = {
    "deep JSON": always(body=deep(150)),
    "deeper JSON": always(body=deep(5000)),
    "escapes": _everywhere(f'"{ESCAPES}"'),
    "scalars": _everywhere("7"),
    "arrays": _everywhere("[[]]"),
    "objects": _everywhere('{"":{}}'),
    "booleans": _everywhere("true"),
    "nulls": _everywhere("null"),
    "1e400": _everywhere("1e400"),
    "5000 digits": _everywhere("1" + "0" * 5000),
    "escapes in the header": lambda _: Reply(
        200,
        b"{}",
        headers=(("X-A", "\x1b[31m\x07\x9b2J"), ("Set-Cookie", "s=\x1b]0;title\x07")),
        reason="\x1b[7mOK\x07",
    ),
    "invalid UTF-8": always(body=b'{"token":"\xff\xfe\xc0\xaf","state":"\xed\xa0\x80"}'),
    "truncated JSON": always(body=b'{"token":"abcdefgh'),
    "thousands of tokens": always(
        body=json.dumps({"token": "none", "list": [{"token": f"secret-token-{n:06d}"} for n in range(8000)]}).encode()
    ),
    "token of megabytes": always(body=json.dumps({"token": "t" * 4_000_000, "access_token": "a" * 4_000_000}).encode()),
    "wrong items": always(body=json.dumps([{"id": n, "name": None} for n in range(12_000)]).encode()),
    "long headers": lambda _: Reply(200, b"{}", headers=tuple((f"X-{n}", "h" * 60_000) for n in range(99))),
    "many headers": lambda _: Reply(200, b"{}", headers=tuple((f"X-{n}", "h") for n in range(10_000))),
    "100 MB of JSON": always(body=b'{"a":"' + b"x" * 100_000_000 + b'"}'),
}
"""Servers whose answer is made to trip a reader up."""

SERVERS: dict[str, Responder] = {**NULL, **HOSTILE}
