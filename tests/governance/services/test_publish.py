"""Publishing policy: immutable, hashed, recorded, one publisher at a time (POL-03)."""

import hashlib
import json
import threading
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import LedgerEvent
from governance.models import PolicyRelease, PolicyVersion
from governance.selectors.policy import get_policy_index
from governance.services.publish import (
    ConcurrentPublishError,
    IncoherentPolicyError,
    NoReasonError,
    NothingChangedError,
    UnknownPublisherError,
    publish_policy,
)
from governance.services.releases import restore_version
from tests.builders.policy_rows import NOW, PolicyRows


def publish(rows, reason="first policy", **changes):
    values = {"workspace_id": rows.workspace.pk, "person_id": rows.owner.pk, "reason": reason, "now": NOW}
    return publish_policy(**{**values, **changes})


@pytest.mark.django_db
def test_a_version_holds_the_canonical_bytes_of_its_digest():
    rows = PolicyRows()
    rows.simple_policy()
    published = publish(rows)
    version = PolicyVersion.objects.get(pk=published.id)
    document = bytes(version.document)
    assert (published.number, published.digest) == (1, version.digest)
    assert version.digest == f"sha256:{hashlib.sha256(document).hexdigest()}"
    assert json.dumps(json.loads(document), sort_keys=True, separators=(",", ":")).encode() == document
    assert (version.created_at, version.reason) == (NOW, "first policy")


@pytest.mark.django_db
def test_publishing_is_told_to_the_ledger_with_digest_and_rows_but_the_reason_stays_erasable():
    rows = PolicyRows()
    rows.simple_policy()
    published = publish(rows, reason="because Rita said so")
    event = LedgerEvent.objects.get(type="policy.published")
    body = bytes(event.body)
    assert published.digest.encode() in body
    assert b"companies.country" in body
    assert b"Rita" not in body


@pytest.mark.django_db
def test_numbers_follow_each_other_and_the_newest_is_in_force():
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    publish(rows)
    ownership.permission_level = "approval"
    ownership.save()
    second = publish(rows, reason="country takes a look")
    assert second.number == 2
    assert [change.message for change in second.changes] == [
        "field `companies.country` of `embedded`: permission level `safe_write` → `approval`"
    ]
    assert get_policy_index(rows.workspace.pk, "sandbox").version == second.digest


@pytest.mark.django_db
def test_the_same_rows_are_not_published_twice():
    rows = PolicyRows()
    rows.simple_policy()
    publish(rows)
    with pytest.raises(NothingChangedError):
        publish(rows)
    assert PolicyVersion.objects.count() == 1


@pytest.mark.django_db
def test_rows_that_contradict_each_other_are_refused_by_name():
    rows = PolicyRows()
    rows.simple_policy()
    rows.own(rows.field("amount", object_type="deals", classification="human_commitment"))
    with pytest.raises(IncoherentPolicyError, match=r"deals\.amount") as refused:
        publish(rows)
    assert [error.code for error in refused.value.errors] == ["commitment_writable"]
    assert not PolicyVersion.objects.exists()
    assert not LedgerEvent.objects.filter(type="policy.published").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_no_reason_no_policy(reason):
    rows = PolicyRows()
    rows.simple_policy()
    with pytest.raises(NoReasonError):
        publish(rows, reason=reason)


@pytest.mark.django_db
def test_an_unknown_or_inactive_person_publishes_nothing():
    rows = PolicyRows()
    rows.simple_policy()
    with pytest.raises(UnknownPublisherError):
        publish(rows, person_id=uuid.uuid4())
    rows.owner.is_active = False
    rows.owner.save()
    with pytest.raises(UnknownPublisherError):
        publish(rows)


@pytest.mark.django_db
def test_rolling_back_puts_the_earlier_version_in_force_again_byte_for_byte():
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    first = publish(rows)
    ownership.permission_level = "blocked"
    ownership.save()
    publish(rows, reason="block it")
    who = {"version_id": first.id, "environment": "sandbox", "person_id": rows.owner.pk, "now": NOW}
    restore_version(**who, reason="too strict")
    assert get_policy_index(rows.workspace.pk, "sandbox").version == first.digest
    with pytest.raises(NothingChangedError):
        restore_version(**who, reason="again")
    assert list(PolicyRelease.objects.order_by("number").values_list("version__number", flat=True)) == [1, 2, 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_policyversion SET reason = 'forged'",
        "UPDATE governance_policyversion SET document = 'x', digest = 'y'",
        "DELETE FROM governance_policyversion",
    ],
)
def test_a_published_policy_is_not_changed_below_the_application_either(statement):
    rows = PolicyRows()
    rows.simple_policy()
    publish(rows)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert PolicyVersion.objects.get().reason == "first policy"


@pytest.mark.django_db
def test_sqlite_replace_does_not_slip_past_the_guard():
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is SQLite's")
    rows = PolicyRows()
    rows.simple_policy()
    publish(rows)
    columns = "id, workspace_id, number, digest, document, published_by_id, reason, created_at"
    forged = columns.replace("reason", "'forged'")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT OR REPLACE INTO governance_policyversion ({columns}) SELECT {forged} FROM governance_policyversion"  # noqa: S608
        )
    assert PolicyVersion.objects.get().reason == "first policy"


@pytest.mark.django_db
def test_a_publisher_who_built_on_the_same_predecessor_is_refused():
    """The unique number is the lock: a version that appears between look and insert wins."""
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    publish(rows)
    ownership.permission_level = "blocked"
    ownership.save()
    is_first = True

    def publish_in_between(execute, sql, params, many, context):
        nonlocal is_first
        answer = execute(sql, params, many, context)
        if is_first and "governance_policyversion" in sql and "ORDER BY" in sql:
            is_first = False
            publish(rows, reason="a moment earlier")
        return answer

    with connection.execute_wrapper(publish_in_between), pytest.raises(ConcurrentPublishError):
        publish(rows, reason="a moment later")
    assert list(PolicyVersion.objects.order_by("number").values_list("reason", flat=True)) == [
        "first policy",
        "a moment earlier",
    ]
    assert LedgerEvent.objects.filter(type="policy.published").count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_publishers_at_once_one_wins():
    rows = PolicyRows()
    rows.simple_policy()
    gate, answers = threading.Barrier(6), []

    def race(number):
        gate.wait()
        try:
            answers.append(publish(rows, reason=f"publisher {number}").number)
        except (ConcurrentPublishError, NothingChangedError) as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(1) == 1
    assert len(answers) == 6
    assert PolicyVersion.objects.count() == 1
    assert LedgerEvent.objects.filter(type="policy.published").count() == 1
