"""Importing and exporting the do-not-contact list in the console (DNC-04)."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals.services.study import study
from audit.models import LedgerEvent
from governance.admin import dnc_forms
from governance.models import DncEntry, DncImport
from governance.services import dnc_stage
from governance.services.dnc_import import import_path
from governance.services.dnc_import_work import work_on_imports
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.dnc import list_entry
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db
IMPORTS = reverse("admin:governance_dncimport_changelist")
MIXED = b"kind,value,reason\nemail,jane@example.com,asked\nemail,<script>alert(1)</script>,x\nemail,=1+1@,\xff\n"


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def client(workspace):
    return log_in(make_login(workspace, "manage_dnc", name="Cora Compliance"))


def bring(client, content=MIXED, **changes):
    upload = SimpleUploadedFile("<b>list</b>.csv", content)
    fields = {"file": upload, "kind": "email", "reason": "imported", "source": "import", **changes}
    answer = client.post(IMPORTS, fields)
    return answer.url if answer.status_code == 302 else answer


def errors_of(row):
    return reverse("admin:governance_dncimport_errors", args=[row.pk])


def export_of(workspace):
    return reverse("admin:governance_dncimport_export", args=[workspace.pk])


def read(answer):
    return b"".join(answer.streaming_content)


def test_a_file_is_checked_shown_and_its_good_rows_taken(workspace, client):
    """DNC-04: the row is the job; nothing is listed before the word, duplicates are told."""
    list_entry(workspace, "jane@example.com")
    page = bring(client, MIXED + b"email,new@example.com,asked\n")
    under_way = text_of(client.get(page))
    assert 'http-equiv="refresh"' in under_way
    assert "being checked" in under_way
    study(seconds=5)
    answer = client.get(page)
    ready = text_of(answer)
    for expected in ("waits for you", "Take the 2 good rows", "is not UTF-8", "&lt;script&gt;alert(1)"):
        assert expected in ready
    assert 'http-equiv="refresh"' not in ready
    assert '>1</span><span class="cs-tile-label">duplicates' in ready
    assert not [node for node in find_acting_nodes(answer.content) if "alert" in node]
    assert DncEntry.objects.count() == 1
    client.post(page, {"deed": "apply"})
    assert DncImport.objects.get().state == "ready"
    client.post(page, {"deed": "good"})
    study(seconds=5)
    row = DncImport.objects.get()
    assert (row.state, row.rows_added, row.rows_known) == ("done", 1, 1)
    assert "new@example.com" in text_of(client.get(reverse("admin:governance_dncentry_changelist")))


def test_the_errors_are_a_file_in_which_nothing_acts(client):
    bring(client)
    work_on_imports(seconds=5)
    answer = client.get(errors_of(DncImport.objects.get()))
    rows = list(csv.reader(io.StringIO(read(answer).decode("utf-8-sig"))))
    assert rows[0] == ["line", "problem", "row"]
    assert [row[0] for row in rows[1:]] == ["3", "4"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_is_discarded(client):
    page = bring(client)
    work_on_imports(seconds=5)
    client.post(page, {"deed": "discard"})
    assert DncImport.objects.get().state == "cancelled"
    assert not DncEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_by_itself_and_its_copy_goes_with_its_end(client, monkeypatch):
    """DNC-04."""
    monkeypatch.setattr(dnc_stage, "LINES_A_STEP", 10)
    page = bring(client, b"value\n" + b"".join(b"p%d@example.com\n" % number for number in range(35)))
    assert work_on_imports(seconds=0)
    row = DncImport.objects.get()
    assert (row.state, row.rows_good) == ("reading", 10)
    insert = dnc_stage._insert

    def killed(*_arguments):
        raise SystemExit

    monkeypatch.setattr(dnc_stage, "_insert", killed)
    with pytest.raises(SystemExit):
        work_on_imports(seconds=5)
    monkeypatch.setattr(dnc_stage, "_insert", insert)
    assert not work_on_imports(seconds=60)
    assert DncImport.objects.get().rows_good == 35
    client.post(page, {"deed": "apply"})
    work_on_imports(seconds=60)
    assert DncEntry.objects.count() == 35
    assert not import_path(row.pk).exists()


def test_an_import_whose_copy_is_gone_has_failed_and_holds_up_no_other(client):
    first = bring(client)
    import_path(DncImport.objects.get().pk).unlink()
    second = bring(client)
    work_on_imports(seconds=60)
    assert "cannot be read any more" in text_of(client.get(first))
    assert "waits for you" in text_of(client.get(second))


def test_a_file_too_large_or_without_our_columns_is_not_taken(client, monkeypatch):
    assert "names no column" in text_of(bring(client, b"reason\nx\n"))
    monkeypatch.setattr(dnc_forms, "MAX_IMPORT_BYTES", 10)
    assert "larger than" in text_of(bring(client))
    assert not DncImport.objects.exists()


def test_only_compliance_imports_and_exports(workspace, client):
    """DNC-06: whoever may add single entries does neither."""
    page = bring(client)
    row = DncImport.objects.get()
    other = log_in(make_login(workspace, "add_dnc", "edit_policy", "view_ledger"))
    for answer in (
        other.get(IMPORTS),
        bring(other),
        other.get(page),
        other.post(page, {"deed": "discard"}),
        other.get(errors_of(row)),
        other.post(export_of(workspace)),
    ):
        assert answer.status_code == 403
    stranger = log_in(make_login(make_workspace("other"), "manage_dnc", name="Otto Other"))
    assert stranger.get(page).status_code == 403
    assert stranger.post(export_of(workspace)).status_code == 403
    assert DncImport.objects.get().state == "reading"
    assert not LedgerEvent.objects.filter(type="dnc.exported").exists()


def test_an_export_is_on_record_and_reads_back_as_the_same_list(workspace, client):
    """DNC-04: formula-safe, and round."""
    list_entry(
        workspace, "+1 415 555 2671", kind="phone", reason='=HYPERLINK("http://x"),"a"\nnext line', brand="north"
    )
    list_entry(workspace, "=cmd@example.com", source="+import")
    list_entry(workspace, "O'Hara, Ünal", kind="person", covers=(("email", "o.hara@example.com"),))
    content = read(client.post(export_of(workspace)))
    assert LedgerEvent.objects.filter(type="dnc.exported").count() == 1
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 5
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]
    page = bring(client, content)
    work_on_imports(seconds=60)
    assert "4</span>" in text_of(client.get(page))
    client.post(page, {"deed": "apply"})
    work_on_imports(seconds=60)
    row = DncImport.objects.get()
    assert (row.state, row.rows_bad, row.rows_added, row.rows_known) == ("done", 0, 0, 4)
    assert client.get(export_of(workspace)).status_code == 404


def test_an_export_brought_to_another_workspace_lists_the_same_people(workspace, client):
    list_entry(workspace, "=cmd@example.com", reason="-x", brand="@north")
    content = read(client.post(export_of(workspace)))
    other = make_workspace("other")
    second = log_in(make_login(other, "manage_dnc", name="Otto Other"))
    page = bring(second, content)
    work_on_imports(seconds=60)
    second.post(page, {"deed": "apply"})
    work_on_imports(seconds=60)
    first, again = DncEntry.objects.order_by("id")
    for name in ("kind", "value", "reason", "source", "brand", "effective_from", "effective_until"):
        assert getattr(first, name) == getattr(again, name)
