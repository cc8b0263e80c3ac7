"""The Authorization field: what is served with it, and what is refused without it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import received, scenario, steps
from suites.bp_mobile.clients import SCHEME, Client, authorization
from suites.bp_mobile.voices import STATUS_READINGS, Refusals, speaking

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat, Clients

MISSING = "bp_mobile.auth.missing-header-refused"
OWN = {
    "checkAvailability": ("chat", str, "bp_mobile.availability.shape"),
    "getExpectedParameters": ("parameters", list, "bp_mobile.parameters.shape"),
}
"""By operation, the member and its type that show that the method itself has answered, and the row that owns them."""
REFUSED = {401: "unauthorized", 403: "forbidden"}
TRIED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("checkAvailability", {}),
    ("requestChat", {"json": {}}),
    ("getActiveChat", {}),
)
LONGER_S = 5.0
"""Seconds that the refusal of a poll may take beyond that of the other requests."""


@pytest.mark.requirement("bp_mobile.auth.documented-header-accepted")
@pytest.mark.parametrize("operation", ["checkAvailability", "getExpectedParameters"])
def test_documented_header_is_served(api: Api, judge: Judge, operation: str) -> None:
    """A client that the server never saw is served with the documented field and tenantUrl."""
    answer = Client(api).call(operation)
    judge.that(answer.status == 200, f"200 to {operation} with the documented header", shown(answer), answer)
    member, kind, owner = OWN[operation]
    if not isinstance(object_in(answer).get(member), kind):
        raise Blocked(owner, f"the 200 is no answer of {operation}: {shown(answer)}")


def _requests(chat: Chat, said: str) -> dict[str, dict[str, Any]]:
    here = {"path": {"chatId": chat.id}}
    return {
        "checkAvailability": {},
        "getExpectedParameters": {},
        "requestChat": {"json": {}},
        "getActiveChat": {},
        "sendEvents": {**here, "json": {"events": [steps.message(said)]}},
        "getChatHistory": here,
        "getNewChatEvents": {**here, "timeout_s": chat.api.table["hold_max_s"] + steps.MARGIN_S},
    }


def _greeting(chat: Chat) -> str | None:
    """Wait for a greeting in the history, where somebody greets: it waits for a poll."""
    found = received.texts(scenario.greeting(chat))
    return found[0] if found else None


@pytest.mark.requirement(MISSING)
@pytest.mark.parametrize("value", [None, ""], ids=["left out", "empty"])
def test_without_the_field_no_method_is_served(
    api: Api, chat: Chat, clients: Clients, judge: Judge, value: str | None
) -> None:
    """Without an Authorization field, or with an empty one, each method is refused at once and has no effect."""
    greeting, said = _greeting(chat), steps.marked("said without credentials")
    voice, refusals = speaking(api, value), Refusals(judge, REFUSED)
    took: dict[str, float] = {}
    for operation, how in _requests(chat, said).items():
        answer = voice.call(operation, **how)
        refusals.add(f"{operation} without credentials", answer, shown(answer))
        took[operation] = answer.ended - answer.started
    poll = took.pop("getNewChatEvents")
    judge.that(
        poll <= max(took.values()) + LONGER_S,
        f"a poll without credentials refused within {LONGER_S:.0f} s, not held",
        f"refused after {poll:.0f} s",
    )
    judge.that(steps.live(chat), "the owner's chat as it was", "it is not active any more")
    judge.that(said not in received.texts(steps.stored(chat)), "no message stored", "the history holds the message")
    if greeting is not None and greeting not in _polled_texts(chat, greeting):
        beside = steps.open_chat(clients.fresh())
        if (heard := _greeting(beside)) and heard not in _polled_texts(beside, heard):
            raise Blocked("bp_mobile.poll.reads-do-not-drain", "a message of the history never comes by poll")
        judge.fail("the owner's events still there for the owner's poll", "they were taken")


def _polled_texts(chat: Chat, awaited: str) -> list[str]:
    return received.texts(steps.polled(chat, lambda events: awaited in received.texts(events)))


@pytest.mark.requirement(MISSING)
@pytest.mark.parametrize("value", [None, ""], ids=["left out", "empty"])
def test_without_the_field_nothing_is_uploaded(api: Api, judge: Judge, value: str | None) -> None:
    """Without an Authorization field, or with an empty one, an upload is refused."""
    body, content_type = steps.multipart("note.txt", b"nobody's")
    answer = speaking(api, value).call("uploadFile", body=body, content_type=content_type)
    Refusals(judge, REFUSED).add("an upload without credentials", answer, shown(answer))


@pytest.mark.requirement(MISSING, impact="intrusive")
@pytest.mark.parametrize("value", [None, ""], ids=["left out", "empty"])
def test_without_the_field_no_texting_begins(api: Api, judge: Judge, value: str | None) -> None:
    """Without an Authorization field, or with an empty one, no SMS session is begun."""
    answer = speaking(api, value).call("requestSmsChatSession", json={})
    if answer.status in {404, 405, 501} and Client(api).call("requestSmsChatSession", json={}).status == answer.status:
        judge.inconclusive(f"the server has no such method: {answer.status} with credentials, too")
    Refusals(judge, REFUSED).add("a request for an SMS session without credentials", answer, shown(answer))


def _schemes(parameters: str) -> dict[str, str]:
    return {
        "Basic": f"Basic {parameters}",
        "Bearer": f"Bearer {parameters}",
        "the scheme cut short": f"{SCHEME.rpartition('-')[0]} {parameters}",
        "the scheme with a changed digit": f"{SCHEME.replace('327', '328')} {parameters}",
        "the scheme with a suffix": f"{SCHEME}-2 {parameters}",
        "the parameters alone": parameters,
    }


@pytest.mark.requirement("bp_mobile.auth.wrong-scheme-refused")
def test_another_scheme_is_refused(api: Api, client: Client, judge: Judge) -> None:
    """The right parameters under another scheme, or without one, open nothing and read nothing."""
    steps.served(client.call("checkAvailability"))
    refusals = Refusals(judge, REFUSED)
    parameters = authorization(client.app_id, client.id).removeprefix(f"{SCHEME} ")
    for name, value in _schemes(parameters).items():
        voice = speaking(api, value)
        for operation, how in TRIED:
            answer = voice.call(operation, **how)
            refusals.add(f"{operation} with {name}", answer, shown(answer))
        judge.that(steps.active_id(client) is None, f"no chat opened with {name}", "the client has an active chat")
    cased = speaking(api, f"{SCHEME.lower()} {parameters}").call("checkAvailability")
    judge.note(scheme_in_lower_case=cased.status)


@pytest.mark.requirement("bp_mobile.auth.wrong-scheme-refused")
def test_another_scheme_does_not_find_the_chat(api: Api, chat: Chat, judge: Judge) -> None:
    """The right parameters under another scheme do not read which chat is active."""
    refusals = Refusals(judge, REFUSED)
    parameters = authorization(chat.client.app_id, chat.client.id).removeprefix(f"{SCHEME} ")
    for name, value in _schemes(parameters).items():
        answer = speaking(api, value).call("getActiveChat")
        refusals.add(f"getActiveChat with {name}", answer, shown(answer))


def _broken(client: Client) -> dict[str, str]:
    app, me = f'appId="{client.app_id}"', f'clientId="{client.id}"'
    return {
        "no appId": f"{SCHEME} {me}",
        "no clientId": f"{SCHEME} {app}",
        "an empty appId": f'{SCHEME} appId="", {me}',
        "an empty clientId": f'{SCHEME} {app}, clientId=""',
        "the scheme alone": SCHEME,
        "names without values": f"{SCHEME} appId, clientId",
        "nothing behind the equals signs": f"{SCHEME} appId=, clientId=",
        "commas alone": f"{SCHEME} ,,,",
        "unknown names alone": f'{SCHEME} application="{client.app_id}", customer="{client.id}"',
    }


@pytest.mark.requirement("bp_mobile.auth.broken-parameters-refused")
def test_broken_parameters_are_refused(api: Api, client: Client, judge: Judge) -> None:
    """Without a readable appId and clientId nothing is served."""
    steps.served(client.call("checkAvailability"))
    refusals = Refusals(judge, {400: STATUS_READINGS[400], **REFUSED})
    for name, value in _broken(client).items():
        voice = speaking(api, value)
        for operation, how in TRIED:
            answer = voice.call(operation, **how)
            refusals.add(f"{operation} with {name}", answer, shown(answer))
    whole = authorization(client.app_id, client.id)
    lenient = {"a quote lost": whole[:-1], "a semicolon for the comma": whole.replace(",", ";")}
    read = {name: speaking(api, value).call("checkAvailability").status for name, value in lenient.items()}
    judge.note(damage_that_can_be_read=read)


@pytest.mark.requirement("bp_mobile.auth.unknown-app-id-refused")
def test_unknown_entry_is_refused(api: Api, clients: Clients, judge: Judge) -> None:
    """An appId of no scenario entry is refused by every method, and opens no chat."""
    steps.served(Client(api).call("checkAvailability"))
    client = clients.fresh(app_id=f"no-entry-{secrets.token_hex(6)}")
    refusals = Refusals(judge, STATUS_READINGS)
    for operation, how in (*TRIED[:2], ("getExpectedParameters", {})):
        answer = client.call(operation, **how)
        refusals.add(f"{operation} with an unknown appId", answer, shown(answer))


def _reaches(chat: Chat, answer: Answer) -> bool:
    return answer.status == 200 and object_in(answer).get("chat_id") == chat.id


@pytest.mark.requirement("bp_mobile.auth.unquoted-values")
def test_values_without_quotes_are_the_same_or_refused(api: Api, chat: Chat, judge: Judge) -> None:
    """appId=x, clientId=y without quotes is the client of the quoted form, or is refused."""
    voice = speaking(api, authorization(chat.client.app_id, chat.client.id).replace('"', ""))
    looked, again = voice.call("getActiveChat"), voice.call("requestChat", json={}, keep=chat.id)
    if {looked.status, again.status} <= {400, 401, 403}:
        judge.note(statuses={"getActiveChat": looked.status, "requestChat": again.status})
        judge.reading("refused")
        return
    same = _reaches(chat, looked) and _reaches(chat, again) and steps.is_new(again) is False
    if not same and {looked.status, again.status} <= {200, 404}:
        steps.same_again(chat)
    expected = "the chat of the quoted form, not new, from both methods, or 400, 401 or 403 from both"
    judge.that(same, expected, f"{shown(looked)} and {shown(again)}", looked, again)
    judge.reading("accepted")
