"""The user whom the token is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in
from suites.oracle_chat import issued as tokens
from suites.oracle_chat import steps
from suites.oracle_chat.tokens import UNTOLD, subject_of

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.issued import Issued
    from suites.oracle_chat.tour import Tour

INVENTED = {"with letters of both cases": "Conf.{}.MixedCase@Example.com", "beyond ASCII": "jörg.ñandú.{}@example.com"}


@pytest.mark.requirement("oracle_chat.jwt.subject")
def test_the_subject_is_the_declared_user(api: Api, tour: Tour, judge: Judge) -> None:
    """sub and prn are authUserName, and the second user has another subject than the first."""
    first = tokens.read(tour.basic)
    _judge_subject(first, api.table["auth_user_name"], judge)
    other = api.table["auth_user_name_b"]
    if other:
        second = tokens.read(tour.other_user)
        _judge_subject(second, other, judge)
        _judge_different(first, second, judge)


@pytest.mark.requirement("oracle_chat.jwt.subject")
@pytest.mark.parametrize("kind", INVENTED)
def test_the_subject_is_an_invented_user(a: Client, tour: Tour, rng: Random, kind: str, judge: Judge) -> None:
    """A name with letters of both cases, and one beyond ASCII, stand in sub and prn character for character."""
    name = INVENTED[kind].format(steps.mark(rng))
    invented = tokens.read(steps.unless_refused(a.ask(authUserName=name), f"an invented user {kind}"))
    _judge_subject(invented, name, judge)
    _judge_different(tokens.read(tour.basic), invented, judge)


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
def test_parallel_calls_get_tokens_for_their_own_users(tour: Tour, judge: Judge) -> None:
    """Of calls for two users at the same time, each gets the subject that its user has in a single call."""
    users = (tour.client.api.table["auth_user_name"], tour.other_name)
    learnt = {user: subject_of(answer) for user, answer in zip(users, tour.two_users(judge), strict=True)}
    if None in learnt.values() or learnt[users[0]] == learnt[users[1]]:
        judge.not_applicable(UNTOLD)
    for racers in tour.race:
        if len(racers) < 2:
            judge.inconclusive("fewer than two of the calls at the same time succeeded")
        for racer in racers:
            subject, named = subject_of(racer.answer), object_in(racer.answer).get("authUserName")
            own = subject == learnt[racer.user] and named == racer.user
            judge.that(own, f"a token for {racer.user}", f"sub {subject!r}, authUserName {named!r}", racer.answer)
