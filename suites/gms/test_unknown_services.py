"""Names of services that nobody has configured; see also cases.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures import wire
from fixtures.api import shown
from suites.gms import forms, steps
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    import random

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.gms.desk import Desk

STARTS_NOTHING = "gms.unknown-service.starts-nothing"
IS_404 = "gms.unknown-service.is-404"
HOSTILE = {
    "dot segments": "%2e%2e%2f%2e%2e%2f{name}",
    "dot segments behind a name": "{name}%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fWEB-INF%2fweb.xml",
    "NUL": "{name}%00",
    "a line break": "{name}%0d%0aX-Injected:%20yes",
    "a path parameter": "{name};x=y",
    "8 KiB": "{name}" + "x" * 8192,
    "letters beyond ASCII": "{name}-%C3%A9%E6%9C%8D%F0%9F%98%80",
}


@pytest.mark.requirement(STARTS_NOTHING)
@pytest.mark.requirement(IS_404)
def test_a_configured_name_with_a_suffix_is_unknown(
    phone: str, rng: random.Random, desk: Desk, api: Api, judge: Judge
) -> None:
    """A configured name with more behind it starts nothing, and is refused as a name that there is not."""
    services = api.table["services"] or {}
    name = services.get(INTERACTION) or next((each for each in services.values() if "/" not in each), None)
    if name is None:
        pytest.skip("the target file names no service; the random names decide")
    desk.room(1)
    body = forms.urlencoded({"_phone_number": phone})
    answer = desk.told(steps.create(desk.caller, f"{name}-{steps.mark(rng)}", body))
    steps.decisive(answer)
    judge.on(STARTS_NOTHING).that(steps.refuses(answer), "a refusal without an id", shown(answer), answer)
    refused = answer.status in steps.CLIENT_ERRORS
    judge.on(IS_404).that(refused, "404, or another 4xx", shown(answer), answer)
    judge.on(IS_404).note(status=answer.status)


@pytest.mark.requirement("gms.unknown-service.hostile-names")
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_name_is_refused(what: str, rng: random.Random, desk: Desk, api: Api, judge: Judge) -> None:
    """A name with separators, control characters or much text is refused with 4xx, and gets into nothing."""
    target = f"/service/{HOSTILE[what].format(name=steps.mark(rng))}"
    form = forms.urlencoded({"_phone_number": str(api.table["phone_number"])})
    fields = (*desk.caller.headers, ("Content-Type", forms.URLENCODED))
    with wire.connection(api) as line:
        answer = desk.told(line.call("createService", target=target, headers=fields, body=form.content))
    steps.decisive(answer)
    judge.that(not answer.values("X-Injected"), "no header field that came with the name", "X-Injected: yes", answer)
    refused = answer.status in steps.CLIENT_ERRORS and not steps.success_members(answer)
    judge.that(refused, f"4xx and no id for a name with {what}", shown(answer), answer)
