"""Clients of chatAuthenticate: with the declared credentials, with others, or with none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fixtures import gateway
from fixtures.api import shown
from fixtures.outcomes import Inconclusive, Unanswered
from reports.verdicts import Attribution
from suites.oracle_chat import steps

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer, Fields
    from fixtures.wire import Wire
    from suites.oracle_chat.archive import Archive


class Client:
    """Calls operations with a fixed set of header fields, each thread over one connection of its own."""

    def __init__(self, api: Api, archive: Archive, headers: Fields = (), *, declared: bool = False) -> None:
        """Start a client on new connections; `declared`: the target file says that its credentials are right."""
        self.api = api
        self.archive = archive
        self.headers = headers
        self._declared = declared
        archive.sent.update(value.partition(" ")[2] for name, value in headers if name == "Authorization")
        self.caller = api.anonymous().bearing(*headers)

    def call(self, operation_id: str, **request: Any) -> Answer:
        """Call an operation, as Caller.call does, and keep what comes back.

        A call for a token raises Unanswered for 503, and Inconclusive for 401 to declared credentials, which the
        preflight reports.
        """
        if operation_id != steps.CREATE:
            return gateway.past(partial(self.caller.call, operation_id, **request))
        self.archive.take_turn()
        call = partial(self.caller.call, operation_id, **request)
        return self.judged(gateway.past(call) if request.get("patient", True) else call())

    def judged(self, answer: Answer) -> Answer:
        """Keep an answer to a call for a token, and return it unless it says nothing on the call; see `call`."""
        self.archive.keep(answer)
        if answer.status == 503:
            raise Unanswered(f"the target is not available: {shown(answer)}")
        if answer.status == 401 and self._declared:
            reason = f"the credentials of the target file are refused: {shown(answer)}"
            raise Inconclusive(reason, Attribution.CREDENTIALS)
        return answer

    def ask(self, **changed: Any) -> Answer:
        """Make a basic call with members added, changed or, changed to `...`, left out."""
        return self.send(steps.basic_members(self.api.table, **changed))

    def send(self, body: Any, *, headers: Fields = ()) -> Answer:
        """Ask for a token with this JSON value as the body."""
        return self.post(steps.encoded(body), headers=headers)

    def post(
        self, body: bytes, *, content_type: str | None = "application/json", headers: Fields = ()
    ) -> Answer:
        """Ask for a token with these octets as the body."""
        return self.call(steps.CREATE, body=body, content_type=content_type, headers=headers)

    def over(self, connection: Wire, *headers: tuple[str, str]) -> Answer:
        """Make a basic call on an open connection, with these header fields and what HTTP needs, and no others."""
        self.archive.take_turn()
        fields: Fields = (*self.headers, ("Content-Type", "application/json"), *headers)
        body = steps.encoded(steps.basic_members(self.api.table))
        return self.judged(gateway.past(lambda: connection.call(steps.CREATE, headers=fields, body=body)))

    def is_known(self) -> bool:
        """Say whether a basic call is answered as one of a user whose password is right."""
        self.archive.take_turn()
        answer = self.caller.call(steps.CREATE, json=steps.basic_members(self.api.table))
        self.archive.keep(answer)
        return answer.status != 401

    def succeed(self, **changed: Any) -> dict[str, Any]:
        """Make a basic call that a test needs, and return what came; raises Blocked."""
        return steps.taken(self.ask(**changed))
