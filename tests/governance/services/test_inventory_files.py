"""REG-10: systems and write paths out to a file and in again: a preview first, each bad row named, all or nothing."""

import pytest

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.embedded.starter_schema import STARTER_OBJECTS
from governance.adapters.table_file import TableFileError
from governance.models import System, TableImport, WritePath
from governance.services.inventory_files import INVENTORY
from governance.services.matrix_files import MATRIX
from governance.services.starter.inventory import load_inventory
from governance.services.table_files import ImportDoneError, apply_import, export_table, preview_import, stage_import
from tests.builders.governance import make_owned_field, make_user, make_workspace, make_world

pytestmark = pytest.mark.django_db
HEADER = "kind,connection,name,system,purpose,reads,writes,is_active"


def file_of(*lines, header=HEADER):
    return "\r\n".join((header, *lines)).encode()


def staged(world, content):
    user = make_user(username=f"user{TableImport.objects.count()}")
    return stage_import(
        table=INVENTORY,
        workspace_id=world.workspace.pk,
        file_name="C:\\temp\\inventory.csv",
        content=content,
        user_id=user.pk,
        now=get_now(),
    )


def looked_at(import_id):
    return preview_import(table=INVENTORY, import_id=import_id)


def taken(import_id, *, good=False):
    actor = Actor("human", "rosa")
    return apply_import(
        table=INVENTORY, import_id=import_id, take_good_ones=good, actor=actor, user_id=None, now=get_now()
    )


def problems_of(preview):
    return [(line, error.column, error.code) for line, error in preview.problems]


def exported(world, kind="csv"):
    return export_table(table=INVENTORY, workspace_id=world.workspace.pk, kind=kind)


def with_starter_inventory():
    world = make_world()
    known = {(item.name, field.name) for item in STARTER_OBJECTS for field in item.fields}
    for object_type, name in sorted(known - {("companies", "industry"), ("companies", "name")}):
        if not world.connection.fields.filter(object_type=object_type, name=name).exists():
            make_owned_field(world.connection, name, object_type=object_type)
    load_inventory(connection_id=world.connection.pk, now=get_now())
    return world


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_comes_back_as_no_changes_and_rebuilds_the_same_bytes(kind):
    world = with_starter_inventory()
    System.objects.filter(name="Forecast").update(purpose='=1+1, "quoted"; it\'s evil')
    first = exported(world, kind)
    assert first == exported(world, kind)
    preview = looked_at(staged(world, first))
    assert (preview.verdict.changes, preview.problems) == ((), ())
    WritePath.objects.all().delete()
    System.objects.all().delete()
    assert taken(staged(world, first)).is_applied
    assert exported(world, kind) == first


def test_a_file_changes_nothing_until_it_is_taken_and_then_once():
    world = make_world()
    import_id = staged(
        world,
        file_of(
            "workflow,embedded,Amount by quote,Quotes,,companies.industry,deals.amount; deals,",
            "system,,Quotes,,writes offers,,deals.amount,",
        ),
    )
    preview = looked_at(import_id)
    assert (preview.file_name, preview.changed_rows, preview.problems) == ("inventory.csv", 2, ())
    assert not System.objects.exists()
    assert not WritePath.objects.exists()
    before = LedgerEvent.objects.count()
    assert taken(import_id).is_applied
    path = WritePath.objects.select_related("system").get()
    assert (path.name, path.kind, path.is_active) == ("Amount by quote", "workflow", True)
    assert (path.triggers, path.changes) == (["companies.industry"], ["deals", "deals.amount"])
    assert path.system.purpose == "writes offers"
    assert path.history.count() == path.system.history.count() == 1
    assert LedgerEvent.objects.count() == before + 2
    with pytest.raises(ImportDoneError):
        taken(import_id)


def test_every_bad_row_is_named_with_its_line_and_the_good_ones_are_taken_only_when_told():
    world = make_world()
    import_id = staged(
        world,
        file_of(
            "workflow,embedded,Good,,,,companies.industry,no",
            "magic,embedded,Unknown kind,,,,,",
            "workflow,nowhere,Unknown connection,,,,,",
            "workflow,embedded,Unknown system,Nobody,,,,",
            "workflow,embedded,Misspelt place,,,,companies.industri,",
            "workflow,embedded,Twice,,,,,",
            "workflow,embedded,Twice,,,,companies,",
            "system,embedded,At a connection,,,,,",
            "system,,Neither on nor off,,,,,yes",
            "system,,,,,,,",
            "workflow,embedded,Not so,,for nothing,,,perhaps",
            f"system,,{'n' * 81},,,,,",
            f"system,,Wordy,,{'p' * 201},,,",
        ),
    )
    assert problems_of(looked_at(import_id)) == [
        (3, "kind", "cell_invalid"),
        (4, "connection", "row_unknown"),
        (5, "system", "cell_invalid"),
        (6, "writes", "cell_invalid"),
        (8, "name", "row_twice"),
        (9, "connection", "row_unknown"),
        (10, "is_active", "cell_invalid"),
        (11, "name", "row_unknown"),
        (12, "is_active", "cell_invalid"),
        (12, "purpose", "cell_invalid"),
        (13, "name", "row_unknown"),
        (14, "purpose", "cell_invalid"),
    ]
    assert not taken(import_id).is_applied
    assert not WritePath.objects.exists()
    assert taken(import_id, good=True).is_applied
    assert [(row.name, row.is_active) for row in WritePath.objects.all()] == [("Good", False)]
    assert not System.objects.exists()


def test_a_path_whose_system_cannot_be_made_is_not_taken_either():
    world = make_world()
    import_id = staged(
        world,
        file_of("system,,Quotes,,,nowhere.at_all,,", "workflow,embedded,By quote,Quotes,,,,", "system,,Other,,,,,"),
    )
    assert taken(import_id, good=True).is_applied
    assert list(System.objects.values_list("name", flat=True)) == ["Other"]
    assert not WritePath.objects.exists()


def test_what_the_file_leaves_out_stays_and_what_changed_meanwhile_is_not_overwritten():
    world = with_starter_inventory()
    paths = WritePath.objects.count()
    import_id = staged(
        world,
        file_of("routing,embedded,Won on signature", "stage automation,embedded,New", header="kind,connection,name"),
    )
    WritePath.objects.create(connection=world.connection, name="New", kind="workflow")
    WritePath.objects.filter(name="Won on signature").update(is_active=False)
    assert {conflict.row for conflict in looked_at(import_id).verdict.conflicts} == {"Won on signature", "New"}
    assert not taken(import_id, good=True).is_applied
    taken(staged(world, file_of("routing,embedded,Won on signature", header="kind,connection,name")))
    row = WritePath.objects.get(name="Won on signature")
    assert (row.kind, row.is_active, row.changes) == ("routing", False, ["deals.dealstage"])
    assert WritePath.objects.count() == paths + 1


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"name\nx", "column_missing"), (file_of(header=HEADER + ",colour") + b"\r\nsystem,,x", "column_unknown")],
)
def test_a_file_of_another_shape_is_refused(content, code):
    with pytest.raises(TableFileError) as refused:
        staged(make_world(), content)
    assert refused.value.code == code
    assert not TableImport.objects.exists()


def test_a_file_of_one_table_is_none_of_another():
    import_id = staged(make_world(), file_of("system,,Quotes,,,,,"))
    with pytest.raises(TableImport.DoesNotExist):
        preview_import(table=MATRIX, import_id=import_id)


def test_a_file_never_reaches_another_workspace():
    world = make_world()
    System.objects.create(workspace=make_workspace("elsewhere"), name="Theirs")
    import_id = staged(world, file_of("workflow,embedded,Mine,Theirs,,,,"))
    assert problems_of(looked_at(import_id)) == [(2, "system", "cell_invalid")]


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    world = make_world()
    lines = [f"system,,S{number},,,,companies.industry," for number in range(60)]
    lines += [f"workflow,embedded,P{number},S{number},,,companies," for number in range(60)]
    import_id = staged(world, file_of(*lines))
    with django_assert_max_num_queries(24):
        taken(import_id)
    assert (System.objects.count(), WritePath.objects.count()) == (60, 60)
