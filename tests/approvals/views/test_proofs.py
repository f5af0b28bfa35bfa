"""What an auditor takes away from the trace: receipt, bundle with values, verifier (AUD-06, AUD-08)."""

import json

import pytest
from django.urls import reverse

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from audit.services.maintain import maintain_ledger
from audit.services.signing_key import get_verifier_key
from governance.services.roles import assign_role
from tests.audit.verifier_program import PROGRAM, run
from tests.builders.api import make_site
from tests.builders.approvals import execute, submit_pending, vote
from tests.builders.console import log_in, make_login, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def executed(site):
    row = submit_pending(site)
    vote(site, row)
    execute(row.pk)
    maintain_ledger(now=get_now())
    return row


def auditor(site):
    return log_in(make_login(site.world.workspace, "view_requests", "view_ledger", name="Ada Auditor"))


def test_a_bundle_tells_before_after_and_who_allowed_it_and_proves_each_step(site, executed, tmp_path):
    """AUD-06: who takes it is on record (AUD-02)."""
    answer = auditor(site).post(reverse("approvals:bundle", args=[executed.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    file = tmp_path / "bundle.json"
    file.write_bytes(answer.content)
    verdict = run(tmp_path, "bundle", file, "--pin", get_verifier_key())
    assert verdict.is_verified, verdict
    field = sorted(executed.body["changes"])[0]
    assert f"changed     {field}: " in verdict.out
    assert "voted approve" in verdict.out
    assert str(site.world.approver.pk) in verdict.out
    taken = LedgerEvent.objects.get(type="bundle.downloaded")
    assert (taken.actor_type, taken.subject_id) == ("human", str(executed.pk))


def test_no_bundle_leaves_that_is_not_recorded(site, executed, monkeypatch):
    """AUD-08: fails closed."""
    client = auditor(site)

    def refuse(*_args, **_kwargs):
        raise LedgerUnavailableError("full")

    monkeypatch.setattr("approvals.services.proofs.append_event", refuse)
    answer = client.post(reverse("approvals:bundle", args=[executed.pk]))
    assert (answer.status_code, "Content-Disposition" in answer) == (503, False)
    assert "cannot be written" in text_of(answer)


def test_receipt_and_verifier_can_be_downloaded(site, executed, tmp_path):
    """AUD-06."""
    client = auditor(site)
    page = client.get(reverse("approvals:trace", args=[executed.pk])).content.decode()
    assert reverse("approvals:verifier") in page
    assert client.get(reverse("approvals:verifier")).content == PROGRAM.read_bytes()
    file = tmp_path / "receipt.tlog-proof"
    file.write_bytes(client.get(reverse("approvals:receipt", args=[executed.pk])).content)
    assert run(tmp_path, "proof", file, "--pin", get_verifier_key()).is_verified


def test_who_may_not_read_the_ledger_takes_nothing_away(site, executed):
    """IDN-07: reviewers see the page, not the ledger's own words (canaries are told there)."""
    client = log_in(site.world.approver_user)
    assert client.get(reverse("approvals:receipt", args=[executed.pk])).status_code == 403
    assert client.post(reverse("approvals:bundle", args=[executed.pk])).status_code == 403
    assert "tlog" not in text_of(client.get(reverse("approvals:trace", args=[executed.pk])))
    assert not LedgerEvent.objects.filter(type="bundle.downloaded").exists()


def test_nothing_signed_yet_is_said(site):
    row = submit_pending(site)
    client = auditor(site)
    for answer in (
        client.get(reverse("approvals:receipt", args=[row.pk]), follow=True),
        client.post(reverse("approvals:bundle", args=[row.pk]), follow=True),
    ):
        assert "Nothing of it is under a signed checkpoint yet" in text_of(answer)


def test_a_role_is_recorded_with_the_persons_name_which_can_be_erased(site):
    """AUD-02, AUD-07: a reader elsewhere knows people by id alone."""
    user, actor = site.world.approver_user, Actor("human", "test")
    assign_role(user_id=user.pk, workspace_id=site.world.workspace.pk, role="auditor", actor=actor, now=get_now())
    body = json.loads(bytes(LedgerEvent.objects.filter(type="role.assigned").latest("id").body))
    assert body["data"]["person"] == str(site.world.approver.pk)
    assert set(body["commitments"]) == {"name"}
    assert site.world.approver.name not in json.dumps(body)
