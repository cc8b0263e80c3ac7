"""Tests that wait for held polls wait side by side: each in its turn is given what came of it.

A poll that is held costs no worker, and clients do not know of each other. At a server that holds polls for long the
first such test that has its turn begins all of them, each with clients of its own, as many at a time as max_clients
allows; every one is judged, recorded and reported as if it had run alone.
"""

from __future__ import annotations

import functools
import inspect
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fixtures.judge import Judge
from fixtures.outcomes import Inconclusive
from fixtures.plugin.binding import bound_to, impact_of, node_id
from fixtures.plugin.items import JUDGE
from fixtures.plugin.supplies import chance, seeded
from fixtures.recording import Running
from suites.bp_mobile import scenario, steps
from suites.bp_mobile.clients import Clients
from suites.bp_mobile.polling import LONG_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pytest

    from fixtures.api import Api
    from fixtures.plugin.run import Run
    from fixtures.recording import Beside

SHORT_S = 5.0
"""Nothing is looked for where no poll may be held for longer."""
PROVIDED = frozenset({"api", "chat", "client", "clients", "depth", "given", "judge", "other", "others_chat", "rng"})
"""What a test that waits beside others may ask for; what else it asks for are its parameters."""


def overlapping(*, chats: int = 1, holds: int = 1) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a test wait beside others: it has so many chats open at one time, and waits about so many idle polls long."""

    def decorate(body: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(body)
        def test(turn: Turn, **_: Any) -> None:
            turn.play()

        own = [each for name, each in inspect.signature(body).parameters.items() if name not in PROVIDED]
        turn = inspect.Parameter("turn", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        found: Any = test
        found.__signature__ = inspect.Signature([turn, *own])
        found.waits = Waits(body, chats, holds)
        return test

    return decorate


@dataclass(frozen=True)
class Waits:
    """What a test does, how many chats it has open, and how many idle polls it waits for."""

    body: Callable[..., None]
    chats: int
    holds: int


@dataclass(frozen=True)
class Played:
    """What came of a test: its judge, what it did, how it ended, and what its postamble could not restore."""

    judge: Judge
    running: Running
    problem: BaseException | None
    left: BaseException | None


class Room:
    """So many chats at one time."""

    def __init__(self, most: int) -> None:
        self._most = self._free = most
        self._changed = threading.Condition()
        self._closed = False

    def close(self) -> None:
        """Let nobody in any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @contextmanager
    def taken(self, chats: int) -> Iterator[None]:
        """Wait for room, and take it for a `with` block."""
        chats = min(chats, self._most)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._free >= chats)
            if self._closed:
                raise Inconclusive("the run ended before the test began")
            self._free -= chats
        try:
            yield
        finally:
            with self._changed:
                self._free += chats
                self._changed.notify_all()


class Overlap:
    """The tests of this run that wait, from the present one on."""

    def __init__(self, run: Run, api: Api, items: Sequence[pytest.Item]) -> None:
        self._run = run
        self._api = api
        waiting = [item for item in items if waits_of(item) and item.get_closest_marker("skip") is None]
        self._waiting = sorted(waiting, key=lambda item: -waits_of(item).holds)
        self._begun: dict[str, Future[Played]] | None = None
        self._recorders: list[Beside] = []
        self._pool = ThreadPoolExecutor(max(1, len(waiting)), "waiting")
        self._room = Room(api.table["max_clients"])

    def play(self, item: pytest.Item) -> Played:
        """Return what comes of a test: beside the others where polls are held for long, else alone."""
        if self._begun is None:
            together = holds_long(self._api)
            self._begun = {each.nodeid: self._pool.submit(self._beside, each) for each in self._waiting if together}
        future = self._begun.pop(item.nodeid, None)
        return future.result() if future else self._played(item)

    def close(self) -> None:
        """Begin nothing more, and let what is under way end its chats; raises what could not be restored."""
        self._room.close()
        for recorder in self._recorders:
            recorder.stop()
        self._pool.shutdown(cancel_futures=True)
        for future in (self._begun or {}).values():
            if not future.cancelled() and future.exception() is None and (left := future.result().left):
                raise left

    def _beside(self, item: pytest.Item) -> Played:
        with self._room.taken(waits_of(item).chats):
            return self._played(item)

    def _played(self, item: pytest.Item) -> Played:
        running = Running(node_id(item), impact_of(item, self._run.planned))
        recorder = self._api.recorder.beside(running)
        self._recorders.append(recorder)
        api = replace(self._api, recorder=recorder)
        clients, judge = Clients(api), Judge(bound_to(item))
        problem = _caught(lambda: waits_of(item).body(**self._arguments(item, api, clients, judge)))
        running.restoring = True
        return Played(judge, running, problem, _caught(clients.close))

    def _arguments(self, item: Any, api: Api, clients: Clients, judge: Judge) -> dict[str, Any]:
        run = self._run
        makers: dict[str, Callable[[], Any]] = {
            "api": lambda: api,
            "client": clients.fresh,
            "other": clients.fresh,
            "clients": lambda: clients,
            "depth": lambda: run.options.depth,
            "given": lambda: seeded(run),
            "judge": lambda: judge,
            "rng": lambda: chance(run, item),
        }
        given = dict(item.callspec.params) if hasattr(item, "callspec") else {}
        asked = inspect.signature(waits_of(item).body).parameters
        found: dict[str, Any] = {name: makers[name]() for name in asked if name in makers}
        for name, owner in (("chat", "client"), ("others_chat", "other")):
            if name in asked:
                found[name] = steps.open_chat(found.get(owner) or clients.fresh())
        return found | {name: given[name] for name in asked if name in given}


class Turn:
    """The turn of one test."""

    def __init__(self, run: Run, overlap: Overlap, item: pytest.Item) -> None:
        self._run, self._overlap, self._item = run, overlap, item
        self.left: BaseException | None = None

    def play(self) -> None:
        """Run the test, or take what came of it beside the others; ends as it ended."""
        played = self._overlap.play(self._item)
        self._item.stash[JUDGE] = played.judge
        running = self._run.recorder.running
        assert running is not None
        running.exchanges.extend(played.running.exchanges)
        running.operations.update(played.running.operations)
        running.violations.extend(played.running.violations)
        running.started = min(running.started, played.running.started)
        running.unlucky |= played.running.unlucky
        self.left = played.left
        if played.problem is not None:
            raise played.problem


def waits_of(item: pytest.Item) -> Any:
    """Return how a test waits, None for one that runs alone."""
    return getattr(getattr(item, "function", None), "waits", None)


def holds_long(api: Api) -> bool:
    """Say whether the server holds idle polls for long; the tour of the run shows it, where nothing has yet."""
    if steps.longest_idle(api) < LONG_S < SHORT_S < api.table["hold_max_s"]:
        try:
            scenario.look(api)
        except Inconclusive:
            return False
    return steps.longest_idle(api) >= LONG_S


def _caught(act: Callable[[], object]) -> BaseException | None:
    try:
        act()
    except BaseException as problem:  # noqa: BLE001 - it is raised again in the test's own turn
        return problem
    return None
