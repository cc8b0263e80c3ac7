"""Sequences of calls of one client, against a model with the states none, live and ended."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from fixtures.api import shown
from fixtures.outcomes import Blocked
from fixtures.sequences import Contradiction
from suites.bp_mobile import received, steps
from suites.bp_mobile.clients import END, Chat, chat_id_of
from suites.bp_mobile.transcripts import own

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    from fixtures.exchange import Answer
    from suites.bp_mobile.clients import Client

POLLS = 2
"""Polls of a live chat in one walk: an idle one is held for long."""


class Walk:
    """A client that takes one step after the other; raises Contradiction where the target leaves the model."""

    STEPS: ClassVar = (
        "availability", "request", "request", "request_elsewhere", "message", "message", "typing", "poll", "history",
        "end", "late_message", "late_typing", "late_poll", "late_history", "late_end",
    )  # fmt: skip
    """What chance chooses from."""

    def __init__(self, client: Client, name: str = "client") -> None:
        self.client = client
        self.name = name
        self.mark = uuid.uuid4().hex
        """What each text of this client holds, and no other one."""
        self.chat: Chat | None = None
        self.texts: dict[str, str] = {}
        """What was sent in the live chat, by msg_id."""
        self.read: list[str] = []
        """msg_ids of it, as the last history listed them."""
        self.former: list[Chat] = []
        self.foreign: Callable[[Answer], bool] = lambda _: False
        """Says whether an answer holds what other clients wrote."""
        self.story: list[str] = []
        self.fresh: list[bool] = []
        """What is_new_chat said, in order."""
        self.polls = POLLS

    def take(self, names: Iterable[str]) -> None:
        """Take these steps, and look after each of them which chat is active."""
        for name in names:
            step: Callable[[], None] = getattr(self, name)
            step()
            self.active()

    def wander(self, rng: random.Random, count: int) -> None:
        """Take steps by chance."""
        self.take(rng.choice(self.STEPS) for _ in range(count))

    def told(self, step: str, answer: Answer) -> Answer:
        """Add a step to the story; no answer may hold what others wrote."""
        self.story.append(f"{self.name} {step} ({answer.status})")
        self.must(not self.foreign(answer), "nothing that another client wrote", "such a text", answer)
        return answer

    def must(self, holds: object, expected: str, observed: str, *answers: Answer) -> None:
        """Go on if the claim holds, or if the scenario did not end the chat."""
        if not holds:
            if self.chat is not None:
                steps.unless_ended(self.chat)
            raise Contradiction(expected, f"{observed}, after: {'; '.join(self.story[-12:])}", *answers)

    def availability(self) -> None:
        """Ask for the hours; changes nothing."""
        self.told("asks for the availability", self.client.call("checkAvailability"))

    def request(self, elsewhere: bool = False) -> None:
        """Ask for a chat: the live one, or a new one."""
        client = self.client.again() if elsewhere else self.client
        answer = self.told("requests a chat", steps.served(steps.request(client)))
        found, is_new = chat_id_of(answer), steps.is_new(answer)
        self.must(found is not None and is_new is not None, "a chat and is_new_chat", shown(answer), answer)
        self.fresh.append(bool(is_new))
        if self.chat is not None:
            good = found == self.chat.id and not is_new
            self.must(good, "the live chat again, with is_new_chat false", shown(answer), answer)
            return
        self.must(is_new, "is_new_chat true, since no chat is live", shown(answer), answer)
        self.former = [chat for chat in self.former if chat.id != found]  # whether ids come back is for another row
        self.chat, self.texts, self.read = Chat(self.client, str(found), answer), {}, []

    def request_elsewhere(self) -> None:
        """The same over a new connection."""
        self.request(elsewhere=True)

    def active(self) -> None:
        """Look which chat is active."""
        answer = self.told("looks", steps.served(steps.active(self.client)))
        if self.chat is None:
            self.must(answer.status == 404, "404 from Get Active Chat, since no chat is live", shown(answer), answer)
        else:
            good = chat_id_of(answer) == self.chat.id
            self.must(good, "the live chat from Get Active Chat", shown(answer), answer)

    def message(self) -> None:
        """Send a message in the live chat."""
        if self.chat is not None:
            event = steps.message(f"{self.name} {self.mark} {uuid.uuid4()}")
            answer = self.told("sends a message", steps.send(self.chat, event))
            self.must(answer.status == 200, "200 to a message in the live chat", shown(answer), answer)
            self.texts[str(event["msg_id"])] = str(event["msg"])

    def typing(self) -> None:
        """Send a typing event in the live chat."""
        if self.chat is not None:
            answer = self.told("types", steps.send(self.chat, {"event": "chat_session_typing"}))
            self.must(answer.status == 200, "200 to a typing event in the live chat", shown(answer), answer)

    def poll(self) -> None:
        """Poll the live chat, which brings something or nothing."""
        if self.chat is not None and self.polls:
            self.polls -= 1
            answer = self.told("polls", steps.poll(self.chat))
            good = answer.status == 200 or steps.is_idle(answer)
            self.must(good, "events or none from a poll of the live chat", shown(answer), answer)

    def history(self) -> None:
        """Read the history of the live chat: the earlier one and what was sent since."""
        if self.chat is None:
            return
        events = own(self.chat, steps.kept(self.chat, *self.texts.values()), self.texts)
        self.story.append(f"{self.name} reads the history")
        names = {text: msg_id for msg_id, text in self.texts.items()}
        said = received.texts(events)
        self.must(set(said) <= set(names), "own messages only", "others as well")
        listed = [names[text] for text in said]
        good = sorted(listed) == sorted(self.texts)
        self.must(good, f"the {len(self.texts)} messages that were sent, once each", f"{len(listed)}")
        good = [name for name in listed if name in self.read] == self.read
        self.must(good, "the earlier history in its order", "another order")
        self.read = listed

    def end(self) -> None:
        """End the live chat, and wait until it is gone; raises Blocked when it stays."""
        if self.chat is not None:
            steps.end(self.chat)
            self.story.append(f"{self.name} ends the chat")
            self.former.append(self.chat)
            self.chat = None

    def late_message(self) -> None:
        """Send a message in a former chat."""
        self.late("sends a message in a former chat", steps.message(f"{self.name} {self.mark} late"))

    def late_typing(self) -> None:
        """Send a typing event in a former chat."""
        self.late("types in a former chat", {"event": "chat_session_typing"})

    def late_end(self) -> None:
        """End a former chat once more."""
        self.late("ends a former chat", END["events"][0])

    def late(self, step: str, event: received.Event) -> None:
        """Post to the last one of the former chats, which must be 404."""
        if self.former:
            answer = self.told(step, steps.send(self.former[-1], event))
            self.must(answer.status == 404, "404 to an event in a former chat", shown(answer), answer)

    def late_poll(self) -> None:
        """Poll a former chat, which may bring its last events."""
        if self.former:
            self.told("polls a former chat", steps.poll(self.former[-1]))

    def late_history(self) -> None:
        """Read the history of a former chat, if it can still be read."""
        if self.former:
            self.told("reads a former chat", steps.history(self.former[-1]))


CALM = ("request", "message", "message", "history", "history", "request", "end", "late_message", "request", "end")
"""An ordinary life: what goes wrong in it has a row of its own."""


def calmly(client: Client) -> None:
    """Raise Blocked when not even an ordinary life of a client is as the model says."""
    try:
        Walk(client).take(CALM)
    except Contradiction as found:
        raise Blocked(steps.SAME, f"even in an ordinary sequence: {found.expected}; {found.observed}") from None
