"""Internal chat messages: what the tests of chat_messages share."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.bp_stats import steps
from suites.bp_stats.sandwich import MOVED, new_app, own_data

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fixtures.exchange import Answer
    from suites.bp_stats.steps import Session

    Messages = list[dict[str, Any]]

MEMBERS = "bp_stats.chat.message-members"
FILTER_LIMIT = "bp_stats.chat.filter-and-limit"
ALL = 1000
"""A limit above any number of messages that a server keeps for this list."""
FORMS: dict[str, Callable[[int], str | int]] = {"string": str, "number": int}
_MOJIBAKE = re.compile(r"[ÂÃ][\x80-\xbf]|\ufffd|&amp;(?:amp|lt|gt|quot|#[0-9]+);")
_WORD = re.compile(r"\w{4,20}")
_EPOCH = re.compile(r"[0-9]{10}(?:\.[0-9]+)?|[0-9]{13}")


@dataclass(frozen=True, slots=True)
class Query:
    """What an app asks for."""

    word: str = ""
    limit: int = ALL


@dataclass(frozen=True, slots=True)
class Talk:
    """What one calm answer shows: all messages, and those of each query."""

    everything: Messages
    by_query: Mapping[Query, Messages]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Chat:
    """A session, and the form in which the target takes limits of chat messages."""

    session: Session
    form: str

    def subscribe(self, *queries: Query) -> Callable[[Answer], Talk]:
        """Subscribe to an app for each query between two apps that ask for all; return what reads an answer."""
        asked = (Query(), *queries, Query())
        apps = [new_app() for _ in asked]
        steps.delete(self.session)
        steps.subscribe(self.session, {app: self.define(query) for app, query in zip(apps, asked, strict=True)})

        def understand(answer: Answer) -> Talk:
            first, *varied, last = (messages(answer, app) for app in apps)
            if [str(one.get("id")) for one in first] != [str(one.get("id")) for one in last]:
                raise Inconclusive(MOVED)
            return Talk(first, dict(zip(queries, varied, strict=True)), answer)

        return understand

    def define(self, query: Query) -> dict[str, Any]:
        """Define an app with one query."""
        return {"chat_messages": {"filter": query.word, "limit": FORMS[self.form](query.limit)}}


def open_chat(session: Session) -> Chat:
    """Return how to ask for messages, with limits as strings, or as numbers where only that works; raises Blocked."""
    for form in FORMS:
        chat = Chat(session, form)
        answer = steps.create(session, {new_app(): chat.define(Query())})
        if answer.status == 200:
            return chat
    raise Blocked(steps.CREATE, f"a subscription of chat messages was answered {shown(answer)}")


def limit_forms(session: Session) -> str:
    """Return which forms of the limit of messages are taken: both, string-only, number-only or neither."""
    taken = []
    for form in FORMS:
        steps.delete(session)
        if steps.create(session, {new_app(): Chat(session, form).define(Query(limit=1))}).status == 200:
            taken.append(form)
    return "both" if len(taken) == len(FORMS) else f"{taken[0]}-only" if taken else "neither"


def messages(answer: Answer, app: str) -> Messages:
    """Return the messages of an app; raises Blocked when they are no list of objects."""
    data = own_data(answer, app)[app]
    found = data.get("chat_messages", []) if isinstance(data, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Blocked(MEMBERS, f"the messages are {found!r:.80}")
    return found


def text(message: Mapping[str, Any]) -> str:
    """Return the content of a message; raises Blocked when it has none."""
    content = message.get("content")
    if not isinstance(content, str):
        raise Blocked(MEMBERS, f"the content of a message is {content!r:.80}")
    return content


def telling_word(texts: Sequence[str]) -> str | None:
    """Return a word that some of the texts contain and others do not, of several the one nearest to half of them."""
    counts = Counter(word for one in texts for word in {word.casefold() for word in _WORD.findall(one)})
    spread = {word: sum(word in one.casefold() for one in texts) for word in counts}
    found = [word for word, count in spread.items() if count < len(texts)]
    return min(found, key=lambda word: (abs(spread[word] - len(texts) / 2), word), default=None)


def suspicious(content: str) -> str | None:
    """Return a part of the text that looks decoded in another charset, or escaped twice; None where there is none."""
    found = _MOJIBAKE.search(content)
    return found[0] if found else None


def sent(message: Mapping[str, Any]) -> datetime:
    """Return when the message was sent: ISO 8601, UTC unless it says otherwise, or epoch in seconds or milliseconds.

    Raises Inconclusive for any other form.
    """
    written = str(message.get("send_time"))
    if _EPOCH.fullmatch(written):
        seconds = float(written) / (1000 if len(written) == 13 and "." not in written else 1)
        return datetime.fromtimestamp(seconds, UTC)
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Inconclusive(f"send_time {written!r} is neither ISO 8601 nor an epoch") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def server_time(answer: Answer) -> datetime | None:
    """Return the server's clock, by the Date field of its answer; None where there is none to be read."""
    for written in answer.values("Date"):
        with suppress(ValueError, TypeError):
            moment = parsedate_to_datetime(written)
            return moment.replace(tzinfo=moment.tzinfo or UTC)
    return None


def time_form(message: Mapping[str, Any]) -> str:
    """Name the form of send_time: every digit as 0, so that two runs agree."""
    return re.sub(r"[0-9]", "0", str(message.get("send_time")))
