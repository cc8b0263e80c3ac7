"""What no answer may show: the secret anywhere, the access token anywhere but in the answer that brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from reports.verdicts import Attribution
from suites.bp_sms import steps
from suites.bp_sms.notices import RECEIVER, STATUS, may_set, tried
from suites.bp_sms.test_token_refusals import CAUSES
from suites.bp_sms.tokens import token_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer, Content
    from fixtures.judge import Judge
    from suites.bp_sms.notices import Notices
    from suites.bp_sms.refusals import Refusals
    from suites.bp_sms.steps import Session
    from suites.bp_sms.tokens import Client, Tokens

MOST = 1 << 18
"""Octets of an answer that are searched: those of this API have some hundred."""
SHORTEST = 6
"""Characters of a secret below which it turns up by chance."""


def symbols(api: Api, content: Content) -> str:
    """Return header fields and body with every secret, in whatever spelling, replaced by its symbol."""
    fields = (f"{name}: {value}" for name, value in content.headers)
    return api.recorder.redactor.text("\n".join([*fields, content.text]))


def judge_silent(api: Api, judge: Judge, contents: Iterable[tuple[str, Content]], **secrets: str) -> None:
    """Judge that none of the contents holds one of the secrets, in whatever spelling."""
    if any(len(secret) < SHORTEST for secret in secrets.values()):
        judge.inconclusive("the secret is too short to be looked for", Attribution.TARGET_FILE)
    for what, content in contents:
        if len(content.body) > MOST:
            judge.inconclusive(f"{what} is too long to be searched: {len(content.body)} octets")
        told = symbols(api, content)
        for name, secret in secrets.items():
            symbol = api.recorder.redactor.token(secret)
            judge.that(symbol not in told, f"{what} does not show the {name}", " ".join(told.split())[:200])


@pytest.mark.requirement("bp_sms.credentials.never-echoed")
def test_the_token_endpoint_shows_no_secret(
    api: Api, tokens: Tokens, clients: dict[str, Client], refusals: Refusals, judge: Judge
) -> None:
    """Neither the answer with a token nor a refusal, also of a request with the right secret, shows the secret."""
    client = clients["a"]
    issued = tokens.ask(client)
    refused = [(f"the refusal of {cause}", answer) for cause, answer in refusals.those(CAUSES).items()]
    answers = [("the answer with a token", issued), *refused]
    judge_silent(api, judge, answers, secret=client.secret)
    token = token_of(issued)
    if token is None:
        judge.inconclusive(f"no token came: {shown(issued)}")
    silent: list[tuple[str, Answer]] = [(what, answer) for what, answer in answers[1:] if token_of(answer) is None]
    judge_silent(api, judge, silent, token=token)
    fields = "\n".join(f"{name}: {value}" for name, value in issued.headers)
    symbol = api.recorder.redactor.token(token)
    judge.that(
        symbol not in api.recorder.redactor.text(fields),
        "no token in the header fields of the answer that brings it",
        "one of them holds it",
        issued,
    )


@pytest.mark.requirement("bp_sms.credentials.never-echoed")
def test_get_message_shows_no_secret(api: Api, a: Session, rng: Random, judge: Judge) -> None:
    """Neither a message nor a refusal, of an unknown sid or an odd one, shows the token or the secret."""
    sids = {"the answer for an unknown message": steps.random_sid(rng), "the answer for an odd sid": "no sid"}
    if known := api.table["known_message_sid"]:
        sids["the answer for a known message"] = known
    answers = [(what, a.read(sid)) for what, sid in sids.items()]
    judge_silent(api, judge, answers, token=a.token, secret=a.client.secret)


@pytest.mark.requirement("bp_sms.credentials.never-echoed")
def test_refused_messages_show_no_secret(api: Api, a: Session, judge: Judge) -> None:
    """The refusals of a malformed message, and of one that has nothing, show neither token nor secret."""
    malformed, empty = a.call("sendMessage", body=b'{"'), a.call("sendMessage", json={})
    answers = [("the refusal of a malformed message", malformed), ("the refusal of an empty message", empty)]
    judge_silent(api, judge, answers, token=a.token, secret=a.client.secret)


@pytest.mark.requirement("bp_sms.credentials.never-echoed", impact="intrusive")
def test_refused_addresses_show_no_secret(api: Api, a: Session, judge: Judge) -> None:
    """The refusals of addresses without number show neither token nor secret."""
    if not may_set(api.table):
        pytest.skip("the target file does not allow to set addresses")
    answers = [(f"the refusal of an empty {setter}", tried(a, setter, {})) for setter in (STATUS, RECEIVER)]
    judge_silent(api, judge, answers, token=a.token, secret=a.client.secret)


@pytest.mark.requirement("bp_sms.credentials.never-echoed", impact="intrusive")
def test_callbacks_show_no_secret(
    api: Api, a: Session, request: pytest.FixtureRequest, judge: Judge
) -> None:
    """What the target posts of its own accord shows neither the token of the sender nor the secret."""
    steps.skip_unless_sending(api)
    if not may_set(api.table) or not (api.table["callback_bind"] and api.table["callback_url"]):
        pytest.skip("the target file does not allow callbacks")
    notices: Notices = request.getfixturevalue("notices")
    if not notices.posts:
        judge.inconclusive("nothing was posted")
    posts = [("a callback", notice) for notice in notices.posts]
    judge_silent(api, judge, posts, token=notices.token, secret=a.client.secret)
