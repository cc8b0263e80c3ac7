"""Any order of logins, creates, deletes and reads by two users, against a model of what each of them must see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fixtures.api import shown
from fixtures.outcomes import Blocked
from fixtures.plugin.supplies import hypothesis_settings
from fixtures.sequences import Contradiction, judge_sequences
from suites.bp_stats import steps
from suites.bp_stats import subscriptions as subs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.identities import Identity
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run

STALE = "bp_stats.session.second-login-ends-first"
REPEATED_DELETE = {200, 202, 204, 400, 404, 409, 410}
DEFINITIONS = {
    f"{role}{number} in {app}": steps.small(app, f"grid_{role}{number}")
    for role in "ab"
    for number, app in enumerate(("shared", "shared", "apart"))
}
"""Each has a grid id of its own, so that it is known by it; most share an app id, also between the users."""
WHO = st.sampled_from("aab")
"""One user does twice as much as the other: long stories of one user find more than two short ones."""


@dataclass(frozen=True)
class Scene:
    """Who plays, and the readings of the target that the model follows."""

    api: Api
    users: Mapping[str, Identity]
    second_create_replaces: bool
    login_keeps_subscription: bool


@dataclass
class Player:
    """What the model knows of a user: the valid session, the one before it, and the name of the active definition."""

    session: steps.Session
    stale: steps.Session
    active: str | None = None


class Sequence(RuleBasedStateMachine):
    """One sequence of steps; raises Contradiction where the target leaves the model."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.story: list[str] = []
        self.waited = False
        self.failed = False
        self.players = {}
        for role, user in scene.users.items():
            stale, session = steps.log_in(scene.api, user), steps.log_in(scene.api, user)
            self.players[role] = Player(session, stale)
            subs.start_with_none(session)

    @rule(role=WHO)
    def log_in(self, role: str) -> None:
        """A login; the cookie before it becomes stale."""
        player = self.players[role]
        player.stale, player.session = player.session, steps.log_in(self.scene.api, player.session.identity)
        self.story.append(f"{role} logs in")
        if not self.scene.login_keeps_subscription:
            player.active = None

    @rule(role=WHO, number=st.integers(0, 2))
    def create(self, role: str, number: int) -> None:
        """A create, accepted or refused by the reading of the target."""
        player, name = self.players[role], self.name_of(role, number)
        answer = self.told(f"{role} creates {name}", subs.valid(steps.create(player.session, DEFINITIONS[name])))
        if player.active and not self.scene.second_create_replaces:
            self.must(answer.status in {400, 409}, "400 or 409 to a second create, as at first", answer)
            return
        subs.not_for_limits(answer)
        self.must(answer.status == 200, "200 to a create", answer)
        player.active = name

    @rule(role=WHO)
    def delete(self, role: str) -> None:
        """A delete, with something to delete or not."""
        player = self.players[role]
        answer = self.told(f"{role} deletes", subs.valid(steps.delete(player.session)))
        if player.active:
            self.must(200 <= answer.status < 300, "2xx to a delete of an active subscription", answer)
        else:
            self.must(answer.status in REPEATED_DELETE, "2xx, or 404, to a delete of nothing", answer)
        player.active = None

    @rule(role=WHO)
    def read(self, role: str) -> None:
        """A read; once in a sequence one that waits for the data, for that takes long."""
        session = self.players[role].session
        self.shows(role, steps.read(session) if self.waited or not self.players[role].active else steps.wait(session))
        self.waited = True

    @rule(role=WHO, number=st.integers(0, 2), reads=st.booleans())
    def use_stale_cookie(self, role: str, number: int, reads: bool) -> None:
        """A read or a create with the cookie of the session before: whatever comes of it shows in later reads."""
        name, stale = self.name_of(role, number), self.players[role].stale
        answer = steps.read(stale) if reads else steps.create(stale, DEFINITIONS[name])
        step = "reads" if reads else f"creates {name}"
        if self.told(f"{role} {step} with the former cookie", answer).status != 401:
            self.failed = True  # a stale cookie that is accepted is another requirement's matter
            raise Blocked(STALE, f"a stale cookie was answered {shown(answer)}")

    def teardown(self) -> None:
        """Look at what each user has in the end, when there was time to prepare it."""
        if not self.failed:
            for role, player in self.players.items():
                self.shows(role, steps.wait(player.session))

    def name_of(self, role: str, number: int) -> str:
        """Return the name of one of the user's definitions."""
        return [name for name in DEFINITIONS if name.startswith(role)][number]

    def told(self, step: str, answer: Answer) -> Answer:
        """Add a step to the story."""
        self.story.append(f"{step} ({answer.status})")
        return answer

    def shows(self, role: str, answer: Answer) -> None:
        """Compare what a user reads with the model."""
        active = self.players[role].active
        seen = subs.state(self.told(f"{role} reads", answer), **DEFINITIONS)
        wanted = {subs.WAITING, active} if active else {subs.GONE}
        expected = f"204 or the data of {active}" if active else "404, for nothing is active"
        self.must(seen in wanted, expected, answer, seen)

    def must(self, holds: bool, expected: str, answer: Answer, seen: str = "") -> None:
        """Go on if the claim holds."""
        if not holds:
            self.failed = True
            raise Contradiction(expected, f"{seen or shown(answer)}, after: {'; '.join(self.story)}", answer)


SUSPECTS: tuple[Callable[[Sequence], object], ...] = (
    lambda play: (play.create("a", 0), play.log_in("a"), play.create("a", 1)),
    lambda play: (play.create("a", 0), play.log_in("a"), play.delete("a")),
    lambda play: (play.create("a", 0), play.use_stale_cookie("a", 2, reads=False)),
    lambda play: (play.create("a", 0), play.create("b", 0), play.create("a", 1), play.create("a", 2), play.delete("b")),
)
"""Orders of steps that servers are known to get wrong; chance would need long to find them all."""


def scene_of(api: Api, a: steps.Session, b: steps.Session) -> Scene:
    """Find out what the target does where it may do one thing or another; raises Blocked when it does neither."""
    first, second = DEFINITIONS["a0 in shared"], DEFINITIONS["a2 in apart"]
    subs.start_with_none(a)
    subs.show(a, first)
    again = subs.valid(steps.create(a, second))
    seen = subs.state(steps.wait(a), first=first, second=second)
    if again.status not in {200, 400, 409} or seen != ("second" if again.status == 200 else "first"):
        raise Blocked("bp_stats.one-active.second-create", f"a second create was answered {shown(again)}; then {seen}")
    subs.end(a)
    subs.start_with_none(a)
    subs.show(a, first)
    seen = subs.state(steps.read(steps.log_in(api, a.identity)), first=first)
    if seen not in {"first", subs.WAITING, subs.GONE}:
        raise Blocked("bp_stats.session.subscription-across-login", f"after a login the data show {seen}")
    users: dict[str, Any] = {"a": a.identity, "b": b.identity}
    return Scene(api, users, again.status == 200, seen != subs.GONE)


@pytest.mark.requirement("bp_stats.data.random-sequences-follow-model")
def test_random_sequences_follow_the_model(
    api: Api, a: steps.Session, b: steps.Session, judge: Judge, depth: Depth, run: Run
) -> None:
    """Whatever two users do in whatever order, each reads what the user's own last step left there."""
    scene = scene_of(api, a, b)
    judge.note(
        second_create="replaced" if scene.second_create_replaces else "refused",
        across_login="user-bound" if scene.login_keeps_subscription else "session-bound",
    )

    settings = hypothesis_settings(depth, examples=max(2, depth.examples // 2))
    judge_sequences(lambda: Sequence(scene), SUSPECTS, judge, seed=run.options.seed, settings=settings)
