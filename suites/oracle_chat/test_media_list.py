"""mediaList: every value of the documented grammar is accepted; what becomes of others is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

VALID = "oracle_chat.media-list.valid-values"
OTHER_ERRORS = ("BROWSER_NOT_SUPPORTED", "INSECURE_ORIGIN")
ERRORS = {"CHAT": OTHER_ERRORS, "VIDEO": ("NO_CAMERA", "NO_MICROPHONE", "NO_SPEAKERS"), "COBROWSE": OTHER_ERRORS}
LISTS = (
    "CHAT",
    "VIDEO;CHAT",
    "VIDEO:NO_CAMERA",
    "COBROWSE:INSECURE_ORIGIN,BROWSER_NOT_SUPPORTED;VIDEO:NO_SPEAKERS,NO_CAMERA,NO_MICROPHONE;CHAT:INSECURE_ORIGIN",
)
INVALID = ("FAX", "chat", "CHAT:", ";CHAT", "VIDEO:NO_CAMERA;;", "CHAT:NO_CAMERA", "VIDEO,CHAT")


def channel(name: str) -> SearchStrategy[str]:
    """Draw a channel with errors of its own list, in any order, or with none."""
    errors = st.lists(st.sampled_from(ERRORS[name]), unique=True)
    return errors.map(lambda chosen: f"{name}:{','.join(chosen)}" if chosen else name)


CHANNELS = st.lists(st.sampled_from(sorted(ERRORS)), min_size=1, unique=True)
MEDIA_LIST = CHANNELS.flatmap(lambda names: st.tuples(*map(channel, names))).map(";".join)


@pytest.mark.requirement(VALID)
@pytest.mark.parametrize("value", LISTS, ids=["one-channel", "two-channels", "an-error", "all-of-everything"])
def test_a_media_list_of_each_form_is_accepted(value: str, a: Client, judge: Judge) -> None:
    """One channel and several, with errors and without, are accepted and shown unchanged."""
    judge_accepted(judge, a, value)


@pytest.mark.requirement(VALID)
def test_any_media_list_of_the_grammar_is_accepted(a: Client, judge: Judge, given: Given) -> None:
    """A generated value of the grammar is accepted and, where the answer has it, unchanged."""

    @given(MEDIA_LIST)
    def is_accepted(value: str) -> None:
        judge_accepted(judge, a, value)

    is_accepted()


def judge_accepted(judge: Judge, a: Client, value: str) -> None:
    """Judge that a value is accepted and not changed."""
    answer = a.ask(mediaList=value)
    members = echoes.promised(a, judge, answer, f"mediaList {value!r}")
    found = members.get("mediaList")
    judge.that(found in (None, value), f"mediaList {value!r}, null or nothing", repr(found), answer)


@pytest.mark.requirement("oracle_chat.media-list.invalid-values")
def test_values_outside_the_grammar_are_refused_or_kept(a: Client, tour: Tour, judge: Judge) -> None:
    """Unknown channels, other errors and misplaced separators are refused, or kept as they are."""
    steps.taken(tour.basic)
    fates = echoes.Fates()
    for value in INVALID:
        answer = a.ask(mediaList=value)
        members = echoes.no_server_error(a, judge, answer, f"mediaList {value!r}")
        if members is not None:
            found = members.get("mediaList")
            judge.that(found in (None, value), f"mediaList {value!r} as sent, null or nothing", repr(found), answer)
        fates.add(value, taken=members is not None)
    fates.tell(judge, taken="accepted")
