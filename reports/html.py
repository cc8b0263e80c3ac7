"""The report for people: one static page and its stylesheet; needs no script, and no style inside the page.

The page is read on CI servers whose policy allows neither, so that colour, bars and links come from `report.css` and
from SVG attributes alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reports.curl import curl_command, variables
from reports.results import (
    CATEGORIES,
    LEFT_OUT,
    against,
    category,
    claim_sentence,
    count_words,
    coverage_sentence,
    duration_s,
    duration_words,
    in_category,
    is_judged,
    judgements_of,
    own_message,
    unheld,
)
from reports.verdicts import Verdict
from specs.plain import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STYLESHEET = "report.css"
TEMPLATES = Path(__file__).parent / "templates"
_BODY_LIMIT = 4_000  # characters of a body: what a screen shows; the whole text is in exchanges.jsonl
_JUDGEMENT_LIMIT = 5  # judgements of one requirement that are shown in full
_EXCHANGE_LIMIT = 4  # exchanges of one judgement
_WAIVER_DAYS = 90
_DETAILED = ("fail", "error", "inconc", "finding")  # the sections, in the order of their urgency


def render_html(results: Mapping[str, Any], exchanges: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the page. `exchanges` are by id; those that a judgement names are shown, cut, with their size."""
    cards = _cards(results, exchanges)
    rows = results["requirements"]
    scored = [row for row in rows if results["apis"][row["api"]]["scored"]]
    return _template().render(
        run=results["run"],
        results=results,
        sentence=claim_sentence(results),
        coverage=coverage_sentence(results),
        duration=duration_words(duration_s(results)),
        categories=CATEGORIES,
        bar=_bar(scored),
        totals={key: len(in_category(scored, key)) for key in CATEGORIES},
        judged=sum(map(is_judged, rows)),
        matrices=[_matrix(api, entry, rows) for api, entry in results["apis"].items()],
        sections=[(key, cards[key]) for key in _DETAILED if cards[key]],
        waived=cards["waived"],
        readings=[row for row in rows if row["reading"]],
        observations=[row for row in rows if row["observed"]],
        left_out={key: in_category(rows, key) for key in LEFT_OUT},
        tables=[_table(api, rows, results) for api in results["apis"]],
        musts=sum(row["level"] == "must" for row in rows),
        unheld_count=sum(bool(unheld(row)) for row in rows),
        carded={card.row["id"] for each in cards.values() for card in each},
        stylesheet=STYLESHEET,
    )


def stylesheet() -> str:
    """Give the text of the stylesheet that stands beside the page."""
    return (TEMPLATES / STYLESHEET).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters |= {"counted": count_words, "duration": duration_words, "unheld": unheld}
    environment.filters |= {"value": _value, "moment": _moment}
    environment.tests["judged"] = is_judged
    environment.globals["category_of"] = category
    return environment.get_template("report.html.j2")


@dataclass(frozen=True, slots=True)
class _Message:
    """Head and body of a request or response, ready to be read."""

    head: str
    body: str
    note: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """One exchange, as the page shows it."""

    title: str
    request: _Message
    response: _Message | None
    error: str | None
    curl: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Account:
    """What one test said of a requirement."""

    test: Mapping[str, Any]
    judgement: Mapping[str, Any]
    exchanges: tuple[_Shown, ...]
    exchanges_left_out: int
    message: str
    waiver: str


@dataclass(frozen=True, slots=True)
class _Card:
    """One requirement that needs attention, with what was said against it."""

    row: Mapping[str, Any]
    accounts: tuple[_Account, ...]
    left_out: int


def _cards(results: Mapping[str, Any], exchanges: Mapping[str, Mapping[str, Any]]) -> dict[str, list[_Card]]:
    judgements = judgements_of(results)
    expires = (date.fromisoformat(results["run"]["started"][:10]) + timedelta(days=_WAIVER_DAYS)).isoformat()
    cards: dict[str, list[_Card]] = {key: [] for key in (*_DETAILED, "waived")}
    for row in results["requirements"]:
        if category(row) not in cards:
            continue
        pairs = against(row, judgements)
        accounts = tuple(_account(test, said, exchanges, expires) for test, said in pairs[:_JUDGEMENT_LIMIT])
        cards[category(row)].append(_Card(row, accounts, len(pairs) - len(accounts)))
    return cards


def _account(
    test: Mapping[str, Any],
    judgement: Mapping[str, Any],
    exchanges: Mapping[str, Mapping[str, Any]],
    expires: str,
) -> _Account:
    named = judgement["exchanges"] or test["exchanges"][-1:]
    known = [exchanges[each] for each in named if each in exchanges]
    waiver = "" if judgement["verdict"] == Verdict.ERROR else _waiver_table(judgement, expires)
    shown = tuple(_shown(exchange) for exchange in known[-_EXCHANGE_LIMIT:])
    return _Account(test, judgement, shown, len(known) - len(shown), own_message(judgement), waiver)


def _waiver_table(judgement: Mapping[str, Any], expires: str) -> str:
    return (
        "[[waivers]]\n"
        f'requirement = "{judgement["requirement"]}"\n'
        'reason = "why this is accepted for now"\n'
        'ticket = "where it is tracked"\n'
        f"expires = {expires}\n"
        f'signature = "{judgement["signature"]}"  # only this failure; leave it out to excuse any'
    )


def _shown(exchange: Mapping[str, Any]) -> _Shown:
    request, response = exchange["request"], exchange["response"]
    answer = f"{response['status']} {response['reason']}".strip() if response else "no answer"
    return _Shown(
        title=f"{request['method']} {request['url']} → {answer}, {duration_words(exchange['duration_s'])}",
        request=_message(f"{request['method']} {request['url']}", request),
        response=_message(answer, response) if response else None,
        error=exchange["error"],
        curl=curl_command(request),
        variables=variables(request),
    )


def _message(first_line: str, message: Mapping[str, Any]) -> _Message:
    head = "\n".join([first_line, *(f"{name}: {value}" for name, value in message["headers"])])
    body = message["body"] or ""
    shown = body[:_BODY_LIMIT]
    note = "no body" if not message["size"] else count_words(message["size"], "byte")
    if message["size"] and message["body"] is None:
        note += ", not text"
    elif len(shown) < len(body):
        note += f", the first {_BODY_LIMIT} characters shown"
    if message.get("cut"):
        note += ", cut when it was recorded"
    return _Message(head, shown, note)


def _bar(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, float, float]]:
    """Lay the verdicts side by side: (category, x, width) in percent of all judged requirements."""
    judged = max(1, sum(map(is_judged, rows)))
    parts, x = [], 0.0
    for key in ("pass", "waived", "finding", "inconc", "fail", "error"):
        width = 100 * len(in_category(rows, key)) / judged
        if width:
            parts.append((key, round(x, 3), round(width, 3)))
        x += width
    return parts


def _matrix(api: str, entry: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Count topics by category; columns that would be empty are left out, except those that everybody looks for."""
    mine = [row for row in rows if row["api"] == api]
    keys = [key for key in CATEGORIES if entry["counts"][key] or key in {"fail", "inconc", "pass"}]
    topics = []
    for topic in dict.fromkeys(row["topic"] for row in mine):
        about = [row for row in mine if row["topic"] == topic]
        topics.append((topic, _fraction(about), [(key, len(in_category(about, key))) for key in keys]))
    return {"api": api, "entry": entry, "keys": keys, "topics": topics, "fraction": _fraction(mine)}


def _fraction(rows: Sequence[Mapping[str, Any]]) -> str:
    judged = sum(map(is_judged, rows))
    return f"{len(in_category(rows, 'pass'))}/{judged}" if judged else "none judged"


def _table(api: str, rows: Iterable[Mapping[str, Any]], results: Mapping[str, Any]) -> dict[str, Any]:
    """Group all requirements of an API by topic and category, the worst first: what the matrix links to."""
    durations = {test["nodeid"]: test["duration_s"] for test in results["tests"]}
    mine = [row for row in rows if row["api"] == api]
    groups = [
        (topic, key, found)
        for topic in dict.fromkeys(row["topic"] for row in mine)
        for key in CATEGORIES
        if (found := [row for row in mine if row["topic"] == topic and category(row) == key])
    ]
    seconds = {row["id"]: sum(durations[test] for test in row["tests"]) for row in mine}
    return {"api": api, "groups": groups, "seconds": seconds, "total": len(mine)}


def _value(value: object) -> str:
    """Write an observed fact: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _moment(time: str) -> str:
    """Write an ISO 8601 time as people read it: 2026-01-05 10:22:31 +00:00."""
    return f"{time[:10]} {time[11:19]} {time[19:].lstrip('.0123456789').replace('Z', 'UTC')}".strip()
