"""A proxy in front of a target that falsifies some of its answers: which ones, and how, the seed decides."""

from __future__ import annotations

import re
import threading
from collections import Counter
from http.client import HTTPConnection, HTTPException
from random import Random
from urllib.parse import urlsplit

from tests.hostile.mutations import mutate
from tests.hostile.serving import Asked, Reply

FAITHFUL = 12
"""Answers at the start that pass unharmed, so that the preflight lets the tests begin."""
OWN = frozenset({"connection", "transfer-encoding", "content-length", "content-type", "keep-alive"})
VOLATILE = re.compile(r"[0-9A-Fa-f-]{6,}|\d+")


class MutatingProxy:
    """A responder. The n-th answer to one path is always treated alike, in whatever order the paths are asked."""

    def __init__(self, origin: str, seed: int, share: float = 0.15) -> None:
        self.seed, self.share = seed, share
        self.mutated = 0
        self._to = urlsplit(origin).netloc
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self._local = threading.local()

    def __call__(self, asked: Asked) -> Reply | None:
        """Pass the request on, and the answer back, or what was made of it."""
        try:
            reply = self._forward(asked)
        except (OSError, HTTPException):
            return None
        place = f"{asked.method} {VOLATILE.sub('#', urlsplit(asked.path).path)}"
        with self._lock:
            number = self._seen[place]
            self._seen[place] += 1
            early = self._seen.total() <= FAITHFUL
        draw = Random(f"{self.seed} {place} {number}")  # noqa: S311 - to be repeated, not to be secret
        if early or draw.random() >= self.share:
            return reply
        self.mutated += 1
        return mutate(draw, reply)

    def _forward(self, asked: Asked) -> Reply:
        fields = {name: value for name, value in asked.headers if name.lower() not in OWN - {"content-type"}}
        connection: HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = HTTPConnection(self._to, timeout=30)
        try:
            connection.request(asked.method, asked.path, asked.body or None, fields)
            answer = connection.getresponse()
            body = answer.read()
        except BaseException:
            connection.close()
            self._local.connection = None
            raise
        kept = tuple((name, value) for name, value in answer.headers.items() if name.lower() not in OWN)
        return Reply(answer.status, body, answer.headers.get("Content-Type"), kept, answer.reason)
