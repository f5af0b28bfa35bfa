"""REG-01: a person sees what came, changed or went, with what depends on it, and says what agents may do with it."""

import json

import pytest

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.schema import FieldSchema, ObjectSchema, Schema
from governance.models import FieldOwnership, RegisteredField, System, WritePath
from governance.selectors.access import NotAllowedError
from governance.selectors.schema_review import ReviewFilter, count_waiting, get_review_page
from governance.services.registry import ReviewError, record_schema
from governance.services.schema_review import review_schema
from tests.builders.console import make_login
from tests.builders.governance import make_budget, make_connection, make_field, make_world, own
from tests.builders.rules import make_rule, when
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def rosa(world):
    return make_login(world.workspace, "edit_policy", name="Rosa Edits")


def sync(world, *fields, object_type="companies", connection=None):
    """The CRM describes these fields of one object, and no others."""
    crm = connection or world.connection
    described = Schema((ObjectSchema(name=object_type, label=object_type, fields=fields),))
    record_schema(connection_id=crm.pk, schema=described, now=get_now())


def field(name, **changes):
    return FieldSchema(**{"name": name, "label": name, "type": "string", **changes})


def page(world, **wanted):
    return get_review_page(world.workspace.pk, ReviewFilter(**wanted), page=1)


def review(world, user, names, answer="keep", classification=""):
    ids = list(RegisteredField.objects.filter(name__in=names).values_list("pk", flat=True))
    return review_schema(
        workspace_id=world.workspace.pk,
        field_ids=ids,
        answer=answer,
        classification=classification,
        user_id=user.pk,
        now=get_now(),
    )


def events(kind):
    rows = LedgerEvent.objects.filter(type=kind).order_by("id")
    return [json.loads(bytes(row.body))["data"] for row in rows]


def test_new_changed_and_gone_are_told_in_words(world):
    crm = make_connection(world.workspace, "second")
    make_field(crm, "size", object_type="accounts", field_type="picklist", options=["small", "large"], max_length=20)
    make_field(crm, "fax", object_type="accounts")
    sync(
        world,
        field("size", type="picklist", options=("large", "huge"), is_read_only=True, max_length=40),
        field("tier", type="integer"),
        object_type="accounts",
        connection=crm,
    )
    found = page(world, connection="second")
    assert [(row.kind, row.field.name) for row in found.rows] == [("gone", "fax"), ("changed", "size"), ("new", "tier")]
    told = {row.field.name: "; ".join(row.words) for row in found.rows}
    assert told["fax"] == "no longer in the CRM's schema"
    assert told["tier"] == "integer"
    for words in ("options came: huge", "options went: small", "is read-only at the CRM now", "was 20, is 40"):
        assert words in told["size"]
    assert found.counts == {"new": 1, "changed": 1, "gone": 1}
    assert [row.field.name for row in page(world, kind="gone").rows] == ["fax"]
    assert [row.field.name for row in page(world, text="TIE").rows] == ["tier"]


def test_everything_that_hangs_on_a_field_is_named(world):
    make_rule(world, when("new_value", "is", "x", field="industry"), name="No retail")
    make_budget(world.workspace, 5, key="segment", segment_field="industry")
    WritePath.objects.create(
        connection=world.connection, name="Route by industry", kind="routing", triggers=["companies.industry"]
    )
    System.objects.create(workspace=world.workspace, name="Data lake", reads=["companies.industry"])
    other = make_connection(world.workspace, "second")
    make_field(other, "industry", review_state="unreviewed")
    sync(world, field("industry", type="text"))

    rows = {row.field.connection.name: row for row in page(world, text="industry").rows}
    told = {(item.kind, item.name) for item in rows["embedded"].dependents}
    assert {kind for kind, _ in told} == {"budget", "grant", "matrix", "rule", "system", "write path"}
    assert ("rule", "No retail") in told
    assert ("write path", "Route by industry") in told
    assert "write path" not in {item.kind for item in rows["second"].dependents}, "a path belongs to one connection"


def test_a_review_opens_tightens_at_once_and_drafts_what_it_gives(world, rosa):
    """What takes from agents holds when it is said; what gives waits for the matrix to be saved."""
    own(make_field(world.connection, "loose", review_state="unreviewed"))
    make_field(world.connection, "bare", review_state="unreviewed")
    done = review(world, rosa, ["loose"], answer="never")
    assert (done.reviewed, done.tightened, done.drafts) == (1, 1, {})
    assert FieldOwnership.objects.get(field__name="loose").permission_level == "blocked"
    done = review(world, rosa, ["bare"], answer="approval")
    assert list(done.drafts.values()) == [{"permission_level": "approval", "allowed_writers": "agent; human"}]
    assert not FieldOwnership.objects.filter(field__name="bare").exists(), "nothing is given before it is saved"
    assert {row.review_state for row in RegisteredField.objects.filter(name__in=["loose", "bare"])} == {"reviewed"}
    assert [event["fields"] for event in events("fields.reviewed")] == [["companies.loose"], ["companies.bare"]]


def test_what_is_gone_is_seen_and_stays_closed(world, rosa):
    before = count_waiting(world.workspace.pk)
    sync(world, field("name"), object_type="companies")
    gone = page(world, kind="gone")
    names = [row.field.name for row in gone.rows if row.field.object_type == "companies"]
    assert "industry" in names
    assert review(world, rosa, ["industry"], answer="write").gone == 1
    assert "industry" not in [row.field.name for row in page(world, kind="gone").rows]
    row = RegisteredField.objects.get(name="industry")
    assert (row.review_state, row.was_reviewed) == ("gone", True)
    assert events("fields.reviewed")[-1]["state"] == "gone"
    assert before == 0


def test_who_may_not_edit_policy_reviews_nothing_and_nobody_reviews_elsewhere(world, rosa):
    make_field(world.connection, "fresh", review_state="unreviewed")
    with pytest.raises(NotAllowedError):
        review(world, make_login(world.workspace, "view_ledger", name="Ada Auditor"), ["fresh"])
    other = make_world("other", agent_name="agent.other")
    make_field(other.connection, "theirs", review_state="unreviewed")
    for names, answer, words in ((["theirs"], "keep", "not of this"), ([], "keep", "choose"), (["fresh"], "", "say")):
        with pytest.raises(ReviewError, match=words):
            review(world, rosa, names, answer)
    assert not LedgerEvent.objects.filter(type="fields.reviewed").exists()


def test_an_unclassified_field_keeps_the_whole_from_being_reviewed(world, rosa):
    make_field(world.connection, "one", review_state="unreviewed")
    make_field(world.connection, "two", review_state="unreviewed", classification="unclassified")
    with pytest.raises(ReviewError, match="classify"):
        review(world, rosa, ["one", "two"])
    assert review(world, rosa, ["one", "two"], classification="enrichment").reviewed == 2


def test_two_thousand_fields_cost_no_more_statements_than_two(world, rosa):
    counts = []
    for size in (2, 2_000):
        crm = make_connection(world.workspace, f"crm{size}")
        sync(world, *(field(f"f{number}") for number in range(size)), object_type="accounts", connection=crm)
        with captured_statements() as statements:
            found = page(world, connection=crm.name)
        assert found.total == size
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 18
