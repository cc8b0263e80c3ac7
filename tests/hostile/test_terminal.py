"""What a target says reaches no terminal as it is, and no pipe's encoding ends a command."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from specs.plain import printable
from tests.hostile import runs
from tests.hostile.servers import ESCAPES
from tests.run.command import AVAILABLE, ROOT, run

if TYPE_CHECKING:
    from tests.run.command import Done

ASCII = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}


@pytest.mark.parametrize("character", ["\x07", "\x1b", "\x9b", "\0", "\u202e", "\u2066", "\u2028", "\ud800", "\x7f"])
def test_what_moves_a_cursor_or_turns_a_line_is_shown_as_an_escape(character: str) -> None:
    assert runs.RAW.search(printable(f"a{character}b")) is None
    assert printable(f"a{character}b").isascii()


def test_letters_and_line_breaks_stay() -> None:
    assert printable("tr\u00e9s\tbien,\n日本 «token 1»…") == "tr\u00e9s\tbien,\n日本 «token 1»…"


@pytest.mark.parametrize("server", ["escapes", "escapes in the header"])
def test_no_control_character_of_a_target_is_printed(server: str) -> None:
    outcome = runs.odd("bp_sms", server, "-rA")
    assert outcome.faults(runs.ENDINGS | {7}) == []
    assert "\x1b" not in outcome.told
    assert ESCAPES.encode().decode("unicode_escape", "ignore") not in outcome.told


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A run whose terminal can spell nothing beyond ASCII."""
    return run(tmp_path_factory.mktemp("ascii"), *AVAILABLE, "-rA", environment=ASCII)


def test_a_run_ends_as_ever_where_a_pipe_knows_only_ascii(judged: Done) -> None:
    assert judged.code == 0
    assert judged.told.isascii()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("reports", "compare", "RUN", "RUN"), 0),
        (("reports", "render", "RUN"), 0),
        (("specs", "explain", "bp_stats.available.body-form"), 0),
        (("fixtures.doctor", "--target", "http://127.0.0.1:1/", "--api", "bp_stats"), 7),
        (("fixtures.defects", "list"), 0),
        (("fixtures.reference", "--list-readings"), 0),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_no_command_ends_over_an_encoding(judged: Done, arguments: tuple[str, ...], code: int) -> None:
    command = [str(judged.folder) if each == "RUN" else each for each in arguments]
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env={**os.environ, **ASCII}, check=False, capture_output=True
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    assert done.stdout.isascii()
    assert done.stderr.isascii()
