"""A bad token request: what is missing, wrong or of another kind gets no token (Parameters; RFC 6749, 5.2)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from fixtures.outcomes import NotApplicable
from suites.bp_sms import steps
from suites.bp_sms.refusals import (
    FOREIGN_TENANT,
    GUESS,
    NO_GRANT,
    NO_LOGIN,
    NO_SECRET,
    OTHER_GRANT,
    TWICE,
    UNKNOWN,
    UNKNOWN_CLIENT,
    WRONG_SECRET,
)
from suites.bp_sms.tokens import token_of

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_sms.refusals import Refusals
    from suites.bp_sms.tokens import Client, Tokens

RFC = {
    NO_GRANT: "invalid_request",
    TWICE: "invalid_request",
    UNKNOWN_CLIENT: "invalid_client",
    WRONG_SECRET: "invalid_client",
    OTHER_GRANT: "unsupported_grant_type",
    FOREIGN_TENANT: "invalid_scope",
}
"""The registered name for each cause (RFC 6749, 5.2)."""
VENDOR = {
    "invalid_request": ("bad_request", 400),
    "invalid_scope": ("bad_request", 400),
    "invalid_client": ("unauthorized", 401),
    "unsupported_grant_type": ("unauthorized", 401),
}
"""The vendor's name and status for the same (List Management API, Error Handling)."""
CAUSES = (*RFC, NO_LOGIN, NO_SECRET)
PASSING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Fa-f]{16,}|[0-9]{4,}|[0-9]{2}:[0-9]{2}")
"""Identifiers of requests, and times: what may differ between two answers that say the same."""


def judge_refused(judge: Judge, what: str, answer: Answer) -> None:
    """Judge that a request got a 4xx and no token."""
    judge.that(steps.refuses(answer), f"a 4xx without a token for {what}", shown(answer), answer)


@pytest.mark.requirement("bp_sms.token.required-parameters")
@pytest.mark.parametrize("cause", [NO_GRANT, NO_LOGIN, NO_SECRET])
def test_a_request_without_a_parameter_is_refused(cause: str, refusals: Refusals, judge: Judge) -> None:
    """Without grant_type, client_id or client_secret no token comes."""
    judge_refused(judge, f"a request with {cause}", refusals[cause])
    judge.note(status=refusals[cause].status)


@pytest.mark.requirement("bp_sms.token.scope-required")
def test_a_request_without_scope_is_refused_or_stays_in_the_own_tenant(
    tokens: Tokens, clients: dict[str, Client], judge: Judge
) -> None:
    """Without scope a token comes for the user's own tenant, or none."""
    client = clients["a"]
    answer = tokens.ask(client, scope=None)
    if token_of(answer) is None:
        judge_refused(judge, "a request without scope", answer)
        judge.reading("refused")
    else:
        granted = object_in(answer).get("scope", client.scope)
        judge.that(
            answer.status == 200 and granted == client.scope,
            f"a refusal, or a token for {client.scope}",
            shown(answer),
            answer,
        )
        judge.reading("default-tenant")
    named = tokens.ask(client, scope=None, tenant=client.scope)
    judge.note(with_tenant_in_its_place="issued" if token_of(named) else f"refused with {named.status}")


@pytest.mark.requirement("bp_sms.token.only-client-credentials")
@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "conformance"])
def test_another_grant_type_gets_no_token(
    grant: str, tokens: Tokens, refusals: Refusals, clients: dict[str, Client], judge: Judge
) -> None:
    """No other grant type brings a token for these credentials."""
    client = clients["a"]
    match grant:
        case "conformance":
            answer = refusals[OTHER_GRANT]
        case "password":
            answer = tokens.ask(client, grant_type=grant, username=client.client_id, password=client.secret)
        case _:
            answer = tokens.ask(client, grant_type=grant)
    judge_refused(judge, f"grant_type {grant}", answer)


@pytest.mark.requirement("bp_sms.token.only-client-credentials")
def test_the_grant_type_is_recorded_in_other_letter_cases(
    tokens: Tokens, clients: dict[str, Client], judge: Judge
) -> None:
    """Whether the grant type may be written in other letter cases is recorded; a server does not break by it."""
    for spelling in ("CLIENT_CREDENTIALS", "Client_Credentials"):
        answer = tokens.ask(clients["a"], grant_type=spelling)
        judge.that(answer.status < 500, f"a token or a refusal for grant_type {spelling}", shown(answer), answer)
        judge.note(**{spelling: "issued" if token_of(answer) else f"refused with {answer.status}"})


@pytest.mark.requirement("bp_sms.token.wrong-secret-refused")
def test_a_secret_that_is_almost_right_gets_no_token(
    api: Api, tokens: Tokens, refusals: Refusals, clients: dict[str, Client], judge: Judge
) -> None:
    """A secret with another last character, another letter case or without its last character brings no token."""
    client = clients["a"]
    judge_refused(judge, "a secret with another last character", refusals[WRONG_SECRET])
    letter = next((place for place, letter in enumerate(client.secret) if letter.swapcase() != letter), None)
    near = {"a secret without its last character": client.secret[:-1]}
    if letter is not None:
        swapped = client.secret[:letter] + client.secret[letter].swapcase() + client.secret[letter + 1 :]
        near = {"a secret with one letter in the other case": swapped, **near}
    # Those for which max_bad_logins leaves a try, in this order.
    for what, secret in near.items():
        wrong = api.recorder.redactor.alter(client.secret, secret, what.removeprefix("a secret "))
        with suppress(NotApplicable):
            judge_refused(judge, what, tokens.guess(client, wrong))
    works = client.client_id not in tokens.locked
    judge.warn(works, "the right secret works after a wrong one", "the account was locked")


@pytest.mark.requirement("bp_sms.token.unknown-client-refused")
@pytest.mark.parametrize("secret", ["of nobody", "of another", "empty"])
def test_an_unknown_login_id_gets_no_token(
    secret: str, tokens: Tokens, refusals: Refusals, clients: dict[str, Client], judge: Judge
) -> None:
    """A login id that does not exist brings no token, whatever secret comes with it."""
    match secret:
        case "of nobody":
            answer = refusals[UNKNOWN_CLIENT]
        case "of another":
            answer = tokens.ask(clients["a"], client_id=UNKNOWN)
        case _:
            answer = tokens.ask(clients["a"], client_id=UNKNOWN, client_secret="")
    judge_refused(judge, f"an unknown login id with a secret that is {secret}", answer)


@pytest.mark.requirement("bp_sms.token.no-client-enumeration")
def test_a_refusal_does_not_tell_whether_a_login_id_exists(
    clients: dict[str, Client], refusals: Refusals, judge: Judge
) -> None:
    """An unknown login id and a wrong secret are refused with the same status and words."""
    secret, unknown = refusals[WRONG_SECRET], refusals[UNKNOWN_CLIENT]
    if not (steps.refuses(secret) and steps.refuses(unknown)):
        judge.inconclusive("one of the two requests was not refused")
    judge.that(
        secret.status == unknown.status,
        f"status {secret.status} for an unknown login id, as for a wrong secret",
        shown(unknown),
        secret,
        unknown,
    )
    said = said_in(secret, clients["a"].client_id)
    judge.that(
        said == said_in(unknown, UNKNOWN), f"for an unknown login id: {said}", shown(unknown), secret, unknown
    )


def said_in(answer: Answer, login: str) -> str:
    """Return the words of an error, without the login id and what differs from request to request."""
    body = object_in(answer)
    words = " ".join(str(body[name]) for name in ("error", "error_description") if name in body) or answer.text
    return PASSING.sub("#", words.replace(login, "#").replace(GUESS, "#"))


@pytest.mark.requirement("bp_sms.token.error-body")
def test_a_refusal_says_why_in_json(refusals: Refusals, judge: Judge) -> None:
    """A refusal has a status that means it, and a JSON object with error and perhaps error_description."""
    seen = refusals.those(CAUSES)
    refused = {cause: answer for cause, answer in seen.items() if token_of(answer) is None and answer.status < 500}
    if not refused:
        judge.inconclusive("none of the faulty requests was refused")
    for cause, answer in refused.items():
        judge.that(
            answer.status in {400, 401, 403, 415}, f"400, 401, 403 or 415 for {cause}", shown(answer), answer
        )
        body = object_in(answer)
        judge.that(
            answer.claims_json and isinstance(body.get("error"), str) and body["error"],
            f"a JSON object with a text error for {cause}",
            shown(answer),
            answer,
        )
        judge.that(
            isinstance(body.get("error_description", ""), str),
            f"error_description as text, or none, for {cause}",
            shown(answer),
            answer,
        )


@pytest.mark.requirement("bp_sms.token.error-code-fits-cause")
def test_the_error_names_the_cause(refusals: Refusals, judge: Judge) -> None:
    """The error is the registered name for the cause, or the vendor's own, and not one name for all."""
    seen = {cause: answer for cause, answer in refusals.those(tuple(RFC)).items() if steps.refuses(answer)}
    names = {cause: object_in(answer).get("error") for cause, answer in seen.items()}
    named = {cause: name for cause, name in names.items() if isinstance(name, str)}
    if len(named) < 2:
        judge.inconclusive("fewer than two of the faulty requests were refused with the name of an error")
    for cause, name in named.items():
        registered, answer = RFC[cause], seen[cause]
        vendor = VENDOR[registered]
        judge.warn(
            name == registered or (name, answer.status) == vendor,
            f"{registered}, or {vendor[0]} with {vendor[1]}, for {cause}",
            shown(answer),
            answer,
        )
    used = set(named.values())
    judge.warn(len(used) > 1, "different names for different causes", f"always {', '.join(used)}")
