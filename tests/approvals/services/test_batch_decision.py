"""APR-06: fifty requests, one word, and each judged by itself."""

import json
from datetime import timedelta

import pytest

from approvals.domain.batch_outcome import MOST_AT_ONCE
from approvals.models import AgentActionRequest, BatchDecision, Vote
from approvals.services.batch_decision import (
    BatchReasonMissingError,
    Choice,
    NothingChosenError,
    TooManyChosenError,
    decide_batch,
    go_through,
)
from approvals.services.review import cast_vote
from audit.domain.identifier import new_id
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.models import ActionTier, Membership
from governance.selectors.access import NotAllowedError
from tests.builders.api import make_site
from tests.builders.approvals import get, make_approver, submit, submit_pending, vote
from tests.builders.crm_connectors import make_record
from tests.builders.governance import allow, make_group, make_person, make_user, publish, stray_id
from tests.builders.outward import email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


def pending(site, number=1, **changes):
    return [
        submit_pending(
            site,
            target={
                "object": "companies",
                "id": make_record(site.world.connection.pk, "companies", name=f"Company {place}"),
            },
            changes={"name": f"Company {place} NV"},
            **changes,
        )
        for place in range(number)
    ]


def choices(rows):
    return [Choice(row.pk, row.digest) for row in rows]


def decide(site, rows, *, verdict="approve", key="k1", person=None, user=None, taken_out=(), reason="", chosen=None):
    decision_id = decide_batch(
        workspace_id=site.world.workspace.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        key=key,
        choices=choices(rows) if chosen is None else chosen,
        taken_out=[row.pk for row in taken_out],
        verdict=verdict,
        reason=reason or ("because" if verdict == "deny" else ""),
        now=get_now(),
    )
    return BatchDecision.objects.get(pk=decision_id)


def outcomes(decision):
    return {item[0]: found["outcome"] for item, found in zip(decision.manifest, decision.outcomes, strict=True)}


def manifest_events():
    return LedgerEvent.objects.filter(type="review.batch_decided")


def test_each_gets_its_own_vote_on_the_digest_that_was_seen_and_one_manifest_is_on_record(site):
    rows = pending(site, 12)
    left = rows.pop()

    decision = decide(site, rows, taken_out=[left])

    assert set(outcomes(decision).values()) == {"approved"}
    assert {(vote.request_id, vote.digest) for vote in Vote.objects.all()} == {(row.pk, row.digest) for row in rows}
    assert {get(row.pk).status for row in rows} == {"approved"}
    assert get(left.pk).status == "pending"
    assert LedgerEvent.objects.filter(type="request.voted").count() == 11
    (event,) = manifest_events()
    told = json.loads(bytes(event.body))["data"]
    assert told["items"] == [[str(row.pk), row.digest, "approved"] for row in rows]
    assert (told["taken_out"], told["verdict"]) == ([str(left.pk)], "approve")
    assert (event.actor_id, event.subject_id) == (str(site.world.approver.pk), str(decision.pk))
    assert decision.finished_at is not None


def test_a_changed_item_voids_itself_and_nothing_beside_it(site):
    changed, other = pending(site, 2)
    chosen = [Choice(changed.pk, "sha256:" + "0" * 64), Choice(other.pk, other.digest)]

    decision = decide(site, [], chosen=chosen)

    assert outcomes(decision) == {str(changed.pk): "changed", str(other.pk): "approved"}
    assert get(changed.pk).status == "pending"
    assert not Vote.objects.filter(request=changed).exists()


def test_a_record_that_somebody_wrote_since_voids_its_item(site):
    drifted, other = pending(site, 2)
    record = CrmRecord.objects.get(number=int(drifted.record_id), crm_object__name="companies")
    record.values = {**record.values, "name": "Somebody's words"}
    record.save()

    assert outcomes(decide(site, [drifted, other])) == {str(drifted.pk): "record_changed", str(other.pk): "approved"}
    assert outcomes(decide(site, [drifted], verdict="deny", key="k2")) == {str(drifted.pk): "denied"}


def test_expired_decided_foreign_and_unknown_items_are_told_apart(site):
    late, decided, fine = pending(site, 3)
    AgentActionRequest.objects.filter(pk=late.pk).update(expires_at=get_now() - timedelta(seconds=1))
    second, user = make_approver(site, "Bo Second")
    vote(site, decided, person=second, user=user, verdict="deny", reason="no")
    foreign = submit_pending(make_site("globex", agent_name="agent.other"))
    missing = stray_id()

    decision = decide(site, [], chosen=[*choices([late, decided, fine, foreign]), Choice(missing, fine.digest)])

    assert outcomes(decision) == {
        str(late.pk): "expired",
        str(decided.pk): "decided",
        str(fine.pk): "approved",
        str(foreign.pk): "not_found",
        str(missing): "not_found",
    }
    told = dict(zip((item[0] for item in decision.manifest), decision.outcomes, strict=True))
    assert told[str(decided.pk)]["by"] == f"person:{second.pk}"
    assert get(foreign.pk).status == "pending"


def test_two_people_are_needed_and_one_batch_is_one_of_them(site):
    """APR-07: a batch counts as one vote on each."""
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    second, user = make_approver(site, "Bo Second")
    publish(site.world)
    rows = pending(site, 3)

    assert set(outcomes(decide(site, rows)).values()) == {"waiting"}
    assert {get(row.pk).status for row in rows} == {"pending"}
    assert set(outcomes(decide(site, rows, key="again")).values()) == {"voted_before"}
    assert set(outcomes(decide(site, rows, person=second, user=user)).values()) == {"approved"}


def test_the_owner_of_the_agent_approves_nothing_by_the_dozen(site):
    rows = pending(site, 2)
    owner = make_user(site.world.owner)
    allow(owner, site.world.workspace, "view_requests", "review_requests")
    Membership.objects.create(group=site.world.group, person=site.world.owner)

    assert set(outcomes(decide(site, rows, person=site.world.owner, user=owner)).values()) == {"not_allowed"}
    assert {get(row.pk).status for row in rows} == {"pending"}


def test_who_is_in_no_group_decides_nothing_and_who_may_not_review_begins_nothing(site):
    rows = pending(site, 2)
    outsider = make_person("Otto Outsider")
    login = make_user(outsider)
    with pytest.raises(NotAllowedError):
        decide(site, rows, person=outsider, user=login)
    assert not BatchDecision.objects.exists()
    allow(login, site.world.workspace, "view_requests", "review_requests")
    make_group(site.world.workspace, "legal", outsider)
    assert set(outcomes(decide(site, rows, person=outsider, user=login)).values()) == {"not_allowed"}
    with pytest.raises(NotAllowedError):
        decide(make_site("globex", agent_name="agent.other"), rows, person=outsider, user=login)


def test_a_batch_denies_with_one_reason_for_each(site):
    rows = pending(site, 3)
    assert set(outcomes(decide(site, rows, verdict="deny", reason="not wanted")).values()) == {"denied"}
    assert {(vote.verdict, vote.reason) for vote in Vote.objects.all()} == {("deny", "not wanted")}
    assert {get(row.pk).status for row in rows} == {"denied"}
    assert manifest_events().count() == 1


def test_an_email_is_not_approved_by_the_dozen_but_may_be_denied():
    """APR-11: what cannot be taken back needs a look of its own."""
    outward = make_sending_site()
    mail = get(submit(outward, **email_to(make_contact(outward))).request_id)
    assert mail.status == "pending"
    assert outcomes(decide(outward, [mail])) == {str(mail.pk): "needs_look"}
    assert get(mail.pk).status == "pending"
    assert outcomes(decide(outward, [mail], verdict="deny")) == {str(mail.pk): "denied"}


def test_sent_twice_it_is_one_decision(site):
    rows = pending(site, 3)
    first, again = decide(site, rows), decide(site, rows)
    assert first.pk == again.pk
    assert (Vote.objects.count(), manifest_events().count()) == (3, 1)
    assert outcomes(first) == outcomes(again)


def test_the_same_key_with_other_items_is_another_decision(site):
    one, other = pending(site, 2)
    assert decide(site, [one]).pk != decide(site, [other]).pk


def test_what_broke_off_goes_on_where_it_stood(site):
    rows = pending(site, 12)
    manifest = sorted([str(row.pk), row.digest] for row in rows)
    decision = BatchDecision.objects.create(
        workspace=site.world.workspace,
        person=site.world.approver,
        user_id_seen=str(site.world.approver_user.pk),
        key="broken",
        verdict="approve",
        manifest=manifest,
        manifest_digest="sha256:0",
        outcomes=[{"outcome": "expired"}],
        created_at=get_now(),
    )
    go_through(decision_id=decision.pk, now=get_now())
    go_through(decision_id=decision.pk, now=get_now())
    decision.refresh_from_db()
    assert [found["outcome"] for found in decision.outcomes] == ["expired"] + ["approved"] * 11
    assert (Vote.objects.count(), manifest_events().count()) == (11, 1)


def test_nothing_too_much_or_no_reason_begins_nothing(site):
    rows = pending(site, 1)
    with pytest.raises(NothingChosenError):
        decide(site, [])
    with pytest.raises(NothingChosenError):
        decide(site, rows, verdict="maybe")
    with pytest.raises(TooManyChosenError):
        decide(site, [], chosen=[Choice(new_id(), rows[0].digest) for _ in range(MOST_AT_ONCE + 1)])
    with pytest.raises(BatchReasonMissingError):
        decide_batch(
            workspace_id=site.world.workspace.pk,
            person_id=site.world.approver.pk,
            user_id=site.world.approver_user.pk,
            key="k",
            choices=choices(rows),
            taken_out=(),
            verdict="deny",
            reason="",
            now=get_now(),
        )
    assert not BatchDecision.objects.exists()


def test_the_single_vote_and_the_batch_are_one_path(site):
    """A vote cast alone before the batch is known to it."""
    row = pending(site, 1)[0]
    cast_vote(
        request_id=row.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        digest=row.digest,
        verdict="approve",
        reason="",
        now=get_now(),
    )
    assert outcomes(decide(site, [row])) == {str(row.pk): "voted_before"}
