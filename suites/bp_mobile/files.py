"""Files as tests handle them: uploaded, announced, downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixtures.api import shown
from fixtures.outcomes import Blocked
from suites.bp_mobile import received, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.exchange import Answer
    from suites.bp_mobile.clients import Chat

ROUND_TRIP = "bp_mobile.files.bytes-round-trip"
BATCH = 5
"""Events in one request."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the store, and what was sent."""

    id: str
    name: str
    content: bytes


def id_of(answer: Answer) -> str | None:
    """Return the file_id of a 200, when it is a string that is not empty."""
    return received.name_in(answer, "file_id")


def announcement(file: Stored, kind: str = "attachment") -> received.Event:
    """Make the event that tells a chat of a file."""
    members = {"msg_id": f"file {file.id}", "file_id": file.id, "file_type": kind, "file_name": file.name}
    return {"event": "chat_session_file", **members}


def announce(chat: Chat, files: Sequence[Stored]) -> None:
    """Tell the chat of several files; raises Blocked."""
    for start in range(0, len(files), BATCH):
        steps.deliver(chat, *(announcement(file) for file in files[start : start + BATCH]))


def shared(chat: Chat, name: str, content: bytes, **how: Any) -> Stored:
    """Upload and announce a file that the test needs; raises Blocked. `how` as for steps.multipart."""
    file = Stored(steps.stored_file(chat.client, name, content, **how), name, content)
    announce(chat, [file])
    return file


def fetch(chat: Chat, file_id: str, **how: Any) -> Answer:
    """Download a file through its owner's chat, and return whatever comes back."""
    return chat.client.call("getFile", path={"chatId": chat.id, "fileId": file_id}, **how)


def is_whole(answer: Answer, content: bytes) -> bool:
    """Say whether a download brought these bytes; of one that is longer than the suite reads, the beginning."""
    if answer.status != 200:
        return False
    if not answer.cut:
        return answer.body == content
    lengths = answer.values("Content-Length")
    # Of a body with a content coding the length says nothing of the file.
    coded = bool(answer.values("Content-Encoding"))
    return content.startswith(answer.body) and (coded or lengths in {(), (str(len(content)),)})


def must_read(chat: Chat, file: Stored) -> None:
    """Raise Blocked when the owner cannot download the file."""
    answer = fetch(chat, file.id)
    if not is_whole(answer, file.content):
        raise Blocked(ROUND_TRIP, f"the owner's own download answered {shown(answer)}")


def owned(chat: Chat) -> Stored:
    """Return a file that its owner can download; raises Blocked."""
    file = shared(chat, "private.txt", f"for the owner of {chat.id} only".encode())
    must_read(chat, file)
    return file
