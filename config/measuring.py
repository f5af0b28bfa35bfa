"""Runs the benchmarks under tests/bench and shows what they say: each beside its reference, in one run.

A benchmark is a module with `run(seconds: float) -> list[Row]`; each row names one operation of the product.
"""

import importlib
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from django.core.management.base import CommandError

from config.environment import BASE_DIR

SECONDS_TO_END = 60
LISTED = 200_000
"""How long the do-not-contact list is unless somebody asks for more: filled in seconds."""
LISTED_VARIABLE = "BENCH_LISTED"
"""By which the measuring process hears of another length."""
COLUMNS = ("name", "ours", "reference", "unit", "ratio", "gate", "goal", "spread", "ok")


class Row(TypedDict):
    """`ours` and `reference` in `unit`; `ratio` of them, with `gate` (must) and `goal` (aim); `spread` as "min–max".

    `ok` is None where nothing was measured.
    """

    name: str
    ours: float | str | None
    reference: float | str | None
    unit: str
    ratio: float | None
    gate: str
    goal: str
    ok: bool | None
    spread: NotRequired[str]


def list_benchmarks(folder: Path) -> list[str]:
    """Names of the modules that can be measured."""
    names = sorted(path.stem for path in folder.glob("*.py"))
    return [name for name in names if "\ndef run(" in (folder / f"{name}.py").read_text("utf-8")]


def run_benchmarks(names: Iterable[str], *, seconds: float) -> list[Row]:
    """Every row of the named benchmarks, one after the other: they would disturb each other."""
    rows: list[Row] = []
    for name in names:
        rows.extend(importlib.import_module(f"tests.bench.{name}").run(seconds))
    return rows


def measure_apart(names: Sequence[str], *, seconds: float, environment: Mapping[str, str]) -> list[Row]:
    """The rows, measured by a process of its own under `environment`; what it starts reads the same variables.

    Interrupted or terminated, that process is asked once to end what it started, and waited for. Raises CommandError
    where it fails; its own words are on stderr.
    """
    variables = os.environ | environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.bench", str(seconds), *names]
    with (
        _terminated_like_interrupted(),
        # A session of its own: Ctrl-C reaches us alone, and it hears of it once.
        subprocess.Popen(  # noqa: S603 - our own module, by names that are known
            command, cwd=BASE_DIR, env=variables, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as child,
    ):
        try:
            printed, _ = child.communicate()
        except BaseException:
            _end(child)
            raise
    if child.returncode:
        raise CommandError(f"the measurement ended with {child.returncode}")
    rows: list[Row] = json.loads(printed.splitlines()[-1])  # log lines may stand before
    return rows


def as_table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [" | ".join(COLUMNS), " | ".join("---" for _ in COLUMNS)]
    lines += [" | ".join(_cell(row.get(column)) for column in COLUMNS) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def machine() -> str:
    """What was measured on, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}, Python {platform.python_version()}"


def write_report(rows: Sequence[Row], *, folder: Path, at: datetime, database: str) -> Path:
    """Add a section to `<day>.md` in `folder`, below what stands there. Returns its path. `at` in UTC."""
    folder.mkdir(parents=True, exist_ok=True)
    day = at.date().isoformat()
    path = folder / f"{day}.md"
    with path.open("a", encoding="utf-8") as file:
        if file.tell() == 0:
            file.write(f"# Measurements of {day}\n")
        file.write(f"\n## {at:%H:%M} UTC\n\n{machine()}, {database}.\n\n{as_table(rows)}\n")
    return path


def _end(child: "subprocess.Popen[str]") -> None:
    child.send_signal(signal.SIGINT)
    try:
        child.wait(SECONDS_TO_END)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):  # it hangs, or we were asked again
        os.killpg(child.pid, signal.SIGKILL)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM as KeyboardInterrupt: what is open is closed on the way out."""
    usual = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
        case _:
            return str(value)
