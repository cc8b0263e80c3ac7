"""The 204 of data that are not ready, octet by octet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import wire
from fixtures.api import shown
from fixtures.outcomes import NotApplicable, Unanswered
from suites.bp_stats import steps
from suites.bp_stats import subscriptions as subs

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge

ATTEMPTS = 5
SILENCE_S = 0.2
FRAMING = {"Content-Length": "0", "Transfer-Encoding": ""}
"""What announces content, with the value that announces none."""


@pytest.mark.requirement("bp_stats.data.no-content-on-204")
def test_a_204_has_no_content_and_leaves_the_connection_usable(a: steps.Session, api: Api, judge: Judge) -> None:
    """The 204 carries no framing and no octet behind its header, and the next answer on its connection is its own."""
    for _ in range(ATTEMPTS):
        steps.delete(a)
        with wire.connection(api) as line:
            steps.subscribe(a, steps.small("wire"))
            answer = subs.valid(line.call("getSubscriptionData", headers=a.caller.headers))
            if answer.status == 204:
                bare(line, answer, judge)
                follow(line, a, answer, judge)
                return
    if answer.status != 200:
        judge.inconclusive(f"no 204 was seen right after any of {ATTEMPTS} creates, but {shown(answer)}")
    raise NotApplicable(f"the data were there right after each of {ATTEMPTS} creates: no 204 came")


def bare(line: wire.Wire, answer: Answer, judge: Judge) -> None:
    """Judge the header of a 204, and the silence behind it."""
    for name, harmless in FRAMING.items():
        said = ", ".join(answer.values(name))
        judge.that(said in {"", harmless}, f"a 204 that announces no content by {name}", f"{name}: {said}", answer)
    judge.note(content_length="zero" if answer.values("Content-Length") else "absent")
    extra = line.surplus(SILENCE_S)
    judge.that(not extra, "nothing behind the header of a 204", f"{len(extra)} octets: {extra[:60]!r}", answer)


def follow(line: wire.Wire, session: steps.Session, answer: Answer, judge: Judge) -> None:
    """Judge that the connection serves another request, unless the 204 announced its end."""
    if not line.reusable:
        judge.note(connection="closed by announcement")
        return
    try:
        line.call("getSubscriptionData", headers=session.caller.headers)
    except Unanswered as problem:
        judge.fail("an answer to the next request on the connection of a 204", str(problem), answer)
    judge.note(connection="kept")
