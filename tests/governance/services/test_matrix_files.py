"""REG-03: the matrix out to CSV and XLSX and in again: a preview first, every bad row named, hostile files refused."""

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.adapters.table_file import MAX_BYTES, TableFileError
from governance.models import FieldOwnership, TableImport
from governance.services.matrix_files import MATRIX
from governance.services.table_files import ImportDoneError, apply_import, export_table, preview_import, stage_import
from tests.builders.governance import make_user
from tests.builders.policy_rows import PolicyRows

pytestmark = pytest.mark.django_db
EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1", "'=1", "'x", 'it\'s, "quoted"; twice')


def make_rows():
    rows = PolicyRows()
    rows.simple_policy()
    return rows


def staged(rows, content):
    return stage_import(
        table=MATRIX,
        workspace_id=rows.workspace.pk,
        file_name="C:\\temp\\matrix.csv",
        content=content,
        user_id=make_user(username=f"user{TableImport.objects.count()}").pk,
        now=get_now(),
    )


def taken(import_id, *, good=False):
    return apply_import(
        table=MATRIX,
        import_id=import_id,
        take_good_ones=good,
        actor=Actor("human", "rosa"),
        user_id=None,
        now=get_now(),
    )


def csv_of(*lines):
    return "\r\n".join(("connection,object,field,permission_level,owner_group", *lines)).encode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_comes_back_as_no_changes_byte_for_byte(kind):
    rows = make_rows()
    for number, text in enumerate(EVIL):
        field = rows.field(f"evil_{number}")
        field.label = text
        field.save()
        rows.own(field, source_of_truth=text.strip(), owner_role="revops", owner_person=rows.reviewer)
    first = export_table(table=MATRIX, workspace_id=rows.workspace.pk, kind=kind)
    assert first == export_table(table=MATRIX, workspace_id=rows.workspace.pk, kind=kind)
    preview = preview_import(table=MATRIX, import_id=staged(rows, first))
    assert (preview.verdict.changes, preview.problems) == ((), ())


def test_nothing_in_an_export_acts_as_a_formula():
    """Cases 86 and 87."""
    rows = make_rows()
    for number, text in enumerate(EVIL):
        field = rows.field(f"evil_{number}")
        field.label = text + "\x07"
        field.save()
        rows.own(field, source_of_truth=text)
    for line in export_table(table=MATRIX, workspace_id=rows.workspace.pk, kind="csv").decode("utf-8-sig").splitlines():
        assert not any(cell.strip('"')[:1] in set("=+-@\t＝") for cell in line.split(",") if cell.strip('"'))
    book = load_workbook(io.BytesIO(export_table(table=MATRIX, workspace_id=rows.workspace.pk, kind="xlsx")))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_file_changes_nothing_until_it_is_taken():
    rows = make_rows()
    import_id = staged(rows, csv_of("embedded,companies,country,approval,revops"))
    preview = preview_import(table=MATRIX, import_id=import_id)
    assert (preview.file_name, preview.changed_rows, preview.good_rows) == ("matrix.csv", 1, 1)
    assert set(FieldOwnership.objects.values_list("permission_level", flat=True)) == {"safe_write"}
    assert taken(import_id).is_applied
    assert FieldOwnership.objects.get(field__name="country").permission_level == "approval"
    with pytest.raises(ImportDoneError):
        taken(import_id)


def test_every_bad_row_is_named_with_its_line_and_the_good_ones_are_taken_only_when_told():
    rows = make_rows()
    rows.own(rows.field("city"))
    import_id = staged(
        rows,
        csv_of(
            "embedded,companies,country,approval,revops",
            "embedded,companies,industry,everything,nobodies",
            "embedded,companies,no_such_field,approval,",
            "embedded,companies,city,approval,",
            "embedded,companies,city,blocked,",
        ),
    )
    found = [
        (line, error.column, error.code) for line, error in preview_import(table=MATRIX, import_id=import_id).problems
    ]
    assert found == [
        (3, "owner_group", "cell_invalid"),
        (3, "permission_level", "cell_invalid"),
        (4, "field", "row_unknown"),
        (6, "field", "row_twice"),
    ]
    assert not taken(import_id).is_applied
    assert set(FieldOwnership.objects.values_list("permission_level", flat=True)) == {"safe_write"}
    assert taken(import_id, good=True).is_applied
    levels = dict(FieldOwnership.objects.values_list("field__name", "permission_level"))
    assert levels == {"country": "approval", "industry": "safe_write", "city": "safe_write"}


def test_a_row_that_changed_since_the_preview_is_not_overwritten():
    rows = make_rows()
    import_id = staged(rows, csv_of("embedded,companies,country,approval,revops"))
    FieldOwnership.objects.filter(field__name="country").update(source_of_truth="ERP")
    assert not taken(import_id).is_applied
    assert len(preview_import(table=MATRIX, import_id=import_id).verdict.conflicts) == 1


def test_a_column_that_the_file_leaves_out_stays_as_it_is():
    rows = make_rows()
    content = b"connection;object;field;golden\n".replace(b"golden", b"review_required") + (
        b"embedded;companies;country;YES\n\n"
    )
    taken(staged(rows, content))
    row = FieldOwnership.objects.get(field__name="country")
    assert (row.review_required, row.permission_level) == (True, "safe_write")


def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"\x00" * (80 * 1024 * 1024))
    return packed.getvalue()


def workbook(*, formula=False, member=""):
    book = Workbook()
    book.active.append(["connection", "object", "field"])
    book.active.append(["embedded", "companies", "=1+1" if formula else "country"])
    packed = io.BytesIO()
    book.save(packed)
    if member:
        with zipfile.ZipFile(packed, "a") as package:
            package.writestr(member, b"x")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"x" * (MAX_BYTES + 1), "file_too_large"),
        ("connection,object,field\né".encode("latin-1"), "wrong_encoding"),
        (b"connection,object,field\n\x00", "wrong_encoding"),
        (b"\xff\xfe\x00", "wrong_encoding"),
        (b'connection,object,field\n"unclosed', "not_a_table"),
        (b"PK\x03\x04 not a package", "not_a_table"),
        (b"connection,object,object\na,b,c", "column_twice"),
        (b"connection,object\na,b", "column_missing"),
        (b"connection,object,field,colour\na,b,c,d", "column_unknown"),
        (b"connection,object,field\na,b,c,d", "row_too_long"),
        (b"connection,object,field\na,b," + b"c" * 3000, "cell_too_long"),
        (b"connection,object,field\n" + b"a,b,c\n" * 10_001, "too_many_rows"),
        (b",".join(b"c%d" % number for number in range(101)) + b"\n", "too_many_columns"),
        (workbook(formula=True), "file_has_formula"),
        (workbook(member="xl/vbaProject.bin"), "file_has_macros"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_is_refused_by_name(content, code):
    rows = make_rows()
    with pytest.raises(TableFileError) as refused:
        staged(rows, content)
    assert refused.value.code == code
    assert TableImport.objects.count() == 0


def test_a_bomb_is_not_unpacked():
    with pytest.raises(TableFileError) as refused:
        staged(make_rows(), bomb())
    assert refused.value.code == "file_unpacks_too_large"


def test_a_million_rows_are_not_read():
    packed = io.BytesIO()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["connection", "object", "field"])
    for number in range(20_000):
        sheet.append(["embedded", "companies", f"f{number}"])
    book.save(packed)
    with pytest.raises(TableFileError) as refused:
        staged(make_rows(), packed.getvalue())
    assert refused.value.code == "too_many_rows"
