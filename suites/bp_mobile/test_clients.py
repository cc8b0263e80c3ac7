"""Client ids and User-Agent: who counts as the same client."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import steps
from suites.bp_mobile.clients import MOBILE, Client, chat_id_of

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Clients

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
EACH = 4


def _version_7() -> uuid.UUID:
    """Make a UUID of version 7 (RFC 9562, 5.7)."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return uuid.UUID(int=number & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62)


@pytest.mark.requirement("bp_mobile.client.uuid-forms-accepted")
@pytest.mark.parametrize("version", [1, 4, 7])
def test_every_uuid_is_a_client(api: Api, judge: Judge, version: int) -> None:
    """UUIDs of each version are served, in lower and in upper case."""
    steps.served(steps.active(Client(api)))
    make = {1: uuid.uuid1, 4: uuid.uuid4, 7: _version_7}[version]
    for _ in range(EACH):
        for form in (str(make()), str(make()).upper()):
            answer = Client(api, form).call("checkAvailability")
            case = "upper" if form.isupper() else "lower"
            expected = f"200 to a clientId that is a UUID of version {version} in {case} case"
            judge.that(answer.status == 200, expected, shown(answer), answer)


@pytest.mark.requirement("bp_mobile.client.uuid-forms-accepted", impact="session")
def test_letter_case_of_a_uuid_is_served_in_both_forms(clients: Clients, judge: Judge) -> None:
    """A UUID in capitals is served beside the same one in small letters; whether they are one client is recorded."""
    chat = steps.open_chat(clients.fresh())
    capitals = clients.fresh(chat.client.id.upper())
    answer = steps.active(capitals)
    judge.that(answer.status in {200, 404}, "200 or 404 to a clientId in capitals", shown(answer), answer)
    judge.note(letter_case_matters=chat_id_of(answer) != chat.id)


@pytest.mark.requirement("bp_mobile.client.non-uuid-id")
def test_id_that_is_no_uuid_is_a_client_or_refused(clients: Clients, judge: Judge) -> None:
    """A client id of letters and digits keeps a session of its own, or is refused throughout."""
    steps.end(steps.open_chat(clients.fresh()))
    one, two = (clients.fresh(f"relay{secrets.token_hex(8)}") for _ in range(2))
    first = one.call("checkAvailability")
    judge.that(first.status in {200, 400, 401, 403}, "200, or 400, 401 or 403", shown(first), first)
    opened = steps.request(one)
    if first.status != 200:
        expected = "Request Chat refused like Check Availability"
        judge.that(opened.status in {400, 401, 403}, expected, shown(opened), opened)
        judge.note(status=first.status)
        judge.reading("refused")
        return
    judge.that(chat_id_of(opened), "a chat, since Check Availability was served", shown(opened), opened)
    again = steps.request(one)
    if chat_id_of(again) != chat_id_of(opened):
        steps.same_again(steps.open_chat(clients.fresh()))
    judge.that(chat_id_of(again) == chat_id_of(opened), "the same chat a second time", shown(again), again)
    others = steps.request(two)
    expected = "another chat for another client id that is no UUID"
    judge.that(chat_id_of(others) not in {None, chat_id_of(opened)}, expected, shown(others), others)
    judge.reading("accepted")


@pytest.mark.requirement("bp_mobile.client.app-scope")
def test_two_entries_give_two_chats_or_one(api: Api, clients: Clients, judge: Judge) -> None:
    """One client id under two entries has a session for each, or one in all, and the answers agree."""
    one = clients.fresh()
    other = clients.fresh(one.id, app_id=api.table["other_app_id"])
    chat = steps.open_chat(one)
    answer = steps.request(other)
    second = chat_id_of(answer)
    judge.that(second or 400 <= answer.status < 500, "a chat, or a refusal (4xx)", shown(answer), answer)
    judge.that(steps.live(chat), "the first entry's chat still active", "it is not active any more", answer)
    seen = chat_id_of(steps.active(other))
    shared = second in {None, chat.id}
    expected = "the chat of the second entry active under its appId" if not shared else "no third chat"
    judge.that(seen == second or (shared and seen in {None, chat.id}), expected, f"active there: {seen}", answer)
    if second is not None and steps.is_new(answer) is shared:
        steps.same_again(chat)
        if steps.is_new(chat.opened) is not True:
            raise Blocked(steps.ONCE, f"the first Request Chat answered {shown(chat.opened)}")
    judge.that(
        second is None or steps.is_new(answer) is not shared,
        "is_new_chat true for another chat, false for the same one",
        shown(answer),
        answer,
    )
    judge.reading("second-refused" if second is None else "session-per-client" if shared else "session-per-app")


@pytest.mark.requirement("bp_mobile.client.user-agent")
@pytest.mark.parametrize(("first", "then"), [(MOBILE, BROWSER), (BROWSER, MOBILE)], ids=["application", "browser"])
def test_user_agent_is_no_part_of_the_client(clients: Clients, judge: Judge, first: str, then: str) -> None:
    """Applications and browsers are served, and one client that changes between them keeps its chat."""
    client = clients.fresh(user_agent=first)
    opened = steps.request(client)
    if chat_id_of(opened) is None:
        steps.open_chat(clients.fresh())
    judge.that(chat_id_of(opened), f"a chat for the User-Agent {first}", shown(opened), opened)
    moved = client.again(then)
    seen, again = steps.active(moved), steps.request(moved)
    if chat_id_of(again) != chat_id_of(opened):
        steps.same_again(steps.open_chat(clients.fresh()))
    for answer in (seen, again):
        expected = f"the same chat with the User-Agent {then}"
        judge.that(chat_id_of(answer) == chat_id_of(opened), expected, shown(answer), answer)
