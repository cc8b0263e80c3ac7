"""What the scenario entry offers: hours of operation, and the parameters that it expects."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import entry, steps
from suites.bp_mobile.clients import Client

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge


def _hours(api: Api, app_id: str) -> tuple[Answer, Any]:
    answer = steps.served(Client(api, app_id=app_id).call("checkAvailability"))
    found = object_in(answer).get("chat")
    if answer.status != 200 or found not in ("available", "notAvailable"):
        raise Blocked("bp_mobile.availability.shape", f"Check Availability answered {shown(answer)}")
    return answer, found


@pytest.mark.requirement("bp_mobile.availability.follows-hours")
@pytest.mark.parametrize("key", ["app_id", "closed_app_id"])
def test_availability_follows_the_hours_of_the_entry(api: Api, judge: Judge, key: str) -> None:
    """The open entry is available and the closed one is not, whoever is logged in."""
    if api.table[key] is None:
        pytest.skip(f"the target file names no {key}")  # the other entry decides
    expected = api.table["availability"] if key == "app_id" else "notAvailable"
    answer, found = _hours(api, api.table[key])
    if found != expected:
        # The hour may just have turned. A second look shows that; how late it comes is the target's settling time.
        api.pause(api.table["event_settle_s"])
        if _hours(api, api.table[key])[1] != found:
            judge.inconclusive("the answer changed: the run crosses the opening hour")
    judge.that(found == expected, f"{expected}, as the target file says of {key}", found, answer)


@pytest.mark.requirement("bp_mobile.parameters.shape")
@pytest.mark.parametrize("key", ["other_app_id", "closed_app_id"])
def test_every_entry_lists_its_parameters_in_one_form(api: Api, judge: Judge, key: str) -> None:
    """Entries with other parameters, or with none, answer in the same form."""
    client = Client(api, app_id=api.table[key] or api.table["app_id"])
    answer = steps.served(client.call("getExpectedParameters"))
    listed = entry.listed(answer)
    judge.that(listed is not None, "parameters, an array of objects with one member each", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.parameters.match-configuration")
def test_parameters_are_those_of_the_entry(api: Api, judge: Judge) -> None:
    """Names and types are the configured ones, each listed once."""
    answer = steps.served(Client(api).call("getExpectedParameters"))
    listed = entry.listed(answer)
    if listed is None:
        raise Blocked("bp_mobile.parameters.shape", f"Expected Parameters answered {shown(answer)}")
    expected = Counter(api.table["expected_parameters"].items())
    judge.that(
        Counter(listed) == expected,
        f"the configured parameters, each once: {_in_words(expected)}",
        _in_words(Counter(listed)),
        answer,
    )


def _in_words(pairs: Counter[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in sorted(pairs.elements())) or "none"
