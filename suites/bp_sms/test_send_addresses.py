"""Send Message: who can be reached, who may send, and messenger addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.bp_sms import steps
from suites.bp_sms.outbox import accepted, status

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.outbox import Outbox

REFUSED, FAILED = "refused-at-once", "queued-then-failed"
MALFORMED = ("abc", "+", "1" * 40)
"""Texts that are no number."""


def ended(judge: Judge, outbox: Outbox, members: dict[str, str]) -> tuple[str | None, Answer]:
    """Send a message that should not arrive; return its last status, None when it was refused, and the last answer."""
    answer = outbox.post(members)
    if steps.refuses(answer):
        return None, answer
    judge.that(answer.status == 200, "a refusal, or a message that fails later", shown(answer), answer)
    last = outbox.follow(accepted(members, answer)).reads[-1]
    return status(last), last


@pytest.mark.requirement("bp_sms.send.unreachable-recipient")
@pytest.mark.parametrize("number", [*MALFORMED, "letters behind a number"])
def test_what_is_no_number_is_not_reached(api: Api, outbox: Outbox, number: str, judge: Judge) -> None:
    """A recipient that is no number is refused, or the message fails; it is never delivered to anybody."""
    if number == "letters behind a number":
        if not api.table["send_to"]:
            pytest.skip("the target file has no send_to")
        number = f"{api.table['send_to']}abc"  # should the letters be dropped, the operator's own number is called
    last, answer = ended(judge, outbox, outbox.members(To=number))
    judge.that(last != "delivered", "a refusal, or a message that fails", shown(answer), answer)
    if last not in {None, "failed"}:
        judge.inconclusive(f"the message was still {last} after delivery_wait_s")
    judge.note(malformed=REFUSED if last is None else FAILED)


@pytest.mark.requirement("bp_sms.send.unreachable-recipient")
def test_a_dead_number_is_not_reached(api: Api, outbox: Outbox, judge: Judge) -> None:
    """A message to a number where delivery fails is refused, or ends as failed."""
    last, answer = ended(judge, outbox, outbox.members(To=api.table["send_unreachable_to"]))
    judge.that(last != "delivered", "a refusal, or a message that fails", shown(answer), answer)
    if last not in {None, "failed"}:
        judge.inconclusive(f"the message was still {last} after delivery_wait_s")
    judge.reading(REFUSED if last is None else FAILED)


@pytest.mark.requirement("bp_sms.send.foreign-sender")
def test_a_foreign_number_cannot_send(api: Api, outbox: Outbox, judge: Judge) -> None:
    """A message from a number that is not the tenant's is refused, or fails."""
    last, answer = ended(judge, outbox, outbox.members(From=api.table["foreign_number"]))
    judge.that(last not in {"sent", "delivered"}, "a refusal, or a message that fails", shown(answer), answer)
    if last == "queued":
        judge.inconclusive("the message was still queued after delivery_wait_s")


@pytest.mark.requirement("bp_sms.send.messenger-address")
def test_messenger_addresses_come_back_as_they_are(api: Api, outbox: Outbox, judge: Judge) -> None:
    """Sender and recipient of a messenger integration are accepted, and come back letter for letter."""
    members = outbox.members(To=api.table["messenger_to"], From=api.table["messenger_from"])
    answer = outbox.post(members)
    judge.that(answer.status == 200, "status 200 for a message between messenger addresses", shown(answer), answer)
    message = steps.message(answer, steps.ACCEPTED)
    for name, member in (("From", "from"), ("To", "to")):
        found = message.get(member)
        judge.that(found == members[name], f"the {name} of the request in {member}", repr(found), answer)
