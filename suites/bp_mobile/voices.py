"""Requests that say otherwise who sends them: another Authorization field, or none, or another tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suites.bp_mobile.clients import END, JSON, MOBILE, chat_id_of

if TYPE_CHECKING:
    from fixtures.api import Api
    from fixtures.exchange import Answer, Fields
    from fixtures.judge import Judge

ERRORS_OF_THE_CLIENT = range(400, 500)
STATUS_READINGS = {400: "bad-request", 401: "unauthorized", 403: "forbidden", 404: "not-found"}


class Voice:
    """Sends requests with this Authorization field and this tenantUrl; None leaves the one or the other out."""

    def __init__(self, api: Api, authorization: str | None, *, tenant: str | None = None, fields: Fields = ()) -> None:
        self._tenant = tenant
        said: Fields = (("Authorization", authorization),) if authorization is not None else ()
        self._caller = api.anonymous().bearing(("User-Agent", MOBILE), *said, *fields)

    def call(
        self,
        operation_id: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        content_type: str | None = JSON,
        keep: str | None = None,
        **how: Any,
    ) -> Answer:
        """Send a request as Caller.call does. A chat that comes of it is ended at once, since nobody else could.

        `keep` is the id of a chat that somebody else ends.
        """
        tenant = (("tenantUrl", self._tenant),) if self._tenant is not None else ()
        answer = self._caller.call(operation_id, query=(*tenant, *query), content_type=content_type, **how)
        if operation_id == "requestChat" and (chat_id := chat_id_of(answer)) not in {None, keep}:
            self._caller.call("sendEvents", path={"chatId": str(chat_id)}, query=tenant, json=END)
        return answer


def speaking(api: Api, authorization: str | None, **how: Any) -> Voice:
    """Return a voice for the target's own tenant."""
    return Voice(api, authorization, tenant=str(api.table["tenant_url"]), **how)


class Refusals:
    """The statuses by which several faults were refused; they may differ, and the first one names the reading."""

    def __init__(self, judge: Judge, allowed: dict[int, str]) -> None:
        self._judge = judge
        self._allowed = allowed
        self._seen: dict[str, int] = {}

    def add(self, what: str, answer: Answer, said: str) -> None:
        """Judge one answer; `what` names the request, `said` what came back."""
        statuses = " or ".join(map(str, sorted(self._allowed)))
        self._judge.that(answer.status in self._allowed, f"status {statuses} to {what}", said, answer)
        if not self._seen:
            self._judge.reading(self._allowed[answer.status])
        self._seen[what] = answer.status
        self._judge.note(statuses=dict(self._seen))
