"""HTTP Basic: who is let in, and that whoever is not does nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from fixtures import budget, wire
from fixtures.api import shown
from fixtures.outcomes import Inconclusive
from reports.verdicts import Attribution
from suites.gms import forms, steps
from suites.gms.learned import SERVICE
from suites.gms.steps import INTERACTION

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from fixtures.api import Api, Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.run import Run
    from fixtures.redaction import Redactor
    from fixtures.target import ApiTable
    from suites.gms.desk import Booking, Desk

    Credentials = Callable[[ApiTable, Redactor], str]

NO_EFFECT = "gms.auth.refused-call-has-no-effect"
POLL = "inbound_poll"


def _with(change: Callable[[str], str], how: str) -> Credentials:
    """Return what makes credentials with a changed password; the record shows only how it was changed."""

    def made(table: ApiTable, redactor: Redactor) -> str:
        password = redactor.alter(table["password"], change(table["password"]), how)
        return steps.basic(table["username"] or "", password)[1]

    return made


def _as_user(change: Callable[[str], str]) -> Credentials:
    return lambda table, _: steps.basic(change(table["username"] or ""), table["password"])[1]


STRANGE: dict[str, Credentials | None] = {
    "no credentials": None,
    "a wrong user": _as_user(lambda name: f"no-{name}-here"),
    "another scheme": lambda table, redactor: _with(str, "")(table, redactor).replace("Basic", "Bearer", 1),
    "empty credentials": lambda *_: "Basic",
}
"""Credentials that are no attempt to guess the declared user's password."""
PASSWORDS: dict[str, Credentials] = {
    "a wrong password": _with(lambda word: f"{word[::-1]}0", "reversed and longer"),
    "the password without its end": _with(lambda word: word[:-1], "cut"),
    "the password in other case": _with(str.swapcase, "in other case"),
    "the password with more behind it": _with(lambda word: f"{word}0", "longer"),
}
"""Wrong passwords of the declared user, the most telling first: each call with one uses up a failed login."""
LOGINS = "gms-failed-logins"
BROKEN = {"no Base64": "Basic ???not-base64???", "Base64 of half a character": "Basic w6k6/w=="}


@pytest.fixture
def booking(desk: Desk) -> Booking:
    """An instance that lives, made with the right credentials; raises Blocked."""
    return desk.booked()


def _refused(answer: Answer, what: str, allowed: frozenset[int], judge: Judge) -> None:
    """Judge the answer to a call with wrong credentials; a refusal in other words is a finding, too."""
    steps.decisive(answer, authenticated=False)
    wanted = " or ".join(map(str, sorted(allowed)))
    seen = "let in: " if answer.status in range(200, 300) else ""
    judge.that(answer.status in allowed, f"{wanted} with {what}", f"{seen}{shown(answer)}", answer)


def is_refused(answer: Answer) -> bool:
    """Say whether a call without credentials was refused; raises Inconclusive where the answer decides nothing."""
    return steps.refuses(steps.decisive(answer, authenticated=False))


def _create(desk: Desk, caller: Caller) -> Answer:
    fields = {"_phone_number": str(desk.api.table["phone_number"])}
    return desk.create(INTERACTION, fields, caller=caller, refused=True)


def _ask(desk: Desk, caller: Caller, booking: Booking) -> Answer:
    return steps.ask(caller, booking.id, desk.api.table["status_request"], {})


def _need_right(desk: Desk, booking: Booking) -> None:
    """Call with the right credentials, which also ends a series of wrong ones; raises Inconclusive."""
    right = _ask(desk, desk.caller, booking)
    if right.status == 401:
        raise Inconclusive(f"the right credentials are refused as well: {shown(right)}", Attribution.CREDENTIALS)


def _try(caller: Caller, booking: Booking, desk: Desk, what: str, allowed: frozenset[int], judge: Judge) -> None:
    """Try a create and a request on a live service, and call with the right credentials after that."""
    created, asked = _create(desk, caller), _ask(desk, caller, booking)
    _need_right(desk, booking)
    _refused(created, what, allowed, judge)
    _refused(asked, what, allowed, judge)


@pytest.mark.requirement("gms.auth.missing-or-wrong-credentials-401")
@pytest.mark.parametrize("what", STRANGE)
def test_credentials_of_nobody_are_answered_401(
    what: str, booking: Booking, desk: Desk, anonymous: Caller, api: Api, judge: Judge
) -> None:
    """A create and a request on a live service answer 401 without credentials and with those of nobody."""
    make = STRANGE[what]
    named = () if make is None else (("Authorization", make(api.table, api.recorder.redactor)),)
    _try(anonymous.bearing(*named), booking, desk, what, frozenset({401}), judge)


@pytest.mark.requirement("gms.auth.missing-or-wrong-credentials-401")
def test_wrong_passwords_are_answered_401(
    booking: Booking, desk: Desk, anonymous: Caller, api: Api, run: Run, judge: Judge
) -> None:
    """Wrong passwords of the declared user answer 401, as many as may fail in a run; a right one follows each."""
    right, left_out = steps.credentials(api.table)[0][1], []
    sends = (_create, lambda desk, caller: _ask(desk, caller, booking))
    tried = [(what, PASSWORDS[what], number % 2) for number, what in enumerate(PASSWORDS)]
    tried += [(what, make, 1 - first) for what, make, first in tried]  # all of them once, then the other way
    for what, make, how in tried:
        field = make(api.table, api.recorder.redactor)
        if field == right:  # a password without letters has no other case
            continue
        if not budget.take(run.leases, LOGINS, api.table["failed_logins_allowed"]):
            left_out.append(what)
            continue
        answer = sends[how](desk, anonymous.bearing(("Authorization", field)))
        _need_right(desk, booking)
        _refused(answer, what, frozenset({401}), judge)
    if len(left_out) == len(tried):
        judge.inconclusive("failed_logins_allowed lets no login fail", Attribution.TARGET_FILE)
    judge.note(not_tried=sorted(set(left_out)))


@pytest.mark.requirement("gms.auth.missing-or-wrong-credentials-401")
@pytest.mark.parametrize("what", BROKEN)
def test_broken_credentials_are_answered_401_or_400(
    what: str, booking: Booking, desk: Desk, anonymous: Caller, judge: Judge
) -> None:
    """Credentials that cannot be decoded are answered 401 or 400."""
    caller = anonymous.bearing(("Authorization", BROKEN[what]))
    _try(caller, booking, desk, what, frozenset({400, 401}), judge)


@pytest.mark.requirement(NO_EFFECT)
@pytest.mark.usefixtures("booking")
def test_a_create_without_credentials_starts_nothing(phone: str, desk: Desk, anonymous: Caller, judge: Judge) -> None:
    """A create that fails authentication hands nothing out."""
    answer = desk.create(INTERACTION, {"_phone_number": phone}, caller=anonymous, refused=True)
    judge.that(is_refused(answer), "a refusal without an id or number", shown(answer), answer)


@pytest.mark.requirement(NO_EFFECT)
@pytest.mark.parametrize("role", [INTERACTION, POLL])
def test_a_request_without_credentials_is_refused(
    role: str, desk: Desk, anonymous: Caller, api: Api, judge: Judge
) -> None:
    """A specific request on a live service reveals nothing to whoever has no credentials."""
    if role not in api.table["services"]:
        pytest.skip(f"the target file names no service {role}")
    id_ = desk.booked().id if role == INTERACTION else desk.running(role)
    answer = steps.ask(anonymous, id_, api.table["status_request"], {})
    judge.that(is_refused(answer), "a refusal without the status", shown(answer), answer)


@pytest.mark.requirement(NO_EFFECT)
def test_an_update_without_credentials_changes_nothing(
    rng: random.Random, desk: Desk, anonymous: Caller, api: Api, judge: Judge
) -> None:
    """An update that fails authentication is refused, and the data stay as they were."""
    if POLL not in api.table["services"]:
        pytest.skip(f"the target file names no service {POLL}")
    mark = steps.mark(rng)
    id_ = desk.start(POLL, {mark: "before"})
    answer = steps.post(anonymous, "updateService", {"service_id": id_}, {mark: "after"})
    judge.that(is_refused(answer), "a refusal of the update", shown(answer), answer)
    if desk.learned.data_route == SERVICE:
        with suppress(Inconclusive):  # whether the data can be read is for others to judge
            value = steps.service_items(desk.caller, id_).get(mark)
            judge.that(value != "after", "the data as they were", f"{mark} was changed", answer)


@pytest.mark.requirement(NO_EFFECT)
def test_a_storage_without_credentials_is_recorded(
    rng: random.Random, desk: Desk, anonymous: Caller, api: Api, judge: Judge
) -> None:
    """Whether the Storage API asks for credentials is recorded; a create beside it is refused."""
    if not desk.learned.storage_api:
        pytest.skip("there is no Storage API")
    seconds = str(api.table["storage_ttl_seconds"])
    stored = steps.post(anonymous, "createStorage", {"idOrTtl": seconds}, {steps.mark(rng): "x"})
    judge.note(storage="protected" if stored.status == 401 else f"answers {stored.status}")
    answer = desk.create(INTERACTION, {"_phone_number": str(api.table["phone_number"])}, caller=anonymous, refused=True)
    judge.that(is_refused(answer), "a refusal without an id or number", shown(answer), answer)


@pytest.mark.requirement(NO_EFFECT)
def test_credentials_are_asked_for_on_every_request_of_a_connection(
    booking: Booking, desk: Desk, api: Api, judge: Judge
) -> None:
    """A connection over which right credentials came does not stay open for what comes without them."""
    path = f"/service/{quote(booking.id, safe='')}/{quote(api.table['status_request'], safe='')}"
    body = forms.urlencoded({})
    with wire.connection(api) as line:
        known = line.call("serviceRequest", target=path, headers=desk.caller.headers, body=body.content)
        if known.status == 401:
            raise Inconclusive(f"the right credentials are refused: {shown(known)}")
        if not line.reusable:
            judge.note(connection="closed after each answer")
            with wire.connection(api) as other:
                answer = other.call("serviceRequest", target=path, body=body.content)
        else:
            answer = line.call("serviceRequest", target=path, body=body.content)
    right = answer.status in {401, 403, 404} and not steps.success_members(answer)
    judge.that(right, "401 to a request without credentials", shown(answer), answer)
