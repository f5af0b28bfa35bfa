"""Importing CSVs onto the do-not-contact list: every bad row is told, nothing twice, and a kill costs nothing."""

import pytest
from django.core.management import call_command

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import DncEntry, DncImport, DncImportError, DncStagedRow
from governance.selectors.access import NotAllowedError
from governance.services import dnc_stage
from governance.services.dnc_import import (
    DncImportRefusedError,
    advance_import,
    apply_import,
    cancel_import,
    run_import,
    start_import,
)
from tests.builders.dnc import SYSTEM, ask, kinds
from tests.builders.governance import make_person, make_user, make_workspace

pytestmark = pytest.mark.django_db
HOSTILE = (
    b"kind,value,reason\n"
    b"email,jane@example.com,asked\n"
    b"email,JANE@example.com,asked again\n"
    b'phone,"+1 (415) 555-2671",asked\n'
    b"\n"
    b"email,not an address,x\n"
    b"email,a\xff@example.com,x\n"
    b"email,nul\x00@example.com,x\n"
    b'email,"open@example.com,x\n'
    b"email,one@example.com\n"
    b"email,long@example.com," + b"x" * 20_000 + b"\n"
    b"planet,mars,x\n"
    b"domain,co.uk,x\n"
    b"domain,corp.example,=HYPERLINK(1)\n"
    b"email,last@example.com,x"
)


def begin(tmp_path, content=HOSTILE, workspace=None, **changes):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    given = {"name": "list.csv", "defaults": {"reason": "imported", "kind": "email"}, "actor": SYSTEM, "now": get_now()}
    workspace = workspace or make_workspace()
    return start_import(workspace_id=workspace.pk, source=path, **{**given, **changes})


def test_a_hostile_file_is_told_row_by_row_and_changes_nothing(tmp_path):
    """DNC-04."""
    row = run_import(import_id=begin(tmp_path))
    assert (row.state, row.rows_good, row.rows_bad) == ("ready", 5, 8)
    assert list(DncImportError.objects.order_by("line").values_list("line", "problem")) == [
        (6, "is not one e-mail address"),
        (7, "is not UTF-8"),
        (8, "holds a NUL character"),
        (9, "has quotes that do not pair up"),
        (10, "has 2 cells, not 3"),
        (11, "is longer than 10000 bytes"),
        (12, "is no kind of entry: email, domain, phone, person or company"),
        (13, "is a domain under which strangers register theirs"),
    ]
    assert not DncEntry.objects.exists()
    with pytest.raises(DncImportRefusedError, match="8 rows"):
        apply_import(import_id=row.pk, is_taking_good=False, actor=SYSTEM)


def test_what_a_table_format_would_take_for_its_own_marks_arrives_as_written(tmp_path):
    """DNC-04: backslashes, tabs, null marks and ends of data are text."""
    reasons = ["a\tb", "c\\d", "\\N", "\\.", "\\x00", "e\u0301 \U0001f600", "\\t"]
    lines = "".join(f"email,p{number}@example.com,{reason}\n" for number, reason in enumerate(reasons))
    import_id = begin(tmp_path, b"kind,value,reason\n" + lines.encode())
    run_import(import_id=import_id)
    apply_import(import_id=import_id, is_taking_good=False, actor=SYSTEM)
    run_import(import_id=import_id)
    assert list(DncEntry.objects.order_by("value").values_list("reason", flat=True)) == reasons


def test_the_good_ones_are_taken_when_told_so_and_none_twice(tmp_path):
    """DNC-04."""
    workspace = make_workspace()
    import_id = begin(tmp_path, workspace=workspace)
    run_import(import_id=import_id)
    apply_import(import_id=import_id, is_taking_good=True, actor=SYSTEM)
    row = run_import(import_id=import_id)
    assert (row.state, row.rows_added, row.rows_known) == ("done", 4, 1)
    assert kinds(ask(workspace, "Jane+x@example.com", "a@mail.corp.example", "last@example.com")) == [
        "email",
        "domain",
        "email",
    ]
    assert not DncStagedRow.objects.exists()
    assert LedgerEvent.objects.filter(type="dnc.import_ended").count() == 1
    again = begin(tmp_path, workspace=workspace)
    run_import(import_id=again)
    apply_import(import_id=again, is_taking_good=True, actor=SYSTEM)
    assert run_import(import_id=again).rows_added == 0


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_in_the_middle_goes_on_with_nothing_twice(tmp_path, monkeypatch):
    """DNC-04: what a step did is undone by its kill, what earlier steps did stays."""
    monkeypatch.setattr(dnc_stage, "LINES_A_STEP", 10)
    lines = b"".join(b"p%d@example.com\n" % number for number in range(100))
    import_id = begin(tmp_path, b"value\n" + lines)
    for _ in range(3):
        advance_import(import_id=import_id)
    insert = dnc_stage._insert

    def killed(table, columns, rows):
        insert(table, columns, rows)
        raise SystemExit

    monkeypatch.setattr(dnc_stage, "_insert", killed)
    with pytest.raises(SystemExit):
        advance_import(import_id=import_id)
    monkeypatch.setattr(dnc_stage, "_insert", insert)
    assert DncImport.objects.get().rows_good == DncStagedRow.objects.count() == 30
    assert run_import(import_id=import_id).rows_good == 100
    apply_import(import_id=import_id, is_taking_good=False, actor=SYSTEM)
    assert run_import(import_id=import_id).rows_added == DncEntry.objects.count() == 100


@pytest.mark.parametrize("header", [b"", b"email\n", b"value,value\n", b"value,formula\n", b"\xff\xfev\x00a\x00"])
def test_a_file_without_our_columns_is_refused(tmp_path, header):
    with pytest.raises(DncImportRefusedError):
        begin(tmp_path, header)
    assert not DncImport.objects.exists()


def test_agents_and_people_without_the_permission_cannot_import(tmp_path):
    """DNC-06."""
    workspace, user = make_workspace(), make_user(make_person())
    with pytest.raises(NotAllowedError):
        begin(tmp_path, workspace=workspace, actor=Actor("agent", "agent.x"))
    with pytest.raises(NotAllowedError):
        begin(tmp_path, workspace=workspace, actor=Actor("human", "rosa"), user_id=user.pk)
    with pytest.raises(NotAllowedError):
        begin(tmp_path, workspace=workspace, actor=Actor("human", "rosa"))


def test_an_import_can_be_forgotten_before_it_is_applied(tmp_path):
    import_id = begin(tmp_path)
    run_import(import_id=import_id)
    cancel_import(import_id=import_id, actor=SYSTEM)
    assert DncImport.objects.get().state == "cancelled"
    assert not DncStagedRow.objects.exists()


def test_the_command_reads_reports_and_applies(tmp_path, capsys):
    make_workspace()
    path = tmp_path / "list.csv"
    path.write_bytes(b"\xef\xbb\xbfvalue,effective_until\r\njane@example.com,2099-01-01\r\n'=a@example.com,\r\n")
    call_command("import_dnc", str(path), "--dry-run")
    assert "ready: 2 good, 0 bad, 0 added" in capsys.readouterr().out
    call_command("import_dnc", "--resume", str(DncImport.objects.get().pk))
    assert "done: 2 good, 0 bad, 2 added" in capsys.readouterr().out
