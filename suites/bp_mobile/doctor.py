"""What the doctor knows of bp_mobile: whether the entry lets a client in, and what the target file promises of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.api import object_in, shown
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check, Discovery
from suites.bp_mobile import entry, polling, received, scenario, steps
from suites.bp_mobile.clients import Client, Clients, code_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from suites.bp_mobile.clients import Chat

TYPICAL_REQUESTS = {"quick": 3000, "standard": 3800, "thorough": 9000}
KNOCK: tuple[str, Mapping[str, str]] = ("checkAvailability", {})
WRONG_KEYS = {"1000": "tenant_url", "3000": "app_id", "5006": "app_id"}
"""Published error codes that tell which key of the target file is wrong."""


def identities(api: Api) -> Iterator[Check]:
    """Ask for the availability as a fresh client; an unknown tenant or entry ends the preflight."""
    if not api.table["tenant_url"] or not api.table["app_id"]:
        yield Check("entry", "warning", "tenant_url and app_id are not declared: only what needs no entry is judged")
        return
    try:
        answer = Client(api).call("checkAvailability")
    except Inconclusive as problem:
        yield Check("entry", "failed", str(problem))
        return
    key = WRONG_KEYS.get(code_of(answer) or "")
    if answer.status == 200:
        yield Check("entry", "ok", "lets a new client in")
    elif key:
        yield Check("entry", "failed", f"is refused ({answer.status}, error code {code_of(answer)}): check {key}")
    else:
        yield Check("entry", "warning", f"answers {shown(answer)} to a new client; the tests will judge that")


def facts(api: Api) -> Iterator[Check]:
    """Look for the declared hours and parameters, open one chat, and listen whether the bot greets and replies."""
    yield from _hours(api)
    yield from _parameters(api)
    clients = Clients(api)
    try:
        yield from _bot(clients.fresh())
    except Inconclusive as problem:
        yield Check("chat", "warning", str(problem))
    try:
        clients.close()
    except Inconclusive as problem:
        yield Check("end of the chat", "warning", str(problem))


def _hours(api: Api) -> Iterator[Check]:
    for key, app_id, expected in (
        ("availability", None, api.table["availability"]),
        ("closed_app_id", api.table["closed_app_id"], "notAvailable"),
    ):
        if expected and (key == "availability" or app_id):
            answer = Client(api, app_id=app_id).call("checkAvailability")
            good = object_in(answer).get("chat") == expected
            yield Check(key, "ok" if good else "warning", f"{expected} declared; answers {shown(answer)}")


def _parameters(api: Api) -> Iterator[Check]:
    if (declared := api.table["expected_parameters"]) is not None:
        found = object_in(Client(api).call("getExpectedParameters")).get("parameters")
        good = found == [] or isinstance(found, list)
        names = {name for entry in found or () if isinstance(entry, dict) for name in entry} if good else set()
        good = good and names == set(declared)
        text = f"{len(declared)} declared, listed: {', '.join(sorted(names)) or 'none'}"
        yield Check("expected_parameters", "ok" if good else "warning", text)


def _bot(client: Client) -> Iterator[Check]:
    chat = steps.open_chat(client)
    yield Check("chat", "ok", f"opens in state {object_in(chat.opened).get('state')}")
    if steps.bot(chat, "greets"):
        found = steps.polled(chat, lambda events: bool(received.texts(events)))
        good = bool(received.texts(found)) and any(event.get("event") == "chat_session_party_joined" for event in found)
        yield Check("bot.greets", "ok" if good else "warning", f"{len(found)} events came after Request Chat")
    if steps.bot(chat, "replies"):
        steps.say(chat, "Is anybody there?")
        found = steps.polled(chat, lambda events: bool(received.texts(events)))
        yield Check(
            "bot.replies", "ok" if received.texts(found) else "warning", f"{len(received.texts(found))} messages came"
        )


def discoveries(api: Api) -> Iterator[Discovery]:
    """Ask for the hours and the parameters, look in two chats who greets and answers, and try a web page's clientId."""
    if not api.table["tenant_url"] or not api.table["app_id"]:
        return
    hours = object_in(Client(api).call("checkAvailability")).get("chat")
    if hours in ("available", "notAvailable"):
        yield Discovery(
            "availability", hours, "what the hours say now; leave it out when a run may cross the opening hour"
        )
    if (listed := entry.listed(Client(api).call("getExpectedParameters"))) is not None:
        yield Discovery("expected_parameters", dict(listed), f"the entry lists {len(listed)}")
    found = scenario.of(api)
    if found.greets:
        yield Discovery("bot.greets", True, "a message came in a new chat before the client said anything")
    if found.replies != "none":
        text = "the text of it" if found.replies == "echo" else "one"
        yield Discovery(
            "bot.replies", found.replies, f"each of two messages brought {text}; a promise for every message"
        )
    clients = Clients(api)
    try:
        if found.greets and _has_photo(steps.open_chat(clients.fresh())):
            yield Discovery("bot.photo", True, "the party that greets has one")
        if clients.visitor().call("checkAvailability").status in steps.REFUSALS:
            yield Discovery("webchat", False, "clientId WebChat is refused")
    finally:
        clients.close()


def _has_photo(chat: Chat) -> bool:
    """Say whether the first party that joins has a photo."""
    parties = received.joined(polling.greeted(chat))
    path = {"chatId": chat.id, "partyId": parties[0]} if parties else None
    return path is not None and chat.client.call("getAgentProfilePhoto", path=path).status == 200
