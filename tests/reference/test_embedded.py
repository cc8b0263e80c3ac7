"""The embedded target ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from fixtures.reference.embedded import embedded
from fixtures.reference.settings import Settings
from tests.reference.client import Client

ROOT = Path(__file__).parents[2]
PARENT = """\
import time
from fixtures.reference.embedded import embedded
with embedded() as target:
    print(target.base_url, flush=True)
    time.sleep(60)
"""


def _is_gone(base_url: str) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            requests.get(base_url, timeout=1)
        except requests.ConnectionError:
            return True
        time.sleep(0.05)
    return False


def test_it_answers_as_soon_as_it_is_there_and_ends_with_the_context() -> None:
    with embedded(Settings(ready_delay_s=0.0)) as target:
        client = Client(target.base_url).login()
        client.create()
        assert client.data().status_code == 200
        assert f'base_url = "{target.base_url}"' in target.target_file_text
    assert _is_gone(target.base_url)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_its_parent_is_ended(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        base_url = parent.stdout.readline().strip()
        assert requests.get(base_url, timeout=5).status_code == 404
        parent.send_signal(ending)
        parent.wait(10)
    assert _is_gone(base_url)


def test_an_interrupt_of_the_terminal_reaches_the_parent_alone() -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            # A handler, unlike an ignored signal, is not inherited: the child has to see to itself.
            "import signal; signal.signal(signal.SIGINT, lambda *_: None)\n"
            + PARENT.replace("time.sleep(60)", "input()"),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        base_url = parent.stdout.readline().strip()
        os.killpg(parent.pid, signal.SIGINT)
        time.sleep(0.3)
        assert requests.get(base_url, timeout=5).status_code == 404
        parent.communicate("\n", timeout=10)
    assert parent.returncode == 0
    assert _is_gone(base_url)
