"""`python -m bench.growth`: what an exchange costs in a run that knows many tokens; no more than in one with none.

Records 100,000 exchanges, of which the first half bring 20,000 tokens; exit 1 beyond 300 MB of memory.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from fixtures.exchange import Request
from fixtures.recording import Recorder
from fixtures.redaction import Redactor
from fixtures.transport import Raw
from reports.record import Shard

BLOCK = 10_000
PASSWORD = "Wallboard-One-71"  # noqa: S105 - of nobody
MOST_MB = 300


def main(exchanges: int, tokens: int) -> int:
    """Record so many exchanges, of which the first bring so many tokens; print what each block of them cost."""
    draw = Random(1)  # noqa: S311 - to be repeated
    print(f"{'exchanges':>10} {'tokens':>8} {'ms each':>8} {'MB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        shard = Shard(Path(folder) / "shard-bench.jsonl")
        redactor = Redactor({"«password»": PASSWORD})
        recorder = Recorder(shard, redactor, budget=exchanges)
        learned = 0
        for block in range(0, exchanges, BLOCK):
            started = time.monotonic()
            for number in range(block, min(block + BLOCK, exchanges)):
                token = f"{draw.getrandbits(128):032x}"
                if learned < min(tokens, 2 * tokens * number // exchanges):
                    redactor.token(token)
                    learned += 1
                _exchange(recorder, number, token)
            each_ms = 1000 * (time.monotonic() - started) / BLOCK
            megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{block + BLOCK:>10} {learned:>8} {each_ms:>8.2f} {megabytes:>6}", flush=True)
        shard.close()
    return 0 if megabytes < MOST_MB else 1


def _exchange(recorder: Recorder, number: int, token: str) -> None:
    """Record what a common exchange is: a login, or a read of some rows with the cookie."""
    rows = [{"agent": f"agent {row}", "state": "ready", "since": 1_700_000_000 + number + row} for row in range(8)]
    request = Request(
        "POST",
        "https://pbx.example.com/agentdesktop/api/auth?tenant=example.com",
        (("Content-Type", "application/json"), ("Cookie", f"session={token}")),
        json.dumps({"username": "wallboard-1", "password": PASSWORD}).encode(),
    )
    head = (("Content-Type", "application/json"), ("Set-Cookie", f"session={token}; Path=/; HttpOnly"))
    body = json.dumps({"token": token, "rows": rows}).encode()
    answer = Raw(200, "OK", head, body, cut=False)
    recorder.write(f"x{number:06d}", "bp_stats", "authenticate", request, answer, None, time.monotonic())


if __name__ == "__main__":
    sys.exit(main(100_000, 20_000))
