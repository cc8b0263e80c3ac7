"""An echo server, and secrets that each layer of the wire spells otherwise: no part of one stays in what is written."""

from __future__ import annotations

import html
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote_plus

import pytest

from tests.hostile.servers import echo, mirror
from tests.hostile.serving import Asked, Reply, answering
from tests.run.command import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hostile.serving import Responder

SECRETS = {
    "quoted": "Pw-\"double' & <angle>-71",
    "percent": "Pw-100%25+sure & %41\\u0041-72",
    "slashes": "Pw-\\back\\n/slash//=?#-73",
    "beyond ASCII": "Pw-schön-пароль-€-74",
}
PIECE = 9
"""Characters in a row of a secret that nobody else writes."""
FILES = {
    "bp_stats": 'tenant_url = "tenant.example.com"\nusername = "wallboard-1"\npassword = {0}\n',
    "oracle_chat": 'username = "chat.service"\npassword = {0}\n',
    "bp_sms": 'client_id = "sms.sender"\nclient_secret = {0}\nscope = "tenant.example.com"\n',
    "gms": 'auth = "basic"\nusername = "app"\npassword = {0}\n[apis.gms.services]\nrequest_interaction = "r"\n',
}


def page(asked: Asked) -> Reply:
    """Put what was sent into a page, coded for a URL there, and once more as a number of characters."""
    body = asked.body.decode("utf-8", "replace")
    head = "; ".join(value for _, value in asked.headers)
    links = "".join(f'<a href="?q={quote_plus(quote(text))}">{html.escape(text)}</a>' for text in (body, head))
    return Reply(200, f"<html>{links}{json.dumps(json.dumps(body))}</html>".encode(), "text/html")


@contextmanager
def target(responder: Responder, api: str, secret: str, folder: Path) -> Iterator[str]:
    with answering(responder) as url:
        file = folder / "target.toml"
        table = FILES[api].format(json.dumps(secret, ensure_ascii=False))
        file.write_text(f'name = "echo"\nbase_url = "{url}"\n[apis.{api}]\n{table}', encoding="utf-8")
        yield str(file)


def plain(text: str) -> Iterator[str]:
    """Yield a text as it is, and with the escapes of each kind undone, twice over."""
    yield text
    for _ in range(2):
        text = html.unescape(unquote_plus(text.replace("\\\\", "\\").replace('\\"', '"').replace("\\/", "/")))
        yield text


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize(
    ("api", "topic", "responder"),
    [("bp_stats", "auth", echo), ("bp_sms", "token", page), ("oracle_chat", "auth", mirror), ("gms", "auth", page)],
    ids=["bp_stats, echo", "bp_sms, page", "oracle_chat, mirror", "gms, page"],
)
def test_no_part_of_a_secret_is_in_anything_that_was_written(
    responder: Responder, api: str, topic: str, secret: str, tmp_path: Path
) -> None:
    with target(responder, api, secret, tmp_path) as file:
        done = run(tmp_path, "--target", file, "--requirement", f"{api}.{topic}.*", "-rA")
    assert (done.folder / "exchanges.jsonl").stat().st_size > 500
    written = {path.name: path.read_text("utf-8", "replace") for path in done.folder.rglob("*") if path.is_file()}
    pieces = {secret[place : place + PIECE] for place in range(len(secret) - PIECE)}
    pieces |= {" ".join(piece.split()) for piece in pieces if len(" ".join(piece.split())) >= PIECE - 1}
    for name, content in {**written, "what was printed": done.told}.items():
        values = [content, *(json.dumps(json.loads(line), ensure_ascii=False) for line in lines_of(name, content))]
        for value in values:
            for text in plain(value):
                assert not [piece for piece in pieces if piece in text], name


def lines_of(name: str, content: str) -> list[str]:
    return content.splitlines() if name.endswith(".jsonl") else [content] if name.endswith(".json") else []
