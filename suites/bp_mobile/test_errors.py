"""Error answers: their form, their codes, and what they must not tell."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from suites.bp_mobile import steps
from suites.bp_mobile.clients import SCHEME, Clients, authorization
from suites.bp_mobile.voices import Voice, speaking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Client

PUBLISHED = frozenset(
    map(
        str,
        [1000, *range(2000, 2005), 3000, 5000, 5001, *range(5003, 5007), *range(5500, 5503), 5509, 5511, 5558, 5955],
    )
)
"""Error codes of the document's list."""
PROXY = frozenset({405, 413, 414, 431, 501, 502})
"""Statuses that something in front of the server may answer with, in a form of its own."""
MALFORMED = b'{"events": [{"event": "chat_session_message", "msg": "cut o'
UNKNOWN = str(uuid.UUID(int=0x40008000000000000000))


@dataclass(frozen=True, slots=True)
class Fault:
    """A request with one fault, its answer, and what is published for it: codes, and statuses that fit them."""

    name: str
    answer: Answer
    codes: tuple[str, ...]
    statuses: frozenset[int]


def _refused_callers(client: Client) -> Iterator[Fault]:
    """Yield faults of the Authorization field and of tenantUrl."""
    api, asks = client.api, "checkAvailability"
    app, me = f'appId="{client.app_id}"', f'clientId="{client.id}"'
    whole = authorization(client.app_id, client.id)
    let_in = {401, 403}
    for name, value, codes, statuses in (
        ("no Authorization field", None, ("2000",), let_in),
        ("another scheme", f"Basic {app}, {me}", ("2002",), let_in),
        ("unreadable parameters", f'{SCHEME} appId"=;', ("2001",), {400, *let_in}),
        ("no appId", f"{SCHEME} {me}", ("2003",), {400, *let_in}),
        ("no clientId", f"{SCHEME} {app}", ("2004",), {400, *let_in}),
        (
            "an unknown appId",
            authorization(f"no-entry-{secrets.token_hex(4)}", client.id),
            ("3000", "5006"),
            {400, 404, *let_in},
        ),
    ):
        yield Fault(name, speaking(api, value).call(asks), codes, frozenset(statuses))
    unknown = Voice(api, whole, tenant=f"no-tenant-{secrets.token_hex(4)}.example.com").call(asks)
    yield Fault("an unknown tenantUrl", unknown, ("1000",), frozenset({400, 404, *let_in}))


def _refused_requests(chat: Chat) -> Iterator[Fault]:
    """Yield faults of a client that is let in; the last one is that its chat has ended."""
    client, missing = chat.client, frozenset({404})
    unknown = {"chatId": UNKNOWN}
    yield Fault("malformed JSON", client.call("requestChat", body=MALFORMED), ("5003",), frozenset({400}))
    yield Fault("the history of an unknown chat", client.call("getChatHistory", path=unknown), ("5005",), missing)
    polled = client.call("getNewChatEvents", path=unknown, patient=False)
    yield Fault("a poll of an unknown chat", polled, ("5005",), missing)
    path = {"chatId": chat.id, "fileId": UNKNOWN}
    yield Fault("an unknown file", client.call("getFile", path=path), ("5502",), missing)
    steps.end(chat)
    sent = steps.send(chat, steps.message("too late"))
    yield Fault("a message to an ended chat", sent, ("5005",), missing)


def _judge_form(judge: Judge, fault: Fault) -> None:
    """Judge the form of one error answer; a success is judged by the row of its fault, unless it carries an error."""
    answer, body = fault.answer, object_in(fault.answer)
    if answer.status < 400:
        expected = f"no error object in an answer with status {answer.status}, to {fault.name}"
        judge.that("error_code" not in body, expected, shown(answer), answer)
        return
    if answer.status in PROXY:
        judge.note(**{fault.name: answer.status})
        return
    code, text = body.get("error_code"), body.get("error_message")
    good = isinstance(code, str) and re.fullmatch("[0-9]+", code)
    judge.that(good, f"error_code, a text of decimal digits, to {fault.name}", shown(answer), answer)
    judge.that(isinstance(text, str), f"error_message, a text, to {fault.name}", shown(answer), answer)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The documented faults, each made once, and the client that made them."""

    client: Client
    faults: tuple[Fault, ...]


@pytest.fixture(scope="module")
def evidence(api: Api) -> Iterator[Evidence]:
    """Every documented fault, gathered when a test first asks for it."""
    clients = Clients(api)
    chat = steps.open_chat(clients.fresh())
    yield Evidence(chat.client, (*_refused_callers(chat.client), *_refused_requests(chat)))
    clients.close()


@pytest.mark.requirement("bp_mobile.errors.body")
def test_errors_have_one_form(evidence: Evidence, judge: Judge) -> None:
    """A refusal is a JSON object whose error_code is a text of digits and whose error_message is a text."""
    for fault in evidence.faults:
        _judge_form(judge, fault)
    if all(fault.answer.status in PROXY for fault in evidence.faults):
        judge.inconclusive("no answer was one of the server")


@pytest.mark.requirement("bp_mobile.errors.body")
def test_a_refused_upload_has_the_form_of_errors(api: Api, judge: Judge) -> None:
    """An upload without credentials is refused in the same form."""
    body, content_type = steps.multipart("note.txt", b"nobody's")
    answer = speaking(api, None).call("uploadFile", body=body, content_type=content_type)
    _judge_form(judge, Fault("an upload without credentials", answer, (), frozenset()))
    judge.that(answer.status >= 400, "a refusal", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.errors.codes-match-the-fault")
def test_error_codes_name_the_fault(evidence: Evidence, judge: Judge) -> None:
    """Each fault is answered with its published code, and with a status that fits it."""
    seen: dict[str, str] = {}
    for fault in evidence.faults:
        answer = fault.answer
        if answer.status < 400 or answer.status >= 500:
            continue  # whether it must be refused at all is the matter of another requirement
        code = object_in(answer).get("error_code")
        if code is None:
            judge.warn(False, f"a body with the error code of {fault.name}", shown(answer), answer)
            continue
        known = " or ".join(fault.codes)
        judge.warn(str(code) in PUBLISHED, f"a published error code to {fault.name}", str(code), answer)
        judge.warn(str(code) in fault.codes, f"error code {known} to {fault.name}", str(code), answer)
        statuses = " or ".join(map(str, sorted(fault.statuses)))
        judge.warn(
            str(code) not in fault.codes or answer.status in fault.statuses,
            f"status {statuses} with error code {known}",
            str(answer.status),
            answer,
        )
        seen[fault.name] = str(code)
    judge.note(codes=seen)
    if not seen:
        judge.inconclusive("no fault was answered with an error code")


TRACES = re.compile(
    r"Traceback|Exception\b|stack ?trace|\bat [\w$.]+\([\w$]+\.\w+:\d+\)"
    r"|\.(?:py|java|cs|php|js|c|cpp|go)\b[\"']?(?:, line |:)\d"
    r"|(?:/usr/|/opt/|/var/|/home/|/srv/|[A-Z]:\\)[\w.-]+|SQLSTATE|ORA-\d{5}|syntax error at or near|SELECT .+ FROM ",
    re.IGNORECASE,
)
MARKUP = "<b>canary</b>"
NOTHING_REFUSED = "the server refused nothing of what must be refused"


def _told(answer: Answer) -> str:
    return "\n".join((*(f"{name}: {value}" for name, value in answer.headers), answer.text))


@pytest.mark.requirement("bp_mobile.errors.no-internals")
def test_errors_show_no_internals(evidence: Evidence, chat: Chat, clients: Clients, judge: Judge) -> None:
    """Error answers repeat no credentials, tell nothing of other clients, and show no traces, paths or queries."""
    secret = f"canary-{secrets.token_hex(8)}"
    victim = steps.open_chat(clients.fresh())
    steps.remembered(victim, secret)
    broken = b'{"events": [{"event": "chat_session_message", "msg": "' + MARKUP.encode() + b'", }]}'
    answers = [
        *(fault.answer for fault in evidence.faults),
        chat.client.call("getChatHistory", path={"chatId": victim.id}),
        chat.client.call("getChatHistory", path={"chatId": MARKUP}),
        chat.client.call("requestChat", body=broken),
        chat.call("sendEvents", body=broken),
        chat.call("sendEvents", body=broken, content_type="text/html"),
    ]
    refused = [answer for answer in answers if answer.status >= 400]
    if not refused:
        judge.inconclusive(NOTHING_REFUSED)
    for answer in refused:
        told = _told(answer)
        secrets_of_ours = any(client.id in told for client in (evidence.client, chat.client))
        judge.that(not secrets_of_ours, "no credentials in an error", shown(answer), answer)
        judge.that(secret not in told, "nothing of another client in an error", shown(answer), answer)
        trace = TRACES.search(told)
        judge.that(trace is None, "no trace, path or query in an error", trace and trace[0], answer)
        html = answer.media_type is not None and "html" in answer.media_type
        judge.that(not (html and MARKUP in answer.text), "no input unescaped in a page", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.errors.no-internals")
def test_a_refused_upload_shows_no_internals(client: Client, judge: Judge) -> None:
    """The refusal of an upload that is none shows neither credentials nor traces."""
    answer = client.call("uploadFile", body=b"no parts", content_type="multipart/form-data; boundary=part")
    told = _told(answer)
    judge.that(client.id not in told, "no credentials in an error", shown(answer), answer)
    trace = TRACES.search(told)
    judge.that(answer.status < 400 or trace is None, "no trace, path or query in an error", shown(answer), answer)
