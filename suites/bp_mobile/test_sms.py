"""Request SMS Chat Session, a method that only some releases have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from reports.verdicts import Attribution
from suites.bp_mobile import steps

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Client, Clients

ABSENT = frozenset({404, 405, 501})
PUBLISHED_FAILURES = frozenset({5, 6, 10, 11, 21})


@pytest.mark.requirement("bp_mobile.sms.success-shape")
def test_a_started_session_is_answered_with_code_zero(clients: Clients, api: Api, judge: Judge) -> None:
    """A request with a number is answered 200 with sms_error_code 0 and error_message; no method ends the session."""
    client = clients.fresh(app_id=api.table["sms_app_id"] or api.table["app_id"])
    answer = start(client)
    if answer.status in ABSENT:
        reason = f"the server has no such method ({answer.status}): leave sms_phone_number out of the target file"
        judge.inconclusive(reason, Attribution.TARGET_FILE)
    code = object_in(answer).get("sms_error_code")
    if answer.status == 400 or (answer.status == 200 and isinstance(code, int) and code in PUBLISHED_FAILURES):
        judge.inconclusive(f"no session was started: {shown(answer)}")
    judge.that(answer.status == 200, "200 to a request with a number", shown(answer), answer)
    judge.that(type(code) is int, "sms_error_code, an integer", shown(answer), answer)
    judge.that(isinstance(object_in(answer).get("error_message"), str), "error_message, a string", shown(answer))
    judge.note(
        code=code,
        code_when_repeated=object_in(start(client)).get("sms_error_code"),
        is_active_chat=steps.active_id(client) is not None,
    )


def start(client: Client) -> Answer:
    """Ask for a session with the declared number."""
    body = {"phone_number": client.api.table["sms_phone_number"], "parameters": {}}
    return steps.served(client.call("requestSmsChatSession", json=body))
