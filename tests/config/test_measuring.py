"""`manage.py bench`: what is measured is shown, as a table or as JSON."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from config.measuring import as_table, list_benchmarks, write_report

ROW = {
    "name": "decision", "ours": 20.5, "reference": 150.0, "unit": "µs", "ratio": 7.3,
    "gate": "≥ 2 ×", "goal": "≥ 5 ×", "ok": True, "spread": "7.0–7.9",
}  # fmt: skip


def test_a_module_with_run_is_a_benchmark(tmp_path):
    (tmp_path / "fast.py").write_text('"""x"""\ndef run(seconds):\n    return []\n')
    (tmp_path / "reference.py").write_text('"""x"""\n')
    assert list_benchmarks(tmp_path) == ["fast"]


def test_the_table_shows_every_column():
    header, _rule, line = as_table([ROW]).splitlines()
    assert "ratio" in header
    assert "decision | 20.50 | 150.00 | µs | 7.30 | ≥ 2 × | ≥ 5 × | 7.0–7.9 | yes" in line


def test_a_report_names_machine_and_database(tmp_path):
    path = write_report([ROW], folder=tmp_path / "measurements", day=date(2026, 1, 5), database="sqlite")
    assert path.name == "2026-01-05.md"
    assert "Python 3." in path.read_text("utf-8")
    assert "sqlite" in path.read_text("utf-8")


def test_an_unknown_benchmark_is_refused():
    with pytest.raises(CommandError, match="no benchmark `nonsense`"):
        call_command("bench", "nonsense")
