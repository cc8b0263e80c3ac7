from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.reference.gms import readings
from tests.reference.gms_client import Gms, refusal

if TYPE_CHECKING:
    from fixtures.reference.server import Running

NAMES = {"firstName": "Ada", "lastName": "Test"}


@pytest.fixture
def gms(target: Running) -> Gms:
    return Gms(target.base_url)


def _swapped(target: Running, reading: str, name: str) -> Gms:
    target.swap(readings={reading: name})
    return Gms(target.base_url)


def _texts(answer: Any, party: str = "CLIENT") -> list[str]:
    return [entry[2] for entry in answer.json()["transcriptToShow"] if entry[0] == "Message.Text" and entry[4] == party]


def test_opening_a_chat_gives_a_session_that_the_client_has_joined(gms: Gms) -> None:
    path = f"{gms.instance('request-chat')}/ixn/chat"
    opened = gms.post(path, NAMES | {"_verbose": "true"}).json()
    assert (opened["chatIxnState"], opened["transcriptPosition"]) == ("CONNECTED", 1)
    assert opened["transcriptToShow"] == [["Notice.Joined", "Ada Test", "", "1", "CLIENT"]]
    assert opened["chatSessionId"]
    assert opened["_chatIxnAPI_SEND_URL"].endswith(f"{path}/send")
    assert "secureKey" not in gms.post(f"{path}/refresh").json()


def test_messages_stand_in_the_transcript_once_and_in_order(gms: Gms) -> None:
    path = gms.chat(**NAMES)
    said = ["hello", 'é\U0001f600 "<b>&amp;', "a+b%20"]
    for text in said:
        assert _texts(gms.post(f"{path}/send", {"message": text})) == [text]
        assert _texts(gms.post(f"{path}/startTyping")) == []
        assert _texts(gms.post(f"{path}/stopTyping")) == []
    assert _texts(gms.post(f"{path}/refresh", {"transcriptPosition": "0"})) == said


def test_an_agent_joins_and_greets(gms: Gms) -> None:
    path = gms.chat()
    deadline = time.monotonic() + 3
    while not _texts(answer := gms.post(f"{path}/refresh", {"transcriptPosition": "0"}), "AGENT"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert ["Notice.Joined", "Agent", "", "2", "AGENT"] in answer.json()["transcriptToShow"]


@pytest.mark.parametrize(("reading", "known"), [("exclusive", 0), ("boundary-repeated", 1)])
def test_a_refresh_shows_what_is_new_by_the_reading(target: Running, reading: str, known: int) -> None:
    gms = _swapped(target, readings.REFRESH_POSITION, reading)
    path = gms.chat()
    position = gms.post(f"{path}/send", {"message": "first"}).json()["transcriptPosition"]
    gms.post(f"{path}/send", {"message": "second"})
    answer = gms.post(f"{path}/refresh", {"transcriptPosition": str(position)})
    assert _texts(answer) == ["first", "second"][1 - known :]
    assert answer.json()["transcriptPosition"] > position
    assert refusal(gms.post(f"{path}/refresh", {"transcriptPosition": "x"})) == 415


@pytest.mark.parametrize(("reading", "status"), [("documented-415", 415), ("other-4xx", 400), ("accepted-empty", 200)])
def test_a_missing_message_goes_by_the_reading(target: Running, reading: str, status: int) -> None:
    gms = _swapped(target, readings.MISSING_MESSAGE, reading)
    path = gms.chat()
    assert gms.post(f"{path}/send").status_code == status
    assert _texts(gms.post(f"{path}/refresh", {"transcriptPosition": "0"})) == []


def test_an_ended_chat_takes_no_message(gms: Gms) -> None:
    path = gms.chat()
    for _ in range(2):
        assert gms.post(f"{path}/disconnect").json()["chatIxnState"] == "DISCONNECTED"
    for operation in ("send", "refresh"):
        assert refusal(gms.post(f"{path}/{operation}", {"message": "late"})) == 400
    answer = gms.post(f"{path}/refresh", {"transcriptPosition": "0"})
    assert (answer.json()["chatIxnState"], _texts(answer)) == ("DISCONNECTED", [])


@pytest.mark.parametrize("reading", readings.READINGS[readings.SECOND_SESSION])
def test_a_second_opening_goes_by_the_reading(target: Running, reading: str) -> None:
    gms = _swapped(target, readings.SECOND_SESSION, reading)
    path = f"{gms.instance('request-chat')}/ixn/chat"
    first, second = gms.post(path), gms.post(path)
    live = gms.post(f"{path}/refresh").json()
    assert live["chatIxnState"] != "DISCONNECTED"
    if reading == "refused":
        assert refusal(second) == 409
        assert live["chatSessionId"] == first.json()["chatSessionId"]
    else:
        assert live["chatSessionId"] == second.json()["chatSessionId"]
        assert (live["chatSessionId"] == first.json()["chatSessionId"]) == (reading == "same-session")


def test_openings_at_once_lead_to_one_session(gms: Gms) -> None:
    path = f"{gms.instance('request-chat')}/ixn/chat"
    with ThreadPoolExecutor(3) as pool:
        assert len({answer.json()["chatSessionId"] for answer in pool.map(gms.post, [path] * 3)}) == 1


def test_chats_are_separate_and_only_where_one_was_opened(gms: Gms) -> None:
    first, second = gms.chat(), gms.chat()
    gms.post(f"{first}/send", {"message": "mark"})
    assert _texts(gms.post(f"{second}/refresh", {"transcriptPosition": "0"})) == []
    assert refusal(gms.post(f"{gms.instance('request-chat')}/ixn/chat/refresh")) == 404
    assert refusal(gms.post(f"{gms.instance('request-interaction')}/ixn/chat")) == 400
