"""`manage.py bench`: what is measured is shown, as a table or as JSON."""

import json
import subprocess
from contextlib import nullcontext
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.measuring import as_table, list_benchmarks, measure_apart, write_report
from governance.selectors.compilation import compile_policy
from tests.bench.starter import WIDE, make_starter_site, starter_body
from tests.builders.approvals import submit
from tests.migrated_database import bring_kept

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

ROW = {
    "name": "decision", "ours": 20.5, "reference": 150.0, "unit": "µs", "ratio": 7.3,
    "gate": "≥ 2 ×", "goal": "≥ 5 ×", "ok": True, "spread": "7.0–7.9",
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "listed"), [([], "200000"), (["--listed", "10000000"], "10000000")])
def test_the_measuring_process_hears_how_long_the_list_shall_be(arguments, listed, monkeypatch):
    heard = {}
    monkeypatch.setattr(
        "config.management.commands.bench.scratch_environment", lambda *_a, **_k: nullcontext({"DATABASE_URL": ""})
    )
    monkeypatch.setattr(
        "config.management.commands.bench.measure_apart", lambda _names, **given: heard.update(given) or []
    )
    call_command("bench", "dnc", "--json", *arguments, stdout=StringIO())
    assert heard["environment"] == {"DATABASE_URL": "", "BENCH_LISTED": listed}


def test_a_module_with_run_is_a_benchmark(tmp_path):
    (tmp_path / "fast.py").write_text('"""x"""\ndef run(seconds):\n    return []\n')
    (tmp_path / "reference.py").write_text('"""x"""\n')
    assert list_benchmarks(tmp_path) == ["fast"]


def test_the_table_shows_every_column():
    header, _rule, line = as_table([ROW]).splitlines()
    assert "ratio" in header
    assert "decision | 20.50 | 150.00 | µs | 7.30 | ≥ 2 × | ≥ 5 × | 7.0–7.9 | yes" in line


def test_a_report_names_machine_and_database(tmp_path):
    path = write_report([ROW], folder=tmp_path / "measurements", at=AT, database="sqlite")
    assert path.name == "2026-01-05.md"
    assert path.read_text("utf-8").startswith("# Measurements of 2026-01-05\n\n## 09:30 UTC\n")
    assert "Python 3." in path.read_text("utf-8")
    assert "sqlite" in path.read_text("utf-8")


def test_a_report_is_added_to_the_days_others(tmp_path):
    """What people wrote there by hand stays as it is."""
    path = tmp_path / "2026-01-05.md"
    path.write_text("# By hand\n\n42 ms, alone on the machine.\n", "utf-8")
    for hour in (10, 11):
        write_report([ROW], folder=tmp_path, at=AT.replace(hour=hour), database="postgresql")
    text = path.read_text("utf-8")
    assert text.startswith("# By hand\n\n42 ms, alone on the machine.\n\n## 10:30 UTC\n")
    assert text.count("| decision |") == 2
    assert "\n\n## 11:30 UTC\n" in text


def test_an_unknown_benchmark_is_refused():
    with pytest.raises(CommandError, match="no benchmark `nonsense`"):
        call_command("bench", "nonsense")


@pytest.mark.django_db
def test_a_run_works_in_a_scratch_place_alone(monkeypatch, settings, capsys):
    """The measuring process is told of another database and another DATA_DIR, which are gone afterwards (OPS-01)."""
    told = {}

    def measure(names, *, seconds, environment):
        told.update(environment, names=names, seconds=seconds, is_there=Path(environment["DATA_DIR"]).is_dir())
        return [ROW]

    monkeypatch.setattr("config.management.commands.bench.measure_apart", measure)
    call_command("bench", "decision", "--json", "--seconds", "0.5")
    assert json.loads(capsys.readouterr().out) == [ROW]
    assert (told["names"], told["seconds"], told["is_there"]) == (["decision"], 0.5, True)
    assert not Path(told["DATA_DIR"]).exists()
    assert Path(told["DATA_DIR"]) != settings.DATA_DIR
    assert not told["DATABASE_URL"] or "/bench_" in told["DATABASE_URL"]


def test_a_process_of_its_own_measures_on_what_it_is_told(tmp_path):
    """SQLite has no lock to measure: the row says that it was skipped."""
    bring_kept(tmp_path / "countersign.sqlite3")
    told = {"DATABASE_URL": "", "SECRET_KEY": "", "DATA_DIR": str(tmp_path)}
    rows = measure_apart(["kill_switch"], seconds=0.1, environment=told)
    assert [row["ok"] for row in rows] == [None]
    assert "skipped: needs PostgreSQL" in rows[0]["name"]
    assert (tmp_path / "secret_key").exists()


def test_a_measurement_that_fails_is_told(tmp_path):
    with pytest.raises(CommandError, match="ended with 1"):
        measure_apart(["nonsense"], seconds=0.1, environment={"DATABASE_URL": "no scheme", "DATA_DIR": str(tmp_path)})


def test_ctrl_c_ends_the_measuring_process_before_its_place_goes(tmp_path, monkeypatch):
    started = []

    class Interrupted(subprocess.Popen):
        def communicate(self):
            started.append(self)
            raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure_apart(["decision"], seconds=60, environment={"DATABASE_URL": "", "DATA_DIR": str(tmp_path)})
    assert started[0].returncode not in (None, 0)


@pytest.mark.django_db
def test_the_starter_that_is_measured_holds_everything_and_allows_its_load():
    """What is measured as "everything on" is on, and a proposal passes it (LIM-01, LIM-04, LIM-05, LIM-06)."""
    site = make_starter_site()
    body = starter_body(site)
    submitted = submit(site, expected=body["expected"], evidence=body["evidence"])
    assert submitted.status == "approved"
    document = compile_policy(workspace_id=site.world.workspace.pk).document
    assert document.rules
    assert document.breakers
    assert document.frequency
    assert {budget.limit for budget in document.budgets} == {rule.floor for rule in document.anomalies} == {WIDE}
