"""What request-interaction hands out: a number to dial, a code where one is asked for, and how long both are kept."""

from __future__ import annotations

import string
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import Blocked, NotApplicable
from suites.gms import steps
from suites.gms.desk import NUMBER
from suites.gms.evidence import CODE, unasked
from suites.gms.forms import KINDS
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.gms.desk import Desk
    from suites.gms.evidence import Creations
    from suites.gms.forms import Kind

WORDS = {None: "not asked for", "false": "refused with false"}
FEWEST_CODES = 6
LONGEST_CODE = 12


@dataclass(frozen=True, slots=True)
class Reserved:
    """Answers to creates that were taken, by what they asked for."""

    with_code: dict[Kind, tuple[Answer, ...]]
    without: tuple[tuple[str, Answer], ...]
    """With the words for it: nothing said of a code, or false."""

    @property
    def all(self) -> tuple[Answer, ...]:
        """Every answer."""
        return (*chain.from_iterable(self.with_code.values()), *(answer for _, answer in self.without))


@pytest.fixture(scope="module")
def reserved(creations: Creations) -> Reserved:
    """Bookings in both body types, with code and without; raises Blocked where one is refused."""
    for each in creations.sent:
        if not steps.started(each.answer):
            raise Blocked(steps.CREATES, f"a {each.kind} create is answered {shown(each.answer)}")
    asking = creations.asking("true")
    return Reserved(
        {kind: tuple(each.answer for each in asking if each.kind == kind) for kind in KINDS},
        tuple((WORDS[each.asked], each.answer) for each in creations.asking(*WORDS)),
    )


def member(answer: Answer, name: str) -> object:
    """Return a member of the answer, None where it is missing."""
    return steps.content(answer).get(name)


@pytest.mark.requirement("gms.request-interaction.access-number")
def test_every_booking_has_a_number_to_dial(reserved: Reserved, judge: Judge) -> None:
    """_access_number is a string that is not blank, in both body types."""
    for answer in reserved.all:
        number = member(answer, "_access_number")
        good = isinstance(number, str) and number.strip()
        judge.that(good, "_access_number as a string that is not blank", shown(answer), answer)
    used = {char for answer in reserved.all for char in str(member(answer, "_access_number"))}
    judge.note(beside_digits=sorted(used - set(string.digits)))


@pytest.mark.requirement("gms.request-interaction.code-when-asked")
@pytest.mark.parametrize("kind", KINDS)
def test_a_code_is_there_when_it_is_asked_for(reserved: Reserved, judge: Judge, kind: Kind) -> None:
    """_provide_code=true brings _access_code, a non-empty string."""
    if not reserved.with_code[kind]:
        judge.inconclusive(f"no number was left for a {kind} create that asks for a code")
    for answer in reserved.with_code[kind]:
        code = steps.text(answer, "_access_code")
        judge.that(code, "_access_code as a non-empty string", shown(answer), answer)


@pytest.mark.requirement("gms.request-interaction.no-code-unless-asked")
def test_no_code_is_there_unless_it_is_asked_for(
    reserved: Reserved, api: Api, creations: Creations, judge: Judge
) -> None:
    """Without _provide_code, and with false, _access_code is absent or null."""
    if api.table["code_by_default"] is None and unasked(creations):
        raise NotApplicable("the configuration hands out a code to whoever books, asked or not")
    if not reserved.without:
        judge.inconclusive("no number was left for a create that asks for no code")
    for how, answer in reserved.without:
        code = member(answer, "_access_code")
        judge.that(code is None, f"no _access_code where it is {how}", shown(answer), answer)


@pytest.mark.requirement("gms.request-interaction.code-digits-not-predictable")
def test_codes_can_be_keyed_in_and_not_told_in_advance(reserved: Reserved, judge: Judge) -> None:
    """Codes are 1 to 12 digits, not all the same, and no two have the same distance as the two before."""
    answers = [answer for answers in reserved.with_code.values() for answer in answers]
    codes = [code for answer in answers if (code := steps.text(answer, "_access_code"))]
    if len(codes) < FEWEST_CODES:
        judge.inconclusive(f"{len(codes)} of {len(answers)} creates brought a code")
    for code in codes:
        digits = code.isascii() and code.isdecimal() and len(code) <= LONGEST_CODE
        judge.that(digits, f"1 to {LONGEST_CODE} digits", code)
    judge.that(len(set(codes)) > 1, "codes that differ", f"{codes[0]} each time")
    distances = {int(after) - int(before) for before, after in pairwise(codes)}
    judge.that(len(distances) > 1, "codes without a pattern", f"always {min(distances)} from one to the next")


@pytest.mark.requirement("gms.request-interaction.expiration-time")
def test_a_booking_says_how_long_it_is_kept(reserved: Reserved, judge: Judge) -> None:
    """_expiration_time is there, a string, and above zero if it is a number."""
    for answer in reserved.all:
        time = member(answer, "_expiration_time")
        judge.warn(time is not None, "_expiration_time", f"none: {shown(answer)}", answer)
        judge.that(time is None or isinstance(time, str), "_expiration_time as a string", shown(answer), answer)
        if isinstance(time, str):
            above = float(time) > 0 if is_number(time) else bool(time.strip())
            judge.that(above, "_expiration_time above zero", shown(answer), answer)


def is_number(text: str) -> bool:
    """Say whether a text is a whole number, with a sign or without."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal()


@pytest.mark.requirement("gms.request-interaction.phone-number-missing")
def test_a_create_without_a_phone_number_is_taken_or_refused(desk: Desk, judge: Judge, phone: str) -> None:
    """An empty form, and one with _provide_code alone, are both taken with a number, or both refused with 4xx."""
    if "_phone_number" in steps.demanded(desk.api.table, INTERACTION):
        judge.inconclusive("service_fields names _phone_number for each create")
    desk.booked()
    for fields in ({}, {CODE: "true"}):
        answer = steps.decisive(desk.create(INTERACTION, fields))
        if answer.status in steps.CLIENT_ERRORS and steps.refuses(answer):
            desk.book(phone)  # the pool was not the reason
            judge.reading("refused")
        else:
            good = steps.started(answer) and steps.text(answer, "_access_number")
            judge.that(good, "200 with id and _access_number, or 4xx without id", shown(answer), answer)
            judge.reading("accepted")


@pytest.mark.requirement("gms.request-interaction.number-from-the-pool")
def test_numbers_are_those_of_the_configured_group(reserved: Reserved, api: Api, judge: Judge) -> None:
    """Every number that is handed out, in both body types, is one of access_numbers."""
    for answer in reserved.all:
        number = member(answer, "_access_number")
        if number is None:
            raise Blocked(NUMBER, f"the booking has no number: {shown(answer)}")
        judge.that(number in api.table["access_numbers"], "one of access_numbers", str(number), answer)
