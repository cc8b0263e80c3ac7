"""Send Message: what is accepted, what comes back, and that it can be followed."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from fixtures.concurrency import together
from suites.bp_sms import steps
from suites.bp_sms.outbox import SLIGHT_DELAY_S, TEXT, accepted, status

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.outbox import Outbox
    from suites.bp_sms.steps import Session

DOCUMENTED_PATH = "/clientweb/smsapi/v1"
UNPAID = 402
ACCENTS = "Grüße – naïve café"


@pytest.mark.requirement("bp_sms.send.json-accepted")
def test_a_message_in_json_is_queued(outbox: Outbox, judge: Judge) -> None:
    """A JSON post of To, From and Body is answered 200 with a message that is queued."""
    answer = outbox.first
    if answer.status == UNPAID:
        judge.inconclusive(f"the tenant has no credit: {shown(answer)}")
    judge.that(answer.status == 200, "status 200 for a message in JSON", shown(answer), answer)
    judge.that(steps.message_in(answer) is not None, "a message object in the answer", shown(answer), answer)
    judge.that(status(answer) == "queued", "status queued in the answer", repr(status(answer)), answer)


@pytest.mark.requirement("bp_sms.send.initial-object")
def test_the_answer_to_a_send_describes_a_message_not_sent_yet(api: Api, outbox: Outbox, judge: Judge) -> None:
    """The sid is a text, the uri its path, the direction outbound, and nothing has been sent or has failed."""
    answer = outbox.first
    message = steps.message(answer, steps.ACCEPTED)
    sid, uri = message.get("sid"), message.get("uri")
    judge.that(isinstance(sid, str) and sid, "a sid that is a text", repr(sid), answer)
    paths = [f"{base}/Messages/{sid}" for base in (api.table.base_path, DOCUMENTED_PATH)]
    judge.that(uri in paths, "the Messages path and the sid as uri", repr(uri), answer)
    direction = message.get("direction")
    judge.that(direction == "outbound-api", "direction outbound-api", repr(direction), answer)
    told = {name: message[name] for name in ("date_sent", "error_code", "error_message") if message.get(name)}
    judge.that(not told, "null in date_sent, error_code and error_message", told, answer)


@pytest.mark.requirement("bp_sms.send.readable-afterwards")
def test_a_sent_message_can_be_followed_by_its_sid(outbox: Outbox, a: Session, judge: Judge) -> None:
    """Soon after it was accepted the message can be read by the sid of the answer."""
    reads = list(outbox.followed.reads)
    sent = outbox.followed.sent
    while reads[-1].status != 200 and time.monotonic() < sent.answer.ended + SLIGHT_DELAY_S:
        time.sleep(SLIGHT_DELAY_S / 20)
        reads.append(a.read(sent.sid))
    found = next((answer for answer in reads if answer.status == 200), reads[-1])
    judge.that(
        found.status == 200 and found.ended <= sent.answer.ended + SLIGHT_DELAY_S + 1,
        f"the message within {SLIGHT_DELAY_S:.0f} s after it was accepted",
        shown(found),
        sent.answer,
        found,
    )
    judge.that(status(found) in steps.OUTBOUND, "queued, sent, delivered or failed", repr(status(found)), found)
    judge.note(readable="at once" if found is reads[0] else "after a while")


@pytest.mark.requirement("bp_sms.send.numbers-echoed")
def test_from_and_to_are_those_of_the_request(outbox: Outbox, judge: Judge) -> None:
    """from and to come back with the digits that were sent, in the answer and in Get Message."""
    sent = outbox.plain
    judge_numbers(judge, sent.asked, sent.answer)
    judge_numbers(judge, sent.asked, outbox.arrived(sent.sid))


@pytest.mark.requirement("bp_sms.send.numbers-echoed")
def test_a_number_may_have_a_plus_sign_or_none(api: Api, outbox: Outbox, judge: Judge) -> None:
    """The recipient's number with a plus sign, where the target file has none, or without, is the same number."""
    number: str = api.table["send_to"]
    if not number.removeprefix("+").isdecimal():
        pytest.skip("send_to is no telephone number")
    members = outbox.members(To=number.removeprefix("+") if number.startswith("+") else f"+{number}")
    answer = outbox.post(members)
    judge.that(answer.status == 200, "status 200 for the other form of the number", shown(answer), answer)
    judge_numbers(judge, members, answer)


def judge_numbers(judge: Judge, asked: Any, answer: Answer) -> None:
    """Judge from and to of a message by their digits."""
    message = steps.message(answer, steps.ACCEPTED)
    for name, member in (("From", "from"), ("To", "to")):
        found = message.get(member)
        judge.that(isinstance(found, str), f"{member} as a text", repr(found), answer)
        judge.that(digits(found) == digits(asked[name]), f"the digits of {name} in {member}", repr(found), answer)


def digits(number: Any) -> str:
    """Return the digits of a number."""
    return "".join(character for character in str(number) if character.isdigit())


@pytest.mark.requirement("bp_sms.send.form-accepted")
def test_a_message_as_a_form_is_queued_as_it_was_sent(api: Api, outbox: Outbox, judge: Judge) -> None:
    """A form with a plus sign in To and letters outside ASCII in Body is accepted, and both come back."""
    number: str = api.table["send_to"]
    plus = f"+{number.removeprefix('+')}" if number.removeprefix("+").isdecimal() else number
    answer = outbox.post(outbox.members(ACCENTS, To=plus), as_form=True)
    judge.that(answer.status == 200, "status 200 for a message as a form", shown(answer), answer)
    message = steps.message(answer, steps.ACCEPTED)
    to, body = message.get("to"), message.get("body")
    judge.that(to in (plus, plus.removeprefix("+")), "the recipient as it was sent", repr(to), answer)
    judge.that(body == ACCENTS, f"the body {ACCENTS!r}", repr(body), answer)


@pytest.mark.requirement("bp_sms.send.sid-unique")
def test_messages_sent_together_have_sids_of_their_own(outbox: Outbox, judge: Judge) -> None:
    """Three messages released together, two of them alike, get three sids, and each sid leads to its message."""
    bodies = [f"{TEXT}, alike", f"{TEXT}, alike", f"{TEXT}, different"]
    answers = [timed.result for timed in together([partial(outbox.post, outbox.members(body)) for body in bodies])]
    taken = [
        (accepted({"Body": body}, answer), body)
        for body, answer in zip(bodies, answers, strict=True)
        if answer.status == 200 and object_in(answer).get("sid")
    ]
    if len(taken) < 2:
        judge.inconclusive("fewer than two of the messages were accepted")
    sids = [sent.sid for sent, _ in taken]
    judge.that(len(set(sids)) == len(sids), "a sid of its own for each message", "one sid for two", *answers)
    for sent, body in taken:
        for what, answer in (("the answer", sent.answer), ("Get Message", outbox.arrived(sent.sid))):
            found = (steps.message_in(answer) or {}).get("body")
            judge.that(found == body, f"the body {body!r} in {what}", repr(found), sent.answer, answer)
