"""What the doctor knows of oracle_chat: how tokens are got, and how to look for what the target file promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.api import shown
from fixtures.credentials import basic_value
from fixtures.outcomes import Inconclusive
from fixtures.preflight import Check
from suites.oracle_chat import steps
from suites.oracle_chat.archive import Archive
from suites.oracle_chat.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.api import Api
    from fixtures.preflight import Discovery

TYPICAL_REQUESTS = {"quick": 310, "standard": 360, "thorough": 430}
TYPICAL_TOKENS = 240
KNOCK: tuple[str, Mapping[str, str]] = ("listChatAuthentications", {})
CHECK = "check auth, username, password and bearer_token"


def identities(given: Api) -> Iterator[Check]:
    """Ask for a token as every declared user; a refusal of the declared credentials ends the preflight."""
    api = steps.with_chat_user(given)
    table = api.table
    if _has_no_caller(api):
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
        return Check("token", "failed", f"is refused (403): {CHECK}")
    return Check("token", "warning", f"answers {shown(answer)}; the tests will judge that")


def facts(given: Api) -> Iterator[Check]:
    """Ask for tokens with the values that the target file names."""
    api = steps.with_chat_user(given)
    if _has_no_caller(api):
        return
    api = steps.with_question(api)
    table, client = api.table, _client(api)
    if table["max_calls"] < TYPICAL_TOKENS:
        said = f"a run at standard depth gets about {TYPICAL_TOKENS} tokens; what comes after the last is inconclusive"
        yield Check("max_calls", "warning", said)
    declared = {"attributes": dict(table["attributes"])}
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


def _has_no_caller(api: Api) -> bool:
    return api.table["auth"] == "basic" and not api.table["username"]


def _client(api: Api) -> Client:
    return Client(api, Archive(api.table["max_calls"]), steps.credentials(api.table), declared=True)


def discoveries(_api: Api) -> Iterator[Discovery]:
    """Nothing yet."""
    return iter(())
