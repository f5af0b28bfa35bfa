"""REG-03: the matrix edited as a sheet: all or nothing, nobody overwritten, every row on record."""

import json

import pytest
from django.db import connection, transaction

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.table_verdict import RowEdit
from governance.models import FieldOwnership, RegisteredField
from governance.selectors.compilation import compile_policy
from governance.selectors.matrix_sheet import list_sheet_rows
from governance.services.matrix_edit import MAX_ROWS, TooManyRowsError, edit_matrix, judge_matrix_edits
from tests.builders.governance import make_user
from tests.builders.policy_rows import PolicyRows
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
ACTOR = Actor("human", "rosa")


def sheet(rows):
    return {f"{row.object}.{row.field}": row for row in list_sheet_rows(rows.workspace.pk)}


def save(rows, *edits, **options):
    return edit_matrix(
        workspace_id=rows.workspace.pk, edits=list(edits), actor=ACTOR, user_id=None, now=get_now(), **options
    )


def edit(row, **cells):
    return RowEdit(id=row.id, version=row.version, cells=cells)


def changed_events():
    bodies = LedgerEvent.objects.filter(type="config.changed").order_by("id").values_list("body", flat=True)
    return [json.loads(bytes(body))["data"] for body in bodies]


def test_cells_are_saved_with_history_and_ledger():
    rows = PolicyRows()
    country, _ = rows.simple_policy()
    user = make_user()
    row = sheet(rows)["companies.country"]
    verdict = edit_matrix(
        workspace_id=rows.workspace.pk,
        edits=[edit(row, permission_level="Approval", owner_group="revops", classification="Operational metadata")],
        actor=ACTOR,
        user_id=user.pk,
        now=get_now(),
    )
    assert verdict.is_clean
    assert {change.column for change in verdict.changes} == {"permission_level", "owner_group", "classification"}
    country.refresh_from_db()
    assert (country.permission_level, country.owner_role) == ("approval", "revops")
    assert country.history.first().history_user == user
    assert RegisteredField.objects.get(pk=country.field_id).classification == "operational_metadata"
    assert changed_events() == [
        {"model": "registeredfield", "operation": "updated", "fields": ["classification"]},
        {"model": "fieldownership", "operation": "updated", "fields": ["owner_role", "permission_level"]},
    ]


def test_a_field_that_nobody_owned_gets_its_row():
    rows = PolicyRows()
    rows.field("country")
    twin = rows.field("agent_country", classification="suggestion")
    verdict = save(
        rows,
        edit(
            sheet(rows)["companies.country"],
            permission_level="blocked",
            allowed_writers="human, Agent",
            suggestion_field="agent_country",
            owner_group="revops",
            owner_person="rita@acme.example",
            is_golden="x",
            rollback_method="by hand",
        ),
    )
    assert verdict.is_clean, verdict.errors
    row = FieldOwnership.objects.get()
    assert (row.allowed_writers, row.suggestion_field, row.owner_person) == (["agent", "human"], twin, rows.reviewer)
    assert (row.is_golden, row.rollback_method) == (True, "by_hand")
    assert row.history.count() == 1
    assert changed_events()[0]["operation"] == "created"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"permission_level": "all"}, "permission_level", "none of blocked"),
        ({"allowed_writers": "agent; robot"}, "allowed_writers", "`robot`"),
        ({"owner_group": "nobodies"}, "owner_group", "no approver group"),
        ({"owner_person": "who@acme.example"}, "owner_person", "who@acme.example"),
        ({"owner_person": "rita@acme.example"}, "owner_person", "not an active member"),
        ({"suggestion_field": "nowhere"}, "suggestion_field", "no field"),
        ({"suggestion_field": "country"}, "suggestion_field", "own suggestion field"),
        ({"is_golden": "yes"}, "permission_level", "golden"),
        ({"is_golden": "maybe"}, "is_golden", "neither yes nor no"),
        ({"source_of_truth": "x" * 81}, "source_of_truth", "80"),
        ({"source_of_truth": "E\x00RP"}, "source_of_truth", "control"),
        ({"no_such": "x"}, "no_such", "no such column"),
    ],
)
def test_one_wrong_cell_keeps_the_whole_sheet_from_being_saved_and_is_named(cells, column, words):
    rows = PolicyRows()
    rows.simple_policy()
    found = sheet(rows)
    verdict = save(
        rows, edit(found["companies.country"], **cells), edit(found["companies.industry"], permission_level="approval")
    )
    assert verdict.changes == ()
    (error,) = verdict.errors
    assert (error.row, error.column) == ("companies.country", column)
    assert words in error.message
    assert set(FieldOwnership.objects.values_list("permission_level", flat=True)) == {"safe_write"}
    assert changed_events() == []


@pytest.mark.parametrize("level", ["approval", "safe_write"])
def test_stage_and_lifecycle_are_not_opened_by_one_person(level):
    """PRM-07: the sheet is no way round the second person."""
    rows = PolicyRows()
    rows.simple_policy()
    rows.own(rows.field("dealstage", object_type="deals"), permission_level="blocked")
    rows.field("lifecyclestage")
    found = sheet(rows)
    for name in ("deals.dealstage", "companies.lifecyclestage"):
        verdict = save(
            rows, edit(found[name], permission_level=level), edit(found["companies.country"], is_golden="no")
        )
        assert ("permission_level", "takes_two_people") in {(error.column, error.code) for error in verdict.errors}
        assert verdict.changes == ()
    assert save(rows, edit(found["deals.dealstage"], permission_level="read_only")).is_clean


def test_what_contradicted_itself_before_does_not_hold_up_other_edits():
    rows = PolicyRows()
    country, _ = rows.simple_policy()
    FieldOwnership.objects.filter(pk=country.pk).update(is_golden=True)
    assert compile_policy(workspace_id=rows.workspace.pk).errors
    assert save(rows, edit(sheet(rows)["companies.industry"], permission_level="approval")).is_clean


def test_a_row_that_someone_else_changed_is_shown_and_not_overwritten():
    """Optimistic concurrency, three-way: what it was, what it is, what is asked."""
    rows = PolicyRows()
    country, _ = rows.simple_policy()
    stale = sheet(rows)["companies.country"]
    FieldOwnership.objects.filter(pk=country.pk).update(source_of_truth="ERP")
    verdict = save(rows, edit(stale, permission_level="approval"))
    assert verdict.changes == ()
    (conflict,) = verdict.conflicts
    assert conflict.cells["source_of_truth"] == "ERP"
    assert conflict.cells["permission_level"] == "safe_write"
    again = RowEdit(id=stale.id, version=conflict.version, cells={"permission_level": "approval"})
    assert save(rows, again).is_clean
    country.refresh_from_db()
    assert (country.source_of_truth, country.permission_level) == ("ERP", "approval")


def test_the_good_rows_are_taken_only_when_asked_for():
    rows = PolicyRows()
    rows.simple_policy()
    found = sheet(rows)
    edits = (
        edit(found["companies.country"], permission_level="approval"),
        edit(found["companies.industry"], permission_level="all"),
    )
    assert save(rows, *edits).changes == ()
    taken = save(rows, *edits, take_good_ones=True)
    assert [change.row for change in taken.changes] == ["companies.country"]
    assert [error.row for error in taken.errors] == ["companies.industry"]


def test_a_good_row_that_leans_on_a_bad_one_is_left_out_with_it():
    rows = PolicyRows()
    rows.simple_policy()
    rows.own(rows.field("twin", classification="suggestion"))
    FieldOwnership.objects.filter(field__name="industry").update(
        suggestion_field=RegisteredField.objects.get(name="twin")
    )
    found = sheet(rows)
    verdict = save(
        rows,
        edit(found["companies.country"], suggestion_field="twin"),
        edit(found["companies.industry"], suggestion_field="", permission_level="all"),
        take_good_ones=True,
    )
    assert verdict.changes == ()


def test_rows_of_another_workspace_are_unknown_here():
    rows, other = PolicyRows(), PolicyRows("other")
    other.simple_policy()
    foreign = sheet(other)["companies.country"]
    verdict = save(rows, edit(foreign, permission_level="approval"), RowEdit(id="zz", cells={}))
    assert [error.code for error in verdict.errors] == ["row_unknown", "row_unknown"]
    assert not changed_events()


def test_a_row_edited_twice_and_too_many_rows_are_refused():
    rows = PolicyRows()
    rows.simple_policy()
    one = edit(sheet(rows)["companies.country"], permission_level="approval")
    assert [error.code for error in save(rows, one, one).errors] == ["row_twice"]
    with pytest.raises(TooManyRowsError):
        judge_matrix_edits(workspace_id=rows.workspace.pk, edits=[one] * (MAX_ROWS + 1))


def test_judging_changes_nothing():
    rows = PolicyRows()
    rows.simple_policy()
    verdict = judge_matrix_edits(
        workspace_id=rows.workspace.pk, edits=[edit(sheet(rows)["companies.country"], permission_level="approval")]
    )
    assert len(verdict.changes) == 1
    assert set(FieldOwnership.objects.values_list("permission_level", flat=True)) == {"safe_write"}


def test_forty_rows_take_as_many_statements_as_two():
    rows = PolicyRows()
    rows.tier()
    for number in range(40):
        rows.own(rows.field(f"field_{number}"))

    def statements(count):
        level = "approval" if count == 40 else "read_only"
        edits = [edit(row, permission_level=level, classification="draft_content") for row in found[:count]]
        with captured_statements() as seen, transaction.atomic():
            assert save(rows, *edits).is_clean
            transaction.set_rollback(True)
        return len(seen)

    found = list_sheet_rows(rows.workspace.pk)
    assert statements(40) == statements(2) <= 30


def make_many(rows, count):
    """As many owned fields as a large CRM has, written in bulk."""
    made = RegisteredField.objects.bulk_create(
        RegisteredField(
            connection=rows.connection,
            object_type="companies",
            name=f"field_{number:04}",
            label=f"Field {number}",
            field_type="string",
            review_state="reviewed",
            classification="enrichment",
        )
        for number in range(count)
    )
    FieldOwnership.objects.bulk_create(
        FieldOwnership(field=field, permission_level="safe_write", allowed_writers=["agent"]) for field in made
    )


def test_two_thousand_rows_take_no_statement_of_their_own():
    """REG-03: rows, history and events are written 500 at once (SQLite takes fewer); nothing is asked once a row."""
    rows = PolicyRows()
    rows.tier()
    make_many(rows, 2_000)
    found = list_sheet_rows(rows.workspace.pk)

    def statements(count):
        edits = [edit(row, permission_level="approval") for row in found[:count]]
        with captured_statements() as seen, transaction.atomic():
            assert save(rows, *edits).is_clean
            transaction.set_rollback(True)
        return len(seen)

    one, most = (28, 37) if connection.vendor == "postgresql" else (39, 80)
    assert statements(500) <= one
    assert statements(2_000) <= most
