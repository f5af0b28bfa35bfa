"""Runs the benchmarks under tests/bench and shows what they say: each beside its reference, in one run.

A benchmark is a module with `run(seconds: float) -> list[Row]`; each row names one operation of the product.
"""

import importlib
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NotRequired, TypedDict

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


def as_table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [" | ".join(COLUMNS), " | ".join("---" for _ in COLUMNS)]
    lines += [" | ".join(_cell(row.get(column)) for column in COLUMNS) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def machine() -> str:
    """What was measured on, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}, Python {platform.python_version()}"


def write_report(rows: Sequence[Row], *, folder: Path, day: date, database: str) -> Path:
    """Write `<day>.md` into `folder`, replacing that day's report. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day.isoformat()}.md"
    path.write_text(f"# Measurements of {day.isoformat()}\n\n{machine()}, {database}.\n\n{as_table(rows)}\n", "utf-8")
    return path


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
