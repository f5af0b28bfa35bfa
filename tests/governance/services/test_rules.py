"""Rules as rows: saved when they are sound, published, counted from the ledger (POL-04)."""

from datetime import timedelta

import pytest

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import LawfulBasis, Rule, RuleList, RuleTally
from governance.selectors.compilation import compile_policy
from governance.selectors.rule_desk import advise
from governance.services.publish import IncoherentPolicyError
from governance.services.rule_hits import count_rule_hits
from governance.services.rules import RuleRefusedError, read_draft, save_rule
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.governance import make_world, publish
from tests.builders.rules import as_body, make_draft, make_rule, when

pytestmark = pytest.mark.django_db


def test_a_saved_rule_is_in_the_ledger_and_bites_after_publishing():
    site = make_site()
    make_rule(site.world, when("confidence", "less", "0.95"), actions=("update",), fields=("numberofemployees",))
    assert LedgerEvent.objects.filter(type="config.changed", subject_type="rule").count() == 1
    assert submit(site).status == "approved"
    publish(site.world)
    denied = submit(site)
    assert (denied.status, denied.status_code) == ("denied", "rule_denied")
    assert "because the test says so" in next(c.message for c in denied.decision.checks if c.code == "rule_denied")


def test_a_rule_that_is_switched_off_is_not_published():
    site = make_site()
    make_rule(site.world, is_active=False)
    make_rule(site.world, when("confidence", "less", "0.1"), name="Another")
    publish(site.world)
    assert submit(site).status == "approved"


def test_a_rule_asks_for_people():
    """APR-05, APR-08."""
    site = make_site()
    make_rule(site.world, effect="approval", groups=("revops",))
    publish(site.world)
    submission = submit(site)
    assert submission.status == "pending"
    assert submission.decision.requirement.groups == ("revops",)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"reason": ""},
        {"owner": "nobody"},
        {"owner": "00000000-0000-7000-8000-000000000000"},
        {"fields": ("ghost",)},
        {"effect": "approval", "groups": ("ghosts",)},
        {"name": "x" * 121},
        {"conditions": (when("new_value", "matches", "(a+)+$", field="industry"),)},
    ],
)
def test_an_unsound_rule_is_not_saved(changes):
    with pytest.raises(RuleRefusedError):
        make_rule(make_world(), **changes)
    assert not Rule.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"rule": {"key": "x", "code": "import os"}}', b"\xff"])
def test_what_is_no_rule_is_not_read(body):
    with pytest.raises(RuleRefusedError):
        read_draft(body)


def test_a_draft_survives_its_json():
    draft = make_draft(make_world(), when("confidence", "less", "0.5"), groups=("revops",), effect="approval")
    assert read_draft(as_body(draft)) == draft


def test_the_key_stays_when_the_name_changes():
    world = make_world()
    row = make_rule(world)
    draft = make_draft(world, name="Renamed")
    save_rule(rule_id=row.pk, workspace_id=world.workspace.pk, draft=draft, actor=_human(), now=get_now())
    row.refresh_from_db()
    assert (row.key, row.name) == ("test-rule", "Renamed")


def _human():
    from audit.domain.event import Actor

    return Actor("human", "test")


def test_a_second_rule_for_the_same_is_refused_with_the_other_one_named():
    world = make_world()
    make_rule(world)
    with pytest.raises(RuleRefusedError, match="Test rule"):
        make_rule(world, name="The same again", effect="approval")


def test_what_another_rule_refuses_already_is_pointed_out():
    world = make_world()
    make_rule(world, actions=("update",))
    draft = make_draft(world, when("confidence", "less", "0.5"), name="Narrower", actions=("update",))
    assert "Test rule" in advise(world.workspace.pk, draft.rule).warnings[0]


def test_rows_that_no_longer_fit_keep_the_policy_from_being_published():
    """POL-03: the row is named."""
    world = make_world()
    row = make_rule(world)
    Rule.objects.filter(pk=row.pk).update(conditions=[{"subject": "moon", "operator": "is", "values": ["full"]}])
    with pytest.raises(IncoherentPolicyError, match="rule “Test rule”"):
        publish(world)
    Rule.objects.filter(pk=row.pk).update(conditions="nonsense")
    with pytest.raises(IncoherentPolicyError, match="rule “Test rule”"):
        publish(world)


def test_lists_and_bases_are_compiled_and_the_queries_do_not_grow(django_assert_max_num_queries):
    world = make_world()
    outer = RuleList.objects.create(workspace=world.workspace, slug="all", title="All", kind="domains")
    inner = RuleList.objects.create(
        workspace=world.workspace, slug="vip", title="VIP", kind="domains", entries=["acme.com"]
    )
    outer.includes.add(inner)
    LawfulBasis.objects.create(
        workspace=world.workspace, object_type="companies", field="country", value="Norway", basis="consent"
    )
    for number in range(5):
        make_rule(world, when("confidence", "less", f"0.{number + 1}"), name=f"Rule {number}", groups=())
    with django_assert_max_num_queries(20):
        document = compile_policy(workspace_id=world.workspace.pk).document
    assert [(item.name, item.entries, item.includes) for item in document.lists] == [
        ("all", (), ("vip",)),
        ("vip", ("acme.com",), ()),
    ]
    assert len(document.rules) == 5
    assert document.bases[0].basis == "consent"


def test_matches_are_counted_from_the_ledger_once():
    site = make_site()
    make_rule(site.world, effect="approval", groups=("revops",))
    publish(site.world)
    for _ in range(3):
        submit(site)
    soon = get_now() + timedelta(minutes=1)
    assert count_rule_hits(workspace_id=site.world.workspace.pk, now=get_now()) == 0  # still settling
    assert count_rule_hits(workspace_id=site.world.workspace.pk, now=soon) == 3
    assert count_rule_hits(workspace_id=site.world.workspace.pk, now=soon) == 0
    submit(site)
    assert count_rule_hits(workspace_id=site.world.workspace.pk, now=soon) == 1
    assert RuleTally.objects.get(key="test-rule").hits == 4
