"""Send Message: the text comes back as it was sent, a long one too, and surplus members do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies

from fixtures.api import shown
from suites.bp_sms import steps
from suites.bp_sms.outbox import Outbox, accepted

if TYPE_CHECKING:
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given

TEXTS = {
    "markup, line breaks, outer spaces, great length": (
        "  \"Grüße\" & 'más' <b>1 < 2</b> &amp; \\ \\n %41+%2B {\"a\": 1};\n"
        + "Conformance test of a text of more than one segment.\r\n" * 3
        + "The end  "
    ),
    "letters of many scripts": "e\u0301 é Ångström שלום مرحبا 日本語 😀👩\u200d👧 𝒳",
}
LETTERS = strategies.characters(exclude_categories=["Cc", "Cn", "Co", "Cs"])
LONG = "Conformance 161 " * 10 + "!"
SURPLUS: dict[str, Any] = {
    "sid": "11111111-2222-4333-8444-555555555555",
    "status": "conformance",
    "account_sid": "conformance",
    "tenant_id": "conformance",
    "date_sent": "Mon, 01 Jan 2001 00:00:00 +0000",
    "price": "0.07",
    "direction": "inbound",
    "conformance": "conformance",
}
"""Members that belong to the server, and one that nobody knows."""
RESERVED: dict[str, Any] = {
    "MaxPrice": "1.00",
    "MessagingServiceSid": "conformance",
    "ApplicationSid": "conformance",
    "ProvideFeedback": False,
    "ValidityPeriod": 14400,
}


@pytest.mark.requirement("bp_sms.send.body-survives")
@pytest.mark.parametrize("what", TEXTS)
def test_a_text_comes_back_character_for_character(outbox: Outbox, what: str, judge: Judge) -> None:
    """A text with markup, line breaks, many scripts and great length is refused, or comes back unchanged."""
    if not survives(judge, outbox, TEXTS[what]):
        judge.inconclusive(f"a text with {what} was refused")


@pytest.mark.requirement("bp_sms.send.body-survives")
def test_any_text_comes_back_character_for_character(
    outbox: Outbox, depth: Depth, given: Given, judge: Judge
) -> None:
    """A generated text is refused, or comes back unchanged."""
    refused = []

    @given(strategies.text(LETTERS, min_size=1, max_size=60), examples=1 if depth.name == "quick" else 3)
    def comes_back(text: str) -> None:
        if not survives(judge, outbox, text):
            refused.append(text)

    comes_back()
    judge.note(refused=len(refused))


def survives(judge: Judge, outbox: Outbox, text: str) -> bool:
    """Judge that a text comes back from the send and from Get Message; False when it was refused."""
    members = outbox.members(text)
    answer = outbox.post(members)
    if steps.refuses(answer):
        judge.that(True, "a refusal, or the text unchanged", shown(answer))
        return False
    sent = accepted(members, answer)
    for what, told in (("the answer", answer), ("Get Message", outbox.arrived(sent.sid))):
        body = (steps.message_in(told) or {}).get("body")
        same = isinstance(body, str) and body.replace("\r\n", "\n") == text.replace("\r\n", "\n")
        judge.that(same, f"the body {text!r} in {what}", repr(body), told)
    return True


@pytest.mark.requirement("bp_sms.send.long-body")
def test_a_long_text_is_one_message(outbox: Outbox, judge: Judge) -> None:
    """A text of 161 characters comes back whole, and num_segments is 1 or the true number."""
    members = outbox.members(LONG)
    answer = outbox.post(members)
    if steps.refuses(answer):
        judge.inconclusive(f"a text of {len(LONG)} characters was refused: {shown(answer)}")
    sent = accepted(members, answer)
    for told in (answer, outbox.arrived(sent.sid)):
        message = steps.message_in(told) or {}
        body, segments = message.get("body"), message.get("num_segments")
        judge.that(body == LONG, f"the whole text of {len(LONG)} characters", repr(body), told)
        judge.that(segments in ("1", "2"), 'num_segments "1", or "2" if counted', repr(segments), told)
        judge.reading("always-one" if segments == "1" else "counted")


@pytest.mark.requirement("bp_sms.send.surplus-members-without-effect")
def test_members_of_the_server_cannot_be_set_by_a_client(outbox: Outbox, judge: Judge) -> None:
    """Surplus members, reserved ones among them, neither make the send fail nor show in the message."""
    members = outbox.members(**RESERVED, **SURPLUS)
    answer = outbox.post(members)
    judge.that(answer.status == 200, "status 200 for a message with surplus members", shown(answer), answer)
    sid = steps.message(answer, steps.ACCEPTED).get("sid")
    judge.that(sid != SURPLUS["sid"], "a sid of the server's own", sid, answer)
    for told in (answer, outbox.arrived(accepted(members, answer).sid)):
        message = steps.message_in(told) or {}
        shows = {name: message[name] for name, value in {**SURPLUS, **RESERVED}.items() if message.get(name) == value}
        judge.that(not shows, "none of the surplus members in the message", shows, told)
