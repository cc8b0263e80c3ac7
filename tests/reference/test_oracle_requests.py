"""What chatAuthenticate takes and refuses."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from fixtures.reference.oracle_chat import media_list
from fixtures.reference.oracle_chat.users import CHAT_USER, CHAT_USER_B, CLERK, SERVICE
from tests.reference.oracle_client import BASIC, Oracle, is_refused

if TYPE_CHECKING:
    from fixtures.reference.server import Running

PAIR = b64encode(f"{SERVICE.name}:{SERVICE.password}".encode()).decode()
WRONG_KIND: tuple[Any, ...] = (True, 1.5, [], {}, {"a": [1]})


@pytest.fixture
def oracle(target: Running) -> Oracle:
    return Oracle(target.base_url)


def _read_as(target: Running, id_: str, name: str) -> Oracle:
    target.swap(readings={f"oracle_chat.{id_}": name})
    return Oracle(target.base_url)


@pytest.mark.parametrize("name", [..., None, "", "  ", "\n", 5, *WRONG_KIND])
def test_a_call_names_its_chat_user(oracle: Oracle, name: Any) -> None:
    assert is_refused(oracle.create(authUserName=name))
    assert is_refused(oracle.create(authUserName=..., authusername=CHAT_USER))


@pytest.mark.parametrize("name", ["A' OR 1=1", "a\r\nX-Made: 1", "nul\0", "${7*7}", "../..", "Ünïcode😀", "x" * 4096])
def test_an_odd_user_name_is_plain_text(oracle: Oracle, name: str) -> None:
    answer = oracle.create(authUserName=name)
    assert answer.json()["authUserName"] == name
    assert oracle.token(answer.json()["jwt"]).claims["sub"] == name
    assert "X-Made" not in answer.headers


@pytest.mark.parametrize(
    ("reading", "missing", "null"), [("defaulted", 201, 201), ("refused", 400, 400), ("mixed", 201, 400)]
)
def test_a_missing_client_type_is_a_reading(target: Running, reading: str, missing: int, null: int) -> None:
    oracle = _read_as(target, "mandatory.client-type-missing-or-null", reading)
    for value, status in ((..., missing), (None, null)):
        answer = oracle.create(clientType=value)
        assert answer.status_code == status
        assert status == 400 or answer.json()["clientType"] == "CONSUMER"


@pytest.mark.parametrize("value", ["AGENT", "consumer", "", 5])
def test_there_is_one_client_type(oracle: Oracle, value: Any) -> None:
    assert is_refused(oracle.create(clientType=value))


@pytest.mark.parametrize("value", ["MAYBE", "resume", "", True, 1])
def test_there_are_two_resume_types(oracle: Oracle, value: Any) -> None:
    assert is_refused(oracle.create(resumeType=value))


@pytest.mark.parametrize("name", ["firstName", "question", "queueId"])
@pytest.mark.parametrize("value", WRONG_KIND)
def test_a_value_of_the_wrong_type_is_refused_and_named(oracle: Oracle, name: str, value: Any) -> None:
    answer = oracle.create(**{name: value})
    assert is_refused(answer)
    assert answer.json()["o:errorDetails"][0]["o:errorPath"] == f"/{name}"


@pytest.mark.parametrize("number", [0, 2**53 + 1, 123456789012345678, -7])
def test_ids_keep_every_digit_as_number_and_as_text(oracle: Oracle, number: int) -> None:
    assert oracle.created(contactId=number)["contactId"] == str(number)
    assert oracle.created(contactId=str(number))["contactId"] == str(number)


@pytest.mark.parametrize("text", ['"\\/<>%&', "e\u0301 \u05d0\u05d1", "😀" * 60, "a\nb\tc", "a  b"])
def test_text_comes_back_unchanged_however_it_is_spelt(oracle: Oracle, text: str) -> None:
    for escaped in (True, False):
        body = json.dumps({"question": text, **BASIC}, ensure_ascii=escaped, indent=escaped or None)
        assert oracle.send(body.encode()).json()["question"] == text


@pytest.mark.parametrize("reading", ["absent", "null-or-default", "filled-from-user"])
def test_what_was_not_sent_is_a_reading(target: Running, reading: str) -> None:
    body = _read_as(target, "echo.unsent-attributes", reading).created()
    assert ("question" in body, body.get("escalationLevel"), body.get("firstName")) == {
        "absent": (False, None, None),
        "null-or-default": (True, "0", None),
        "filled-from-user": (False, None, "First"),
    }[reading]
    assert body.get("question") is None


@pytest.mark.parametrize("reading", ["ignored", "echoed", "refused"])
def test_unknown_members_are_a_reading_and_never_claims(target: Running, reading: str) -> None:
    oracle = _read_as(target, "echo.unknown-members", reading)
    answer = oracle.create(sub="evil", extra={"a": 1})
    if reading == "refused":
        assert is_refused(answer)
        return
    body = answer.json()
    assert (body.get("extra"), body.get("sub")) == ({"echoed": ({"a": 1}, "evil")}.get(reading, (None, None)))
    assert "evil" not in oracle.token(body["jwt"]).claims.values()


@pytest.mark.parametrize(
    ("reading", "shown"),
    [("echoed", ["0", "3"]), ("ignored", ["0", "0"]), ("refused", [None, None]), ("mixed", ["0", None])],
)
def test_attributes_without_effect_are_a_reading(target: Running, reading: str, shown: list[str | None]) -> None:
    oracle = _read_as(target, "echo.unsupported-attributes", reading)
    for level, seen in zip((0, 3), shown, strict=True):
        answer = oracle.create(escalationLevel=level)
        assert is_refused(answer) if seen is None else answer.json()["escalationLevel"] == seen
    assert oracle.created(productId=None)["productId"] is None


@pytest.mark.parametrize("reading", ["overridden", "refused"])
def test_what_the_server_sets_is_never_the_client_s(target: Running, reading: str) -> None:
    oracle = _read_as(target, "server-values.not-client-settable", reading)
    plain = oracle.created()
    for name in ("chatSiteName", "domain", "poolId", "links", "jwt"):
        marked: dict[str, Any] = {name: "evil.example.com"}
        answer = oracle.create(**marked)
        assert "evil" not in answer.text
        assert is_refused(answer) if reading == "refused" else answer.json()["domain"] == plain["domain"]


@pytest.mark.parametrize(
    "text", ["CHAT", "VIDEO:NO_CAMERA,NO_SPEAKERS;CHAT", "COBROWSE:INSECURE_ORIGIN;VIDEO;CHAT:BROWSER_NOT_SUPPORTED"]
)
@pytest.mark.parametrize("reading", ["refused", "accepted", "mixed"])
def test_a_media_list_of_the_grammar_comes_back(target: Running, reading: str, text: str) -> None:
    assert _read_as(target, "media-list.invalid-values", reading).created(mediaList=text)["mediaList"] == text


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [
        ("FAX", True),
        ("CHAT:NO_CAMERA", True),
        *((text, False) for text in ("chat", "CHAT:", ";CHAT", "VIDEO,CHAT", "")),
    ],
)
def test_another_media_list_is_a_reading(target: Running, text: str, *, well_formed: bool) -> None:
    taken = {"refused": False, "accepted": True, "mixed": well_formed}
    for reading, is_taken in taken.items():
        answer = _read_as(target, "media-list.invalid-values", reading).create(mediaList=text)
        assert answer.json()["mediaList"] == text if is_taken else is_refused(answer)


def test_the_document_s_media_list_is_a_reading_of_its_own(target: Running) -> None:
    sample = media_list.DOCUMENT_EXAMPLE
    assert Oracle(target.base_url).created(mediaList=sample)["mediaList"] == sample
    assert is_refused(_read_as(target, "media-list.document-example", "refused").create(mediaList=sample))


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), ("5", "5"), (100, "100")])
def test_priorities_are_whole_numbers(oracle: Oracle, value: Any, shown: str) -> None:
    assert oracle.created(chatPriority=value)["chatPriority"] == shown
    assert is_refused(oracle.create(chatPriority="high"))


@pytest.mark.parametrize("reading", ["refused", "kept", "mixed"])
def test_custom_fields_are_json_in_a_text(target: Running, reading: str) -> None:
    oracle = _read_as(target, "custom-fields.not-json", reading)
    for text in ('{"a":"b"}', '{ "a" :\n"b" }'):
        assert oracle.created(customFields=text)["customFields"] == text
    for text in ('{"a"', "[1]", "words"):
        answer = oracle.create(customFields=text)
        assert is_refused(answer) if reading == "refused" else answer.json()["customFields"] == text
    answer = oracle.create(customFields={"a": "b"})
    assert answer.json()["customFields"] == '{"a":"b"}' if reading == "kept" else is_refused(answer)


def test_a_question_is_kept_whole_or_refused(oracle: Oracle) -> None:
    for letter in "x😀\n":
        assert oracle.created(question=letter * 1000)["question"] == letter * 1000
        assert is_refused(oracle.create(question=letter * 1001))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"5", b"null", b"{}", b"\xff", b'{"a":1}x', b"[" * 100_000, b'{"a":' + b"9" * 5000],
)
def test_a_body_that_is_no_json_object_is_refused(oracle: Oracle, body: bytes) -> None:
    assert is_refused(oracle.send(body))
    assert oracle.create().ok


@pytest.mark.parametrize("names", [(CHAT_USER, CHAT_USER_B), (CHAT_USER_B, CHAT_USER)])
def test_a_member_that_occurs_twice_is_refused(oracle: Oracle, names: tuple[str, str]) -> None:
    assert is_refused(oracle.send(f'{{"authUserName":"{names[0]}","authUserName":"{names[1]}"}}'.encode()))


@pytest.mark.parametrize(
    "label", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.oracle.adf.resourceitem+json"]
)
def test_json_has_several_labels(oracle: Oracle, label: str) -> None:
    assert oracle.send(json.dumps(BASIC).encode(), label).json()["authUserName"] == CHAT_USER


@pytest.mark.parametrize(
    ("reading", "labelled", "bare"), [("read-as-json", 201, 201), ("refused-4xx", 415, 415), ("mixed", 415, 201)]
)
def test_json_under_another_label_is_a_reading(target: Running, reading: str, labelled: int, bare: int) -> None:
    oracle = _read_as(target, "create.other-media-types", reading)
    body = json.dumps(BASIC).encode()
    for label, status in (("text/plain", labelled), ("application/x-www-form-urlencoded", labelled), (None, bare)):
        assert oracle.send(body, label).status_code == status
    assert is_refused(oracle.send(b"<chat/>", "application/xml"), 415)


@pytest.mark.parametrize(
    ("reading", "number", "malformed"), [("refused", 400, 400), ("default-used", 201, 201), ("mixed", 400, 201)]
)
def test_an_unknown_framework_version_is_a_reading(target: Running, reading: str, number: int, malformed: int) -> None:
    oracle = _read_as(target, "headers.version-unknown", reading)
    for version, status in (("999", number), ("0", number), ("abc", malformed), ("", malformed)):
        answer = oracle.create({"REST-Framework-Version": version})
        assert answer.status_code == status
        assert answer.headers.get("REST-Framework-Version", "1") == "1"
    assert oracle.create({"REST-Framework-Version": "3"}).headers["REST-Framework-Version"] == "3"


@pytest.mark.parametrize(("reading", "status"), [("refused", 404), ("ignored", 201)])
def test_an_unknown_sandbox_is_a_reading(target: Running, reading: str, status: int) -> None:
    oracle = _read_as(target, "headers.metadata-context", reading)
    known = oracle.create({"Metadata-Context": 'sandbox="QuickReplies"'})
    assert (known.status_code, known.headers["Metadata-Context"]) == (201, 'sandbox="QuickReplies"')
    for context in ('sandbox="Nowhere"', "x"):
        answer = oracle.create({"Metadata-Context": context})
        assert (answer.status_code, "Metadata-Context" in answer.headers) == (status, False)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_scheme_has_any_letter_case(oracle: Oracle, scheme: str) -> None:
    assert oracle.call(json=BASIC, auth=None, headers={"Authorization": f"{scheme} {PAIR}"}).ok


@pytest.mark.parametrize(
    "field",
    [None, "Basic", "Basic =", "Basic " + b64encode(b"nocolon").decode(), "Basic " + b64encode(b"\xff:x").decode(),
     "Basic " + "A" * 8192, f"Bearer {PAIR}", "Bearer x"],
)  # fmt: skip
def test_other_credentials_are_refused(oracle: Oracle, field: str | None) -> None:
    answer = requests.post(oracle.url, json=BASIC, headers={"Authorization": field}, timeout=5)
    assert is_refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_who_is_not_allowed_gets_no_token_and_nothing_is_remembered(oracle: Oracle) -> None:
    with requests.Session() as session:
        for pair, status in (
            ((SERVICE.name, SERVICE.password), 201),
            ((SERVICE.name, SERVICE.password.swapcase()), 401),
            ((SERVICE.name, SERVICE.password[:-1]), 401),
            (("nobody", SERVICE.password), 401),
            ((CLERK.name, CLERK.password), 403),
        ):
            answer = session.post(oracle.url, json=BASIC, auth=pair, timeout=5)
            assert answer.status_code == status
            assert status == 201 or is_refused(answer, status)


def test_two_authorization_fields_are_refused(oracle: Oracle) -> None:
    parts = urlsplit(oracle.url)
    body = json.dumps(BASIC)
    field = f"Authorization: Basic {PAIR}\r\n"
    lines = f"POST {parts.path} HTTP/1.1\r\nHost: x\r\n{field * 2}Content-Length: {len(body)}\r\nConnection: close\r\n"
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=5) as connection:
        connection.sendall(f"{lines}\r\n{body}".encode())
        assert connection.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"


def test_errors_say_nothing_of_what_was_sent(oracle: Oracle) -> None:
    assert "MARK" not in oracle.create(resumeType="MARK", question="MARK").text
