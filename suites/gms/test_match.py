"""match-interaction: from the access number that a caller dialled to the booking, and to nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from fixtures.api import shown
from fixtures.outcomes import NotApplicable
from suites.gms import steps
from suites.gms.forms import KINDS
from suites.gms.matching import Attempts, found, other_code, other_phone, room_for, unknown_number
from suites.gms.steps import INTERACTION, MATCH

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.gms.desk import Booking, Desk
    from suites.gms.forms import Kind

CODE = "_provide_code"
SEVERAL = 3


@pytest.mark.requirement("gms.match.no-match-is-404")
@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_nobody_booked_is_404(desk: Desk, judge: Judge, rng: Random, kind: Kind) -> None:
    """A complete request with another number than the booked ones is 404 and holds nothing of a booking."""
    if INTERACTION in (desk.api.table["services"] or {}):
        desk.booked()  # there is something to be wrongly found
    wanted = {"_access_number": unknown_number(rng), "_phone_number": steps.phone(desk.api.table, rng)}
    answer = steps.decisive(desk.match(wanted | {"_access_code": f"{rng.randrange(10_000):04}"}, kind=kind))
    judge.that(answer.status == 404, "404 for a number that nobody booked", shown(answer), answer)
    members = steps.success_members(answer)
    judge.that(not members, "no member of success in the 404", ", ".join(members), answer)


@pytest.mark.requirement("gms.match.finds-the-booking")
def test_a_booking_is_found_by_its_number(desk: Desk, judge: Judge, api: Api, rng: Random) -> None:
    """The number leads to the id that the create answered, whichever number it is, in both body types."""
    count = room_for(desk, SEVERAL)
    desk.free(count)
    bookings = [desk.book(steps.phone(api.table, rng)) for _ in range(count)]
    if len({(booking.number, booking.code) for booking in bookings}) < len(bookings):
        judge.inconclusive("one number was given to several phones, without codes")
    for number, booking in enumerate(bookings):
        key = {name: value for name, value in booking.key.items() if name != "_phone_number"}
        answer = steps.decisive(desk.match(key, kind=KINDS[number % 2]))
        Attempts(desk, booking).in_time(answer)
        wanted = f"200 and the _id of the booking with number {booking.number}"
        judge.that(found(answer) == booking.id, wanted, shown(answer), answer, booking.answer)


@pytest.mark.requirement("gms.match.returns-data-id")
def test_a_match_names_the_key_to_the_data(desk: Desk, judge: Judge, phone: str, rng: Random) -> None:
    """_data_id is a non-empty string, unless the answer shows the data themselves."""
    mark = steps.mark(rng)
    booking = desk.book(phone, {"note": mark})
    answer = Attempts(desk, booking).right()
    shows = steps.content(answer).get("note") == mark
    judge.note(shows_the_data=shows)
    judge.that(shows or steps.text(answer, "_data_id"), "_data_id as a non-empty string", shown(answer), answer)


@pytest.mark.requirement("gms.match.own-booking-only")
def test_each_number_leads_to_its_own_booking(desk: Desk, judge: Judge, api: Api, rng: Random) -> None:
    """Several bookings that live together are matched in any order, each with its own id, data id and data."""
    count = room_for(desk, SEVERAL)
    if count < 2:
        raise NotApplicable("a pool of one holds no two bookings")
    bookings: list[Booking] = []
    for turn in (1, -1):  # from the first to the last, and back
        if not (bookings and desk.dear):  # then the first ones are still there: a match has kept them
            marks = [steps.mark(rng) for _ in range(count)]
            desk.free(count)
            bookings = [desk.book(steps.phone(api.table, rng), {"note": mark}, code=True) for mark in marks]
        if len({(booking.number, booking.code) for booking in bookings}) < count:
            judge.inconclusive("one number was given to several phones, without codes")
        data_ids = []
        for number, booking in list(enumerate(bookings))[::turn]:
            answer = steps.decisive(desk.match(booking.key))
            Attempts(desk, booking).in_time(answer)
            judge.that(found(answer) == booking.id, "the _id of the booking asked for", shown(answer), answer)
            data_ids.append(steps.text(answer, "_data_id"))
            if data_ids[-1] and desk.learned.storage_api:
                items = desk.caller.call("readStorage", path={"idOrTtl": data_ids[-1]})
                others = [mark for mark in marks if mark != marks[number] and mark in items.text]
                judge.that(not others, "a _data_id that opens no data of others", shown(items), answer, items)
        named = [data_id for data_id in data_ids if data_id]
        judge.that(len(set(named)) == len(named), "a _data_id for each booking", "one for several of them")


@pytest.mark.requirement("gms.match.phone-number-must-fit")
def test_another_phone_finds_nothing(desk: Desk, judge: Judge, api: Api, rng: Random, phone: str) -> None:
    """A phone number that is not the one of the booking does not match; the right one does."""
    booking = desk.lend(phone)
    attempts = Attempts(desk, booking)
    wrong = attempts.send({"_phone_number": other_phone(api, rng, booking.phone)})
    judge.that(wrong.status == 404, "404 to a match with the phone number of another", shown(wrong), wrong)
    attempts.right()


@pytest.mark.requirement("gms.match.code-must-fit")
def test_another_code_finds_nothing(desk: Desk, judge: Judge, phone: str) -> None:
    """A code that is not the one of the booking does not match, also if it only ends otherwise; the right one does."""
    booking = desk.lend(phone, code=True)
    if not booking.code:
        judge.inconclusive("no code was handed out")
    attempts = Attempts(desk, booking)
    for wrong_code in (other_code(booking.code), other_code(booking.code, first=True)):
        wrong = attempts.send({"_access_code": wrong_code})
        judge.that(wrong.status == 404, f"404 to code {wrong_code} instead of {booking.code}", shown(wrong), wrong)
    attempts.right()
    plain = desk.lend(phone)
    if plain.code is None:
        answer = desk.match(plain.key | {"_access_code": booking.code})
        judge.note(code_for_a_booking_without=answer.status)


@pytest.mark.requirement("gms.match.failed-attempt-keeps-booking")
def test_wrong_attempts_change_nothing(
    desk: Desk, judge: Judge, api: Api, given: Given, depth: Depth, rng: Random
) -> None:
    """After attempts with a wrong phone, code or number the right match still finds the booking."""

    def outlasts(kinds: list[str]) -> None:
        booking = desk.lend(steps.phone(api.table, rng), code=CODE in api.table["honoured"])
        wrong = {
            "phone": {"_phone_number": other_phone(api, rng, booking.phone)},
            "code": {"_access_code": other_code(booking.code)} if booking.code else {},
            "number": {"_access_number": unknown_number(rng)},
        }
        attempts = Attempts(desk, booking)
        for kind in kinds:
            if wrong[kind] and steps.decisive(attempts.send(wrong[kind])).status != 404:
                judge.inconclusive(f"an attempt with a wrong {kind} is not refused with 404")
        answer = steps.decisive(desk.match(booking.key))
        attempts.in_time(answer)
        if found(answer) != booking.id:  # what nobody tried to match wrongly may not be found either
            Attempts(desk, desk.book(steps.phone(api.table, rng))).right()
        wanted = f"the booking, after attempts with wrong {', '.join(kinds)}"
        judge.that(found(answer) == booking.id, wanted, shown(answer), answer)

    kinds = st.sampled_from(["phone", "code", "number"])
    outlasts(["phone", "code", "number"])
    given(st.lists(kinds, min_size=1, max_size=3), examples=desk.share(depth.examples // 3), shrink=False)(outlasts)()


@pytest.mark.requirement("gms.match.number-missing")
def test_a_match_without_a_number_is_refused(desk: Desk, judge: Judge) -> None:
    """While a booking lives, a form without the number, or with an empty one, is refused as a client error."""
    phone, empty = {"_phone_number": desk.booked().phone}, {"_access_number": ""}
    for words, fields in (("no field", {}), ("an empty number", empty), ("the phone alone", phone)):
        answer = steps.decisive(desk.create(MATCH, fields))
        good = answer.status in steps.CLIENT_ERRORS and steps.refuses(answer)
        judge.that(good, f"4xx without an id to a match with {words}", shown(answer), answer)
