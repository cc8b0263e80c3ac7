"""Get Message: the object, whose it is, what a failure says, and what an unknown identifier gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.bp_sms import steps
from suites.bp_sms.mailbox import FAILED, INBOUND, KNOWN, SENT, Item
from suites.bp_sms.outbox import accepted, status

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.outbox import Outbox
    from suites.bp_sms.steps import Session

DATES = {"date_created", "date_sent", "date_updated"}
TEXTS = ("body", "num_segments", "num_media", "from", "to", "uri")
MEMBERS = {*TEXTS, *DATES, "api_version", "direction", "error_code", "error_message", "sid", "status"}
MEDIA = frozenset({"media", *(f"media{number}" for number in range(10))})
ORDER = ("queued", "sent", "delivered", "failed")
CONSTANT = ("body", "from", "to", "date_created", "uri")
LENGTH = 4000

ODD: dict[str, Callable[[str], str]] = {
    "a sid in the older form": lambda sid: f"MM{sid.replace('-', '')}",
    "a very long sid": lambda sid: (sid * LENGTH)[:LENGTH],
    "a sid with a quote": lambda sid: f"{sid}'",
    "a sid with a double quote": lambda sid: f'{sid}"',
    "a sid with per cent signs": lambda sid: f"%{sid}%27",
    "a sid with dots": lambda sid: f"{sid}..{sid}",
    "a sid with spaces": lambda sid: f" {sid} ",
    "a sid with other letters": lambda sid: f"{sid}é本",
    "a condition": lambda sid: f"{sid}' OR '1'='1",
}
NEAR: dict[str, Callable[[str], str]] = {
    "a known sid with its last digit changed": lambda sid: sid[:-1] + ("0" if sid[-1] != "0" else "1"),
    "a known sid without its last digits": lambda sid: sid[:-4],
    "a known sid in the other letter case": str.swapcase,
}


@pytest.mark.requirement("bp_sms.get.message-object")
@pytest.mark.parametrize("item", [KNOWN, FAILED, INBOUND, SENT], indirect=True)
def test_a_message_has_all_members_in_their_types(item: Item, judge: Judge) -> None:
    """Get Message answers 200 with one object that has every member of the samples, in its type."""
    answer = steps.opened(item.answer)
    found = steps.message_in(answer)
    judge.that(answer.status == 200 and found is not None, "status 200 and a message object", shown(answer), answer)
    assert found is not None
    missing = sorted(MEMBERS - found.keys())
    judge.that(not missing, "every member of the samples", f"no {', '.join(missing)}", answer)
    wrong = {name: found[name] for name in TEXTS if not isinstance(found[name], str)}
    judge.that(not wrong, "a text in each member that has one in the samples", wrong, answer)
    media = found.get("subresource_uris")
    if media is not None:
        good = isinstance(media, dict) and media.keys() <= MEDIA and all(isinstance(url, str) for url in media.values())
        judge.that(good, "media, or media0 to media9, with addresses in subresource_uris", media, answer)


@pytest.mark.requirement("bp_sms.get.sid-member")
@pytest.mark.parametrize("item", [KNOWN, INBOUND, SENT], indirect=True)
def test_the_answer_is_the_message_that_was_asked_for(item: Item, judge: Judge) -> None:
    """The sid is the one in the path, or null; the uri ends with it in any case."""
    sid, uri = item.message.get("sid"), item.message.get("uri")
    last = uri.rpartition("/")[2] if isinstance(uri, str) else None
    judge.that(last == item.sid, "a uri that ends with the sid that was asked for", uri, item.answer)
    judge.that(sid in (None, item.sid), "the sid that was asked for, or null", sid, item.answer)
    judge.reading("null-value" if sid is None else "same-as-requested")


@pytest.mark.requirement("bp_sms.get.failure-explained")
@pytest.mark.parametrize("item", [KNOWN, FAILED, INBOUND, SENT], indirect=True)
def test_a_failure_is_explained_and_success_has_no_error(item: Item, judge: Judge) -> None:
    """A failed message has an error_message; another has null in error_code and error_message."""
    judge_errors(judge, item.answer)


@pytest.mark.requirement("bp_sms.get.failure-explained", impact="intrusive")
def test_a_message_that_cannot_be_delivered_says_why(api: Api, outbox: Outbox, judge: Judge) -> None:
    """A message to a number where delivery fails has an error_message once it has failed."""
    steps.skip_unless_sending(api)
    if api.table["known_failed_sid"] or not api.table["send_unreachable_to"]:
        pytest.skip("the target file names a failed message, or no number where delivery fails")
    answer = outbox.post(outbox.members(To=api.table["send_unreachable_to"]))
    if steps.refuses(answer):
        pytest.skip("a number where delivery fails is refused at once")
    judge_errors(judge, outbox.follow(accepted({}, answer)).reads[-1])


def judge_errors(judge: Judge, answer: Answer) -> None:
    """Judge error_code and error_message by the status beside them."""
    message = steps.message(answer, steps.OBJECT)
    code, text = message.get("error_code"), message.get("error_message")
    if message.get("status") == "failed":
        judge.that(isinstance(text, str) and text, "an error_message of a failed message", repr(text), answer)
    else:
        judge.that(
            code is None and text is None,
            "null in error_code and error_message of a message that did not fail",
            f"{code!r} and {text!r} with status {message.get('status')}",
            answer,
        )


@pytest.mark.requirement("bp_sms.get.unknown-message")
def test_a_well_formed_unknown_sid_is_404(a: Session, rng: Random, judge: Judge) -> None:
    """A random identifier is answered 404, without a message object."""
    judge_unknown(judge, a.read(steps.random_sid(rng)), "a random sid", statuses={404})


@pytest.mark.requirement("bp_sms.get.unknown-message")
@pytest.mark.parametrize("what", ODD)
def test_an_impossible_sid_is_404_or_400(a: Session, rng: Random, what: str, judge: Judge) -> None:
    """An identifier of another form, very long or with odd characters, is answered 404 or 400."""
    judge_unknown(judge, a.read(ODD[what](steps.random_sid(rng))), what, statuses={400, 404})


@pytest.mark.requirement("bp_sms.get.unknown-message")
@pytest.mark.parametrize("item", [KNOWN, SENT], indirect=True)
@pytest.mark.parametrize("what", NEAR)
def test_what_is_almost_a_known_sid_names_no_message(a: Session, item: Item, what: str, judge: Judge) -> None:
    """A known identifier with another digit, cut, or in the other letter case is answered 404 or 400."""
    assert item.message
    near = NEAR[what](item.sid)
    if near == item.sid:
        pytest.skip("the sid has no letters")
    judge_unknown(judge, a.read(near), what, statuses={400, 404})


def judge_unknown(judge: Judge, answer: Answer, what: str, statuses: set[int]) -> None:
    """Judge the answer for a sid that names no message; another refusal is only a warning."""
    expected = f"{' or '.join(map(str, sorted(statuses)))} for {what}"
    judge.that(steps.refuses(answer), expected, shown(answer), answer, must=True)
    judge.warn(answer.status in statuses, expected, shown(answer), answer)


@pytest.mark.requirement("bp_sms.get.status-only-advances")
def test_the_status_only_moves_forward(outbox: Outbox, judge: Judge) -> None:
    """Of one message the status never goes back, a final one stays, and what was sent never changes."""
    judge_course(judge, outbox.followed.reads)


@pytest.mark.requirement("bp_sms.get.status-only-advances")
def test_reading_a_message_does_not_change_it(api: Api, a: Session, judge: Judge) -> None:
    """A known message, read three times, keeps its status or moves forward, and is otherwise the same."""
    sid = api.table["known_message_sid"]
    if sid is None:
        pytest.skip("the target file has no known_message_sid")
    judge_course(judge, tuple(a.read(sid) for _ in range(3)))


def judge_course(judge: Judge, reads: tuple[Answer, ...]) -> None:
    """Judge a series of reads of one message."""
    messages = [steps.message(answer, steps.OBJECT) for answer in reads]
    seen = [str(status(answer)) for answer in reads]
    if unknown := sorted(set(seen) - set(ORDER)):
        judge.inconclusive(f"the message has a status that is none: {', '.join(unknown)}")
    course = list(dict.fromkeys(seen))
    ended = next((place for place, name in enumerate(seen) if name in steps.FINAL), len(seen))
    judge.that(
        [ORDER.index(name) for name in seen] == sorted(ORDER.index(name) for name in seen)
        and len(set(seen[ended:])) <= 1,
        "a status that moves forward and then stays",
        " → ".join(name for place, name in enumerate(seen) if place == 0 or seen[place - 1] != name),
        *reads,
    )
    first = {name: messages[0].get(name) for name in CONSTANT}
    for answer, later in zip(reads, messages, strict=True):
        changed = [name for name in CONSTANT if later.get(name) != first[name]]
        judge.that(not changed, "the same body, from, to, date_created and uri", f"another {changed}", answer)
    judge.note(last=course[-1])
