"""What the doctor knows of oracle_chat: how tokens are got, and how to look for what the target file promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures import wrong_place
from fixtures.api import shown
from fixtures.credentials import basic_value
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check, Discovery
from suites.oracle_chat import issued as tokens
from suites.oracle_chat import keys, steps
from suites.oracle_chat.archive import Archive
from suites.oracle_chat.client import Client
from suites.oracle_chat.keys import DIGESTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from suites.oracle_chat.issued import Issued

TYPICAL_REQUESTS = {"quick": 310, "standard": 360, "thorough": 430}
TYPICAL_TOKENS = 240
KNOCK: tuple[str, Mapping[str, str]] = ("listChatAuthentications", {})
VERSION = "REST-Framework-Version"
VERSIONS = tuple(map(str, range(1, 10)))
CHECK = "check auth, username, password and bearer_token"


def identities(given: Api) -> Iterator[Check]:
    """Ask for a token as every declared user; a refusal of the declared credentials ends the preflight."""
    api = steps.with_chat_user(given)
    table = api.table
    if steps.has_no_caller(api):
        yield Check("token", "warning", "no service user is declared: only what needs none is judged")
        return
    yield _service_user(_client(api))
    if table["unprivileged_username"] and table["unprivileged_password"]:
        value = basic_value(table["unprivileged_username"], table["unprivileged_password"])
        answer = Client(api, Archive(1), (("Authorization", value),)).ask()
        known = answer.status == 403
        yield Check("unprivileged_username", "ok" if known else "warning", f"answers {answer.status}")


def _service_user(client: Client) -> Check:
    try:
        answer = client.ask()
    except Inconclusive as problem:
        return Check("token", "failed", f"{problem}; {CHECK}")
    if steps.succeeds(answer):
        return Check("token", "ok", f"answers {answer.status}")
    if answer.status == 403:
        return Check("token", "failed", f"is refused (403): {CHECK}, and whether that user may authenticate chats")
    said = wrong_place.cause(answer, "base_path") or f"answers {shown(answer)}"
    lost = answer.status in wrong_place.ABSENT or answer.status in wrong_place.GATEWAY
    return Check("token", "failed" if lost else "warning", said if lost else f"{said}; the tests will judge that")


def facts(given: Api) -> Iterator[Check]:
    """Ask for tokens with the values that the target file names."""
    api = steps.with_chat_user(given)
    if steps.has_no_caller(api):
        return
    api = steps.with_known_values(steps.with_question(api))
    table, client = api.table, _client(api)
    if table["max_calls"] < TYPICAL_TOKENS:
        said = f"a run at standard depth gets about {TYPICAL_TOKENS} tokens; what comes after the last is inconclusive"
        yield Check("max_calls", "warning", said)
    if lost := sorted(set(given.table["attributes"]) - set(table["attributes"])):
        yield Check("attributes", "warning", f"the document's values are refused: {', '.join(lost)}; name your own")
    declared = {"attributes": dict(table["attributes"])} if table["attributes"] else {}
    if table["auth_user_name_b"]:
        declared["auth_user_name_b"] = {"authUserName": table["auth_user_name_b"]}
    if table["custom_fields"]:
        declared["custom_fields"] = {"customFields": table["custom_fields"]}
    for key, members in declared.items():
        try:
            answer = client.ask(**members)
        except Inconclusive as problem:
            yield Check(key, "warning", str(problem))
            continue
        yield Check(key, "ok" if steps.succeeds(answer) else "warning", f"answers {answer.status}")


def _client(api: Api) -> Client:
    return Client(api, Archive(api.table["max_calls"]), steps.credentials(api.table), declared=True)


def discoveries(given: Api) -> Iterator[Discovery]:
    """Ask for a token, look into it and for its key, and ask for the versions of the framework one by one."""
    api = steps.with_chat_user(given)
    if steps.has_no_caller(api):
        return
    api = steps.with_known_values(steps.with_question(api))
    client = _client(api)
    issued = tokens.readable(client.ask())
    if issued is not None:
        yield from _of_token(api, issued)
    served = [version for version in VERSIONS if _serves(client, version)]
    if served:
        yield Discovery("framework_versions", served, "the answer names each of them when it is asked for")


def _of_token(api: Api, issued: Issued) -> Iterator[Discovery]:
    claims = issued.token.claims
    issuer, issued_at, ends = (claims.get(name) for name in ("iss", "iat", "exp"))
    if isinstance(issuer, str) and issuer:
        yield Discovery("jwt_issuer", issuer, "iss of a token")
    if issued.algorithm and issued.algorithm not in DIGESTS:
        yield Discovery("jwt_algorithms", [issued.algorithm], "alg of a token")
    if tokens.is_number(issued_at) and tokens.is_number(ends) and ends > issued_at:
        yield Discovery("jwt_max_lifetime_seconds", round(ends - issued_at), "the life of a token, exp minus iat")
    found = keys.published(api)
    if found and issued.token.header.get("kid") and keys.keys_of(found, issued):
        yield Discovery("jwt_key", api.table.base_url + keys.USUAL_PLACE, "has the key that a token names")


def _serves(client: Client, version: str) -> bool:
    """Say whether a version of the framework is served by that name."""
    answer = client.send(steps.basic_members(client.api.table), headers=((VERSION, version),))
    return steps.succeeds(answer) and answer.values(VERSION) == (version,)
