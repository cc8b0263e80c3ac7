"""The mandatory attributes: no token without a user; what a missing client type means is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.oracle_chat import echoes, steps
from suites.oracle_chat.refusals import NO_USER
from suites.oracle_chat.tokens import subject_of

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.refusals import Refusals
    from suites.oracle_chat.tour import Tour


@pytest.mark.requirement("oracle_chat.mandatory.user-name-missing")
def test_a_call_without_a_user_gives_no_token(tour: Tour, refusals: Refusals, judge: Judge) -> None:
    """A basic call without authUserName is refused and gives no token."""
    steps.taken(tour.basic)
    answer = refusals[NO_USER]
    judge.that(steps.refuses(answer), "a refusal without a token, for want of authUserName", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.mandatory.user-name-missing")
def test_the_example_without_a_user_gives_no_token(a: Client, tour: Tour, judge: Judge) -> None:
    """The document's example without authUserName is refused; what another letter case means is recorded."""
    steps.taken(tour.basic)
    members = dict(steps.example_request(a.api.table).members)
    name = members.pop("authUserName")
    answer = a.send(members)
    judge.that(steps.refuses(answer), "a refusal without a token, for want of authUserName", shown(answer), answer)
    lower = a.ask(authUserName=..., authusername=name)
    judge.note(authusername="refused" if steps.refuses(lower) else "taken")


@pytest.mark.requirement("oracle_chat.mandatory.user-name-blank")
@pytest.mark.parametrize("name", [None, "", "   "], ids=["null", "empty", "blanks"])
def test_nothing_is_no_user_name(name: str | None, a: Client, tour: Tour, judge: Judge) -> None:
    """A user name of null, of no characters or of blanks is refused."""
    steps.taken(tour.basic)
    answer = a.ask(authUserName=name)
    if steps.succeeds(answer):
        judge.note(subject=subject_of(answer))
    judge.that(steps.refuses(answer), f"a refusal of the authUserName {name!r}", shown(answer), answer)


@pytest.mark.requirement("oracle_chat.mandatory.client-type-missing-or-null")
def test_without_a_client_type_the_user_is_a_consumer_or_refused(a: Client, tour: Tour, judge: Judge) -> None:
    """A call without clientType, or with null, is refused with a 4xx, or succeeds as CONSUMER."""
    steps.taken(tour.basic)
    fates = echoes.Fates()
    for what, value in (("no clientType", ...), ("clientType null", None)):
        answer = a.ask(clientType=value)
        members = echoes.no_server_error(a, judge, answer, what)
        if members is not None:
            found = members.get("clientType")
            judge.that(found in (None, steps.CLIENT_TYPE), f"CONSUMER, null or nothing for {what}", found, answer)
        fates.add(what, taken=members is not None)
    fates.tell(judge, taken="defaulted")
