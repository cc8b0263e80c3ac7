"""Status callbacks: what is posted when the status of a message changes, and where to."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from suites.bp_sms.notices import message_of, speaking_of, told
from suites.bp_sms.outbox import status
from suites.bp_sms.steps import message_in

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from fixtures.listener import Notice
    from suites.bp_sms.notices import Notices
    from suites.bp_sms.outbox import Followed, Outbox
    from suites.bp_sms.steps import Session

STEPS = {"queued": 0, "sent": 1, "delivered": 2, "failed": 2}
FOREIGN = 5
"""Messages of others that are looked at."""
REPEATS = 10
"""Posts of one status: a retry or two are usual, more than that have no end."""


@pytest.mark.requirement("bp_sms.callback.delivers-message-object")
def test_a_change_of_status_is_posted_as_the_message(notices: Notices, judge: Judge) -> None:
    """When the status of a message changes, the message object with the new status is posted."""
    message, asked = notices.first, notices.first.sent.asked
    if {status(answer) for answer in message.reads} <= {None, "queued"}:
        judge.inconclusive("Get Message showed no new status of the message within delivery_wait_s")
    judge.that(notices.at_number, "a post to the callback address of the number", "none", *message.reads[-1:])
    posts = speaking_of(notices.posts, message.sent.sid)
    judge.that(posts, "a post with the sid of the message", _first_of(notices.posts), message.sent.answer)
    for notice in posts:
        seen = message_of(notice)
        judge.that(notice.claims_json and seen, "a JSON object in each post", " ".join(notice.text.split())[:120])
        judge.that(seen.get("sid") == message.sent.sid, "the sid of the message as sid", repr(seen.get("sid")))
    own = [message_of(notice) for notice in posts]
    for seen in own:
        for name, member in (("Body", "body"), ("From", "from"), ("To", "to")):
            judge.that(same(seen.get(member), asked[name]), f"the {name} of the message", repr(seen.get(member)))
    statuses = [str(seen.get("status")) for seen in own]
    judge.that(
        set(statuses) & {"sent", "delivered", "failed"}, "a post with the new status", ", ".join(statuses)
    )
    judge.note(queued_is_posted="queued" in statuses)


def _first_of(posts: tuple[Notice, ...]) -> str:
    return f"{len(posts)} posts without it, the first: {' '.join(posts[0].text.split())[:120]}" if posts else "none"


def same(found: Any, asked: str) -> bool:
    """Say whether a member is what was asked for, apart from the plus sign of a number."""
    return isinstance(found, str) and found.removeprefix("+") == asked.removeprefix("+")


@pytest.mark.requirement("bp_sms.callback.agrees-with-get")
@pytest.mark.parametrize("which", ["first", "own", "last"])
def test_posts_follow_the_order_and_end_as_get_message_says(notices: Notices, which: str, judge: Judge) -> None:
    """The posts for a message go forward, belong to it, come to an end, and the last agrees with Get Message."""
    message: Followed = getattr(notices, which)
    posts = [notice for notice in notices.posts if told(notice)[0] == message.sent.sid]
    if not posts:
        judge.inconclusive("nothing was posted for this message")
    bodies = [message_of(notice).get("body") for notice in posts]
    other = [body for body in bodies if body != message.sent.asked["Body"]]
    judge.that(not other, "the body of the message in its posts", other)
    statuses = [str(told(notice)[1]) for notice in posts]
    known = [STEPS[name] for name in statuses if name in STEPS]
    judge.that(all(one <= next_ for one, next_ in pairwise(known)), "statuses in their order", " → ".join(statuses))
    most = max(statuses.count(name) for name in statuses)
    judge.that(most <= REPEATS, f"at most {REPEATS} posts of one status", f"{most} of them")
    judge.that(
        statuses[-1] == status(message.reads[-1]),
        f"the last status of Get Message, {status(message.reads[-1])}",
        statuses[-1],
        message.reads[-1],
    )


@pytest.mark.requirement("bp_sms.callback.agrees-with-get")
def test_no_post_speaks_of_a_message_that_does_not_exist(
    notices: Notices, outbox: Outbox, a: Session, judge: Judge
) -> None:
    """Each post has the sid of a message that was sent: by the suite, or by somebody else from the same number."""
    if not notices.posts:
        judge.inconclusive("nothing was posted")
    foreign = sorted(sids(notices.posts) - outbox.sids)[:FOREIGN]
    nobodys = [sid for sid in foreign if not message_in(a.read(sid))]
    judge.that(not nobodys, "posts for messages that exist", f"posts for {', '.join(nobodys)}")
    judge.note(others_were_posted=bool(foreign))


@pytest.mark.requirement("bp_sms.callback.message-address-wins")
def test_the_address_of_a_message_is_called_for_that_message_alone(notices: Notices, judge: Judge) -> None:
    """A message with an address of its own is reported there, and nowhere else; messages before and after are not."""
    if not notices.posts or {status(answer) for answer in notices.own.reads} <= {None, "queued"}:
        judge.inconclusive("nothing was posted, or Get Message showed no new status of that message")
    own = notices.own.sent.sid
    judge.that(sids(notices.at_message) == {own}, "posts for that message, and no other, at its own address",
               counted(notices.at_message, own))  # fmt: skip
    judge.that(own not in sids(notices.at_number), "no posts for it at the address of the number",
               counted(notices.at_number, own))  # fmt: skip


def sids(posts: tuple[Notice, ...]) -> set[str]:
    """Return the sids that the posts speak of."""
    return {sid for sid, _ in map(told, posts)}


def counted(posts: tuple[Notice, ...], sid: str) -> str:
    """Say how many posts there are, and for which message."""
    own = sum(told(notice)[0] == sid for notice in posts)
    return f"{own} posts for it and {len(posts) - own} for others"
