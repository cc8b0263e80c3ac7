"""Dispositions: their names, the form of the list, and the four flags that select (Get dispositions)."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.outcomes import NotApplicable
from suites.bp_stats import steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fixtures.exchange import Answer
    from fixtures.judge import Judge

FLAGS = ("agentCanSelect", "inbound", "outbound", "preview")
DIRECTIONS = frozenset(FLAGS[1:])
SUBSETS = [frozenset(subset) for size in range(5) for subset in combinations(FLAGS, size)]


def ask(session: steps.Session, flags: Iterable[str] = ()) -> Answer:
    """Read the dispositions with these flags set to 1, in this order."""
    return session.caller.call("getDispositions", query=[(flag, "1") for flag in flags])


def spelled(flags: Iterable[str]) -> str:
    """Write a set of flags for a reader."""
    return ", ".join(sorted(flags)) or "no flag"


def names(judge: Judge, answer: Answer) -> frozenset[str]:
    """Return the names of an answer; inconclusive where the list cannot be read, which is judged elsewhere."""
    found = steps.disposition_names(answer)
    if answer.status != 200 or found is None:
        judge.inconclusive(f"the list of dispositions cannot be read: {shown(answer)}")
    return frozenset(found)


@pytest.mark.requirement("bp_stats.dispositions.body-form")
def test_the_list_has_one_form_with_and_without_flags(a: steps.Session, judge: Judge) -> None:
    """The answer is an object with the list, or the bare list, of non-empty strings; the same with every flag."""
    for flags in ((), *((flag,) for flag in FLAGS), FLAGS):
        answer = ask(a, flags)
        judge.that(answer.status == 200, f"200 with {spelled(flags)}", shown(answer), answer)
        found = steps.disposition_names(answer)
        judge.that(
            found is not None and all(found),
            f"an object with the array dispositions, or an array, of non-empty strings, with {spelled(flags)}",
            shown(answer),
            answer,
        )
        judge.reading("object" if isinstance(answer.json(), dict) else "bare-array")


@pytest.mark.requirement("bp_stats.dispositions.known-names-listed")
def test_every_known_name_is_listed_as_it_is_spelled(a: steps.Session, judge: Judge) -> None:
    """The plain list and the list with all flags together hold every name that the target file declares.

    No subscription is active meanwhile: the list must not need one.
    """
    steps.delete(a)
    plain, flagged = ask(a), ask(a, FLAGS)
    for answer in (plain, flagged):
        judge.that(answer.status == 200, "200 without an active subscription", shown(answer), answer)
    found = names(judge, plain) | names(judge, flagged)
    missing = [name for name in a.caller.api.table["dispositions"] if name not in found]
    judge.that(
        not missing,
        "every name of the target file's dispositions, spelled alike",
        f"{len(found)} names without {', '.join(map(repr, missing))}",
        plain,
        flagged,
    )


@pytest.fixture(scope="module")
def sets() -> dict[frozenset[str], tuple[Answer, frozenset[str]]]:
    """Evidence: the answer and its names for each set of flags, filled by the first test that asks."""
    return {}


def evidence(
    sets: dict[frozenset[str], tuple[Answer, frozenset[str]]], a: steps.Session, judge: Judge
) -> dict[frozenset[str], tuple[Answer, frozenset[str]]]:
    """Ask for all sixteen sets between two plain calls that must agree."""
    if not sets:
        before = names(judge, ask(a))
        found = {flags: (answer := ask(a, sorted(flags)), names(judge, answer)) for flags in SUBSETS}
        if not before == found[frozenset()][1] == names(judge, ask(a)):
            judge.inconclusive("the plain list changed while the flags were tried")
        sets.update(found)
    return sets


@pytest.mark.requirement("bp_stats.dispositions.parameters-accepted")
def test_every_set_of_flags_is_accepted_in_any_order(a: steps.Session, judge: Judge) -> None:
    """All sixteen sets of flags answer 200, and the order of the flags makes no difference to the names."""
    for flags in SUBSETS:
        forward, backward = ask(a, sorted(flags)), ask(a, sorted(flags, reverse=True))
        for answer in (forward, backward):
            judge.that(answer.status == 200, f"200 with {spelled(flags)}", shown(answer), answer)
        judge.that(
            names(judge, forward) == names(judge, backward),
            f"the same names with {spelled(flags)} in either order",
            f"{len(names(judge, forward))} names, in the other order {len(names(judge, backward))}",
            forward,
            backward,
        )


@pytest.mark.requirement("bp_stats.dispositions.parameters-accepted")
@pytest.mark.parametrize("query", [("inbound", "0"), ("inbound", ""), ("unknown", "1")], ids="=".join)
def test_other_values_and_unknown_parameters_break_nothing(
    a: steps.Session, judge: Judge, query: tuple[str, str]
) -> None:
    """A value other than 1, or a parameter that nobody knows, may be refused, but is no error of the server."""
    answer = a.caller.call("getDispositions", query=[query])
    judge.that(answer.status < 500, f"no error of the server for {'='.join(query)}", shown(answer), answer)
    judge.note(**{f"status with {'='.join(query)}": answer.status})


@pytest.mark.requirement("bp_stats.dispositions.parameters-combine")
def test_flags_narrow_the_list_or_join_kinds(
    a: steps.Session, judge: Judge, sets: dict[frozenset[str], tuple[Answer, frozenset[str]]]
) -> None:
    """Each added flag gives a subset, or the directions give the union of their single sets; one rule for all sets."""
    found = evidence(sets, a, judge)
    by_flags = {flags: listed for flags, (_, listed) in found.items()}
    if len(set(by_flags.values())) == 1:
        raise NotApplicable("all sixteen sets of flags list the same names")
    narrowing = all(by_flags[more] <= by_flags[less] for less in SUBSETS for more in SUBSETS if less <= more)
    joined = not_joined(by_flags)
    answers = [answer for answer, _ in found.values()]
    judge.that(
        narrowing or joined is None,
        "each added flag gives a subset of the names before; or the three directions give the union of their sets",
        f"neither holds; the names do not join with {spelled(joined or ())}",
        *answers,
    )
    if narrowing and joined is None:
        raise NotApplicable("the names fit both rules: no flag takes away a name that another one has")
    judge.reading("narrowing" if narrowing else "joining")
    judge.note(plain_lists_all=by_flags[frozenset()] == frozenset(chain.from_iterable(by_flags.values())))


def not_joined(by_flags: dict[frozenset[str], frozenset[str]]) -> frozenset[str] | None:
    """Return flags that contradict joining, or None: directions join, agentCanSelect narrows or adds throughout."""
    select = frozenset({"agentCanSelect"})
    verdicts = []
    for flags in SUBSETS:
        directions = flags & DIRECTIONS
        if not directions:
            continue
        union = frozenset(chain.from_iterable(by_flags[frozenset({one})] for one in directions))
        if not flags & select:
            if by_flags[flags] != union:
                return flags
            continue
        # With agentCanSelect: below the directions' union throughout, or above it throughout.
        verdicts.append((flags, by_flags[flags] <= union, by_flags[flags] >= union))
    if all(narrows for _, narrows, _ in verdicts) or all(adds for _, _, adds in verdicts):
        return None
    return next(flags for flags, narrows, _ in verdicts if not narrows)
