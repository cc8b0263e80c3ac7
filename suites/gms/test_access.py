"""request-access: an access number for an instance that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from suites.gms import steps
from suites.gms.evidence import CODE
from suites.gms.steps import ACCESS

if TYPE_CHECKING:
    import random

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.gms.desk import Desk

GROUP = "DNIS"
"""The resource group of the vendor's pages, for a target file that names none."""


def asked(api: Api, **fields: str) -> dict[str, str]:
    """Return the fields of a request for access."""
    return {"_resource_group": str(api.table["resource_group"] or GROUP), **fields}


def live(desk: Desk) -> str:
    """Return the id of a service that lives: one that books nothing, where there is one."""
    services = desk.api.table["services"]
    role = next((role for role in ("request_chat", "inbound_poll") if role in services), None)
    return desk.running(role) if role else desk.booked().id


@pytest.mark.requirement("gms.access.number-for-a-live-service")
def test_a_live_service_gets_an_access_number(desk: Desk, api: Api, judge: Judge) -> None:
    """request-access with the id of a live service answers 200 with a number, its time, and a code where asked."""
    owner = live(desk)
    codes = CODE in api.table["honoured"]
    answer = steps.decisive(desk.insist(ACCESS, asked(api, _id=owner, **({CODE: "true"} if codes else {}))))
    if steps.refuses(answer) and not api.table["resource_group"]:
        judge.inconclusive(f"the resource group may be unknown: {shown(answer)}")
    judge.that(answer.status == 200, "200 to a request for access", shown(answer), answer)
    for member in ("_access_number", "_expiration_time", *(["_access_code"] if codes else [])):
        judge.that(steps.text(answer, member), f"the string {member}", shown(answer), answer)


@pytest.mark.requirement("gms.access.unknown-id-refused")
@pytest.mark.parametrize("what", ["an id that no service has", "an empty id", "no id"])
def test_an_unknown_id_gets_no_access(what: str, rng: random.Random, desk: Desk, api: Api, judge: Judge) -> None:
    """request-access for no live service is refused, also while others live, and books nothing."""
    live(desk)
    ids = {"an id that no service has": {"_id": steps.random_id(rng)}, "an empty id": {"_id": ""}, "no id": {}}
    answer = steps.decisive(desk.create(ACCESS, asked(api, **ids[what]), refused=True))
    judge.that(steps.refuses(answer), f"a refusal without a number for {what}", shown(answer), answer)
    judge.note(status=answer.status)
