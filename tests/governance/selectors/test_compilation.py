"""Rows to document: sorted, deterministic, deny by default, and honest about rows that do not fit together (POL-03)."""

import pytest

from governance.models import FieldOwnership, Membership
from governance.selectors.compilation import compile_policy, decode_document, encode_document
from tests.bench.compilation import make_rows, make_rule
from tests.builders.policy_rows import PolicyRows
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


def compiled(rows):
    return compile_policy(workspace_id=rows.workspace.pk)


def errors(rows):
    return [error.code for error in compiled(rows).errors]


def test_rows_become_rules():
    rows = PolicyRows()
    suggestion = rows.own(rows.field("agent_industry", classification="suggestion"))
    rows.own(
        rows.field("industry", field_type="picklist", options=["b", "a"], max_length=9, is_required=True),
        permission_level="blocked",
        suggestion_field=suggestion.field,
        owner_role="revops",
        is_golden=True,
    )
    rows.grant("industry", "agent_industry", read_fields=["industry"])
    rows.tier("update", "approval", groups=[rows.group], min_confidence=0.8, min_evidence=1, expires_after_seconds=60)
    document = compiled(rows).document
    assert compiled(rows).errors == ()
    rule = document.fields[1]
    assert (rule.field, rule.options, rule.suggestion_field, rule.owner) == (
        "industry",
        ("b", "a"),
        "agent_industry",
        "revops",
    )
    assert (rule.permission_level, rule.is_golden, rule.is_required, rule.max_length) == ("blocked", True, True, 9)
    grant = document.grants[0]
    assert (grant.agent, grant.environment, grant.read_fields) == ("agent.acme", "sandbox", ("industry",))
    assert grant.write_fields == ("agent_industry", "industry")
    tier = document.actions[0]
    assert (tier.approver_groups, tier.min_confidence, tier.expires_after_seconds) == (("revops",), 0.8, 60)


def test_a_field_outside_the_matrix_stays_blocked():
    """PRM-01: what the matrix does not name, nobody's agent writes."""
    rows = PolicyRows()
    rows.field("lonely")
    rule = compiled(rows).document.fields[0]
    assert (rule.permission_level, rule.allowed_writers) == ("blocked", ())


def test_withdrawn_grants_are_left_out():
    rows = PolicyRows()
    rows.simple_policy()
    rows.grant("country", action="create", is_withdrawn=True)
    assert [grant.action for grant in compiled(rows).document.grants] == ["update"]


def test_equal_rows_give_equal_bytes_whatever_order_they_were_entered_in():
    documents = []
    for names in (("a", "b", "c"), ("c", "a", "b")):
        rows = PolicyRows()
        for name in names:
            rows.own(rows.field(name), allowed_writers=sorted(["human", "agent"], reverse=name == names[0]))
        rows.grant(*names)
        rows.tier()
        documents.append(encode_document(compiled(rows).document))
        rows.workspace.slug = f"done-{names[0]}"
        rows.workspace.save()
        rows.agent.name = f"agent.done.{names[0]}"
        rows.agent.save()
        for number, person in enumerate((rows.owner, rows.reviewer)):
            person.email = f"{names[0]}{number}@done.example"
            person.save()
    assert documents[0] == documents[1]
    assert encode_document(decode_document(documents[0])) == documents[0]


def test_other_workspaces_rows_stay_out():
    ours, theirs = PolicyRows("acme"), PolicyRows("rival")
    theirs.simple_policy()
    theirs.tier("create", "approval", groups=[theirs.group])
    document = compiled(ours).document
    assert (document.workspace, document.grants, document.fields, document.actions) == ("acme", (), (), ())


def test_a_suggestion_field_of_another_object_is_refused():
    rows = PolicyRows()
    other = rows.field("industry", object_type="deals")
    rows.own(rows.field("industry"), permission_level="blocked", suggestion_field=other)
    assert "suggestion_elsewhere" in errors(rows)


def test_a_grant_on_another_workspaces_connection_is_refused():
    ours, theirs = PolicyRows("acme"), PolicyRows("rival")
    theirs.field("industry")
    ours.grant("industry", connection=theirs.connection)
    assert "foreign_connection" in errors(ours)


def test_a_group_whose_people_all_left_is_refused():
    rows = PolicyRows()
    rows.tier("update", "approval", groups=[rows.group])
    assert errors(rows) == []
    rows.reviewer.is_active = False
    rows.reviewer.save()
    assert errors(rows) == ["empty_group"]
    Membership.objects.all().delete()
    assert errors(rows) == ["empty_group"]


@pytest.mark.parametrize("words", ["country", {"country": 1}, 7])
def test_a_list_that_is_no_list_is_refused_and_not_read_letter_by_letter(words):
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    FieldOwnership.objects.filter(pk=ownership.pk).update(allowed_writers=words)
    assert errors(rows) == ["unknown_writer"]


def test_every_error_is_told_at_once():
    rows = PolicyRows()
    rows.grant("x", object_type="ghosts")
    rows.tier("update", "approval")
    rows.stage("won", "amount")
    assert errors(rows) == ["unknown_object", "unknown_field", "unknown_field", "approval_without_group"]


def test_two_thousand_rows_and_two_hundred_rules_are_read_in_as_many_statements_as_one_of_each():
    """POL-03: compiling asks in a number of queries that does not depend on the rows."""
    few = PolicyRows("few")
    few.own(few.field("country"))
    make_rule(few.workspace, few.owner, 0).save()
    counts = []
    for rows in (few, make_rows()):
        compiled(rows)
        with captured_statements() as seen:
            document = compiled(rows).document
        counts.append(len(seen))
    assert (len(document.fields), len(document.rules)) == (2_000, 200)
    assert counts[0] == counts[1] <= 25
