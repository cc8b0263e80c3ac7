"""Requests, ends, messages and uploads at the same moment."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fixtures.api import shown
from fixtures.concurrency import Timed, linearizable, together
from fixtures.outcomes import Blocked
from suites.bp_mobile import received, steps, transcripts
from suites.bp_mobile.clients import END, LOOK_S, Chat, Client, chat_id_of
from suites.bp_mobile.received import word
from suites.bp_mobile.walks import calmly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.depth import Depth
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Clients

REQUESTS = 6
REQUESTS_BESIDE_END = 4
ATTENDED = 3
"""Rounds, and clients at one time, where people may answer."""
WRITERS, EACH = 5, 10
MOST_CLIENTS = 8
ORDER = "bp_mobile.history.order"
ROUND_TRIP = "bp_mobile.files.bytes-round-trip"
TYPED = "bp_mobile.files.content-type"

Given = tuple[str, bool | None]
"""What Request Chat gave: the id of a chat, and is_new_chat."""


def given(answer: Answer) -> Given | None:
    """Return what Request Chat gave; None when it was refused."""
    found = chat_id_of(answer)
    return None if found is None else (found, steps.is_new(answer))


def one_chat(live: str, request: Given) -> str | None:
    """Apply a request to the id of the live chat, empty for none: the model of a server that holds one at a time."""
    chat_id, is_new = request
    return chat_id if is_new is (live == "") and live in {"", chat_id} else None


@pytest.mark.requirement("bp_mobile.race.request-chat")
def test_simultaneous_requests_open_one_chat(clients: Clients, judge: Judge, depth: Depth) -> None:
    """Requests of one client that are released together get one chat, and one of them is told that it is new."""
    decided = 0
    for _ in range(depth.rounds if clients.unattended else min(depth.rounds, ATTENDED)):
        client = clients.fresh()
        requests = together([partial(steps.request, client.again()) for _ in range(REQUESTS)])
        answers = [request.result for request in requests]
        told = ", ".join(f"{answer.status} {given(answer) or ''}".strip() for answer in answers)
        judge.that(all(answer.status < 500 for answer in answers), "200 or 4xx to each", told, *answers)
        served = [request for request in requests if given(request.result)]
        if not served:
            continue
        decided += 1
        history: list[Timed[Given]] = [
            Timed(each.called, each.returned, given(each.result) or ("", None)) for each in served
        ]
        good = linearizable(history, "", one_chat)
        if not good:
            calmly(clients.fresh())
        ids = {chat_id for chat_id, _ in (each.result for each in history)}
        news = [is_new for _, is_new in (each.result for each in history)].count(True)
        expected = "one chat_id in all answers, and is_new_chat true in one of them"
        judge.that(good, expected, f"{len(ids)} ids, and true {news} times", *answers)
        answer = steps.active(client)
        judge.that(chat_id_of(answer) in ids, "that chat from Get Active Chat", shown(answer), answer)
        clients.release(client)
    if not decided:
        judge.inconclusive("all requests were refused")


@pytest.mark.requirement("bp_mobile.race.request-against-end")
def test_an_end_beside_requests_leaves_no_dead_chat(clients: Clients, judge: Judge, depth: Depth) -> None:
    """After an end and requests released together, the active chat is none or one that takes messages."""
    for _ in range(depth.rounds if clients.unattended else 1):
        chat = steps.open_chat(clients.fresh())
        client = chat.client
        ended, *requests = together(
            [partial(Client.call, client.again(), "sendEvents", path={"chatId": chat.id}, json=END)]
            + [partial(steps.request, client.again()) for _ in range(REQUESTS_BESIDE_END)]
        )
        answers = [ended.result, *(request.result for request in requests)]
        told = ", ".join(f"{answer.status} {given(answer) or ''}".strip() for answer in answers)
        judge.that(all(answer.status < 500 for answer in answers), "200 or 4xx to each", told, *answers)
        got = [found for found in map(given, answers[1:]) if found]
        news = {chat_id for chat_id, _ in got} - {chat.id}
        judge.that(len(news) <= 1, "one new chat at most", f"{len(news)}", *answers)
        firsts = [chat_id for chat_id, is_new in got if is_new]
        if firsts != list(news):
            calmly(clients.fresh())
        expected = "is_new_chat true in the first answer with a new chat, and in no other"
        judge.that(firsts == list(news), expected, f"{len(firsts)} times, new chats: {len(news)}", *answers)
        survives(client, chat, next(iter(news), None), ended.result.status == 200, judge)
        clients.release(client)


def survives(client: Client, old: Chat, new: str | None, was_ended: bool, judge: Judge) -> None:
    """Judge which chat is active once the end has taken effect, and that it keeps a message."""
    deadline = time.monotonic() + client.api.table["end_settle_s"]
    while (found := steps.active_id(client)) != new and time.monotonic() < deadline and was_ended:
        time.sleep(LOOK_S)
    if new is None:
        judge.that(found in {None, old.id}, "no active chat, or the old one", "another one")
        judge.that(found is None or not was_ended, "no active chat after the end", "the old one is still there")
    else:
        judge.that(found == new, "the new chat active after the end of the old one", f"active: {found or 'none'}")
    if found is not None:
        chat = Chat(client, found, old.opened)
        text = steps.marked("kept")
        answer = steps.send(chat, steps.message(text))
        judge.that(answer.status == 200, "200 to a message in the active chat", shown(answer), answer)
        judge.that(text in received.texts(steps.kept(chat, text)), "that message in its history", "it is not there")


@pytest.mark.requirement("bp_mobile.race.concurrent-sends")
def test_messages_of_several_connections_are_stored_once_and_in_order(chat: Chat, judge: Judge) -> None:
    """Of messages written on five connections at once none is lost or doubled, and each connection's order is kept."""
    first, last = (steps.remembered(chat, steps.marked(place)) for place in ("first", "second"))
    crowd = [
        [steps.message(steps.marked(f"writer {who} message {number}")) for number in range(EACH)]
        for who in range(WRITERS)
    ]
    answers = together([partial(write, chat, messages) for messages in crowd])
    taken = {
        str(event["msg_id"]): str(event["msg"])
        for messages, written in zip(crowd, answers, strict=True)
        for event, answer in zip(messages, written.result, strict=True)
        if answer.status == 200
    }
    refused = [answer for written in answers for answer in written.result if answer.status != 200]
    judge.that(all(answer.status < 500 for answer in refused), "no 5xx", "; ".join(map(shown, refused)), *refused)
    if not taken:
        judge.inconclusive("all messages were refused")
    events = transcripts.oldest_first(steps.kept(chat, *taken.values()), first, last)
    mine = transcripts.own(chat, events, taken)
    listed = received.texts(mine)
    counted = Counter(listed)
    lost = [text for text in taken.values() if not counted[text]]
    doubled = [text for text in taken.values() if counted[text] > 1]
    judge.that(not lost, "every message that was taken in the history", f"missing: {', '.join(lost[:5])}")
    judge.that(not doubled, "every message in the history once", f"more than once: {', '.join(doubled[:5])}")
    mixed = [event for event in mine if taken.get(word(event, "msg_id"), word(event, "msg")) != word(event, "msg")]
    judge.that(not mixed, "each text with its own msg_id", f"{len(mixed)} with the msg_id of another message")
    for messages in crowd:
        texts = [str(event["msg"]) for event in messages if event["msg_id"] in taken]
        if [text for text in listed if text in texts] != texts:
            calm_order(chat)
            judge.fail("the messages of one connection in the order in which it sent them", "another order")


def write(chat: Chat, messages: Sequence[received.Event]) -> list[Answer]:
    """Send messages one after the other over a connection of their own."""
    mine = chat.again()
    return [steps.send(mine, event) for event in messages]


def calm_order(chat: Chat) -> None:
    """Raise Blocked when not even messages sent one after the other are listed in their order."""
    texts = [steps.marked(colour) for colour in ("red", "green", "blue", "white")]
    for text in texts:
        steps.say(chat, text)
    events = transcripts.oldest_first(steps.kept(chat, *texts), texts[0], texts[1])
    if [text for text in received.texts(transcripts.own(chat, events)) if text in texts] != texts:
        raise Blocked(ORDER, "messages sent one after the other are listed in another order")


@pytest.mark.requirement("bp_mobile.race.many-clients")
def test_clients_at_the_same_moment_stay_apart(clients: Clients, judge: Judge, depth: Depth) -> None:
    """Clients that start, write and read together get chats of their own, with their own texts only."""
    count = min(MOST_CLIENTS if clients.unattended else ATTENDED, clients.api.table["max_clients"])
    for _ in range(depth.rounds if clients.unattended else 1):
        crowd = [clients.fresh() for _ in range(count)]
        opened = [request.result for request in together([partial(steps.request, client) for client in crowd])]
        chats = [
            Chat(client, str(chat_id_of(answer)), answer)
            for client, answer in zip(crowd, opened, strict=True)
            if chat_id_of(answer)
        ]
        judge.that(all(answer.status < 500 for answer in opened), "no 5xx", "one to Request Chat", *opened)
        if len(chats) < 2:
            judge.inconclusive("fewer than two clients got a chat")
        ids = {chat.id for chat in chats}
        judge.that(len(ids) == len(chats), "a chat_id of its own for each client", f"{len(ids)} for {len(chats)}")
        texts = {chat.id: steps.marked(f"of client {number}") for number, chat in enumerate(chats)}
        messages = [partial(steps.send, chat, steps.message(texts[chat.id])) for chat in chats]
        sent = [each.result for each in together(messages)]
        if any(answer.status != 200 for answer in sent):
            steps.say(steps.open_chat(clients.fresh()), "alone")
        told = ", ".join(str(answer.status) for answer in sent)
        judge.that({answer.status for answer in sent} == {200}, "200 to each client's message in its chat", told, *sent)
        read = together([partial(steps.kept, chat, texts[chat.id]) for chat in chats])
        active = together([partial(steps.active_id, chat.client) for chat in chats])
        for chat, events, found in zip(chats, read, active, strict=True):
            seen = set(received.texts(events.result))
            judge.that(texts[chat.id] in seen, "a client's own text in its history", "it is not there")
            foreign = seen & {text for chat_id, text in texts.items() if chat_id != chat.id}
            judge.that(not foreign, "no text of another client in a history", f"{len(foreign)} of them")
            judge.that(found.result == chat.id, "the client's own chat from Get Active Chat", str(found.result))
        clients.release(*crowd)


@pytest.mark.requirement("bp_mobile.race.concurrent-uploads")
def test_files_uploaded_at_once_keep_their_bytes_and_types(chat: Chat, judge: Judge) -> None:
    """Files of one name that are uploaded together have ids of their own, and come back as they were sent."""
    types = ["text/plain", "image/png", "application/pdf"] * 2
    contents = [f"content {number} ".encode() * 500 * (number + 1) for number in range(len(types))]
    files = list(zip(contents, types, strict=True))
    uploads = together(
        [partial(steps.upload, chat.client.again(), "same.bin", content, content_type=kind) for content, kind in files]
    )
    answers = [upload.result for upload in uploads]
    told = ", ".join(str(answer.status) for answer in answers)
    judge.that(all(answer.status < 500 for answer in answers), "no 5xx", told, *answers)
    stored = [
        (steps.file_id(answer), content, kind)
        for answer, (content, kind) in zip(answers, files, strict=True)
        if answer.status == 200
    ]
    if len(stored) < 2:
        judge.inconclusive(f"fewer than two uploads were taken: {told}")
    ids = {file_id for file_id, _, _ in stored}
    judge.that(len(ids) == len(stored), "a file_id of its own for each", f"{len(ids)} of {len(stored)}", *answers)
    for file_id, content, kind in stored:
        steps.announce(chat, file_id, "same.bin")
        answer = chat.client.call("getFile", path={"chatId": chat.id, "fileId": file_id})
        if answer.status != 200:
            raise Blocked(ROUND_TRIP, f"a download answered {shown(answer)}")
        judge.that(answer.body == content, "the bytes of that file", f"{len(answer.body)} other octets", answer)
        if answer.media_type != kind and not came_back(chat, kind):
            raise Blocked(TYPED, f"a file alone comes back as {answer.media_type}")
        judge.that(answer.media_type == kind, f"{kind}", str(answer.media_type), answer)


def came_back(chat: Chat, kind: str) -> bool:
    """Say whether a file that is uploaded alone comes back with its type."""
    file_id = steps.stored_file(chat.client, "alone.bin", b"alone", content_type=kind)
    steps.announce(chat, file_id, "alone.bin")
    return chat.client.call("getFile", path={"chatId": chat.id, "fileId": file_id}).media_type == kind
