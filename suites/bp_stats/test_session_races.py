"""Logins at the same time, and reads while a login runs: the change from one session to the next is one step."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import Timed, linearizable, together
from fixtures.outcomes import Blocked
from suites.bp_stats import logins, steps

if TYPE_CHECKING:
    import random

    from fixtures.api import Api, Caller
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.identities import Identity
    from fixtures.judge import Judge
    from suites.bp_stats.steps import Session

AT_ONCE = 8
TAKES_NO_PART = {409, 429, 503}
READERS = 3
READS_AFTER = 5
"""Reads of each reader that begin after the login's answer came: enough to meet every node behind a balancer or two."""
MOST_READS = 60
PAUSE_S = 0.005

LOGIN, SEEN = "login", "seen"


def register(valid: str, event: tuple[str, str]) -> str | None:
    """The model: one register with the valid token. A login writes it, a look at it reads it."""
    kind, token = event
    return token if kind == LOGIN or token == valid else None


def log_in(api: Api, user: Identity) -> Answer:
    """Log in once, without patience: sent again, it would be another login."""
    return api.anonymous().call("authenticate", json=steps.credentials(api, user), patient=False)


def valid_of(api: Api, tokens: list[str]) -> Timed[list[str]]:
    """Try every token, one after the other; return those that are valid."""
    answers = [logins.tried(logins.bearing(api, token)) for token in tokens]
    valid = [token for token, answer in zip(tokens, answers, strict=True) if answer.status == 200]
    return Timed(answers[0].started, answers[-1].ended, valid)


def judge_concurrent_logins(api: Api, user: Identity, judge: Judge, count: int) -> int:
    """Log in several times at once and judge which tokens are valid then; return how many logins took part."""
    done = together([partial(log_in, api, user)] * count)
    answers = [login.result for login in done]
    for answer in answers:
        judge.that(
            answer.status < 500 or answer.status in TAKES_NO_PART, "no error of the server", shown(answer), answer
        )
        if answer.status not in {200, *TAKES_NO_PART}:
            raise Blocked(steps.LOGIN, f"a login answered {shown(answer)}")
    taken = [(login, token) for login in done if (token := steps.token_of(login.result))]
    tokens = [token for _, token in taken]
    if len(tokens) < 2:
        return len(tokens)
    judge.that(len(set(tokens)) == len(tokens), "a token for each login", "one token for two logins", *answers)
    history = [Timed(login.called, login.returned, (LOGIN, token)) for login, token in taken]
    for _ in range(2):
        look = valid_of(api, tokens)
        valid = look.result
        judge.that(len(valid) == 1, "exactly one valid token", "more than one" if valid else "none", *answers)
        history.append(Timed(look.called, look.returned, (SEEN, valid[0])))
    judge.that(
        linearizable(history, "", register),
        "the valid token is that of a login which no other one followed, and stays it",
        "no order of the logins explains which token is valid",
        *answers,
    )
    return len(tokens)


@pytest.mark.requirement("bp_stats.session.concurrent-logins-leave-one")
def test_one_of_several_logins_at_once_stays_valid(
    api: Api, a: Session, judge: Judge, depth: Depth, rng: random.Random
) -> None:
    """When logins of one user that ran at once have all answered, exactly one token is valid, and a last one."""
    logins.need_accepted(a)
    counts = [AT_ONCE, *(rng.randint(2, AT_ONCE) for _ in range(depth.rounds - 1))]
    taken = [judge_concurrent_logins(api, logins.owner(a), judge, count) for count in counts]
    if max(taken) < 2:
        judge.inconclusive("fewer than two concurrent logins were taken")


class Readers:
    """Loop with one cookie while a login runs."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._running = [threading.Event() for _ in range(READERS)]
        self._logged_in = threading.Event()

    def read(self, number: int) -> list[Answer]:
        """Read until READS_AFTER reads have begun after the login's end."""
        answers: list[Answer] = []
        after = 0
        for count in range(MOST_READS):
            after += self._logged_in.is_set()
            try:
                answers.append(self._caller.call("getDispositions", patient=False))
            finally:
                self._running[number].set()
            if after == READS_AFTER:
                break
            # Ever longer pauses, so that a bounded number of reads outlasts a slow login; none once it is over.
            self._logged_in.wait(PAUSE_S * count)
        return answers

    def log_in(self, api: Api, user: Identity) -> list[Answer]:
        """Log in once every reader has read."""
        try:
            for running in self._running:
                running.wait(api.target.timeout_s)
            return [log_in(api, user)]
        finally:
            self._logged_in.set()


def judge_reads_across_login(api: Api, session: Session, judge: Judge) -> Session:
    """Judge the reads around one login with the session's cookie; return the new session."""
    user = logins.owner(session)
    readers = Readers(session.caller)
    loops = [partial(readers.read, number) for number in range(READERS)]
    (login,), *others = (each.result for each in together([partial(readers.log_in, api, user), *loops]))
    token = logins.taken(login)
    reads = sorted((answer for answers in others for answer in answers), key=lambda answer: answer.started)
    strange = [answer for answer in reads if answer.status not in {200, 401}]
    if strange:
        judge.inconclusive(f"a read answered {shown(strange[0])}")
    late = [answer for answer in reads if answer.started > login.ended]
    if not late or not any(answer.status == 200 for answer in reads if answer.started < login.started):
        judge.inconclusive("no read with the former cookie was seen to succeed before the login and to follow it")
    lasting = [answer for answer in late if answer.status == 200]
    # How many they were is chance, and no part of what is compared between runs.
    judge.that(not lasting, "401 on every read begun after the login", "200 on such reads", *lasting[:3])
    ended = min((answer.ended for answer in reads if answer.status == 401), default=login.ended)
    back = [answer for answer in reads if answer.status == 200 and answer.started > ended]
    judge.that(not back, "no 200 on a read begun after another one answered 401", "200 on such reads", *back[:3])
    return steps.Session(user, token, logins.bearing(api, token))


@pytest.mark.requirement("bp_stats.session.reads-across-login-are-monotonic")
def test_reads_turn_from_200_to_401_once(api: Api, a: Session, judge: Judge, depth: Depth) -> None:
    """While the user logs in again, reads with the former cookie turn from 200 to 401, never back."""
    logins.need_accepted(a)
    session = a
    for _ in range(depth.rounds):
        session = judge_reads_across_login(api, session, judge)
