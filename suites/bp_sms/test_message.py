"""The message object wherever it comes from: identifier, constants, dates, status and direction."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from suites.bp_sms import steps
from suites.bp_sms.gsm import fits_one_segment
from suites.bp_sms.mailbox import FAILED, INBOUND, KNOWN, SENT, Item

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.bp_sms.mailbox import Mailbox
    from suites.bp_sms.outbox import Outbox

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAIL_DATE = re.compile(
    r"(?:(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun), *)?[0-9]{1,2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? [+-][0-9]{4}"
)
"""A date with a numeric zone, without the obsolete forms (RFC 2822, 3.3)."""
CLOCKS = timedelta(minutes=10)
"""How far the target's clock may be from ours; a zone that is left out is half an hour at least."""

EVERY = pytest.mark.parametrize("item", [KNOWN, FAILED, INBOUND, SENT], indirect=True)


@pytest.mark.requirement("bp_sms.message.account-identifier")
@EVERY
def test_a_message_names_the_contact_center(api: Api, item: Item, mailbox: Mailbox, judge: Judge) -> None:
    """A message has account_sid or tenant_id, a text that is the same in all of them."""
    name, value = identifier(item.message)
    judge.that(isinstance(value, str) and value, "account_sid, or tenant_id, as a text", repr(value), item.answer)
    if expected := api.table["account_sid"]:
        judge.that(value == expected, "the identifier of the target file", value, item.answer)
    for other in mailbox.opened:
        seen = identifier(steps.message(other.answer, steps.OBJECT))[1]
        judge.that(seen == value, f"one identifier in all messages, {value}", seen, item.answer, other.answer)
    judge.reading("account-sid" if name == "account_sid" else "tenant-id")


def identifier(message: dict[str, Any]) -> tuple[str, Any]:
    """Return name and value of the member that names the contact center."""
    name = "account_sid" if "account_sid" in message else "tenant_id"
    return name, message.get(name)


@pytest.mark.requirement("bp_sms.message.constants")
@EVERY
def test_version_segments_and_price_are_constant(item: Item, judge: Judge) -> None:
    """api_version and the num_segments of a short text are the string "1", and a price is null."""
    judge_constants(judge, item.message, item)


def judge_constants(judge: Judge, message: dict[str, Any], item: Item) -> None:
    """Judge the members of a message object that always have one value."""
    version, segments = message.get("api_version"), message.get("num_segments")
    judge.that(version == "1", 'api_version "1"', repr(version), item.answer)
    judge.that(message.get("price") is None, "price null, where it is there", repr(message.get("price")), item.answer)
    if fits_one_segment(str(message.get("body"))):
        judge.that(segments == "1", 'num_segments "1" of a text that fits one segment', repr(segments), item.answer)


@pytest.mark.requirement("bp_sms.message.constants", impact="intrusive")
def test_a_message_just_sent_has_the_constants_too(api: Api, outbox: Outbox, judge: Judge) -> None:
    """The answer to a send has the same constant members."""
    steps.skip_unless_sending(api)
    sent = outbox.plain
    judge_constants(judge, sent.message, Item("sent", sent.sid, sent.answer))


@pytest.mark.requirement("bp_sms.message.dates")
@EVERY
def test_dates_are_mail_dates_in_their_order(item: Item, judge: Judge) -> None:
    """date_created and date_updated are mail dates; date_sent is null or one that is not before date_created."""
    judge_dates(judge, item)


def judge_dates(judge: Judge, item: Item) -> datetime | None:
    """Judge the dates of a message; return when it was created."""
    message = item.message
    created, updated, sent = (message.get(f"date_{what}") for what in ("created", "updated", "sent"))
    for name, date in (("date_created", created), ("date_updated", updated), ("date_sent", sent)):
        if name != "date_sent" or date is not None:
            judge.that(moment(date) is not None, f"a mail date in {name}", repr(date), item.answer)
    since, until = moment(created), moment(sent)
    if since and until:
        judge.that(until >= since, f"a date_sent that is not before {created}", sent, item.answer)
    if message.get("status") == "delivered":
        judge.warn(sent is not None, "the date_sent of a delivered message", "null", item.answer)
    return since


@pytest.mark.requirement("bp_sms.message.dates", impact="intrusive")
def test_the_date_of_a_message_just_sent_is_now(api: Api, outbox: Outbox, judge: Judge) -> None:
    """The zone of a date belongs to its time: a message that was just sent was created within minutes of our clock."""
    steps.skip_unless_sending(api)
    sent = outbox.plain
    created = judge_dates(judge, Item("sent", sent.sid, sent.answer))
    off = abs(datetime.now(UTC) - created) if created else timedelta()
    if timedelta(minutes=1) < off % timedelta(minutes=15) < timedelta(minutes=14) and off > CLOCKS:
        judge.inconclusive("the target's clock is not ours, and not by the difference of a time zone")
    judge.that(off <= CLOCKS, "the present time in date_created", sent.message.get("date_created"), sent.answer)


def moment(date: Any) -> datetime | None:
    """Return the moment that a mail date names, None for anything else and for a weekday that does not belong to it."""
    parts = MAIL_DATE.fullmatch(date) if isinstance(date, str) else None
    if parts is None:
        return None
    try:
        found = parsedate_to_datetime(date)
    except ValueError:
        return None
    return found if parts["weekday"] in {None, WEEKDAYS[found.weekday()]} else None


@pytest.mark.requirement("bp_sms.message.status-and-direction")
@pytest.mark.parametrize("item", [KNOWN, FAILED, SENT], indirect=True)
def test_an_outbound_message_has_an_outbound_status(item: Item, judge: Judge) -> None:
    """An outbound message has direction outbound-api and is queued, sent, delivered or failed."""
    direction, status = item.message.get("direction"), item.message.get("status")
    judge.that(direction == "outbound-api", "direction outbound-api", repr(direction), item.answer)
    judge.that(
        isinstance(status, str) and status in steps.OUTBOUND,
        "queued, sent, delivered or failed",
        repr(status),
        item.answer,
    )


@pytest.mark.requirement("bp_sms.message.status-and-direction")
@pytest.mark.parametrize("item", [INBOUND], indirect=True)
def test_a_received_message_is_inbound(item: Item, judge: Judge) -> None:
    """A received message has direction inbound and status received."""
    direction, status = item.message.get("direction"), item.message.get("status")
    judge.that(direction == "inbound", "direction inbound", repr(direction), item.answer)
    judge.that(status == "received", "status received", repr(status), item.answer)
