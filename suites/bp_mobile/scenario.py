"""What the scenario entry does by itself: what the target file promises of it, or else what one look at it showed.

A promise is judged. What was only seen opens the rows that need it, and no row may blame the target when it does not
come again: who answers there may be a person.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from fixtures.outcomes import Inconclusive, NotApplicable
from suites.bp_mobile import received, steps, tour, transcripts
from suites.bp_mobile.clients import Clients

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.redaction import Redactor
    from suites.bp_mobile.clients import Chat
    from suites.bp_mobile.tour import Tour

_looking = threading.Lock()
_looks: WeakKeyDictionary[Redactor, Tour | Inconclusive] = WeakKeyDictionary()
"""By run, which has one redactor."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Whether somebody greets, and what each message of the client brings: none, any (one message), or echo."""

    greets: bool
    replies: str


def look(api: Api) -> Tour:
    """Return the one tour of this run, taken when it is first asked for; raises Blocked or Inconclusive as it did."""
    run = api.recorder.redactor
    with _looking:
        if run not in _looks:
            _looks[run] = _taken(api)
        found = _looks[run]
    if isinstance(found, Inconclusive):
        raise found
    return found


def forget(api: Api) -> None:
    """Look again when next asked: the target may have become another one."""
    _looks.pop(api.recorder.redactor, None)


def _taken(api: Api) -> Tour | Inconclusive:
    clients = Clients(api)
    try:
        return tour.taken(steps.open_chat(clients.fresh()))
    except Inconclusive as problem:
        return problem
    finally:
        clients.close()


def of(api: Api) -> Scenario:
    """Return what is promised or was seen of the entry; a look that came to nothing has seen nothing."""
    promised: dict[str, Any] = api.table["bot"] or {}
    greets, replies = bool(promised.get("greets")), str(promised.get("replies", ""))
    if greets and replies:
        return Scenario(greets, replies)
    try:
        seen = look(api)
    except Inconclusive:
        return Scenario(greets, replies or "none")
    return Scenario(greets or bool(seen.greeting), replies or _replies(seen))


def _replies(seen: Tour) -> str:
    """Return what the replies of the tour were: one to each message, with its text, or nothing of the kind."""
    if not seen.replies or any(len(events) != 1 for events in seen.replies.values()):
        return "none"
    same = all(received.texts(events) == [text] for text, events in seen.replies.items())
    return "echo" if same else "any"


def greets(chat: Chat) -> bool:
    """Say whether somebody greets."""
    return of(chat.api).greets


def replies(chat: Chat) -> bool:
    """Say whether each message of the client brings one of the server."""
    return of(chat.api).replies != "none"


def promises(chat: Chat, key: str) -> bool:
    """Say whether the target file promises this of the entry, so that the target is to blame where it does not come."""
    return bool(steps.bot(chat, key))


def require_greeting(api: Api) -> None:
    """Raise NotApplicable where nobody greets."""
    if not of(api).greets:
        raise NotApplicable("nobody was seen to greet in a new chat; bot.greets in the target file would promise it")


def require_replies(api: Api) -> None:
    """Raise NotApplicable where messages bring no reply, or more than one."""
    if of(api).replies == "none":
        raise NotApplicable("not every message was seen to bring one reply; bot.replies would promise it")


def require_speech(api: Api) -> None:
    """Raise NotApplicable where nobody says anything."""
    found = of(api)
    if not found.greets and found.replies == "none":
        raise NotApplicable("the server was not seen to say anything; bot.greets or bot.replies would promise it")


def greeting(chat: Chat) -> list[received.Event]:
    """Wait until the history holds what the server says first, where somebody greets; return its messages."""
    if not greets(chat):
        return []
    within_s = float(steps.bot(chat, "within_s", 20))
    return received.messages(transcripts.watched(chat, lambda events: bool(transcripts.others(chat, events)), within_s))
