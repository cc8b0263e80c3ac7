"""The record of a run on disk: plan and shards while it runs, `results.json` and `exchanges.jsonl` once it is over.

Workers write shards, line by line; `merge` makes the record from them once.
Everything else is rendered from the record.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

from reports.build import Ending, build
from reports.errors import BrokenRecordError, NoRecordError
from reports.judgements import Json, Judgement, TestRow
from reports.rows import LeftOut
from specs.requirements import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "Json",
    "Judgement",
    "Shard",
    "TestRow",
    "load",
    "load_exchanges",
    "merge",
    "read_plan",
    "recover",
    "shard_path",
    "unwritten",
    "write_plan",
]

PLAN = "run.json"
RESULTS = "results.json"
EXCHANGES = "exchanges.jsonl"
_SHARDS = "shard-*.jsonl"
_SCHEMA = Path(__file__).parents[1] / "specs" / "schemas" / "results.json"


def shard_path(run_dir: Path, worker: str) -> Path:
    """Name the shard of a worker: `merge` finds every shard that is named so."""
    return run_dir / _SHARDS.replace("*", worker)


class Shard:
    """What one worker saw, appended line by line and flushed, so that a killed run loses at most its last line."""

    def __init__(self, path: Path) -> None:
        """Open the shard for appending; its folder is made where there is none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        self._lock = Lock()  # races call from several threads
        self.lost: str | None = None
        """Why lines are missing: the first that could not be written was the last that was tried."""

    def exchange(self, exchange: Mapping[str, Any]) -> None:
        """Append one exchange, already redacted."""
        self._append({"exchange": dict(exchange)})

    def test(self, row: TestRow) -> None:
        """Append what one test said."""
        self._append({"test": row.as_json()})

    def left_out(self, requirement: str, left_out: LeftOut) -> None:
        """Append which tests of a requirement the command line keeps from the run."""
        self._append({"left_out": {"requirement": requirement, "tests": list(left_out.tests), "kept": left_out.kept}})

    def close(self) -> None:
        """Close the file; the shard stays until it is merged."""
        with suppress(OSError):  # what it still holds is what could not be written
            self._file.close()

    def _append(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(line, allow_nan=False)
        with self._lock:
            if self.lost is None:
                try:
                    self._file.write(text + "\n")
                    self._file.flush()
                except OSError as problem:
                    self.lost = unwritten(Path(self._file.name), problem)


def write_plan(run_dir: Path, plan: Mapping[str, Any]) -> None:
    """Write `run.json`, what the run is about to do; BrokenRecordError where it is not of that form."""
    _check(plan, "plan", run_dir / PLAN)
    run_dir.mkdir(parents=True, exist_ok=True)
    _write(run_dir / PLAN, json.dumps(plan, indent=1) + "\n")


def read_plan(run_dir: Path) -> dict[str, Any]:
    """Read `run.json`."""
    plan = _read(run_dir / PLAN)
    _check(plan, "plan", run_dir / PLAN)
    return plan


def merge(
    run_dir: Path, *, finished: str, interrupted: bool, suite_error: str | None = None, ended_early: str | None = None
) -> dict[str, Any]:
    """Make `results.json` and `exchanges.jsonl` from plan and shards, delete the shards, and give the results.

    `finished` is an ISO 8601 time; `suite_error` says in words how the suite itself failed, `ended_early` why the run
    ended before all tests had been run. What cannot be written is a failure of the suite, too: the results say so, and
    the shards stay.
    """
    shards = _shards(run_dir)
    results = _sum_up(run_dir, shards, Ending(finished, interrupted, suite_error, ended_early))
    if (run_dir / RESULTS).exists() and (run_dir / EXCHANGES).exists():
        for shard in shards:
            shard.unlink()
    return results


def recover(run_dir: Path) -> None:
    """Make the results of a run that was killed before it merged its shards; a run that has merged is left alone.

    The shards stay: should the run be alive after all, its own merge finds everything and replaces these results.
    """
    shards = _shards(run_dir)
    if shards or ((run_dir / PLAN).exists() and not (run_dir / RESULTS).exists()):
        last = max(file.stat().st_mtime for file in (run_dir / PLAN, *shards))
        finished = datetime.fromtimestamp(last, UTC).isoformat(timespec="milliseconds")
        _sum_up(run_dir, shards, Ending(finished, interrupted=True))


def _shards(run_dir: Path) -> list[Path]:
    return sorted(run_dir.glob(_SHARDS))


def _sum_up(run_dir: Path, shards: Iterable[Path], ending: Ending) -> dict[str, Any]:
    plan = read_plan(run_dir)
    tests: list[TestRow] = []
    exchanges: list[dict[str, Any]] = []
    left_out: dict[str, LeftOut] = {}
    torn = 0
    for shard in shards:
        for number, line in _lines(shard):
            match line:
                case {"test": row}:
                    tests.append(_row(row, shard, number))
                case {"exchange": exchange}:
                    exchanges.append(exchange)
                case {"left_out": {"requirement": str(requirement), "tests": list(names), "kept": int(kept)}}:
                    left_out[requirement] = LeftOut(tuple(names), kept)  # every worker collects, and says, the same
                case None:
                    torn += 1
                case _:
                    raise BrokenRecordError(f"{shard}:{number}: no line that the suite writes")
    exchanges.sort(key=lambda exchange: exchange["nodeid"] or "")

    def summed(*problems: str | None) -> dict[str, Any]:
        error = "; ".join(filter(None, (ending.suite_error, *problems))) or None
        ended = replace(ending, torn_lines=torn, suite_error=error)
        results = build(plan, tests, exchanges, catalogue().requirements(), ended, left_out)
        _check(results, "results", run_dir / RESULTS)
        return results

    lost = _written(run_dir / EXCHANGES, "".join(json.dumps(exchange) + "\n" for exchange in exchanges))
    results = summed(lost)
    if problem := _written(run_dir / RESULTS, json.dumps(results, indent=1) + "\n"):
        results = summed(lost, problem)
    return results


def load(path: Path) -> dict[str, Any]:
    """Read the results of a run from its folder, or from its `results.json`."""
    file = path / RESULTS if path.is_dir() else path
    results = _read(file)
    _check(results, "results", file)
    return results


def load_exchanges(run_dir: Path) -> dict[str, dict[str, Any]]:
    """Read `exchanges.jsonl`: every exchange by its id, none where there is no such file."""
    file = run_dir / EXCHANGES
    if not file.exists():
        return {}
    return {line["id"]: line for _, line in _lines(file) if line}


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Give number and content of each line; None for a last line that was torn off."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            yield number, json.loads(line)
        except ValueError as error:
            if number < len(lines):
                raise BrokenRecordError(f"{file}:{number}: {error}", "the file was changed after the run") from None
            yield number, None


def _row(data: Mapping[str, Any], shard: Path, number: int) -> TestRow:
    try:
        return TestRow.from_json(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenRecordError(
            f"{shard}:{number}: {error!r}", "the run was made by another version of the suite"
        ) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoRecordError(
            f"{file}: there is no such file", "name the folder of a run, such as reports/runs/latest"
        ) from None
    except OSError as error:
        raise NoRecordError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise BrokenRecordError(f"{file}: {error}") from None
    if not isinstance(data, dict):
        raise BrokenRecordError(f"{file}: holds no JSON object")
    return data


def _written(file: Path, text: str) -> str | None:
    """Write a file; return in words why that was not possible."""
    try:
        _write(file, text)
    except OSError as problem:
        return unwritten(file, problem)
    return None


def unwritten(file: Path, problem: OSError) -> str:
    """Say that a file could not be written."""
    return f"{file.name} could not be written: {problem.strerror or problem}"


def _write(file: Path, text: str) -> None:
    """Write a file whole or not at all: a reader never sees half of it."""
    unfinished = file.with_name(f".{file.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


@cache
def _validator(definition: str) -> Draft202012Validator:
    """A compiled validator: the results of a long run are checked in milliseconds."""
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]})


def _check(data: Mapping[str, Any], definition: str, file: Path) -> None:
    for error in _validator(definition).iter_errors(data):
        place = ".".join(str(step) for step in error.instance_path)
        raise BrokenRecordError(f"{file}: {place or 'the whole'}: {error.message[:300]}")
