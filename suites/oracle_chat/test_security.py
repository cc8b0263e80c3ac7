"""Safety of the answer: where the token stands, whether caches may keep it, and what odd user names do."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from suites.oracle_chat import steps
from suites.oracle_chat.issued import date_of, moment
from suites.oracle_chat.tokens import subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

HOSTILE = "oracle_chat.security.hostile-user-names"
SHORTEST = 16
"""Characters of a part of a token below which it turns up by chance."""
INJECTED = "x-injected"
# Letters are lower-case ASCII throughout: what becomes of others is the matter of the rows on subjects and echoes.
NAMES = {
    "a line break and a header line": f"user\r\n{INJECTED}: yes",
    "a line feed and a header line": f"user\n{INJECTED}: yes",
    "a NUL": "user\x00.admin",
    "quotes and an or": "' or '1'='1",
    "double quotes and an or": '" or ""="',
    "expression braces": "${7*7}#{7*7}{{7*7}}",
    "dot segments": "../../user.9",
    "4 KiB": "u" * 4096,
    "a lone surrogate": "user.\ud800",
}
NOT_UTF_8 = (b"user.\xff@example.com", b"user.\xfe@example.com")


@pytest.mark.requirement("oracle_chat.security.token-only-in-body")
def test_the_token_stands_nowhere_but_in_jwt(tour: Tour, judge: Judge) -> None:
    """No header field, no link and no other member of a success holds the token or its signature."""
    for answer in tour.successes:
        token = steps.token_of(answer) or ""
        secrets = [part for part in (token, token.rpartition(".")[2]) if len(part) >= SHORTEST]
        places = [where for where, text in elsewhere(answer) if any(secret in text for secret in secrets)]
        judge.that(not places, "the token in jwt alone", f"it also stands in {', '.join(places)}", answer)


def elsewhere(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield every header field and every member but jwt, with what it is called."""
    for name, value in answer.headers:
        yield f"the header field {name}", value
    for name, value in object_in(answer).items():
        if name != "jwt":
            yield f"the member {name}", json.dumps(value, ensure_ascii=False)


@pytest.mark.requirement("oracle_chat.security.not-cacheable")
def test_no_cache_may_keep_the_answer(tour: Tour, judge: Judge) -> None:
    """The answer with the token is not public, has no positive age and no end in the future."""
    for answer in tour.successes:
        wrong = reusable(answer)
        judge.that(not wrong, "nothing that lets a cache reuse an answer with a token", ", ".join(wrong), answer)
    judge.note(no_store="no-store" in directives(tour.basic))


def directives(answer: Answer) -> dict[str, str]:
    """Return the directives of Cache-Control with their values (RFC 9111, 5.2)."""
    parts = (part.strip() for field in answer.values("Cache-Control") for part in field.split(","))
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def reusable(answer: Answer) -> list[str]:
    """Return what in the header fields lets a cache keep the answer; nothing where no-store forbids it."""
    said = directives(answer)
    if "no-store" in said:
        return []
    ages = [f"{name}={said[name]}" for name in ("max-age", "s-maxage") if said.get(name, "0").lstrip("0").isdecimal()]
    now = date_of(answer) or time.time()
    # What is no date counts as long past (RFC 9111, 5.3).
    ends = [f"Expires: {value}" for value in answer.values("Expires") if (moment(value) or 0) > now]
    return [*(["public"] if "public" in said else []), *ages, *ends]


@pytest.mark.requirement(HOSTILE)
@pytest.mark.parametrize("what", NAMES)
def test_an_odd_user_name_is_refused_or_plain_text(what: str, api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """A name that means something elsewhere is refused with a 4xx, or comes back unchanged in echo and token."""
    steps.taken(tour.basic)
    answer = a.ask(authUserName=NAMES[what])
    judge_headers(judge, what, answer)
    if not steps.succeeds(answer):
        judge.that(steps.refuses_as_client_error(answer), f"success or a 4xx for {what}", shown(answer), answer)
        return
    echoed = object_in(answer).get("authUserName")
    judge.that(echoed == NAMES[what], f"{what} in authUserName, as sent", repr(echoed)[:200], answer)
    if subject_of(tour.basic) == api.table["auth_user_name"]:  # else it is not the name, which another row judges
        judge.that(
            subject_of(answer) == NAMES[what], f"{what} in sub, as sent", repr(subject_of(answer))[:200], answer
        )


@pytest.mark.requirement(HOSTILE)
def test_a_user_name_that_is_not_utf_8_is_no_user(api: Api, a: Client, tour: Tour, judge: Judge) -> None:
    """Octets that are no UTF-8 are refused: read as something else, two of them could end up as one user."""
    steps.taken(tour.basic)
    template = steps.encoded(steps.basic_members(api.table, authUserName="%s"))
    for octets in NOT_UTF_8:
        answer = a.post(template.replace(b"%s", octets))
        judge.that(
            steps.refuses_as_client_error(answer), f"a 4xx for the user name {octets!r}", shown(answer), answer
        )


def judge_headers(judge: Judge, what: str, answer: Answer) -> None:
    """Judge that no header field was made from the name."""
    names = [name for name, _ in answer.headers if name.lower() == INJECTED]
    judge.that(not names, f"no header field made from {what}", f"a field {INJECTED}", answer)
