"""User data: which names are kept, which go to the service, and whose they are."""

from __future__ import annotations

from string import ascii_letters, digits
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies

from suites.gms import forms, steps
from suites.gms.forms import KINDS
from suites.gms.learned import STORAGE
from suites.gms.steps import INTERACTION
from suites.gms.stored import keep

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.depth import Depth
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.gms.desk import Desk
    from suites.gms.forms import Kind

SPELLINGS = ("{}", "{}_b", "{}_", "{}__C", "Camel{}Case", "UPPER{}", "{}7", "{}.b", "{}-b", "{}[b]", "{}[0]")
UNDERSCORED = strategies.dictionaries(
    strategies.text(ascii_letters + digits + "_", min_size=1, max_size=12).map(lambda name: f"_x{name}"),
    strategies.one_of(
        strategies.sampled_from(["true", "false", "17", "", "null"]), strategies.text(ascii_letters + " ", max_size=20)
    ),
    min_size=1,
    max_size=5,
)
"""Parameters that no service knows."""


@pytest.mark.requirement("gms.data.other-names-are-stored")
@pytest.mark.parametrize("kind", KINDS)
def test_names_without_an_underscore_in_front_are_kept_as_spelled(
    kind: Kind, phone: str, rng: Random, desk: Desk, judge: Judge
) -> None:
    """Every ordinary name of a create is there among the user data, spelled as it was sent."""
    sent = {spelling.format(steps.mark(rng)): steps.mark(rng) for spelling in SPELLINGS}
    found = keep(desk, phone, sent, kind).read()
    missing = [name for name in sent if name not in found]
    expected = f"all {len(sent)} names of a {kind} create among the user data"
    judge.that(not missing, expected, f"no {', '.join(missing)} in {', '.join(found) or 'no data at all'}")


@pytest.mark.requirement("gms.data.underscore-names-are-not-user-data")
def test_names_with_an_underscore_in_front_are_not_kept(
    api: Api, desk: Desk, depth: Depth, given: Given, rng: Random, judge: Judge
) -> None:
    """Beside parameters for the service ordinary ones are kept, and those for the service are not."""

    @given(UNDERSCORED, strategies.sampled_from(KINDS), examples=2 if depth.name == "quick" else 4, shrink=False)
    def are_told_apart(special: dict[str, str], kind: Kind) -> None:
        ordinary = {steps.mark(rng): steps.mark(rng) for _ in range(2)}
        first, last = ({name: value} for name, value in ordinary.items())
        found = keep(desk, steps.phone(api.table, rng), {**first, **special, **last}, kind).read()
        missing = [name for name in ordinary if name not in found]
        names = ", ".join(special)
        judge.that(not missing, f"both ordinary parameters beside {names}", f"no {', '.join(missing)}")
        kept = sorted(special.keys() & found.keys())
        judge.that(not kept, f"none of {names} among the user data", f"{', '.join(kept)} among them")

    are_told_apart()


@pytest.mark.requirement("gms.data.instances-are-separate")
@pytest.mark.parametrize("phones", ["different", "equal"])
def test_two_instances_show_their_own_user_data(
    phones: str, api: Api, rng: Random, desk: Desk, judge: Judge
) -> None:
    """Two live instances with the same names of user data show each its own values."""
    first = steps.phone(api.table, rng)
    names = [steps.mark(rng) for _ in range(2)]
    desk.learned.need_route()
    if desk.learned.keeper == INTERACTION:
        # Now: a wait between the creates would outlive the first one's data.
        desk.free(min(len(KINDS), desk.size or len(KINDS)))
    kept = []
    for number, kind in enumerate(KINDS):
        own = names[0] + str(number)
        fields = {name: steps.mark(rng) for name in (*names, own)}
        phone = first if phones == "equal" or number == 0 else other_phone(first)
        kept.append((fields, own, keep(desk, phone, fields, kind)))
        if desk.size == 1 and desk.learned.data_route == STORAGE:
            kept[-1][2].open()  # the next booking takes its number
    found = [each.read() for _, _, each in kept]
    for (fields, _, _), (_, others, _), items in zip(kept, reversed(kept), found, strict=True):
        wrong = {name: items.get(name) for name, value in fields.items() if items.get(name) != value}
        judge.that(not wrong, f"the values of its own, {fields}, with {phones} phones", f"{wrong}")
        judge.that(others not in items, f"no item of the other instance with {phones} phones", f"its item {others}")
    ids = {each.data_id for _, _, each in kept if each.data_id}
    if all(each.data_id for _, _, each in kept):
        judge.that(len(ids) == len(kept), "a data id for each instance", f"{ids}")


def other_phone(phone: str) -> str:
    """Return another number of the same form."""
    return phone[:-1] + ("1" if phone[-1] == "0" else "0")


@pytest.mark.requirement("gms.data.other-names-are-stored")
def test_a_name_with_a_file_beside_it_is_kept(phone: str, rng: Random, desk: Desk, judge: Judge) -> None:
    """A text in a multipart body is kept, too, where a file goes with it."""
    name, value = steps.mark(rng), steps.mark(rng)
    file = forms.File(steps.mark(rng), "note.txt", b"conformance", "text/plain")
    found = keep(desk, phone, {name: value}, "multipart", [file]).read()
    judge.that(name in found, f"the name {name} among the user data", ", ".join(found) or "no data at all")
