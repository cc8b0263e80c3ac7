"""The harness itself: a mutation is drawn by its seed alone, every one is wrong in its way, and servers answer."""

from __future__ import annotations

import json
import urllib.request
from random import Random

import pytest

from tests.hostile.mutations import INSIDE, WHOLE, mutate
from tests.hostile.proxy import FAITHFUL, MutatingProxy
from tests.hostile.servers import HOSTILE, SERVERS
from tests.hostile.serving import Asked, Reply, answering

SOUND = Reply(200, json.dumps({"token": "abc", "list": [{"id": 1}, {"id": 2.5, "on": None}]}).encode())
ASKED = Asked("GET", "/a/1", (), b"")


@pytest.mark.parametrize("seed", range(200))
def test_one_seed_makes_one_mutation(seed: int) -> None:
    assert mutate(Random(seed), SOUND) == mutate(Random(seed), SOUND)  # noqa: S311


@pytest.mark.parametrize("mutation", INSIDE, ids=lambda each: each.__name__)
def test_each_mutation_of_json_changes_it(mutation: object) -> None:
    assert callable(mutation)
    made = {mutation(Random(seed), json.loads(SOUND.body)) for seed in range(20)}  # noqa: S311
    assert made - {SOUND.body}


def test_each_mutation_of_an_answer_leaves_something_to_send() -> None:
    for mutation in WHOLE:
        for seed in range(20):
            assert mutation(Random(seed), Reply(204, b"")).head()  # noqa: S311


def test_the_proxy_lets_the_first_answers_through_and_falsifies_later_ones() -> None:
    with answering(lambda _: SOUND) as origin:
        replies = [MutatingProxy(origin, seed=3, share=1.0)(ASKED) for _ in range(1)]
        proxy = MutatingProxy(origin, seed=3, share=1.0)
        replies += [proxy(ASKED) for _ in range(FAITHFUL + 20)]
    assert {reply.body for reply in replies[: FAITHFUL + 1] if reply} == {SOUND.body}
    assert proxy.mutated == 20


def test_two_proxies_with_one_seed_falsify_alike() -> None:
    with answering(lambda _: SOUND) as origin:
        proxies = [MutatingProxy(origin, seed=5, share=0.5) for _ in range(2)]
        one, other = ([proxy(ASKED) for _ in range(40)] for proxy in proxies)
    assert one == other


@pytest.mark.parametrize("name", [name for name in SERVERS if name != "100 MB of JSON" and "header" not in name])
def test_an_odd_server_answers_whatever_it_is_asked(name: str) -> None:
    responder = SERVERS[name]
    wanted = responder(ASKED)
    assert wanted is not None
    if wanted.status == 200 and name not in {"echo", "mirror"}:
        with answering(responder) as origin, urllib.request.urlopen(f"{origin}/any", timeout=10) as answer:  # noqa: S310
            assert answer.read() == wanted.body


def test_no_name_is_given_twice() -> None:
    assert set(HOSTILE) < set(SERVERS)
