"""What is learned and kept of one answer has a bound, whatever the answer is."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import TYPE_CHECKING

from fixtures import conformity, learning
from fixtures.exchange import Request
from fixtures.recording import BODY_SHOWN, HEAD_SHOWN, LEFT_OUT, Recorder
from fixtures.redaction import Redactor
from fixtures.transport import Raw
from reports.record import Shard
from specs import openapi
from tests.fixtures.kit import answer

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = Request("GET", "https://example.com/")


def recorded(folder: Path, raw: Raw, redactor: Redactor | None = None) -> dict[str, object]:
    shard = Shard(folder / "shard-x.jsonl")
    recorder = Recorder(shard, redactor or Redactor({}), budget=9)
    recorder.write("x1", "bp_stats", "authenticate", REQUEST, raw, None, time.monotonic())
    shard.close()
    line: dict[str, dict[str, dict[str, object]]] = json.loads((folder / "shard-x.jsonl").read_text(encoding="utf-8"))
    return line["exchange"]["response"]


def test_a_token_of_megabytes_costs_no_more_memory_than_the_answer_has() -> None:
    body = json.dumps({"token": "t" * 4_000_000}).encode()
    tracemalloc.start()
    learning.learn(Redactor({}), {"token"}, answer(body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * len(body)


def test_of_thousands_of_tokens_all_that_are_shown_are_learned(tmp_path: Path) -> None:
    body = json.dumps([{"token": f"secret-{number:06d}"} for number in range(8000)]).encode()
    redactor = Redactor({})
    learning.learn(redactor, {"token"}, answer(body))
    shown = recorded(tmp_path, Raw(200, "OK", (), body, cut=False), redactor)["body"]
    assert isinstance(shown, str)
    assert "secret-" not in shown
    assert redactor.text("secret-007999") == "secret-007999"


def test_long_and_many_header_fields_are_cut_and_counted(tmp_path: Path) -> None:
    fields = tuple((f"X-{number}", "h" * 60_000) for number in range(99))
    response = recorded(tmp_path, Raw(200, "OK", fields, b"", cut=False))
    kept = response["headers"]
    assert isinstance(kept, list)
    assert sum(len(name) + len(value) for name, value in kept) < 2 * HEAD_SHOWN
    assert kept[0][1].endswith("… (60000 characters)")
    assert kept[-1][0] == LEFT_OUT


def test_a_body_is_cut_with_its_size(tmp_path: Path) -> None:
    response = recorded(tmp_path, Raw(200, "OK", (), b"x" * 9_000_000, cut=False))
    assert (len(str(response["body"])), response["size"], response["cut"]) == (BODY_SHOWN, 9_000_000, True)


def test_thousands_of_wrong_items_are_few_violations() -> None:
    operation = openapi.document("bp_mobile").operations["getNewChatEvents"]
    events = [{"event": 7, "msg_id": number} for number in range(12_000)]
    started = time.monotonic()
    found = list(conformity.violations("bp_mobile", operation, answer(json.dumps({"events": events}))))
    assert time.monotonic() - started < 5
    assert 0 < len(found) <= 20


def test_surrogates_and_deep_values_are_violations_and_no_errors() -> None:
    for api in ("bp_mobile", "bp_stats", "bp_sms", "gms", "oracle_chat"):
        for operation in openapi.document(api).operations.values():
            for body in (
                b'{"\\ud800": "\\udfff"}',
                b'{"a":' * 150 + b"1" + b"}" * 150,
                b"[" * 150 + b"]" * 150,
                b"9" * 300,
            ):
                for status in (200, 201, 400, 401, 404, 500):
                    list(conformity.violations(api, operation, answer(body, status)))
