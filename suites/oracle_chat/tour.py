"""Calls whose answers several tests judge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from fixtures import wire
from fixtures.api import shown
from fixtures.concurrency import together
from fixtures.outcomes import Unanswered
from suites.oracle_chat import steps
from suites.oracle_chat.archive import RACERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client


@dataclass(frozen=True, slots=True)
class Racer:
    """A success among calls at the same time: for whom, with which marks, and what came."""

    user: str
    marks: Mapping[str, str]
    answer: Answer


class Tour:
    """Calls that rows on all answers of a run, or several tests, stand on: each made when a test first asks for it."""

    def __init__(self, client: Client, depth: Depth, rng: Random) -> None:
        self.client = client
        self._depth = depth
        self._rng = rng

    @cached_property
    def basic(self) -> Answer:
        """The answer to a basic call, whatever it is."""
        return self.client.ask()

    @cached_property
    def example(self) -> Answer:
        """The answer to the document's example with the target's values, whatever it is."""
        return self.client.send(steps.example_request(self.client.api.table).members)

    def need_example(self, judge: Judge) -> Answer:
        """Return the answer to the example; raises NotApplicable where it is refused for values of the document."""
        undeclared = steps.example_request(self.client.api.table).undeclared
        if steps.refuses_as_client_error(self.example) and undeclared:
            judge.not_applicable(
                f"the example is refused, perhaps for {', '.join(undeclared)}: `attributes` of the target file says"
                f" which values there are; {shown(self.example)}"
            )
        return self.example

    @cached_property
    def attributes(self) -> Answer:
        """The answer to a basic call with every declared attribute and an ordinary text in the others."""
        return self.client.ask(**self.sent_attributes)

    @property
    def sent_attributes(self) -> Mapping[str, Any]:
        """What that call sends beside the mandatory members."""
        texts = {"firstName": "Ada", "lastName": "Example", "question": "Where is my parcel?", "resumeType": "RESUME"}
        return {**texts, **self.client.api.table["attributes"]}

    @cached_property
    def other_name(self) -> str:
        """The second user, or an invented one where none is declared."""
        return self.client.api.table["auth_user_name_b"] or f"{steps.mark(self._rng).lower()}@example.com"

    @cached_property
    def other_user(self) -> Answer:
        """The answer to a basic call for that user."""
        return self.client.ask(authUserName=self.other_name)

    def two_users(self, judge: Judge) -> tuple[Answer, Answer]:
        """Basic calls for either user that succeeded; raises Blocked, or NotApplicable for want of a second user."""
        steps.taken(self.basic)
        if steps.refuses_as_client_error(self.other_user) and not self.client.api.table["auth_user_name_b"]:
            judge.not_applicable("the target refuses a user that is made up; auth_user_name_b names one that it knows")
        steps.taken(self.other_user)
        return self.basic, self.other_user

    @cached_property
    def accepting_json(self) -> Answer:
        """The answer to a basic call that accepts application/json alone."""
        members = steps.basic_members(self.client.api.table)
        return self.client.send(members, headers=(("Accept", "application/json"),))

    @cached_property
    def bare(self) -> Answer:
        """The answer to a basic call with no header fields but those that HTTP, the credentials and the body need."""
        with wire.connection(self.client.api) as connection:
            return self.client.over(connection)

    @cached_property
    def marked(self) -> Mapping[str, str]:
        """What was sent with a call that succeeded; raises Blocked."""
        sent = steps.marks(self._rng)
        self.client.succeed(**sent)
        return sent

    @cached_property
    def race(self) -> tuple[tuple[Racer, ...], ...]:
        """By round, the successes among calls released together, for two users by turns, each with marks of its own."""
        rounds = min(self._depth.rounds, self.client.archive.rounds)
        return tuple(self._round() for _ in range(rounds))

    def _round(self) -> tuple[Racer, ...]:
        table = self.client.api.table
        own = table["auth_user_name"]
        users = (own, self.other_name if steps.succeeds(self.other_user) else own)
        asked = [(users[number % 2], steps.marks(self._rng)) for number in range(RACERS)]
        racing = together([partial(self._racer, user, marks) for user, marks in asked])
        return tuple(each.result for each in racing if each.result)

    def _racer(self, user: str, marks: Mapping[str, str]) -> Racer | None:
        """Make a call; None unless it succeeds."""
        members = steps.basic_members(self.client.api.table, authUserName=user, **marks)
        try:
            answer = self.client.call(steps.CREATE, json=members, patient=False)
        except Unanswered:
            return None
        return Racer(user, marks, answer) if steps.succeeds(answer) else None

    @property
    def successes(self) -> tuple[Answer, ...]:
        """Every success of the run so far, at least those of ordinary calls; raises Blocked when even that has none."""
        answers = (self.basic, self.example, self.attributes)
        if not any(steps.succeeds(answer) for answer in answers):
            steps.taken(self.basic)
        return tuple(self.client.archive.successes)
