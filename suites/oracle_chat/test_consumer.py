"""What the token is for: the consumer API, at the one origin that the target file names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.oracle_chat import issued as tokens
from suites.oracle_chat import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.issued import Issued

SERVER_VALUES = {
    "chatSiteName": "oracle_chat.server-values.chat-site-name",
    "poolId": "oracle_chat.server-values.pool-id",
}
IS_SIGNED = "oracle_chat.jwt.is-signed"
CLOSED = re.compile(r"\b(hours|closed|unavailable|no agents?)\b", re.IGNORECASE)
"""Words by which a Channel Server says that nobody chats now."""


class Engagements:
    """Opens engagements with tokens, and ends them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._open: list[tuple[Issued, str]] = []

    def request(self, issued: Issued, token: str) -> Answer:
        """Ask for an engagement at the site and pool of an answer, with its token or another one."""
        answer = self._post("requestEngagement", issued, ("Authorization", f"Bearer {token}"))
        session = session_of(answer)
        if session:
            self._open.append((issued, session))
        return answer

    def end(self) -> None:
        """End what was opened; raises Inconclusive."""
        while self._open:
            issued, session = self._open.pop()
            fields = (("Authorization", f"Bearer {issued.text}"), ("SessionId", session))
            answer = self._post("terminateEngagement", issued, *fields)
            if not 200 <= answer.status < 300:
                raise Inconclusive(f"an engagement could not be ended: {shown(answer)}")

    def _post(self, operation_id: str, issued: Issued, *fields: tuple[str, str]) -> Answer:
        site, pool = (_value(issued, name) for name in SERVER_VALUES)
        caller = self._api.anonymous().bearing(*fields)
        return caller.call(operation_id, path={"chatSiteName": site}, query={"pool": pool}, json={})


def _value(issued: Issued, name: str) -> str:
    value: Any = issued.members.get(name)
    if not (isinstance(value, str) and value):
        raise Blocked(SERVER_VALUES[name], f"{name} is no text")
    return value


def session_of(answer: Answer) -> str | None:
    """Return the session of an engagement that was opened."""
    session = object_in(answer).get("sessionId") if answer.status == 200 else None
    return session if isinstance(session, str) and session else None


@pytest.fixture
def engagements(api: Api) -> Iterator[Engagements]:
    """Engagements, which are over when the test is."""
    opened = Engagements(api)
    yield opened
    opened.end()


@pytest.mark.requirement("oracle_chat.consumer.token-opens-engagement")
def test_the_token_opens_an_engagement_and_an_altered_one_does_not(
    a: Client, api: Api, engagements: Engagements, judge: Judge
) -> None:
    """The token opens an engagement at site and pool of its answer, and one with an altered signature does not."""
    issued = tokens.read(a.ask())
    if not issued.token.signature:
        raise Blocked(IS_SIGNED, "the token has no signature that could be changed")
    altered = api.recorder.redactor.alter(issued.text, issued.with_bit_flipped(), "one bit of the signature flipped")
    refusal = engagements.request(issued, altered)
    refused = refusal.status in steps.REFUSED
    judge.that(refused, "a token with one bit of its signature flipped is refused", shown(refusal), refusal)
    answer = engagements.request(issued, issued.text)
    opened = session_of(answer) is not None
    if not opened and answer.status != 401 and CLOSED.search(answer.text):
        judge.inconclusive(f"the chat seems to be closed: {shown(answer)}")
    judge.that(opened, "200 with a sessionId for the token at its site and pool", shown(answer), answer)
