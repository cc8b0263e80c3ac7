"""Names of services that nobody has configured."""

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
@pytest.mark.parametrize("what", ["a random name", "an id", "a configured name with a suffix"])
def test_a_name_that_nobody_configured_starts_nothing(
    what: str, phone: str, rng: random.Random, desk: Desk, judge: Judge
) -> None:
    """A name, an identifier in its place, and a configured name with more behind it are refused and start nothing."""
    names = {"a random name": f"conformance-{steps.mark(rng)}", "an id": steps.random_id(rng)}
    if what not in names:
        roles = steps.named(desk.api.table, INTERACTION, *(desk.api.table["services"] or {}))
        configured = [name for name in (steps.name_of(desk.api.table, role) for role in roles) if "/" not in name]
        if not configured:
            pytest.skip("the target file names no service; the random names decide")
        names[what] = f"{configured[0]}-{steps.mark(rng)}"
    if desk.api.table["services"]:  # a server that refuses whatever comes tells no name from another
        desk.need_alive()
    body = forms.urlencoded({"_phone_number": phone, "_provide_code": "true"})
    answer = steps.decisive(desk.attempt(lambda: steps.create(desk.caller, names[what], body)))
    judge.on(STARTS_NOTHING).that(steps.refuses(answer), f"a refusal without an id for {what}", shown(answer), answer)
    refused = answer.status in steps.CLIENT_ERRORS
    judge.on(IS_404).that(refused, f"404, or another 4xx, for {what}", shown(answer), answer)
    judge.on(IS_404).note(status=answer.status)


@pytest.mark.requirement("gms.unknown-service.hostile-names")
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_name_is_refused(what: str, rng: random.Random, desk: Desk, api: Api, judge: Judge) -> None:
    """A name with separators, control characters or much text is refused with 4xx, and gets into nothing."""
    target = f"/service/{HOSTILE[what].format(name=steps.mark(rng))}"
    form = forms.urlencoded({"_phone_number": str(api.table["phone_number"])})
    fields = (*desk.caller.headers, ("Content-Type", forms.URLENCODED))
    with wire.connection(api) as line:
        answer = desk.attempt(lambda: line.call("createService", target=target, headers=fields, body=form.content))
    steps.decisive(answer)
    judge.that(not answer.values("X-Injected"), "no header field that came with the name", "X-Injected: yes", answer)
    refused = answer.status in steps.CLIENT_ERRORS and not steps.success_members(answer)
    judge.that(refused, f"4xx and no id for a name with {what}", shown(answer), answer)
