"""What the tests of logins and sessions share: trying a credential, tokens of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_stats import steps

if TYPE_CHECKING:
    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.identities import Identity

BY_HAND = "bp_stats.auth.cookie-works-when-supplied-by-hand"
DISPOSITIONS = "bp_stats.dispositions.body-form"


def owner(session: steps.Session) -> Identity:
    """Return the user whose session it is; raises Inconclusive for an access token, which has no login."""
    if session.identity is None:
        raise Inconclusive("an access token has no login")
    return session.identity


def log_in_again(session: steps.Session) -> steps.Session:
    """Log the session's user in once more, from another client; raises Blocked."""
    return steps.log_in(session.caller.api, owner(session))


def taken(login: Answer) -> str:
    """Return the token of a login that was taken; raises Blocked when it was not."""
    token = steps.token_of(login)
    if login.status != 200 or token is None:
        raise Blocked(steps.LOGIN, f"a login answered {shown(login)}")
    return token


def fresh_login(session: steps.Session) -> Answer:
    """Log the session's user in once more and return the answer, which has a token; raises Blocked."""
    answer = steps.attempt(session.caller.api, owner(session))
    taken(answer)
    return answer


def bearing(api: Api, token: str) -> Caller:
    """Return a caller on a connection of its own that carries nothing but the token, as session cookie."""
    return api.anonymous().bearing(steps.cookie(api, token))


def tried(caller: Caller) -> Answer:
    """Try a credential on dispositions: the answer is 200 or 401; raises Blocked on any other."""
    answer = caller.call("getDispositions")
    if answer.status not in {200, 401}:
        raise Blocked(DISPOSITIONS, f"dispositions, by which a credential is tried, answered {shown(answer)}")
    return answer


def need_accepted(session: steps.Session) -> None:
    """Raise Blocked unless the new session is accepted: what is refused later says nothing otherwise."""
    answer = tried(session.caller)
    if answer.status != 200:
        raise Blocked(BY_HAND, f"a new session was refused: {shown(answer)}")


def tokens_in(api: Api, answer: Answer) -> tuple[str, ...]:
    """Return the tokens that an answer to a login hands out, in its body or as session cookie, each once."""
    found = (steps.token_of(answer), *answer.cookies(api.table["cookie_name"]))
    return tuple(dict.fromkeys(token for token in found if token))


def opens_session(api: Api, answer: Answer) -> bool:
    """Say whether a token in the answer is accepted by dispositions."""
    return any(tried(bearing(api, token)).status == 200 for token in tokens_in(api, answer))
