"""Received messages: posted to the receiver of their number (Set Message Receiver)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json, transport
from fixtures.exchange import Request
from suites.bp_sms.notices import RECEIVER, message_of, need_set, open_listener, set_to, speaking_of

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.bp_sms.steps import Session


@pytest.mark.requirement("bp_sms.receiver.inbound-delivered")
def test_a_received_message_is_posted_to_the_receiver(api: Api, a: Session, rng: Random, judge: Judge) -> None:
    """A message that comes in is posted to the receiver address, as what it is and with what it says."""
    mark = f"{rng.getrandbits(80):x}"
    word = f"Conformance – grüezi 日本 😀 {mark}"
    with open_listener(api) as listener:
        receiver = listener.address("inboundNotification")
        with set_to(a, RECEIVER, receiver.url) as answer:
            need_set(answer)
            asked = trigger(api, word, judge)
            # Others may send to the number, too: ours is the one that has the mark, whatever became of the rest.
            listener.wait(lambda: bool(speaking_of(listener.notices(receiver), mark)), api.table["callback_wait_s"])
        posts = speaking_of(listener.notices(receiver), mark)
    judge.that(posts, "a post of the received message to the receiver", "none")
    seen = message_of(posts[0])
    for member, expected in (("body", word), ("from", asked.get("from")), ("to", api.table["send_from"])):
        found = seen.get(member)
        same = str(found).removeprefix("+") == str(expected).removeprefix("+")
        judge.that(expected is None or same, f"{member} of the received message, {expected!r}", repr(found))
    judge.that(seen.get("direction") == "inbound", "direction inbound", repr(seen.get("direction")))
    judge.that(seen.get("status") == "received", "status received", repr(seen.get("status")))


def trigger(api: Api, body: str, judge: Judge) -> dict[str, Any]:
    """Have the operator's own service make a message arrive; return what it says of the message."""
    asked = json.dumps({"to": api.table["send_from"], "body": body}, ensure_ascii=False).encode()
    request = Request("POST", api.table["inbound_trigger_url"], (("Content-Type", "application/json"),), asked)
    raw = transport.send(transport.new_session(api.target), request, api.target.timeout_s)
    if raw.status not in range(200, 300):
        judge.inconclusive(f"the service behind inbound_trigger_url answered {raw.status}")
    try:
        told = strict_json.parse(raw.body)
    except strict_json.NotJson:
        return {}
    return told if isinstance(told, dict) else {}
