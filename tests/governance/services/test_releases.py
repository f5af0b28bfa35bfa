"""Versions come into force by environment: sandbox first, and back again (POL-03, POL-05, SBX-03)."""

import msgspec
import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import LedgerEvent
from governance.domain.engine import decide
from governance.models import GoldenCase, PolicyRelease, PolicyVersion
from governance.selectors.policy import get_policy_index
from governance.services.publish import publish_policy
from governance.services.releases import (
    GoldenCaseFailedError,
    NoReasonError,
    Release,
    SecondPersonNeededError,
    UnknownPublisherError,
    put_in_force,
    restore_version,
)
from tests.builders.governance import stray_id
from tests.builders.policy import make_agent, make_facts, make_request
from tests.builders.policy_rows import NOW, PolicyRows

pytestmark = pytest.mark.django_db


def make_versions(*levels):
    """A workspace whose field `country` took these permission levels, one version each."""
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    return rows, [publish(rows, ownership, level) for level in levels]


def publish(rows, ownership, level):
    ownership.permission_level = level
    ownership.save()
    return publish_policy(workspace_id=rows.workspace.pk, person_id=rows.owner.pk, reason=level, now=NOW)


def release(rows, published, environment="production"):
    version = PolicyVersion.objects.get(pk=published.id)
    newest = PolicyRelease.objects.filter(environment=environment).order_by("-number").first()
    put_in_force(
        Release(
            version=version,
            environment=environment,
            kind="policy.promoted",
            person_id=rows.owner.pk,
            countersigned_by=rows.reviewer.pk,
            reason="go",
            now=NOW,
        ),
        replaces=newest,
    )


def restore(rows, published, environment, **changes):
    values = {"version_id": published.id, "environment": environment, "person_id": rows.owner.pk, "now": NOW}
    return restore_version(**{**values, "reason": "back", **changes})


def keep_case(rows, *, outcome="allow"):
    facts = make_facts(make_request(changes={"country": "Norway"}), agent=make_agent(name="agent.acme"))
    return GoldenCase.objects.create(
        workspace=rows.workspace, name="Country", facts=msgspec.to_builtins(facts), expected_outcome=outcome
    )


def test_publishing_changes_nothing_in_production():
    """SBX-01: sandbox first."""
    rows, (first, second) = make_versions("safe_write", "blocked")
    assert get_policy_index(rows.workspace.pk, "production") is None
    release(rows, first)
    facts = make_facts(make_request(changes={"country": "Norway"}), agent=make_agent(name="agent.acme"))
    assert get_policy_index(rows.workspace.pk, "sandbox").version == second.digest
    assert decide(get_policy_index(rows.workspace.pk, "production"), facts).outcome == "allow"
    assert decide(get_policy_index(rows.workspace.pk, "sandbox"), facts).outcome == "deny"


def test_a_golden_case_that_fails_blocks_publishing_and_says_why():
    """POL-05."""
    rows, (first,) = make_versions("safe_write")
    keep_case(rows)
    row = rows.workspace.connections.get().fields.get(name="country").ownership
    with pytest.raises(GoldenCaseFailedError, match="Country: it would be refused, not allowed") as refused:
        publish(rows, row, "blocked")
    assert [result.name for result in refused.value.results] == ["Country"]
    assert get_policy_index(rows.workspace.pk, "sandbox").version == first.digest
    assert LedgerEvent.objects.filter(type="policy.published").count() == 1


def test_going_back_in_production_to_what_allows_less_takes_one_person_and_no_golden_case():
    rows, (strict, loose) = make_versions("blocked", "safe_write")
    release(rows, strict)
    release(rows, loose)
    keep_case(rows)
    restore(rows, strict, "production")
    assert get_policy_index(rows.workspace.pk, "production").version == strict.digest
    assert get_policy_index(rows.workspace.pk, "sandbox").version == loose.digest
    event = LedgerEvent.objects.get(type="policy.restored")
    assert b'"production"' in bytes(event.body)


def test_going_back_in_production_to_what_allows_more_takes_a_second_person():
    rows, (loose, strict) = make_versions("safe_write", "blocked")
    release(rows, loose)
    release(rows, strict)
    with pytest.raises(SecondPersonNeededError) as refused:
        restore(rows, loose, "production")
    assert [change.row for change in refused.value.changes] == ["field `companies.country` of `embedded`"]
    assert get_policy_index(rows.workspace.pk, "production").version == strict.digest


def test_going_back_in_the_sandbox_takes_one_person_but_golden_cases_hold():
    rows, (loose, strict) = make_versions("safe_write", "blocked")
    case = keep_case(rows, outcome="deny")
    with pytest.raises(GoldenCaseFailedError):
        restore(rows, loose, "sandbox")
    case.delete()
    restore(rows, loose, "sandbox")
    assert get_policy_index(rows.workspace.pk, "sandbox").version == loose.digest
    assert strict.digest != loose.digest


def test_production_is_never_restored_to_what_was_never_released_there_by_one_person():
    rows, (first,) = make_versions("blocked")
    with pytest.raises(SecondPersonNeededError):
        restore(rows, first, "production")


@pytest.mark.parametrize(
    ("changes", "error"), [({"reason": " "}, NoReasonError), ({"person_id": stray_id()}, UnknownPublisherError)]
)
def test_going_back_takes_a_reason_and_a_person(changes, error):
    rows, (strict, _) = make_versions("blocked", "safe_write")
    with pytest.raises(error):
        restore(rows, strict, "sandbox", **changes)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE governance_policyrelease SET environment = 'production'", "DELETE FROM governance_policyrelease"],
)
def test_a_release_is_not_changed_below_the_application_either(statement):
    make_versions("blocked")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_nobody_is_their_own_second_person():
    rows, (first,) = make_versions("blocked")
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyRelease.objects.create(
            workspace=rows.workspace,
            environment="production",
            number=1,
            version_id=first.id,
            released_by=rows.owner,
            countersigned_by=rows.owner,
            reason="both of me",
            created_at=NOW,
        )
