"""The Storage API: what it takes and gives back, what a delete leaves, and unknown ids."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from fixtures import strict_json
from fixtures.api import shown
from fixtures.outcomes import Blocked, Inconclusive
from suites.gms import steps
from suites.gms.forms import KINDS, File

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from random import Random

    from fixtures.api import Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.gms.desk import Desk
    from suites.gms.forms import Kind

CREATES = "gms.storage.create-and-read"
LIFE = "60"
VALUES = ("007", "Value 2 <&> ä", "true")
"""Each would change if values got a type, or a place in another structure."""


class Shelf:
    """The storages of one test."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.ids: list[str] = []

    def store(self, fields: Mapping[str, str], kind: Kind = "urlencoded", files: Iterable[File] = ()) -> Answer:
        """Store items for a minute; return whatever comes back."""
        answer = steps.post(self.caller, "createStorage", {"idOrTtl": LIFE}, fields, kind=kind, files=files)
        self.ids += filter(None, [steps.text(answer, "id")])
        return answer

    def opened(self, fields: Mapping[str, str], kind: Kind = "urlencoded", files: Iterable[File] = ()) -> str:
        """Store items, see that they can be read, and return the id; raises Blocked."""
        created = self.store(fields, kind, files)
        id_ = steps.text(created, "id")
        if created.status != 200 or id_ is None:
            raise Blocked(CREATES, f"nothing was stored: {shown(created)}")
        answer = self.all(id_)
        if holding(answer, fields) != fields:
            raise Blocked(CREATES, f"the items cannot be read: {shown(answer)}")
        return id_

    def all(self, id_: str) -> Answer:
        """Read all items."""
        return self.caller.call("readStorage", path={"idOrTtl": id_})

    def one(self, id_: str, key: str) -> Answer:
        """Read one item."""
        return self.caller.call("readStorageKey", path={"id": id_, "keyOrTtl": key})

    def file(self, id_: str, key: str) -> Answer:
        """Read a file."""
        return self.caller.call("readStorageBinary", path={"id": id_, "key": key})

    def delete(self, id_: str) -> Answer:
        """Delete all items."""
        self.ids = [other for other in self.ids if other != id_]
        return self.caller.call("deleteStorage", path={"idOrTtl": id_})

    def clear(self) -> None:
        """Delete what is left; what cannot be deleted lapses."""
        for id_ in tuple(self.ids):
            with suppress(Inconclusive):
                self.delete(id_)


@pytest.fixture(autouse=True)
def storage(desk: Desk) -> None:
    """See that there is a Storage API; raises NotApplicable."""
    desk.learned.need_storage()


@pytest.fixture
def shelf(a: Caller) -> Iterator[Shelf]:
    """Where a test stores items; they are deleted afterwards."""
    made = Shelf(a)
    yield made
    made.clear()


def holding(answer: Answer, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the items of these names that an answer shows."""
    return {name: value for name, value in steps.content(answer).items() if name in fields}


def fresh(rng: Random, values: Iterable[str] = VALUES) -> dict[str, str]:
    """Return items with names that nobody else has used."""
    return {steps.mark(rng): value for value in values}


@pytest.mark.requirement("gms.storage.create-and-read")
def test_stored_items_are_read_together_and_one_by_one(shelf: Shelf, rng: Random, judge: Judge) -> None:
    """A create answers 200 and an id, under which the items are there, all in a flat object and each by its key."""
    sent = [(kind, fresh(rng)) for kind in KINDS]
    answers = [steps.decisive(shelf.store(items, kind)) for kind, items in sent]
    for (kind, _), created in zip(sent, answers, strict=True):
        opened = created.status == 200 and steps.text(created, "id")
        judge.that(opened, f"200 and an object with the string id for a {kind} body", shown(created), created)
    for (kind, items), created in zip(sent, answers, strict=True):
        id_ = str(steps.text(created, "id"))
        together = steps.decisive(shelf.all(id_))
        good = together.status == 200 and steps.content(together) == items
        judge.that(good, f"the items of the {kind} body as a flat object, {items}", shown(together), together)
        for name, value in items.items():
            one = steps.decisive(shelf.one(id_, name))
            good = one.status == 200 and value in values_of(one)
            judge.that(good, f"the value {value!r} by its key", shown(one), one)
            judge.note(label=one.media_type)


def values_of(answer: Answer) -> set[str]:
    """Return the texts that the answer with a single value may stand for: raw, or a JSON string."""
    found = set()
    with suppress(UnicodeError):
        found.add(answer.body.decode())
    with suppress(strict_json.NotJson):
        value = answer.json()
        found |= {value} if isinstance(value, str) else set()
    return found


@pytest.mark.requirement("gms.storage.delete-deletes")
def test_a_deleted_storage_is_gone_and_others_are_not(shelf: Shelf, rng: Random, judge: Judge) -> None:
    """After a delete no path shows an item of the storage, and another storage is as it was."""
    gone, left = fresh(rng, [steps.mark(rng)]), fresh(rng, [steps.mark(rng)])
    file = File(steps.mark(rng), "conformance.bin", steps.mark(rng).encode())
    deleted, other = shelf.opened(gone, "multipart", [file]), shelf.opened(left)
    answer = steps.decisive(shelf.delete(deleted))
    if answer.status not in range(200, 300) or "exception" in steps.content(answer):
        judge.inconclusive(f"the storage was not deleted: {shown(answer)}")
    (name, value), (other_name, other_value) = *gone.items(), *left.items()
    for what, after in (
        ("all items", shelf.all(deleted)),
        ("the item", shelf.one(deleted, name)),
        ("the file", shelf.file(deleted, file.name)),
    ):
        shows = value in after.text or file.content in after.body
        judge.that(not shows, f"nothing where {what} of a deleted storage is asked for", shown(after), answer, after)
    after = steps.decisive(shelf.all(other))
    judge.that(holding(after, left) == left, "the items of the other storage as before", shown(after), answer, after)
    after = steps.decisive(shelf.one(other, other_name))
    judge.that(other_value in values_of(after), "the item of the other storage as before", shown(after), answer, after)


@pytest.mark.requirement("gms.storage.unknown-id")
def test_other_ids_than_those_that_were_handed_out_show_no_items(shelf: Shelf, rng: Random, judge: Judge) -> None:
    """While somebody has stored items, neither an id that there is not nor one that was deleted shows any."""
    shelf.store(fresh(rng))
    id_ = steps.text(shelf.store(fresh(rng)), "id")
    if id_ is not None and shelf.delete(id_).status in range(200, 300):
        judge.note(deleted=judged_unknown(judge, steps.decisive(shelf.all(id_)), "a deleted id"))
    answer = steps.decisive(shelf.all(steps.random_id(rng)))
    judge.reading(judged_unknown(judge, answer, "an id that there is not"))


@pytest.mark.requirement("gms.storage.unknown-id")
def test_an_unknown_id_shows_no_items(a: Caller, rng: Random, judge: Judge) -> None:
    """Reading an id that there is not is refused, or shows an empty object."""
    answer = steps.decisive(a.call("readStorage", path={"idOrTtl": steps.random_id(rng)}))
    judge.reading(judged_unknown(judge, answer, "an id that there is not"))


def judged_unknown(judge: Judge, answer: Answer, what: str) -> str:
    """Judge the answer to a read without a storage, and return the reading that it stands for."""
    body, failed = steps.content(answer), answer.status in range(500, 600)
    error = isinstance(body.get("exception"), str)
    judge.that(not failed or error, f"no 5xx without an error object for {what}", shown(answer), answer)
    if answer.status in steps.CLIENT_ERRORS:
        return "not-found"
    if failed or error:
        return "exception-object"
    empty = answer.status == 204 or (answer.status == 200 and answer.text.strip() == "{}" and not body)
    judge.that(empty, f"a refusal, or an empty object for {what}", shown(answer), answer)
    return "empty-object"
