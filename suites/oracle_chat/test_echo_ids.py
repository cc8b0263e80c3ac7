"""Ids: sent as numbers they come back as texts, in either form the same, and with every digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client

NUMBERS = ("categoryId", "contactId", "organizationId")
EITHER = (*NUMBERS, "queueId", "interfaceId")
NO_IDS = "the target takes none of the document's ids; `attributes` of the target file names its own"
LARGE = ((2**31 + 9, 2**53 - 1), (2**53 + 1, 999_999_999_999_999_999), (123_456_789_012_345_677, 2**53 + 3))
"""Pairs of ids of up to 18 digits: beyond 32 bits, and around the last integer that a double holds exactly."""


@pytest.mark.requirement("oracle_chat.echo.numbers-become-strings")
def test_ids_sent_as_numbers_come_back_as_texts(api: Api, a: Client, judge: Judge) -> None:
    """Ids sent as JSON numbers come back as strings of the same digits."""
    sent = echoes.numeric(api, *NUMBERS)
    if not sent:
        judge.not_applicable(f"{NO_IDS} {', '.join(NUMBERS)}")
    answer = a.ask(**sent)
    members = echoes.promised(a, judge, answer, f"{', '.join(sent)} as numbers")
    echoes.judge_echo(judge, answer, members, {name: str(value) for name, value in sent.items()})


@pytest.mark.requirement("oracle_chat.echo.number-equals-string")
def test_an_id_means_the_same_as_number_and_as_text(api: Api, a: Client, judge: Judge) -> None:
    """Ids sent as numbers, and as texts of the same digits, get the same status and come back alike."""
    numbers = echoes.numeric(api, *EITHER)
    if not numbers:
        judge.not_applicable(f"{NO_IDS} {', '.join(EITHER)}")
    as_numbers = a.ask(**numbers)
    as_texts = a.ask(**{name: str(value) for name, value in numbers.items()})
    if steps.refuses(as_numbers) and steps.refuses(as_texts):
        judge.inconclusive(f"ids are refused in either form: {shown(as_texts)}")
    same = as_numbers.status == as_texts.status
    statuses = f"{as_numbers.status} for numbers, {as_texts.status} for texts"
    judge.that(same, f"one status for {', '.join(numbers)} in either form", statuses, as_numbers, as_texts)
    first, second = (echoes.of(steps.taken(answer), numbers) for answer in (as_numbers, as_texts))
    judge.that(first == second, f"the echo of the numbers: {first}", second, as_numbers, as_texts)


@pytest.mark.requirement("oracle_chat.echo.large-ids-exact")
@pytest.mark.parametrize("form", [int, str], ids=["as-numbers", "as-texts"])
def test_large_ids_keep_every_digit(form: type[int] | type[str], a: Client, judge: Judge) -> None:
    """Ids of up to 18 digits in contactId and organizationId come back exactly."""
    refused = 0
    for contact, organization in LARGE:
        answer = a.ask(contactId=form(contact), organizationId=form(organization))
        members = echoes.tried(answer)
        if members is None:
            refused += 1
            continue
        sent = {"contactId": str(contact), "organizationId": str(organization)}
        echoes.judge_echo(judge, answer, members, sent)
    if refused == len(LARGE):
        judge.inconclusive("all large ids were refused, perhaps since there are no such contacts and organizations")
    judge.note(refused=refused)
