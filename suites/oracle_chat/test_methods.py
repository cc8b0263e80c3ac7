"""Chat authentications cannot be read: both GET operations are listed as not supported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.oracle_chat import steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

LIST, READ = "listChatAuthentications", "getChatAuthentication"
PASSING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Fa-f]{16,}|[0-9]{4,}|[0-9]{2}:[0-9]{2}")
"""Identifiers of requests, and times: what may differ between two answers that say the same."""
UNKNOWN = "nobody.7b1e42@example.com"


def judge_unread(judge: Judge, what: str, answer: Answer, marks: Mapping[str, str]) -> None:
    """Judge that a GET is not supported and shows nothing: of a call before, or as a token."""
    told = answer.text + "".join(value for _, value in answer.headers)
    seen = [name for name, mark in marks.items() if mark in told]
    judge.that(
        not seen and not steps.shows_token(answer),
        f"nothing of an earlier call, and no token, for {what}",
        f"{shown(answer)}; it shows {', '.join(seen) or 'a token'}",
        answer,
    )
    judge.that(
        answer.status in steps.REFUSED or answer.status == 501, f"4xx or 501 for {what}", shown(answer), answer
    )


def told(answer: Answer, name: str) -> tuple[int, str]:
    """Return what an answer on a user says, without the user's name and without what differs by chance."""
    return answer.status, PASSING.sub("#", answer.text.replace(name, "#"))


@pytest.mark.requirement("oracle_chat.methods.get-not-supported")
@pytest.mark.parametrize("who", ["the service user", "nobody"])
def test_the_collection_cannot_be_read(
    who: str, a: Client, anonymous: Client, tour: Tour, judge: Judge
) -> None:
    """After a success, GET on the collection is a 4xx or 501 and shows nothing of it."""
    marks, client = tour.marked, anonymous if who == "nobody" else a
    answer = client.call(LIST)
    judge_unread(judge, f"GET on the collection by {who}", answer, marks)


@pytest.mark.requirement("oracle_chat.methods.get-not-supported")
@pytest.mark.parametrize("who", ["the service user", "nobody"])
def test_no_item_can_be_read(
    who: str, api: Api, a: Client, anonymous: Client, tour: Tour, judge: Judge
) -> None:
    """After a success, GET on the item of its user is a 4xx or 501, and the same as for a user who never was."""
    marks, client = tour.marked, anonymous if who == "nobody" else a
    known, unknown = (
        client.call(READ, path={"authUserName": name}) for name in (api.table["auth_user_name"], UNKNOWN)
    )
    for answer, what in ((known, "a user who has a token"), (unknown, "an unknown user")):
        judge_unread(judge, f"GET on the item of {what} by {who}", answer, marks)
    judge.that(
        told(known, api.table["auth_user_name"]) == told(unknown, UNKNOWN),
        f"the same answer to {who} for a user who has a token and for an unknown one",
        f"{shown(known)}; {shown(unknown)}",
        known,
        unknown,
    )
