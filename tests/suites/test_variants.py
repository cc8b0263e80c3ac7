"""Servers that conform in their own way end green with the smallest target file: no row stays open for ever."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from fixtures.defects.bp_sms import SmsDefect
from fixtures.defects.oracle_chat import ChatDefect
from fixtures.defects.proof import judge
from fixtures.reference.messages import Refused
from fixtures.reference.oracle_chat.base import NOT_FOUND, Invalid
from tests.suites.test_lock_out import first_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.defects import Defect
    from fixtures.reference.clients import ApiClient, Grant
    from fixtures.reference.messages import Answer, Call, Json
    from fixtures.reference.oracle_chat.base import ChatRequest
    from fixtures.reference.server import Running

OTHERS = 'unprivileged_client_id = "sms.watcher"\nunprivileged_client_secret = "Sms-Watcher-Secret-73"\n'


class ForeignIdsRefused(ChatDefect, breaks=()):
    """Ids are looked up, and those of the document's example are none of this server."""

    def check_attributes(self, attributes: Mapping[str, str | None]) -> None:
        super().check_attributes(attributes)
        for name, value in attributes.items():
            if value is not None and (name.endswith("Id") or name == "incidentType"):
                raise Invalid(name, "There is no such thing.")


class StrangersRefused(ChatDefect, breaks=()):
    """Chat users are looked up."""

    def check_user_name(self, name: str | None) -> None:
        super().check_user_name(name)
        if name not in {"chat.service", "user.4@example.com"}:
            raise Invalid("authUserName", "There is no such user.")


class TokenEncrypted(ChatDefect, breaks=()):
    """The token is encrypted: five parts, of which nobody can read one."""

    async def issue(self, request: ChatRequest) -> str:  # noqa: ARG002 - nobody can see what is in it
        return ".".join(secrets.token_urlsafe(40) for _ in range(5))


class TimesUnsaid(ChatDefect, breaks=()):
    """The token names no times."""

    def claims(self, request: ChatRequest) -> dict[str, Json]:
        named = {name: value for name, value in super().claims(request).items() if name not in {"exp", "iat"}}
        return {**named, "jti": secrets.token_hex(8)}


class OneSubject(ChatDefect, breaks=()):
    """The subject is the service, whoever chats."""

    def subject(self, request: ChatRequest) -> str:  # noqa: ARG002
        return "chat.service"


class KeyUnpublished(ChatDefect, breaks=()):
    """The key of the tokens is published nowhere."""

    async def get_key_set(self, call: Call) -> Answer:  # noqa: ARG002
        raise Refused(404, NOT_FOUND, "There is no such resource.")


class MarkupBlocked(ChatDefect, breaks=()):
    """Something in front of the server blocks texts with markup."""

    def check_attributes(self, attributes: Mapping[str, str | None]) -> None:
        super().check_attributes(attributes)
        if any("<" in value for value in attributes.values() if value):
            raise Refused(403, NOT_FOUND, "Blocked.")


class LifetimeUnsaid(SmsDefect, breaks=()):
    """The token answer says neither how long the token lives nor for what it is good."""

    def token_body(self, grant: Grant) -> dict[str, Json]:
        return {name: value for name, value in super().token_body(grant).items() if name not in {"expires_in", "scope"}}


class TokenSigned(SmsDefect, breaks=()):
    """The access token has three parts."""

    def new_token(self, client: ApiClient) -> str:  # noqa: ARG002
        return f"eyJhbGciOiJSUzI1NiJ9.{secrets.token_urlsafe(40)}.{secrets.token_urlsafe(40)}"


class MessageFirst(SmsDefect, breaks=()):
    """A message is looked for before the token is looked at."""

    async def get_message(self, call: Call) -> Answer:
        if call.in_path["MessageSid"] not in self.messages:
            raise Refused(404, NOT_FOUND, "There is no such message.")
        return await super().get_message(call)


class BodyFirst(SmsDefect, breaks=()):
    """A message without a recipient is refused before the token is looked at."""

    async def send_message(self, call: Call) -> Answer:
        if b'"To"' not in call.body:
            raise Refused(400, NOT_FOUND, "To is missing.")
        return await super().send_message(call)


CHATS = (ForeignIdsRefused, StrangersRefused, TokenEncrypted, TimesUnsaid, OneSubject, KeyUnpublished, MarkupBlocked)
SMS = (LifetimeUnsaid, TokenSigned, MessageFirst, BodyFirst)


def verdicts(server: Running, api: str, variant: type[Defect], more: str = "") -> tuple[int, set[str]]:
    """Exit code, and the rows that failed or stayed open, of a run with the smallest file."""
    server.swap(defects=(variant,))
    results = judge(first_file(server, api, more), "--impact", "session", apis=[api])
    bad = {row["id"] for row in results["requirements"] if row["verdict"] in {"fail", "error"}}
    open_ = {
        row["id"]
        for row in results["requirements"]
        if row["verdict"] == "inconc" and row["level"] in {"must", "reading"}
    }
    return results["run"]["exit_code"], bad | open_


@pytest.mark.parametrize("variant", CHATS, ids=lambda each: each.__name__)
def test_a_chat_server_of_its_own_kind_ends_green(variant: type[Defect], server: Running) -> None:
    assert verdicts(server, "oracle_chat", variant) == (0, set())


@pytest.mark.parametrize("more", ["", OTHERS], ids=["alone", "with-a-user-without-the-privilege"])
@pytest.mark.parametrize("variant", SMS, ids=lambda each: each.__name__)
def test_an_sms_server_of_its_own_kind_ends_green(variant: type[Defect], more: str, server: Running) -> None:
    assert verdicts(server, "bp_sms", variant, more) == (0, set())
