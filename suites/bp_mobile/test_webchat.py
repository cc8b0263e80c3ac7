"""clientId WebChat: visitors of web pages, told apart by a cookie of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import polling, received, scenario, steps
from suites.bp_mobile.clients import Client, chat_id_of

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Clients

NOT_FOUND = frozenset({400, 401, 403, 404})


@pytest.mark.requirement("bp_mobile.webchat.cookie-identifies-client")
def test_cookie_brings_the_visitor_back(clients: Clients, judge: Judge) -> None:
    """A visitor is given a cookie, and requests that return it find the visitor's chat."""
    visitor = clients.visitor()
    steps.served(visitor.call("checkAvailability"))
    chat = steps.open_chat(visitor)
    judge.that(visitor.jar, "a cookie set by Check Availability or Request Chat", "none was set", chat.opened)
    seen, again = steps.active(visitor), steps.request(visitor)
    same = chat_id_of(again) == chat.id and steps.is_new(again) is False
    if not same:
        steps.same_again(steps.open_chat(clients.fresh()))
    judge.that(same, "the visitor's chat, not new, from a second Request Chat", shown(again), again)
    judge.that(chat_id_of(seen) == chat.id, "the visitor's chat from Get Active Chat", shown(seen), seen)
    judge.note(cookies=sorted(visitor.jar or ()))


@pytest.mark.requirement("bp_mobile.webchat.other-cookie-other-client")
def test_visitors_with_other_cookies_have_other_chats(api: Api, clients: Clients, judge: Judge) -> None:
    """Two visitors have a chat each, and a visitor without cookies has none."""
    one, two = (steps.open_chat(clients.visitor()) for _ in range(2))
    judge.that(one.id != two.id, "another chat for another visitor", "the same chat_id for both", two.opened)
    for chat, stranger in ((one, two), (two, one)):
        answer = steps.active(chat.client)
        judge.that(chat_id_of(answer) != stranger.id, "never the other visitor's chat", shown(answer), answer)
    nobody = steps.active(Client(api, one.client.id, jar={}))
    judge.that(nobody.status in NOT_FOUND, "404, 400, 401 or 403 without cookies", shown(nobody), nobody)


@pytest.mark.requirement("bp_mobile.webchat.chat-id-is-no-credential")
@pytest.mark.parametrize("other", ["without cookies", "with another visitor's cookies"])
def test_chat_id_opens_nothing_without_the_cookie(api: Api, clients: Clients, judge: Judge, other: str) -> None:
    """Who knows the id of a visitor's chat can neither read nor write it."""
    chat = steps.open_chat(clients.visitor())
    steps.remembered(chat, steps.marked("only for the visitor"))
    stray = steps.marked("said by somebody else")
    stranger = Client(api, chat.client.id, jar={})
    if other == "with another visitor's cookies":
        stranger = steps.open_chat(clients.visitor()).client
    for operation, how in (
        ("getChatHistory", {}),
        ("getNewChatEvents", {"timeout_s": api.table["hold_max_s"] + steps.MARGIN_S}),
        ("sendEvents", {"json": {"events": [steps.message(stray)]}}),
    ):
        answer = stranger.call(operation, path={"chatId": chat.id}, **how)
        judge.that(answer.status in NOT_FOUND, f"400, 401, 403 or 404 to {operation} {other}", shown(answer), answer)
    found = received.texts(steps.stored(chat))
    judge.that(stray not in found, "the visitor's history unchanged", "it holds the message")


def _identifying(api: Api, chat: Chat) -> str | None:
    """Return the name of a cookie without which the chat is not found again."""
    jar = dict(chat.client.jar or {})
    for name in jar:
        rest = {other: value for other, value in jar.items() if other != name}
        if chat_id_of(steps.active(Client(api, chat.client.id, jar=rest))) != chat.id:
            return name
    return None


@pytest.mark.requirement("bp_mobile.webchat.cookie-hygiene")
def test_cookie_is_kept_from_scripts_and_plain_http(api: Api, clients: Clients, judge: Judge) -> None:
    """The identifying cookie is HttpOnly, and Secure where the target is reached by https."""
    chat = steps.open_chat(clients.visitor())
    name = _identifying(api, chat)
    if name is None or not steps.live(chat):
        judge.inconclusive("no cookie identifies the visitor, see bp_mobile.webchat.cookie-identifies-client")
    fields = [field for field in chat.opened.values("Set-Cookie") if field.partition("=")[0].strip() == name]
    if not fields:
        judge.inconclusive("Request Chat did not set the identifying cookie")
    attributes = {part.strip().partition("=")[0].lower() for part in fields[-1].split(";")[1:]}
    judge.that("httponly" in attributes, f"HttpOnly on the cookie {name}", "no such attribute", chat.opened)
    if api.table.base_url.startswith("https:"):
        judge.that("secure" in attributes, f"Secure on the cookie {name}", "no such attribute", chat.opened)


@pytest.mark.requirement("bp_mobile.webchat.cookie-hygiene")
def test_planted_cookie_value_gives_no_shared_session(api: Api, clients: Clients, judge: Judge) -> None:
    """A value that the client invented is replaced, or gives no session that a second user of it shares."""
    name = _identifying(api, steps.open_chat(clients.visitor()))
    if name is None:
        judge.inconclusive("no cookie identifies the visitor, see bp_mobile.webchat.cookie-identifies-client")
    planted = "a-value-that-somebody-planted-0123456789"
    victim = clients.watch(Client(api, "WebChat", jar={name: planted}))
    chat = steps.open_chat(victim)
    attacker = Client(api, "WebChat", jar={name: planted})
    answer = steps.active(attacker)
    replaced = (victim.jar or {}).get(name) != planted
    judge.note(replaced=replaced)
    expected = "another value set, or no chat for a second user of the invented one"
    judge.that(replaced or chat_id_of(answer) != chat.id, expected, shown(answer), answer)


def _by_cookie_alone(visitor: Client, operation: str, path: dict[str, str]) -> Answer:
    tenant = {"tenantUrl": str(visitor.api.table["tenant_url"])}
    return visitor.api.anonymous().call(operation, path=path, query=tenant, headers=visitor.cookies())


def _reading(judge: Judge, what: str, answer: Answer, content: bytes) -> None:
    """Judge an answer to the owner's cookie alone."""
    if answer.status == 200 and answer.body == content:
        judge.reading("served")
        return
    expected = f"the {what} to the owner's cookie alone, or 400, 401, 403 or 404 without it"
    judge.that(answer.status in NOT_FOUND and content not in answer.body, expected, shown(answer), answer)
    judge.reading("refused")


@pytest.mark.requirement("bp_mobile.webchat.media-by-cookie")
def test_cookie_alone_shows_pictures_or_is_refused(clients: Clients, judge: Judge) -> None:
    """File and photo are served to the owner's cookie alone, or both refused; to another cookie always refused."""
    chat, content = steps.open_chat(clients.visitor()), b"a file of a visitor"
    file_id = steps.stored_file(chat.client, "note.txt", content)
    steps.announce(chat, file_id, "note.txt")
    paths = {"getFile": {"chatId": chat.id, "fileId": file_id}}
    for _ in range(2):  # a file that can be read once only is judged elsewhere
        whole = chat.client.call("getFile", path=paths["getFile"])
        if whole.status != 200 or whole.body != content:
            raise Blocked("bp_mobile.files.bytes-round-trip", f"the owner's file answered {shown(whole)}")
    contents = {"getFile": content}
    if (party := _party_with_photo(chat)) is not None:
        paths["getAgentProfilePhoto"] = {"chatId": chat.id, "partyId": party}
        photo = chat.client.call("getAgentProfilePhoto", path=paths["getAgentProfilePhoto"])
        if photo.status == 200 and photo.body:
            contents["getAgentProfilePhoto"] = photo.body
        elif scenario.promises(chat, "photo"):
            raise Blocked("bp_mobile.photo.served", f"the photo answered {shown(photo)}")
    stranger = steps.open_chat(clients.visitor()).client
    for operation, expected in contents.items():
        what = "file" if operation == "getFile" else "photo"
        _reading(judge, what, _by_cookie_alone(chat.client, operation, paths[operation]), expected)
        answer = _by_cookie_alone(stranger, operation, paths[operation])
        refused = answer.status in NOT_FOUND and expected not in answer.body
        judge.that(refused, f"400, 401, 403 or 404 for the {what} with another visitor's cookie", shown(answer), answer)


def _party_with_photo(chat: Chat) -> str | None:
    """Return the party_id of the one who greets, where somebody does."""
    parties = received.joined(polling.greeted(chat))
    return parties[0] if parties else None
