"""A sample run, small and with every verdict, from which the tests of the reports start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.record import Judgement, Shard, TestRow, shard_path, write_plan
from reports.verdicts import Attribution, Verdict
from specs.requirements import Impact, Kind, Level, Reading, Requirement, Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STARTED = "2026-01-05T10:22:31.120+00:00"
FINISHED = "2026-01-05T10:24:03.480+00:00"
READINGS = (
    Reading("bad-request", "400, 415 or 422."),
    Reading("unauthorized", "401 or 403, as for wrong credentials."),
)


def requirement(id_: str, text: str, level: Level = Level.MUST, readings: tuple[Reading, ...] = ()) -> Requirement:
    api, topic, _ = id_.split(".")
    return Requirement(
        id=id_,
        api=api,
        topic=topic,
        level=level,
        kind=Kind.SCENARIO,
        operations=("authenticate",),
        impact=Impact.SESSION,
        text=text,
        source=Source("api-description", "Authenticate > Response", None),
        observe="Call it and look.",
        readings=readings,
        needs=(),
        applies_when={},
        catches=(),
        not_tested=None,
    )


CATALOGUE = (
    requirement("demo.auth.login-answers-with-token", "Valid credentials answer 200 with a non-empty token."),
    requirement("demo.auth.token-equals-cookie", "The token in the body is the value of the session cookie."),
    requirement(
        "demo.auth.incomplete-body-refused", "A login body that lacks a field is refused.", Level.READING, READINGS
    ),
    requirement("demo.session.cookie-attributes", "Attributes of the session cookie.", Level.OBSERVE),
    requirement("demo.session.old-cookie-ends", "The cookie of an earlier login is refused after the next one."),
    requirement("demo.session.cookie-http-only", "The session cookie is marked HttpOnly.", Level.SHOULD),
    requirement("demo.data.ready-in-promised-time", "The data of a valid subscription are ready in the promised time."),
    requirement("demo.data.rows-in-order", "Rows come in the order that was asked for."),
    requirement("demo.limit.rows-at-most", "No more rows than the limit are answered."),
    requirement(
        "demo.limit.string-or-number", "The limit is taken as a number, or as a string.", Level.READING, READINGS
    ),
    requirement("demo.tenant.limit-answers-409", "One subscription too many answers 409."),
    requirement("demo.wire.head-answers", "HEAD answers like GET, without a body."),
    requirement("extra.fields.content-type-once", "An answer has one Content-Type."),
)
IDS = [row.id for row in CATALOGUE]


def waiver(requirement_id: str, **more: Any) -> dict[str, Any]:
    return {"requirement": requirement_id, "reason": "fixed in the next release", "ticket": "ACME-7", **more}


def plan(**changes: Any) -> dict[str, Any]:
    states = {
        "demo.tenant.limit-answers-409": ("not-applicable", "needs apis.demo.tenant_limit in the target file"),
        "demo.wire.head-answers": ("not-selected", "--requirement leaves it out"),
        "demo.limit.string-or-number": ("not-tested", "no server is known that shows it"),
    }
    return {
        "format": 1,
        "id": "acme-staging-20260105-102231",
        "started": STARTED,
        "seed": 20260101,
        "depth": "standard",
        "impact": "session",
        "strict": False,
        "suite_version": "0.1.0",
        "command": "tox run -e conformance -- --target targets/acme.toml --api demo",
        "target": {
            "name": "acme staging",
            "product": "Acme Contact Center",
            "version": "5.3.1",
            "base_urls": {"demo": "https://pbx.example.com/statsapi"},
        },
        "apis": {"demo": {"claimed": True, "scored": True}, "extra": {"claimed": False, "scored": False}},
        "partial": ["--requirement demo.* leaves out 1 of 13 requirements"],
        "requirements": [
            {"id": id_, "state": states.get(id_, ("selected", ""))[0], "why": states.get(id_, ("", ""))[1]}
            for id_ in IDS
        ],
        "waivers": [
            waiver("demo.limit.rows-at-most", expires="2026-03-31"),
            waiver("demo.auth.*", expires="2025-12-31"),
        ],
        "today": "2026-01-05",
        "preflight": [
            {"check": "reachable", "ok": True, "text": "https://pbx.example.com answers in 12 ms"},
            {"check": "login", "ok": True, "text": "the credentials of user A are accepted"},
        ],
        **changes,
    }


def selected(*ids: str) -> list[dict[str, Any]]:
    """Give the requirements of a plan that judges these only."""
    chosen = {f"demo.{id_}" for id_ in ids}
    return [{"id": id_, "state": "selected" if id_ in chosen else "not-selected", "why": ""} for id_ in IDS]


def exchange(id_: str, nodeid: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "nodeid": nodeid,
        "api": "demo",
        "operation": "authenticate",
        "started": STARTED,
        "duration_s": 0.0123,
        "request": {
            "method": "POST",
            "url": "https://pbx.example.com/statsapi/auth",
            "headers": [["Host", "pbx.example.com"], ["Content-Type", "application/json"]],
            "body": '{"tenant_url": "example.com", "username": "wallboard-1", "password": "«password»"}',
            "size": 80,
        },
        "response": {
            "status": 200,
            "reason": "OK",
            "headers": [["Content-Type", "application/json"], ["Set-Cookie", "X-SESSION=«token 2»; Path=/"]],
            "body": '{"token": "«token 1»", "privileges": []}',
            "size": 61,
            "cut": False,
        },
        "error": None,
        **changes,
    }


def said(id_: str, verdict: Verdict = Verdict.PASS, **more: Any) -> Judgement:
    return Judgement(f"demo.{id_}", verdict, **more)


def row(name: str, *judgements: Judgement, exchanges: tuple[str, ...] = (), **more: Any) -> TestRow:
    nodeid = f"suites/demo/test_{name}.py::test_{name}"
    return TestRow(nodeid, f"The claim about {name} holds.", judgements, 0.25, exchanges, **more)


TESTS = (
    row("login", said("auth.login-answers-with-token"), exchanges=("main-1",)),
    row(
        "token",
        said(
            "auth.token-equals-cookie",
            Verdict.FAIL,
            expected="the token of the body, «token 1», in the cookie",
            observed="the cookie is «token 2»",
            exchanges=("main-2",),
        ),
        said("auth.login-answers-with-token"),
        exchanges=("main-2",),
    ),
    row("refusal", said("auth.incomplete-body-refused", reading="unauthorized")),
    row("cookie", said("session.cookie-attributes", facts={"Path": "/", "HttpOnly": False, "lifetime_s": None})),
    row(
        "flags",
        said(
            "session.cookie-http-only",
            Verdict.FINDING,
            expected="HttpOnly among the attributes",
            observed="Path=/ alone",
        ),
    ),
    row("old", said("session.old-cookie-ends", Verdict.ERROR, message="KeyError: 'token' in the test itself")),
    row(
        "ready",
        said(
            "data.ready-in-promised-time",
            Verdict.INCONC,
            message="429 for the whole budget of 30 s",
            attribution=Attribution.NETWORK,
        ),
    ),
    row(
        "order",
        said(
            "data.rows-in-order",
            Verdict.INCONC,
            message="no data to look at",
            blocked_by="demo.data.ready-in-promised-time",
        ),
    ),
    row("limit", said("limit.rows-at-most", Verdict.FAIL, expected="at most 5 rows", observed="6 rows")),
    row(
        "left",
        said("session.old-cookie-ends", Verdict.INCONC, message="the subscription of user A was not deleted: 503"),
        kind="postamble",
    ),
)
EXCHANGES = (
    exchange("main-1", "suites/demo/test_login.py::test_login"),
    exchange("main-2", "suites/demo/test_token.py::test_token"),
)


def write_run(
    run_dir: Path,
    tests: Iterable[TestRow] = TESTS,
    exchanges: Iterable[dict[str, Any]] = EXCHANGES,
    **changes: Any,
) -> Path:
    """Write plan and shards as two workers would: each has every other test."""
    write_plan(run_dir, plan(**changes))
    shards = [Shard(shard_path(run_dir, worker)) for worker in ("gw0", "gw1")]
    for number, each in enumerate(tests):
        shards[number % 2].test(each)
    for number, traffic in enumerate(exchanges):
        shards[number % 2].exchange(traffic)
    for shard in shards:
        shard.close()
    return run_dir
