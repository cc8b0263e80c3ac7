"""The catalogue holds every requirement, finds them by id and pattern, and knows what a target file lacks for them."""

from pathlib import Path
from typing import Any

import pytest

from specs.errors import InvalidFile, UnknownApi, UnknownRequirement
from specs.keys import target_keys
from specs.requirements import Impact, Level, applies, catalogue, impact_on, load_catalogue, missing_keys
from tests.specs import miniature

FEWEST_ROWS = {"bp_mobile": 127, "bp_sms": 60, "bp_stats": 97, "gms": 81, "oracle_chat": 80}
"""A lost row or data file must not go unnoticed; the number only grows."""


@pytest.mark.parametrize(("api", "fewest"), FEWEST_ROWS.items())
def test_no_requirement_got_lost(api: str, fewest: int) -> None:
    assert len(catalogue().requirements(api)) >= fewest


def test_every_api_has_a_fewest_number_of_rows() -> None:
    assert set(catalogue().apis) == set(FEWEST_ROWS)


def test_a_requirement_is_found_by_id() -> None:
    row = catalogue().get("bp_stats.tenant-limit.exceeding-answers-409")
    assert (row.api, row.topic, row.level, row.impact) == ("bp_stats", "tenant-limit", Level.MUST, Impact.INTRUSIVE)


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(UnknownRequirement) as caught:
        catalogue().get("bp_stats.auth.token-equal-cookie")
    assert caught.value.nearest[0] == "bp_stats.auth.token-equals-cookie"


def test_a_pattern_finds_a_topic() -> None:
    assert {row.topic for row in catalogue().matching("bp_stats.limit.*")} == {"limit"}


def test_a_pattern_that_fits_nothing_is_an_error() -> None:
    with pytest.raises(UnknownRequirement):
        catalogue().matching("bp_stats.auht.*")


def test_an_unknown_api_names_the_nearest() -> None:
    with pytest.raises(UnknownApi) as caught:
        catalogue().requirements("bp_stat")
    assert caught.value.nearest[0] == "bp_stats"


def test_impacts_are_ranked() -> None:
    assert [impact.rank for impact in (Impact.READ_ONLY, Impact.SESSION, Impact.INTRUSIVE)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("table", "impact"),
    [
        ({}, Impact.INTRUSIVE),
        ({"tenant_limit": 2}, Impact.INTRUSIVE),
        ({"tenant_limit": 2, "extra_users": []}, Impact.INTRUSIVE),
        ({"tenant_limit": 2, "extra_users": [{"username": "u", "password": "p"}]}, Impact.SESSION),
    ],
)
def test_declared_keys_lower_the_impact_of_what_they_make_room_for(table: dict[str, Any], impact: Impact) -> None:
    assert {impact_on(row, table) for row in catalogue().matching("bp_stats.tenant-limit.*")} == {impact}


def test_every_reading_row_has_readings_and_no_other_row_has() -> None:
    assert all(bool(row.readings) == (row.level is Level.READING) for row in catalogue().rows)


LOGIN = {"tenant_url": "tenant.example.com", "username": "a", "password": "p"}
CLIENT = {"client_id": "i", "client_secret": "s", "scope": "tenant.example.com"}
BOOKS = {"services": {"request_interaction": "request-interaction"}}
ENTRY = {"tenant_url": "tenant.example.com", "app_id": "entry"}
CALLER = {"username": "chat.service", "password": "p"}


@pytest.mark.parametrize(
    ("requirement", "table", "missing"),
    [
        ("bp_stats.dispositions.known-names-listed", {}, ("tenant_url", "username", "password", "dispositions")),
        ("bp_stats.dispositions.known-names-listed", LOGIN, ("dispositions",)),
        ("bp_stats.dispositions.known-names-listed", {**LOGIN, "dispositions": ["Sold"]}, ()),
        ("bp_stats.dispositions.known-names-listed", {**LOGIN, "password": None, "dispositions": ["D"]}, ("password",)),
        ("bp_stats.data.none-active-404", {"auth_mode": "bearer"}, ("bearer_token",)),
        ("bp_stats.data.none-active-404", {"auth_mode": "bearer", "bearer_token": "t"}, ()),
        ("bp_stats.data.none-active-404", {"auth_mode": "bearer", "client_id": "i"}, ("bearer_token",)),
        ("bp_stats.data.none-active-404", {"auth_mode": "bearer", "client_id": "i", "client_secret": "s"}, ()),
        ("bp_stats.session.other-users-unaffected", LOGIN, ("username_b", "password_b")),
        ("bp_stats.totals.value-type", LOGIN, ()),
        ("bp_stats.totals.value-type", {**LOGIN, "total_stats": []}, ("total_stats",)),
        ("bp_stats.dispositions.known-names-listed", {**LOGIN, "dispositions": []}, ("dispositions",)),
        ("bp_sms.token.expired-token-refused", CLIENT, ("expiry_wait_s",)),
        ("bp_sms.token.parallel-requests", CLIENT, ()),
        ("bp_sms.get.message-object", CLIENT, ("known_message_sid",)),
        ("bp_sms.get.message-object", {**CLIENT, "known_message_sid": "s"}, ()),
        ("bp_sms.get.message-object", {**CLIENT, "allow_send": True, "send_to": "1", "send_from": "2"}, ()),
        ("bp_sms.send.json-accepted", {**CLIENT, "send_to": "1", "send_from": "2"}, ("allow_send",)),
        ("bp_sms.token.withdrawn-credentials-refused", {**CLIENT, "replaced_client_secret": "r"}, ()),
        ("bp_stats.session.without-cookie-401", {}, ()),
        ("bp_mobile.files.server-file", ENTRY, ("bot.triggers.chat_session_file",)),
        ("bp_mobile.files.server-file", {**ENTRY, "bot": {"triggers": {"chat_session_file": "file"}}}, ()),
        ("bp_mobile.events.form-show", {**ENTRY, "bot": {}}, ("bot.triggers.chat_session_form_show",)),
        ("bp_mobile.events.other-shapes", {**ENTRY, "bot": {"triggers": {"chat_session_typing": "type"}}}, ()),
        ("bp_mobile.parameters.match-configuration", ENTRY, ("expected_parameters",)),
        ("bp_mobile.parameters.match-configuration", {**ENTRY, "expected_parameters": {}}, ()),
        ("gms.match.finds-the-booking", BOOKS, ("services.match_interaction",)),
        ("gms.data.other-names-are-stored", BOOKS, ()),
        ("gms.storage.create-and-read", {}, ()),
        ("gms.auth.refused-call-has-no-effect", {**BOOKS, "username": "", "password": "p"}, ()),
        ("gms.unknown-service.starts-nothing", {}, ("services.request_interaction",)),
        ("gms.unknown-service.starts-nothing", {"services": {"inbound_poll": "poll"}}, ()),
        ("oracle_chat.create.minimal-request", {}, ("username", "password")),
        ("oracle_chat.create.minimal-request", {"auth": "bearer", "bearer_token": "t"}, ("auth_user_name",)),
        ("oracle_chat.create.minimal-request", {"auth": "none", "auth_user_name": "u"}, ()),
        ("oracle_chat.jwt.algorithm", CALLER, ()),
        ("oracle_chat.headers.version-declared", CALLER, ("framework_versions",)),
        ("oracle_chat.echo.other-optional-attributes", CALLER, ()),
    ],
)
def test_missing_keys_are_those_without_which_a_row_can_not_be_tested(
    requirement: str, table: dict[str, Any], missing: tuple[str, ...]
) -> None:
    assert missing_keys(catalogue().get(requirement), table) == missing


@pytest.mark.parametrize(
    ("requirement", "table", "spoken_of"),
    [
        ("gms.auth.missing-or-wrong-credentials-401", {}, False),
        ("gms.auth.missing-or-wrong-credentials-401", {"auth": "basic"}, True),
        ("gms.match.code-must-fit", {}, True),
        ("gms.match.code-must-fit", {"honoured": ["_ttl", "_provide_code"]}, True),
        ("gms.match.code-must-fit", {"honoured": ["_ttl"]}, False),
        ("gms.request-interaction.no-code-unless-asked", {"code_by_default": True}, True),
        ("bp_stats.auth.token-equals-cookie", {"auth_mode": "bearer"}, False),
    ],
)
def test_a_row_applies_where_each_key_has_the_value_or_lists_it(
    requirement: str, table: dict[str, Any], spoken_of: bool
) -> None:
    assert applies(catalogue().get(requirement), table) is spoken_of


def test_rows_on_login_and_cookies_do_not_apply_to_bearer_tokens() -> None:
    rows = catalogue().matching("bp_stats.auth.*")
    assert all(row.applies_when == {"auth_mode": "cookie"} for row in rows)


def test_rows_that_need_a_second_user_do_not_apply_to_bearer_tokens() -> None:
    rows = [row for row in catalogue().rows if "login_b" in row.needs]
    assert rows
    assert all(row.applies_when == {"auth_mode": "cookie"} for row in rows)


def test_rows_on_callbacks_apply_only_where_the_setters_are_offered() -> None:
    rows = (*catalogue().matching("bp_sms.callback.*"), *catalogue().matching("bp_sms.receiver.*"))
    assert all(row.applies_when == {"callbacks_offered": True} for row in rows)


def test_rows_on_basic_credentials_apply_only_where_they_are_sent() -> None:
    rows = catalogue().matching("oracle_chat.auth.*")
    assert all(row.applies_when == {"auth": "basic"} for row in rows)


def test_secrets_are_told_from_other_keys_also_where_they_are_inside() -> None:
    secret = {key.name for key in target_keys("bp_stats").values() if key.secret}
    assert secret == {"bearer_token", "client_secret", "password", "password_b", "extra_users", "unprivileged"}


def test_keys_of_a_table_inside_the_table_are_dotted() -> None:
    keys = target_keys("bp_mobile")
    assert (keys["bot.greets"].default, keys["bot.replies"].choices) == (False, ("any", "echo"))
    assert "bot.triggers.chat_session_ended" in keys


def test_the_choices_of_a_list_are_what_it_may_hold() -> None:
    assert "_provide_code" in target_keys("gms")["honoured"].choices


def test_a_malformed_row_is_named_by_file_line_and_key(tmp_path: Path) -> None:
    wrong = miniature.edited(miniature.REQUIREMENTS, "level: must", "levle: must")
    root = miniature.write(tmp_path, requirements=wrong)
    with pytest.raises(InvalidFile) as caught:
        load_catalogue(root / "specs")
    assert caught.value.line == 9
    assert "missing key 'level'" in str(caught.value)
