"""resumeType, chatPriority and customFields: the values that they take, and how they come back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import shown
from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

PRIORITY = "oracle_chat.chat-priority.numbers"
PRIORITIES = (0, 1, 5, 10, 100)
NOT_JSON = ("a cut-off text", "an array", "plain words", "an object instead of a text")


@pytest.mark.requirement("oracle_chat.resume-type.accepted-values")
def test_both_resume_types_are_accepted_in_any_order(a: Client, judge: Judge) -> None:
    """RESUME and DO_NOT_RESUME, each also after the other, are accepted and come back as sent."""
    for value in steps.RESUMING:
        answer = a.ask(resumeType=value)
        members = echoes.promised(a, judge, answer, f"resumeType {value}")
        echoes.judge_echo(judge, answer, members, {"resumeType": value})


@pytest.mark.requirement("oracle_chat.resume-type.other-values")
def test_another_resume_type_is_refused(a: Client, tour: Tour, judge: Judge) -> None:
    """A resumeType that is none of the two values is refused; what lower case and an empty text do is recorded."""
    steps.taken(tour.basic)
    for value in ("MAYBE", True, 7):
        answer = a.ask(resumeType=value)
        members = echoes.no_server_error(a, judge, answer, f"resumeType {value!r}")
        found = (members or {}).get("resumeType")
        how = "ignored" if found in (None, "RESUME", "DO_NOT_RESUME") else "accepted"
        judge.warn(members is None, f"a 4xx for resumeType {value!r}", f"it is {how}: {shown(answer)}", answer)
    fates = {value: echoes.fate_of(a.ask(resumeType=value), "resumeType", value) for value in ("resume", "")}
    judge.note(lower_case=fates["resume"], empty=fates[""])


@pytest.mark.requirement(PRIORITY)
@pytest.mark.parametrize("form", [int, str], ids=["as-numbers", "as-texts"])
def test_a_priority_comes_back_as_its_digits(form: type[int] | type[str], a: Client, judge: Judge) -> None:
    """chatPriority as a number or a text is shown as the decimal text; a 4xx may mean that it is out of range."""
    refused = []
    for value in PRIORITIES:
        answer = a.ask(chatPriority=form(value))
        members = echoes.no_server_error(a, judge, answer, f"chatPriority {form(value)!r}")
        if members is None:
            refused.append(value)
            continue
        found = members.get("chatPriority", echoes.ABSENT)
        judge.warn(found == str(value), f"chatPriority {str(value)!r}", repr(found), answer)
    if len(refused) == len(PRIORITIES):
        judge.inconclusive("every priority was refused, perhaps since the target has another range")
    judge.note(refused=refused)


@pytest.mark.requirement("oracle_chat.custom-fields.stays-a-json-string")
@pytest.mark.parametrize("spelling", ["as-declared", "with-other-white-space"])
def test_custom_fields_come_back_as_a_text_with_the_same_json(
    spelling: str, api: Api, a: Client, judge: Judge
) -> None:
    """The declared customFields are accepted, and come back as a text that holds the same JSON, or as null."""
    declared: str = api.table["custom_fields"]
    value = echoes.parsed(declared)
    if value is None:
        judge.inconclusive("custom_fields of the target file is no JSON text")
    sent = declared if spelling == "as-declared" else f" {json.dumps(value, indent=2, separators=(' , ', ' : '))}\n"
    answer = a.ask(customFields=sent)
    members = echoes.promised(a, judge, answer, "the customFields that the target file declares")
    found = members.get("customFields", echoes.ABSENT)
    same = found is None or (isinstance(found, str) and echoes.parsed(found) == value)
    judge.that(same, f"customFields as a text with the JSON {sent!r}, or null", repr(found), answer)


@pytest.mark.requirement("oracle_chat.custom-fields.not-json")
def test_custom_fields_that_hold_no_object_are_refused_or_kept(
    a: Client, tour: Tour, rng: Random, judge: Judge
) -> None:
    """Cut-off JSON, an array, words and a real object are refused or kept as a text, and change nothing else."""
    steps.taken(tour.basic)
    fates = echoes.Fates()
    inner = steps.marks(rng, ("firstName", "incidentName"))
    whole = json.dumps(inner)
    values: tuple[Any, ...] = (whole[:-1], f"[{whole}]", f"some words {whole}", inner)
    for what, value in zip(NOT_JSON, values, strict=True):
        answer = a.ask(customFields=value)
        members = echoes.no_server_error(a, judge, answer, f"{what} in customFields")
        if members is not None:
            found = members.pop("customFields", None)
            judge.that(isinstance(found, str | None), f"{what} kept as a text, or null", repr(found), answer)
            spread = sorted(name for name, text in members.items() if text in inner.values())
            judge.that(not spread, f"{what} without effect on other attributes", f"in {', '.join(spread)}", answer)
        fates.add(what, taken=members is not None)
    fates.tell(judge, taken="kept")
