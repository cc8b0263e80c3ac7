"""What a client cannot do with the chat of another one, and what a chat id gives away."""

from __future__ import annotations

import hashlib
import uuid
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from fixtures.concurrency import together
from fixtures.outcomes import Blocked
from fixtures.randomness import ENOUGH_BITS, bits, counting_part
from suites.bp_mobile import files, polling, received, scenario, steps, transcripts
from suites.bp_mobile.clients import END, LOOK_S, Chat, chat_id_of
from suites.bp_mobile.overlap import overlapping
from suites.bp_mobile.voices import speaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.api import Caller
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Client, Clients
    from suites.bp_mobile.voices import Voice

REFUSED = frozenset({400, 401, 403, 404})
REFUSAL = "400, 401, 403 or 404"
CHATS, FEW_CHATS = 20, 8
"""How many are opened; the few where people may answer. Eight ids grow by chance in one of 40,320 series."""


def as_(stranger: Client, chat: Chat) -> Chat:
    """Return the chat as a stranger names it: the id of its owner's chat, but the stranger's requests."""
    return Chat(stranger, chat.id, chat.opened)


def refused(what: str, answer: Answer, judge: Judge, secret: str = "") -> None:
    """Judge that a stranger's request was refused, and that the answer holds nothing of the owner's."""
    judge.that(answer.status in REFUSED, f"{REFUSAL} to {what}", shown(answer), answer)
    judge.that(not secret or secret not in answer.text, "nothing of the owner's in the answer", shown(answer), answer)


@pytest.mark.parametrize("has_chat", [False, True], ids=["without-a-chat", "with-a-live-chat"])
@pytest.mark.requirement("bp_mobile.isolation.cannot-read-foreign-chat")
@overlapping(chats=2, holds=2)
def test_a_stranger_cannot_read_a_chat(chat: Chat, other: Client, judge: Judge, has_chat: bool) -> None:
    """History and polls are refused to another client, take nothing away, and leave the owner's held poll alone."""
    secret = steps.remembered(chat, steps.marked("secret"))
    own = steps.open_chat(other) if has_chat else None
    pending = waiting(chat)
    before = len(steps.stored(chat))
    stranger = as_(other, chat)
    refused("the history of another client's chat", steps.history(stranger), judge, secret)
    refused("a poll of another client's chat", steps.poll(stranger), judge, secret)
    found = steps.active(other)
    named = chat_id_of(found)
    judge.that(named in {None, own and own.id}, "the caller's own chat, or 404", shown(found), found)
    if pending:
        first = steps.poll(chat)
        judge.that(not polling.is_refused(first), "the owner's poll served after a stranger's", shown(first), first)
        if not brought(chat, pending, received.events_of(first)):
            control = steps.open_chat(other)
            if not brought(control, waiting(control), []):
                judge.inconclusive("polls do not bring what the history holds, even without a stranger")
            judge.fail("what was said before a stranger's poll in the owner's polls after it", "it is gone", first)
    leaves_held_poll_alone(chat, stranger, secret, judge)
    after = len(steps.stored(chat))
    judge.that(after >= before, f"the owner's history of {before} events at least", f"{after}")


def leaves_held_poll_alone(chat: Chat, stranger: Chat, secret: str, judge: Judge) -> None:
    """Judge that a stranger's poll is refused beside the owner's held one, which goes on."""
    if polling.idle_hold(chat) < polling.NO_HOLD_S:
        answer = steps.poll(chat)
    else:
        with polling.held_idle(chat, 5 * LOOK_S) as held:
            refused("a poll beside the owner's", steps.poll(stranger), judge, secret)
            harmed = held.over() and not received.events_of(held.answer())
            judge.that(not harmed, "the owner's held poll unharmed", "it ended without news")
            answer = held.answer()
    judge.that(not polling.is_refused(answer), "the owner's poll answered", shown(answer), answer)


def waiting(chat: Chat) -> set[str]:
    """Wait for the greeting, if somebody greets, and return which messages of the server no poll has brought yet."""
    scenario.greeting(chat)
    return said(chat, steps.stored(chat))


def said(chat: Chat, events: list[received.Event]) -> set[str]:
    """Return the messages of the server among the events, by who sent them and their id."""
    return {transcripts.named(event) for event in received.messages(transcripts.others(chat, events))}


def brought(chat: Chat, pending: set[str], found: list[received.Event]) -> bool:
    """Poll until the messages have come, beside those that are there already, and say whether they did."""
    return pending <= said(chat, found + steps.polled(chat, lambda more: pending <= said(chat, found + more)))


@pytest.mark.requirement("bp_mobile.isolation.cannot-send-to-foreign-chat")
@overlapping(chats=2, holds=2)
def test_a_stranger_cannot_write_into_a_chat(chat: Chat, others_chat: Chat, judge: Judge) -> None:
    """Messages and file events of another client are refused, and stand in neither history and in no poll."""
    stranger = as_(others_chat.client, chat)
    text, file_id = steps.marked("foreign"), str(uuid.uuid4())
    refused("a message in another client's chat", steps.send(stranger, steps.message(text)), judge)
    event = {"event": "chat_session_file", "msg_id": str(uuid.uuid4()), "file_id": file_id, "file_type": "attachment"}
    refused("a file event in another client's chat", steps.send(stranger, event), judge)
    for whose, each in (("the owner's", chat), ("the stranger's own", others_chat)):
        mark = steps.remembered(each, steps.marked("mark"))
        seen = steps.history(each).text + "".join(map(str, polling.greeted(each)))
        if mark not in seen:
            raise Blocked(steps.KEPT, "the history does not show a message that was taken")
        judge.that(text not in seen, f"nothing of the message in {whose} chat", "its text")
        judge.that(file_id not in seen, f"nothing of the file event in {whose} chat", "its file_id")
    for rest in together([partial(polling.quieted, each, idle_polls=1) for each in (chat, others_chat)]):
        judge.that(text not in str(rest.result[0]), "nothing of the message in the polls of either", "its text")


@pytest.mark.requirement("bp_mobile.isolation.cannot-end-foreign-chat")
def test_a_stranger_cannot_end_a_chat(chat: Chat, others_chat: Chat, judge: Judge) -> None:
    """An end and a disconnect of another client are refused, and both chats live on."""
    stranger = as_(others_chat.client, chat)
    refused("a disconnect of another client's chat", steps.send(stranger, {"event": "chat_session_disconnect"}), judge)
    refused("an end of another client's chat", stranger.call("sendEvents", json=END), judge)
    for whose, each in (("the owner's", chat), ("the stranger's own", others_chat)):
        judge.that(steps.live(each), f"{whose} chat still active", "it is not")
        answer = steps.send(each, steps.message(steps.marked("still here")))
        judge.that(answer.status == 200, f"200 to a message in {whose} chat", shown(answer), answer)


@pytest.mark.requirement("bp_mobile.isolation.cannot-read-foreign-file")
def test_a_stranger_cannot_download_through_the_owners_chat(chat: Chat, other: Client, judge: Judge) -> None:
    """A file is refused to another client that knows its path, and its owner can still read it."""
    file = files.owned(chat)
    answer = other.call("getFile", path={"chatId": chat.id, "fileId": file.id})
    refused("a download through another client's chat", answer, judge, file.content.decode())
    files.must_read(chat, file)


@pytest.mark.requirement("bp_mobile.isolation.foreign-file-through-own-chat")
def test_a_stranger_cannot_download_through_its_own_chat(chat: Chat, others_chat: Chat, judge: Judge) -> None:
    """A file is refused to another client that names its own chat in the path."""
    file = files.owned(chat)
    answer = others_chat.client.call("getFile", path={"chatId": others_chat.id, "fileId": file.id})
    refused("a download of another client's file through the own chat", answer, judge, file.content.decode())


@pytest.mark.requirement("bp_mobile.isolation.same-answer-as-unknown")
def test_a_foreign_chat_looks_like_none(chat: Chat, other: Client, judge: Judge) -> None:
    """Status, error code and message are the same for another client's chat and for one that never was."""
    steps.active_id(other)
    nobody = speaking(chat.api, None)
    for whose, voice in (("another client", other), ("nobody", nobody)):
        for operation in ("getChatHistory", "getNewChatEvents", "sendEvents"):
            unknown_id = str(uuid.uuid4())
            foreign, unknown = (asked(voice, operation, name) for name in (chat.id, unknown_id))
            expected = f"the same answer to {operation} of {whose} for a foreign chat and an unknown one"
            told = f"{shown(foreign)} and {shown(unknown)}"
            same = facts(foreign, chat.id) == facts(unknown, unknown_id)
            judge.that(same, expected, told, foreign, unknown)
            judge.that(foreign.status >= 400, f"a refusal of {operation}", shown(foreign), foreign)


def asked(voice: Client | Caller | Voice, operation: str, chat_id: str) -> Answer:
    """Ask for a chat by this id."""
    body = {"json": {"events": [steps.message(steps.marked("hello"))]}} if operation == "sendEvents" else {}
    ask: Callable[..., Answer] = voice.call
    return ask(operation, path={"chatId": chat_id}, patient=False, **body)


def facts(answer: Answer, chat_id: str) -> tuple[object, ...]:
    """Return what an answer tells, the id that was asked for masked."""
    found = object_in(answer)
    return answer.status, found.get("error_code"), str(found.get("error_message")).replace(chat_id, "…")


@pytest.mark.requirement("bp_mobile.isolation.ids-unguessable")
def test_chat_ids_look_random(clients: Clients, judge: Judge) -> None:
    """Ids of chats of several clients and of one are all different, do not count, and carry enough chance."""
    ids: list[str] = []
    owners: list[str] = []
    one = clients.fresh()
    for number in range(CHATS if clients.unattended else FEW_CHATS):
        client = one if number % 2 else clients.fresh()
        chat = steps.open_chat(client)
        ids.append(chat.id)
        owners.append(client.id)
        if client is one:
            steps.end(chat)
        else:
            clients.release(client)
    judge.that(len(set(ids)) == len(ids), f"{len(ids)} different ids", f"{len(set(ids))} different ones")
    counted = counting_part(ids)
    judge.that(counted is None, "ids that do not count up", counted or "")
    chance = bits(ids)
    judge.that(chance >= ENOUGH_BITS, f"{ENOUGH_BITS} bits that vary at least", f"{chance:.0f}")
    derived = [chat_id for chat_id, owner in zip(ids, owners, strict=True) if is_hash(chat_id, owner)]
    judge.that(not derived, "ids that are no hash of the client id", f"{len(derived)} of them are")
    versions = {version_of(chat_id) for chat_id in ids}
    judge.warn(1 not in versions, "ids without time and place", "UUIDs of version 1")
    judge.note(uuid_versions=sorted(version for version in versions if version))


SHORTEST_HASH = 8


def is_hash(chat_id: str, client_id: str) -> bool:
    """Say whether an id is one of the usual hashes of the client id, whole or cut."""
    letters = chat_id.replace("-", "").lower()
    if len(letters) < SHORTEST_HASH:
        return False
    texts = (client_id.encode(), client_id.upper().encode(), uuid.UUID(client_id).bytes)
    return any(
        hashlib.new(name, text, usedforsecurity=False).hexdigest().startswith(letters[:24])
        for name in ("md5", "sha1", "sha256")
        for text in texts
    )


def version_of(chat_id: str) -> int | None:
    """Return the version of a UUID, None for anything else."""
    try:
        return uuid.UUID(chat_id).version
    except ValueError:
        return None
