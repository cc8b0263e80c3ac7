"""tenantUrl: which contact center a request is for."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import Client, authorization
from suites.bp_mobile.voices import Voice

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Chat

REFUSED = frozenset({400, 401, 403, 404})
EXPECTED = {"checkAvailability": "chat", "requestChat": "chat_id"}
"""The member by which an answer is seen to be the method's own."""


def unknown() -> str:
    """Return the domain of no tenant."""
    return f"no-tenant-{secrets.token_hex(6)}.example.com"


def _served(judge: Judge, operation: str, variant: str, answer: Answer) -> bool:
    """Say whether the request was served; anything but an answer of the method and a refusal fails."""
    own = answer.status == 200 and isinstance(object_in(answer).get(EXPECTED[operation]), str)
    expected = f"the method's own answer, or 400, 401, 403 or 404, to {operation} with tenantUrl {variant}"
    judge.that(own or answer.status in REFUSED, expected, shown(answer), answer)
    return own


@pytest.mark.requirement("bp_mobile.tenant.missing-or-unknown")
@pytest.mark.parametrize(("operation", "how"), [("checkAvailability", {}), ("requestChat", {"json": {}})])
def test_tenant_must_be_named_unless_the_host_names_it(
    api: Api, client: Client, judge: Judge, operation: str, how: dict[str, Any]
) -> None:
    """A missing, empty or unknown tenantUrl is refused, or the host decides; an unknown one is never better off."""
    if operation == "requestChat":
        steps.end(steps.open_chat(client))
    else:
        steps.served(client.call(operation))
    header = authorization(client.app_id, client.id)
    tenants = {"missing": None, "empty": "", "unknown": unknown()}
    served = {
        variant: _served(judge, operation, variant, Voice(api, header, tenant=tenant).call(operation, **how))
        for variant, tenant in tenants.items()
    }
    judge.note(served=served)
    judge.that(
        not served["unknown"] or all(served.values()),
        "an unknown tenantUrl refused, where one that is missing or empty is refused",
        "the unknown one was served",
    )
    judge.reading("host-decides" if served["unknown"] else "host-when-missing" if any(served.values()) else "refused")


@pytest.mark.requirement("bp_mobile.tenant.other-tenant-cannot-reach-chat")
def test_another_tenant_does_not_reach_the_chat(api: Api, chat: Chat, judge: Judge) -> None:
    """With the tenantUrl of another tenant the owner's own field neither finds, nor reads, nor writes the chat."""
    steps.remembered(chat, steps.marked("said to one tenant"))
    stray = steps.marked("said to another tenant")
    header = authorization(chat.client.app_id, chat.client.id)
    other = api.table["other_tenant_url"]
    if Voice(api, header, tenant=unknown()).call("checkAvailability").status == 200:
        ignored = "the server does not look at tenantUrl: an unknown one is served"
        if other:
            judge.inconclusive(f"{ignored}; leave other_tenant_url out of the file")
        judge.not_applicable(ignored)
    voice = Voice(api, header, tenant=str(other or unknown()))
    here: dict[str, Any] = {"path": {"chatId": chat.id}}
    for operation, how in (
        ("getActiveChat", {}),
        ("getChatHistory", here),
        ("sendEvents", {**here, "json": {"events": [steps.message(stray)]}}),
    ):
        answer = voice.call(operation, **how)
        expected = f"400, 401, 403 or 404 to {operation} with the tenantUrl of another tenant"
        judge.that(answer.status in REFUSED, expected, shown(answer), answer)
    judge.that(steps.live(chat), "the owner's chat as it was", "it is not active any more")
    found = received.texts(steps.stored(chat))
    judge.that(stray not in found, "no message from another tenant", "the history holds it")
