"""Spellings of the Authorization field, other places for its values, and hostile ones."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures.api import encode, shown
from fixtures.wire import connection
from suites.bp_mobile import steps
from suites.bp_mobile.clients import SCHEME, authorization, chat_id_of
from suites.bp_mobile.voices import speaking

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer, Fields
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.bp_mobile.clients import Chat, Client, Clients

ONLY = "bp_mobile.auth.only-the-header-counts"
KEPT_OUT = frozenset({400, 401, 403, 404})


SPELLINGS = {
    "clientId first": ("Authorization", '{scheme} clientId="{client}", appId="{app}"'),
    "no space": ("Authorization", '{scheme} appId="{app}",clientId="{client}"'),
    "two spaces": ("Authorization", '{scheme} appId="{app}",  clientId="{client}"'),
    "a space before the comma": ("Authorization", '{scheme} appId="{app}" , clientId="{client}"'),
    "the field in small letters": ("authorization", '{scheme} appId="{app}", clientId="{client}"'),
}


@pytest.mark.requirement("bp_mobile.auth.order-spacing-and-field-case")
def test_spelling_of_the_field_does_not_matter(api: Api, chat: Chat, judge: Judge) -> None:
    """Order, optional space and the letter case of the field name lead to the same chat."""
    if chat_id_of(steps.active(chat.client)) != chat.id:
        judge.inconclusive("the documented form does not find the chat")
    for name, (field, form) in SPELLINGS.items():
        value = form.format(scheme=SCHEME, client=chat.client.id, app=chat.client.app_id)
        answer = speaking(api, None, fields=((field, value),)).call("getActiveChat")
        judge.that(chat_id_of(answer) == chat.id, f"the client's chat with {name}", shown(answer), answer)


@pytest.mark.requirement(ONLY)
def test_values_elsewhere_do_not_replace_the_field(chat: Chat, other: Client, judge: Judge) -> None:
    """With its own field a client stays itself, whatever query, body and other fields say."""
    steps.remembered(chat, steps.marked("only for the owner"))
    said = (("appId", chat.client.app_id), ("clientId", chat.client.id))
    fields = (*said, ("X-Client-Id", chat.client.id))
    for answer in (
        other.call("getActiveChat", query=said, headers=fields),
        other.call("getChatHistory", path={"chatId": chat.id}, query=said, headers=fields),
    ):
        judge.that(answer.status in KEPT_OUT, "nothing of the client named in the query", shown(answer), answer)
    answer = other.call("requestChat", query=said, headers=fields, json={"parameters": {}, **dict(said)})
    judge.that(
        400 <= answer.status < 500 or chat_id_of(answer) not in {None, chat.id},
        "a chat of the client that the field names, or a refusal",
        shown(answer),
        answer,
    )


@pytest.mark.requirement(ONLY)
def test_values_elsewhere_do_not_stand_for_the_field(api: Api, chat: Chat, judge: Judge) -> None:
    """Without the field, its values in query, body and other fields let nobody in."""
    said = (("appId", chat.client.app_id), ("clientId", chat.client.id))
    whole = (("Authorization", authorization(chat.client.app_id, chat.client.id)),)
    voice = speaking(api, None, fields=(*said, ("X-Client-Id", chat.client.id)))
    here: dict[str, Any] = {"path": {"chatId": chat.id}}
    for query in (said, whole):
        answers = [
            voice.call("getActiveChat", query=query),
            voice.call("getChatHistory", query=query, **here),
            voice.call("requestChat", query=query, json=dict(said), keep=chat.id),
        ]
        for answer in answers:
            expected = "a refusal (400, 401 or 403) without the Authorization field"
            judge.that(answer.status in {400, 401, 403}, expected, shown(answer), answer)


@pytest.mark.requirement(ONLY)
def test_two_fields_do_not_make_a_third_client(api: Api, chat: Chat, clients: Clients, judge: Judge) -> None:
    """Two Authorization fields are refused or count as one of the two, never as parts of both."""
    app_id = api.table["other_app_id"] or chat.client.app_id
    other = steps.open_chat(clients.fresh(app_id=app_id))
    values = [authorization(each.client.app_id, each.client.id) for each in (chat, other)]
    for name, pair in {"one first": values, "the other first": values[::-1]}.items():
        fields: Fields = tuple(("Authorization", value) for value in pair)
        with connection(api) as wire:
            answer = wire.call("getActiveChat", target="/chats/active" + _tenant(api), headers=fields)
        found = chat_id_of(answer)
        if found is None and answer.status == 404:
            steps.same_again(chat)
        judge.that(
            answer.status in {400, 401, 403} or found in {chat.id, other.id},
            "a refusal, or the chat of one of the two clients",
            shown(answer),
            answer,
        )
        counted = "the one" if found == chat.id else "the other" if found else str(answer.status)
        judge.note(**{name: counted})


def _tenant(api: Api) -> str:
    return encode({"tenantUrl": str(api.table["tenant_url"])})


def _fixed(chat: Chat) -> dict[str, str]:
    """Return parameters that mean something to some server: patterns, escapes, much text, and the victim cut short."""
    victim, app = chat.client.id, f'appId="{chat.client.app_id}"'
    cut = chat.api.recorder.redactor.alter(victim, victim[:-4], "cut short")
    clients = ["*", "%", "_" * len(victim), f"{cut}%", f"{cut}*", f"{cut}____", "' OR '1'='1", "%s%n%d", "../..", "é漢"]
    clients += [f"{victim} ", f"{victim}\\u0000", f"{victim},x", "x" * 8000, "\\\\", '\\"', "{{7*7}}", "null"]
    found = {f"clientId {each[:20]}": f'{app}, clientId="{each}"' for each in clients}
    return found | {
        "appId *": f'appId="*", clientId="{victim}"',
        "appId of 8 kB": f'appId="{"x" * 8000}", clientId="{victim}"',
        "an open quote": f'{app}, clientId="',
        "an open escape": f'{app}, clientId="\\',
        "many commas": f"{app}{',' * 4000}",
    }


def _means(victim: Client, parameters: str) -> bool:
    """Say whether some way of reading the parameters gives the victim's own appId and clientId."""
    plain = re.sub(r"\\(.)", r"\1", parameters)
    read = {value.strip().strip('"').strip().lower() for value in re.split(r"[,=;]", plain)}
    return {victim.app_id.lower(), victim.id.lower()} <= read


def _octets(text: str) -> str:
    """Return the text as the octets of its UTF-8, each as one character: what a header field can carry."""
    return text.encode().decode("latin-1")


@pytest.mark.requirement("bp_mobile.auth.hostile-header-values")
def test_hostile_values_find_nobody(api: Api, chat: Chat, judge: Judge, given: Given) -> None:
    """Whatever the field says, an answer comes that is no error of the server and not another client's chat."""

    def tried(name: str, parameters: str) -> None:
        answer = speaking(api, f"{SCHEME} {_octets(parameters)}".strip()).call("getActiveChat")
        expected = f"an answer below 500 that does not name another client's chat, to {name}"
        stolen = chat.id in answer.text and not _means(chat.client, parameters)
        judge.that(answer.status < 500 and not stolen, expected, shown(answer), answer)

    for name, parameters in _fixed(chat).items():
        tried(name, parameters)
    text = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=40)
    names = st.sampled_from(["appId", "clientId", "CLIENTID", "clientid", "app_id", ""])
    ids = st.sampled_from([chat.client.app_id, str(uuid.UUID(int=7)), "*", "%"])
    pairs = st.lists(st.tuples(names, st.sampled_from(['"', "'", ""]), ids | text), max_size=5)

    @given(pairs)
    def generated(drawn: list[tuple[str, str, str]]) -> None:
        tried("generated values", ", ".join(f"{name}={quote}{value}{quote}" for name, quote, value in drawn))

    generated()


@pytest.mark.requirement("bp_mobile.auth.hostile-header-values")
def test_a_repeated_name_is_read_in_one_way(api: Api, chat: Chat, judge: Judge) -> None:
    """Of two clientId parameters one counts, or the field is refused; not now the first and now the last."""
    stranger, app = str(uuid.uuid4()), f'{SCHEME} appId="{chat.client.app_id}"'
    answers: list[Answer] = [
        speaking(api, f'{app}, clientId="{one}", clientId="{two}"').call("getActiveChat")
        for one, two in ((chat.client.id, stranger), (stranger, chat.client.id))
    ]
    found = [chat_id_of(answer) == chat.id for answer in answers]
    judge.that(
        not all(found) and all(answer.status < 500 for answer in answers),
        "at most one of the two orders to name the chat, and no error of the server",
        " and ".join(shown(answer) for answer in answers),
        *answers,
    )
    judge.note(counts="the first" if found[0] else "the last" if found[1] else "none")
