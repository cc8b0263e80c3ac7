"""The answer to a create: strict JSON, and an identifier that nobody else has, guesses or chooses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json
from fixtures.api import shown
from fixtures.concurrency import together
from fixtures.outcomes import Blocked, Inconclusive
from fixtures.randomness import bits, counting_part
from suites.gms import forms, steps
from suites.gms.evidence import CODE, has_code
from suites.gms.learned import SERVICE
from suites.gms.steps import INTERACTION, MATCH

if TYPE_CHECKING:
    import random

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.gms.desk import Desk
    from suites.gms.evidence import Codes, Creation, Creations

SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]{1,255}")
"""What RFC 3986 (3.3) allows in a path segment, without percent signs."""
SERIES = 12
LEAST_BITS = 60
LEAST_PLACES = 8
AT_ONCE = 6
UNDECLARED = 3
MOST_ROUNDS = 2
"""Each of them takes the whole pool, and puts it back."""


def taken(creations: Creations) -> tuple[Creation, ...]:
    """Return the creates that were answered with 200; raises Blocked where there is none."""
    if not creations.taken:
        raise Blocked(steps.CREATES, f"no create was taken: {shown(creations.sent[0].answer)}")
    return creations.taken


@pytest.mark.requirement("gms.create.body-is-strict-json")
def test_the_body_is_strict_json(creations: Creations, judge: Judge) -> None:
    """The 200 body is one JSON text whose top level is an object, also when a field holds quotes."""
    for each in taken(creations):
        try:
            body = each.answer.json()
        except strict_json.NotJson as problem:
            judge.fail("a body that is strict JSON", f"{problem}: {shown(each.answer)}", each.answer)
        judge.that(isinstance(body, dict), "an object at the top level", shown(each.answer), each.answer)
    if not any(steps.started(each.answer) for each in creations.taken):  # an object, but nobody says of what
        raise Blocked("gms.create.id-member-name", f"no create was answered: {shown(creations.taken[0].answer)}")


@pytest.mark.requirement("gms.create.id-member-name")
def test_the_identifier_has_one_of_its_two_names(creations: Creations, judge: Judge) -> None:
    """The identifier is called _id, or id, or both with one value: the same way in every answer."""
    for each in taken(creations):
        judge.reading(_spelling(each.answer, judge))
    chat = creations.others.get("request_chat")
    if chat and chat.status == 200:
        judge.note(request_chat=_spelling(chat, judge))


def _spelling(answer: Answer, judge: Judge) -> str:
    body = steps.content(answer)
    names = [name for name in ("_id", "id") if name in body]
    judge.that(names, "an identifier under _id or id", shown(answer), answer)
    if len(names) == 1:
        return "underscore-id" if names == ["_id"] else "plain-id"
    judge.that(body["_id"] == body["id"], "one value for _id and id", shown(answer), answer)
    return "both-equal"


@pytest.mark.requirement("gms.create.id-is-nonempty-string")
def test_the_identifier_is_a_non_empty_string(creations: Creations, judge: Judge) -> None:
    """The identifier is a JSON string, and not empty."""
    looked: list[Any] = []
    for each in taken(creations):
        body = steps.content(each.answer)
        for value in (body[name] for name in ("_id", "id") if name in body):
            looked.append(value)
            judge.that(
                isinstance(value, str) and value, "a non-empty string as identifier", shown(each.answer), each.answer
            )
    if not looked:
        raise Blocked("gms.create.id-member-name", "no answer has an identifier")


@pytest.mark.requirement("gms.create.id-fits-a-path-segment")
def test_the_identifier_fits_into_a_path(creations: Creations, judge: Judge) -> None:
    """An identifier has only characters that a path segment can hold as they are."""
    found = [*_ids(creations), *filter(None, map(steps.id_of, creations.others.values()))]
    for id_ in found:
        judge.that(SEGMENT.fullmatch(id_), "an id that is a path segment as it stands, of up to 255 characters", id_)


@pytest.mark.requirement("gms.create.each-create-is-a-new-instance")
def test_every_create_is_an_instance_of_its_own(creations: Creations, judge: Judge) -> None:
    """Equal requests over one connection or two, and before and after a match, never get the same id."""
    ids = _ids(creations)
    if len(ids) < 2:
        judge.inconclusive("fewer than two creates were taken")
    again = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    judge.that(not again, f"{len(ids)} ids for {len(ids)} creates", f"{', '.join(again)} more than once")


@pytest.mark.requirement("gms.create.id-not-guessable")
def test_the_identifier_cannot_be_guessed(creations: Creations, judge: Judge) -> None:
    """No part of the ids counts up, none holds the phone number, and enough of them changes from one to the next."""
    ids = list(dict.fromkeys(_ids(creations)))
    for each in creations.taken:
        held = isinstance(each.id, str) and each.phone.lstrip("+") in each.id
        judge.that(not held, "no phone number in the id", each.id, each.answer)
    repeated = len(_ids(creations)) - len(ids)
    judge.that(not repeated, "another id for each create, also of one phone number", f"{repeated} ids came again")
    if len(ids) < SERIES:
        judge.inconclusive(f"{len(ids)} ids are too few")
    growing = counting_part(ids)
    judge.that(growing is None, "no part of the ids that grows", f"{growing}: {ids[0]}, {ids[1]}")
    places = sum(len(set(place)) > 2 for place in zip(*ids, strict=False))
    judge.that(places >= LEAST_PLACES, f"at least {LEAST_PLACES} characters that vary", f"{places}: {ids[0]}, {ids[1]}")
    chance = bits(ids)
    judge.that(chance >= LEAST_BITS, f"about {LEAST_BITS} bits of chance", f"{chance:.0f} bits: {ids[0]}, {ids[1]}")


def _ids(creations: Creations) -> list[str]:
    taken(creations)
    if not creations.ids:
        raise Blocked("gms.create.id-is-nonempty-string", "no answer has a string as identifier")
    return creations.ids


@pytest.mark.requirement("gms.create.client-cannot-choose-the-id")
def test_the_client_cannot_choose_the_id(phone: str, rng: random.Random, desk: Desk, judge: Judge) -> None:
    """A create that names the ids of another instance is refused or gets its own, and leaves the other's data alone."""
    mine, foreign = steps.mark(rng), steps.mark(rng)
    first = desk.book(phone, {mine: mine})
    service_route = desk.learned.data_route == SERVICE
    data_id = _data_id(desk, first.key)
    named = {"_phone_number": steps.phone(desk.api.table, rng), "_id": first.id, "_data_id": data_id or first.id}
    answer = desk.create(INTERACTION, {**named, foreign: foreign})
    judge.that(answer.status < 500 or answer.status == 503, "an own id or a refusal", shown(answer), answer)
    if not steps.refuses(answer):
        body = steps.content(answer)
        own = first.id not in {body.get("_id"), body.get("id")}
        judge.that(own, "an id of its own for the second create", shown(answer), answer)
    try:
        if service_route:
            data = steps.service_items(desk.caller, first.id)
        elif data_id:
            data = steps.storage_items(desk.caller, data_id)
        else:
            return
    except Inconclusive:
        return  # whether the data can be read is for others to judge
    judge.that(foreign not in data, "no item of the second create in the data of the first", f"{foreign} among them")


def _data_id(desk: Desk, key: dict[str, str]) -> str | None:
    return steps.text(desk.match(key), "_data_id") if steps.named(desk.api.table, MATCH) else None


@pytest.mark.requirement("gms.create.parallel-creates-distinct")
def test_parallel_creates_have_their_own_answers(
    rng: random.Random, desk: Desk, codes: Codes, creations: Creations, depth: Depth, judge: Judge
) -> None:
    """Creates that arrive together get an id each, and an answer to what they asked themselves."""
    declared = desk.api.table["pool_size"]
    size = desk.size
    clients = min(AT_ONCE, size or UNDECLARED)
    alone = creations.sent[0].answer
    expected = {name for name in ("_id", "id", "_access_number") if steps.text(alone, name)}
    # Where the pool may be shared, a code may come without being asked for.
    judged = declared and codes.come("urlencoded") and not has_code(alone)
    succeeded = 0
    for _ in range(1 if desk.dear else min(depth.rounds, MOST_ROUNDS)):
        desk.room(clients)
        answers = _at_once(desk, rng, clients)
        allowed = {200, 429, 503} if declared else {200, 429, 503, *range(400, 500)}
        for _, answer in answers:
            judge.that(answer.status in allowed, "200 to each of the creates", shown(answer), answer)
        good = [(asks, answer) for asks, answer in answers if answer.status == 200]
        succeeded += len(good)
        for asks, answer in good:
            lacking = sorted(name for name in expected if steps.text(answer, name) is None)
            judge.that(not lacking, "the members that a create alone has", f"no {', '.join(lacking)}", answer)
            if judged:
                told = "a code for whoever asked, and for nobody else"
                seen = f"{'asked' if asks else 'not asked'}: {shown(answer)}"
                judge.that(has_code(answer) is asks, told, seen, answer)
        ids = [steps.id_of(answer) for _, answer in good]
        judge.that(len(set(ids)) == len(ids), "another id for each of them", f"{len(set(ids))} ids for {len(ids)}")
    if not succeeded:
        judge.inconclusive("every create was refused")


def _at_once(desk: Desk, rng: random.Random, clients: int) -> list[tuple[bool, Answer]]:
    """Release creates together, of which every second asks for a code; return who asked, and the answers."""
    name, demanded = steps.name_of(desk.api.table, INTERACTION), steps.demanded(desk.api.table, INTERACTION)
    asked = [number % 2 == 0 for number in range(clients)]
    bodies = [
        forms.urlencoded(
            {**demanded, **desk.short, "_phone_number": steps.phone(desk.api.table, rng)}
            | ({CODE: "true"} if asks else {})
        )
        for asks in asked
    ]
    callers = [steps.known(desk.api) for _ in asked]
    results = together(
        [
            lambda caller=caller, body=body: steps.create(caller, name, body, patient=False)  # type: ignore[misc]
            for caller, body in zip(callers, bodies, strict=True)
        ]
    )
    seconds = float(desk.short[steps.BOOKING_TIME]) if desk.short else None
    return [(asks, desk.told(timed.result, seconds=seconds)) for asks, timed in zip(asked, results, strict=True)]
