"""Targets that are set up in another way, or promise too much: what cannot be judged is told from what fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from fixtures.defects.bp_mobile import MobileDefect
from fixtures.defects.proof import judge

if TYPE_CHECKING:
    from fixtures.reference.bp_mobile.base import Chat, Client
    from fixtures.reference.messages import Answer, Call
    from fixtures.reference.server import Running


MOBILE = ("bp_mobile",)


class NobodyAnswers(MobileDefect):
    """Every chat waits in the queue, and nobody joins it."""

    def greet(self, chat: Chat) -> None:
        self.plan(chat, lambda: self.change_state(chat, "queued"))

    def hear(self, chat: Chat, text: str) -> None:
        """Listen, and say nothing."""


class PollsNeverReturn(MobileDefect):
    """A poll is held until the client goes away."""

    async def get_new_chat_events(self, call: Call, client: Client) -> Answer:
        await asyncio.wait_for(call.client_gone(), 60)
        return await super().get_new_chat_events(call, client)


def without_bot(text: str) -> str:
    """The target file without the tables of the bot."""
    first, *tables = text.split("\n[")
    return "\n[".join([first, *(table for table in tables if not table.startswith("apis.bp_mobile.bot"))])


def verdicts(results: dict[str, Any]) -> Counter[str]:
    return Counter(row["verdict"] for row in results["requirements"])


def test_rows_on_a_bot_do_not_apply_where_nobody_answers(server: Running) -> None:
    server.swap(defects=(NobodyAnswers,))
    results = judge(without_bot(server.target_file_text()), apis=MOBILE)
    assert (results["run"]["status"], results["run"]["exit_code"]) == ("conforming", 0)
    left_out = [row["why"] for row in results["requirements"] if row["reason"] == "untestable"]
    assert any("bot.triggers.chat_session_file" in why for why in left_out)
    assert verdicts(results)["pass"] >= 70


def test_a_bot_that_is_promised_and_silent_is_no_failure_of_the_server(server: Running) -> None:
    server.swap(defects=(NobodyAnswers,))
    text = server.target_file_text().replace("within_s = 4", "within_s = 1")
    results = judge(text, *topics("events", "history"), apis=MOBILE)
    assert results["run"]["exit_code"] == 6
    assert not verdicts(results).keys() & {"fail", "error"}


def test_polls_that_never_return_end_at_a_deadline(server: Running) -> None:
    server.swap(defects=(PollsNeverReturn,))
    text = server.target_file_text()
    for long, short in (("timeout_s = 10.0", "timeout_s = 0.5"), ("hold_max_s = 4", "hold_max_s = 1")):
        text = text.replace(long, short)
    results = judge(text, *topics("poll"), apis=MOBILE)
    failed = {row["id"] for row in results["requirements"] if row["verdict"] == "fail"}
    assert failed == {"bp_mobile.poll.idle-hold-bounded"}
    assert verdicts(results).keys() == {"none", "fail", "inconc"}


def topics(*names: str) -> list[str]:
    """The options that select these topics of the Mobile/Web API."""
    return [part for name in names for part in ("--requirement", f"bp_mobile.{name}.*")]
