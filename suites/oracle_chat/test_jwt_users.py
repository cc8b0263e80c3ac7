"""The user whom the token is for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.concurrency import together
from fixtures.outcomes import Unanswered
from suites.oracle_chat import issued as tokens
from suites.oracle_chat import steps

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.issued import Issued

RACERS = 8
INVENTED = {"with letters of both cases": "Conf.{}.MixedCase@Example.com", "beyond ASCII": "jörg.ñandú.{}@example.com"}


@pytest.mark.requirement("oracle_chat.jwt.subject")
def test_the_subject_is_the_declared_user(a: Client, api: Api, judge: Judge) -> None:
    """sub and prn are authUserName, and the second user has another subject than the first."""
    first = tokens.read(a.ask())
    _judge_subject(first, api.table["auth_user_name"], judge)
    other = api.table["auth_user_name_b"]
    if other:
        second = tokens.read(a.ask(authUserName=other))
        _judge_subject(second, other, judge)
        _judge_different(first, second, judge)


@pytest.mark.requirement("oracle_chat.jwt.subject")
@pytest.mark.parametrize("kind", INVENTED)
def test_the_subject_is_an_invented_user(a: Client, rng: Random, kind: str, judge: Judge) -> None:
    """A name with letters of both cases, and one beyond ASCII, stand in sub and prn character for character."""
    name = INVENTED[kind].format(steps.mark(rng))
    invented = tokens.read(steps.unless_refused(a.ask(authUserName=name), f"an invented user {kind}"))
    _judge_subject(invented, name, judge)
    _judge_different(tokens.read(a.ask()), invented, judge)


def _judge_subject(issued: Issued, name: str, judge: Judge) -> None:
    subject, claims = issued.subject, issued.token.claims
    judge.that(subject == name, f"the subject {name}", f"sub {subject!r}", issued.answer)
    principal = claims.get("prn", subject)
    judge.that(principal == subject, "prn equal to sub", f"sub {subject!r}, prn {principal!r}", issued.answer)
    judge.note(prn_is_there="prn" in claims)


def _judge_different(one: Issued, other: Issued, judge: Judge) -> None:
    told = f"sub {one.subject!r} for both"
    judge.that(one.subject != other.subject, "another subject for another user", told, one.answer, other.answer)


@pytest.mark.requirement("oracle_chat.jwt.parallel-users-separate")
def test_parallel_calls_get_tokens_for_their_own_users(a: Client, api: Api, depth: Depth, judge: Judge) -> None:
    """Of calls for two users at the same time, each gets the subject that its user has in a single call."""
    users = (api.table["auth_user_name"], api.table["auth_user_name_b"])
    learnt: dict[str, Any] = {user: tokens.read(a.ask(authUserName=user)).subject for user in users}
    if learnt[users[0]] == learnt[users[1]]:
        judge.inconclusive("both users have the same subject")
    for _ in range(depth.rounds):
        asked = [users[number % 2] for number in range(RACERS)]
        answers = [timed.result for timed in together([partial(_ask, a, user) for user in asked])]
        pairs = [(user, tokens.read(answer)) for user, answer in zip(asked, answers, strict=True) if answer]
        if len(pairs) < 2:
            judge.inconclusive("fewer than two of the calls at the same time succeeded")
        for user, issued in pairs:
            told = f"sub {issued.subject!r}, authUserName {issued.members.get('authUserName')!r}"
            own = issued.subject == learnt[user] and issued.members.get("authUserName") == user
            judge.that(own, f"a token for {user}", told, issued.answer)


def _ask(client: Client, user: str) -> Answer | None:
    """Ask for a token; None where the target is too busy, or refuses."""
    try:
        answer = client.ask(authUserName=user)
    except Unanswered:
        return None
    return answer if steps.succeeds(answer) else None
