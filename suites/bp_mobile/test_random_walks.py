"""Any order of calls of one client or several, against a model of what each of them must see."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.concurrency import together
from fixtures.exchange import Request
from fixtures.outcomes import Inconclusive
from fixtures.sequences import Contradiction
from suites.bp_mobile import polling, received, steps, transcripts
from suites.bp_mobile.clients import LOOK_S, Chat
from suites.bp_mobile.overlap import overlapping
from suites.bp_mobile.voices import speaking
from suites.bp_mobile.walks import Walk, calmly

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Clients

WALKS = 6
"""The part of the depth's examples, one in so many, that a walk of many requests may use."""
SUSPECTS: tuple[tuple[str, ...], ...] = (
    ("request", "message", "end", "late_poll", "late_poll", "late_history", "late_typing", "late_end", "request"),
    ("request", "end", "late_history", "request", "end", "late_poll", "request", "late_message", "message", "history"),
    ("request", "message", "availability", "message", "history", "request_elsewhere", "typing", "history", "poll",
     "message", "history", "availability", "history"),
)  # fmt: skip
"""Orders of steps that servers are known to get wrong; chance would need long to find them all."""
CROWD = 3
TURNS: tuple[tuple[int, str], ...] = (
    (0, "request"), (1, "request"), (0, "message"), (1, "message"), (0, "message"), (2, "request"), (1, "message"),
    (0, "history"), (1, "history"), (2, "message"), (1, "end"), (0, "message"), (2, "history"), (1, "request"),
    (0, "history"), (1, "message"), (0, "poll"), (1, "history"),
)  # fmt: skip
"""Clients that take turns, and one that ends while others write."""


def judged(walk: Callable[[], object], judge: Judge, clients: Clients) -> None:
    """Take a walk; what contradicts the model is judged unless it shows in an ordinary life of a client, too."""
    try:
        walk()
    except Contradiction as found:
        calmly(clients.fresh())
        judge.fail(found.expected, found.observed, *found.answers)
    judge.that(True, "the model's answers", "them")


@pytest.mark.requirement("bp_mobile.session.model-one-client")
def test_any_sequence_of_one_client_follows_the_model(
    clients: Clients, judge: Judge, depth: Depth, rng: random.Random
) -> None:
    """Whatever one client does in whatever order, its session is none, live or ended as the steps before say."""
    for names in SUSPECTS:
        judged(lambda names=names: Walk(clients.fresh()).take(names), judge, clients)  # type: ignore[misc]
    for _ in range(depth.examples // WALKS if clients.unattended else 1):
        judged(lambda: Walk(clients.fresh()).wander(rng, depth.steps), judge, clients)


@pytest.mark.requirement("bp_mobile.session.model-many-clients")
def test_interleaved_clients_follow_the_model_each(
    clients: Clients, judge: Judge, depth: Depth, rng: random.Random
) -> None:
    """Several clients whose calls alternate see what each of them would see alone, and nothing of each other."""
    clients.need(2)
    crowd = min(CROWD, clients.fresh().api.table["max_clients"])
    judged(lambda: in_turns(clients, [(who % crowd, name) for who, name in TURNS]), judge, clients)
    for _ in range(depth.examples // WALKS if clients.unattended else 0):
        turns = [(rng.randrange(crowd), rng.choice(Walk.STEPS)) for _ in range(depth.steps)]
        judged(lambda turns=turns: in_turns(clients, turns), judge, clients)  # type: ignore[misc]


def in_turns(clients: Clients, turns: Sequence[tuple[int, str]]) -> None:
    """Let clients take their steps in turn; raises Contradiction. They end their chats at the end."""
    made = [clients.fresh() for _ in range(max(who for who, _ in turns) + 1)]
    walks = [Walk(client, f"client {number}") for number, client in enumerate(made)]
    for one in walks:
        marks = [other.mark for other in walks if other is not one]
        one.foreign = lambda answer, marks=marks: any(mark in answer.text for mark in marks)  # type: ignore[misc]
    for who, name in turns:
        walks[who].take([name])
        ids = [walk.chat.id for walk in walks if walk.chat] + [chat.id for walk in walks for chat in walk.former]
        walks[who].must(len(set(ids)) == len(ids), "chats with different ids", "two clients share one")
    for walk in walks:
        walk.active()
    clients.release(*made)


@pytest.mark.requirement("bp_mobile.session.failures-change-nothing")
@overlapping(chats=2, holds=2)
def test_refused_requests_leave_no_trace(clients: Clients, judge: Judge, rng: random.Random) -> None:
    """A client whose run is full of refused requests ends like one that takes the same steps without them."""
    clients.need(2)
    script = ["request", "message", "typing", "message", "history", "request", "message", "history"]
    script += rng.choices(("availability", "typing", "message", "history", "request_elsewhere"), k=4)
    calm, rough = Walk(clients.fresh(), "first"), Walk(clients.fresh(), "second")
    refusals = Refusals(rough, clients)
    try:
        calm.take(script)
    except Contradiction as found:
        judge.inconclusive(f"without refused requests, too: {found.expected}; {found.observed}")
    try:
        refusals.burst()
        for name in script:
            rough.take([name])
            refusals.burst()
        walks = [partial(lost, calm, lambda: None), partial(lost, rough, refusals.second_poll)]
        before, missing = (each.result for each in together(walks))
        if before:
            judge.inconclusive("polls do not bring what the history holds, without refused requests, too")
        rough.take(["history", "request"])
    except Contradiction as found:
        judge.fail(f"{found.expected}, with refused requests as without", found.observed, *found.answers)
    expected = "each message of the server by poll, as without refused requests"
    judge.that(not missing, expected, f"{len(missing)} that only the history has")


def lost(walk: Walk, meanwhile: Callable[[], object]) -> set[str]:
    """Poll until the chat is quiet, then hold a poll while something else happens; return what polls never brought."""
    assert walk.chat is not None
    chat = walk.chat
    found, _ = polling.quieted(chat, idle_polls=1)
    with polling.held(chat) as first:
        if not first.over(LOOK_S):
            meanwhile()
        walk.message()
        found += received.events_of(first.answer())
    found += polling.quieted(chat, idle_polls=1)[0]
    said = received.messages(transcripts.others(chat, steps.stored(chat), walk.texts))
    missing = {transcripts.named(event) for event in said} - set(map(transcripts.named, received.messages(found)))
    if missing:
        late = steps.polled(chat, lambda events: missing <= set(map(transcripts.named, received.messages(events))))
        missing -= set(map(transcripts.named, received.messages(late)))
    return missing


class Refusals:
    """Requests of a client that no server serves."""

    def __init__(self, walk: Walk, clients: Clients) -> None:
        self.walk = walk
        self.client = walk.client
        self.stranger = clients.fresh()

    def burst(self) -> None:
        """Send one of each kind; raises Inconclusive when one is served: that is for another row."""
        api, client = self.client.api, self.client
        self.refused("no header", speaking(api, None).call("requestChat", json={}))
        basic = speaking(api, f'Basic appId="{client.app_id}", clientId="{client.id}"')
        self.refused("another scheme", basic.call("requestChat", json={}))
        self.refused("malformed JSON", client.call("requestChat", body=b'{"parameters": {'))
        nowhere = Chat(client, str(uuid.uuid4()), self.unknown_path())
        self.refused("an unknown path", nowhere.opened)
        self.refused("an unknown chat", steps.send(nowhere, steps.message("nowhere")))
        if self.walk.chat is not None:
            foreign = Chat(self.stranger, self.walk.chat.id, self.walk.chat.opened)
            self.refused("a stranger's message", steps.send(foreign, steps.message("foreign")))
            self.refused("a stranger's poll", steps.poll(foreign))
            self.refused("malformed events", self.walk.chat.call("sendEvents", body=b'{"events": ['))

    def unknown_path(self) -> Answer:
        """Ask for something that is not there."""
        url = f"{self.client.api.root}/nothing-of-this-name"
        return self.client.caller.send("getActiveChat", Request("GET", url, self.client.caller.headers))

    def second_poll(self) -> None:
        """Poll beside a poll that is held."""
        assert self.walk.chat is not None
        answer = steps.poll(self.walk.chat.again())
        if not polling.is_refused(answer):
            raise Inconclusive("a second poll was served, see bp_mobile.poll.second-poll-refused")

    def refused(self, what: str, answer: Answer) -> None:
        """Go on if the request was refused."""
        if not 400 <= answer.status < 500:
            raise Inconclusive(f"a request with {what} was answered {answer.status}, which another row judges")
