"""A reference target in this process, which the runs below judge, and which tells what it was asked."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from fixtures.reference.server import Running, serving
from fixtures.reference.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fixtures.reference.messages import Answer, Call


@dataclass
class Reference:
    """The target, its target file, and what went in and out of it."""

    server: Running
    calls: list[Call] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    on_call: Callable[[Call], None] | None = None

    def target_file(self, folder: Path, *changes: tuple[str, str], extra: str = "") -> str:
        """Write the target file that fits, changed, and return its path."""
        text = self.server.target_file_text() + extra
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = folder / "target.toml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    def see(self, call: Call, answer: Answer, _: float) -> None:
        """Note the call and every token that the target gives away; called from the server's thread."""
        self.calls.append(call)
        if call.path.endswith("/auth") and answer.status == 200 and b"token" in answer.body:
            self.tokens.add(json.loads(answer.body)["token"])
        if self.on_call:
            self.on_call(call)


@pytest.fixture(scope="session", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the many runs compile the code once: that is more than half of what a small one takes."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # one for all workers
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(folder / "bytecode"))
        yield


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    """A conforming target; a test that seeds a defect does so before its run."""

    def see(call: Call, answer: Answer, seconds: float) -> None:
        found.see(call, answer, seconds)

    with serving(settings=Settings(ready_delay_s=0.05), observer=see) as running:
        found = Reference(running)
        yield found
