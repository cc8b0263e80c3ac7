"""Send Message: media, and how many of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_sms import steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.outbox import Outbox

SPELLINGS = ("MediaURLs", "MediaUrls")
UNKNOWN = "MediaConformance"
MOST = 10
TOO_LARGE = 413


@pytest.fixture(scope="module")
def spelled(outbox: Outbox) -> Mapping[str, Answer]:
    """The answers to a medium without text, under each spelling of its member and under one that nobody knows."""
    media: Any = [outbox.api.table["send_media_url"]]
    names: tuple[str, ...] = (*SPELLINGS, UNKNOWN)
    return {name: outbox.post(outbox.members(**{"Body": ..., name: media})) for name in names}


def taken(answer: Answer) -> bool:
    """Say whether a message was accepted."""
    return answer.status == 200 and steps.message_in(answer) is not None


@pytest.mark.requirement("bp_sms.send.media-member")
def test_a_medium_does_without_a_text(spelled: Mapping[str, Answer], judge: Judge) -> None:
    """A message with a medium and no text is accepted under one of the documented spellings, or both."""
    for name, answer in spelled.items():
        judge.that(
            taken(answer) or steps.refuses(answer), f"a message or a refusal for {name}", shown(answer), answer
        )
    unknown = spelled[UNKNOWN]
    judge.that(not taken(unknown), f"a refusal of a message with {UNKNOWN} and no text", shown(unknown), unknown)
    known = [name for name in SPELLINGS if taken(spelled[name])]
    judge.that(known, "a message for MediaURLs or MediaUrls", "a refusal of either", *spelled.values())
    judge.reading("both" if len(known) == len(SPELLINGS) else known[0])
    judge.note(num_media=(steps.message_in(spelled[known[0]]) or {}).get("num_media"))


@pytest.mark.requirement("bp_sms.send.media-limit")
def test_ten_media_are_taken_and_eleven_are_not(
    outbox: Outbox, spelled: Mapping[str, Answer], judge: Judge
) -> None:
    """A message may have ten media; one with eleven is refused."""
    known = next((name for name in SPELLINGS if taken(spelled[name])), None)
    if known is None:
        raise Blocked("bp_sms.send.media-member", "no medium was accepted")

    def send(count: int) -> Answer:
        media: Any = [outbox.api.table["send_media_url"]] * count
        return outbox.post(outbox.members(**{known: media}))

    ten = send(MOST)
    if ten.status == TOO_LARGE or (steps.refuses(ten) and re.search(r"(?i)\b(size|large|bytes)\b", ten.text)):
        judge.inconclusive(f"ten media were refused for their size: {shown(ten)}")
    judge.that(taken(ten), "a message for ten media", shown(ten), ten)
    eleven = send(MOST + 1)
    judge.that(steps.refuses(eleven), "a refusal of eleven media", shown(eleven), eleven)
