"""Retention and legal hold: what is due is erased, what is held stays, and every proof stands (AUD-07)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from approvals.selectors.replay import Replay, get_execution_bundle, replay_decision
from approvals.services import erasing
from approvals.services.cancel import cancel_request
from approvals.services.erasing import erase_due_values, list_due
from approvals.services.followers import follow_ledger
from approvals.services.search_terms import SEARCH
from audit.domain.event import Actor
from audit.models import Checkpoint, ErasableValues, LedgerEvent
from audit.selectors.clock import get_now
from audit.services.export import export_ledger
from audit.services.maintain import maintain_ledger
from audit.services.search_index import rebuild_index
from audit.services.signing_key import get_verifier_key
from audit.services.verify import verify_ledger
from governance.models import ChangeProposal, LegalHold, RetentionRule
from governance.selectors.access import NotAllowedError
from governance.services.change_errors import SamePersonError
from governance.services.change_proposals import countersign_change
from tests.audit.verifier_program import run
from tests.builders.api import make_site
from tests.builders.approvals import get, submit, submit_executed, submit_pending
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.outward import email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db
PAGE, RULE, HOLD = (reverse(f"approvals:{name}") for name in ("retention", "set_retention_rule", "place_legal_hold"))


@pytest.fixture
def site():
    return make_site()


def officer(site, name="Cora Compliance"):
    return make_login(site.world.workspace, "manage_dnc", "view_ledger", name=name)


def submit_ended(site, **changes):
    """A request that waited for a person and was cancelled."""
    return end(submit_pending(site, **changes).pk)


def end(request_id):
    agent_id, now = get(request_id).agent_id, get_now()
    cancel_request(request_id=request_id, actor=Actor("agent", "t"), reason="not wanted", now=now, agent_id=agent_id)
    return get(request_id)


def test_refused_logins_are_of_no_workspace_and_go_by_the_longest_rule(site):
    """AUD-07: by which name somebody came is a value like others; who wants to keep it longest decides."""
    other = make_site("globex", agent_name="agent.other").world.workspace
    Client().post(reverse("admin:login"), {"username": "mallory", "password": "x"})
    event = LedgerEvent.objects.get(type="login.refused")
    index()
    kept = ErasableValues.objects.filter(event_id=event.pk)
    RetentionRule.objects.create(workspace=site.world.workspace, event_class="login", days=30)
    RetentionRule.objects.create(workspace=other, event_class="login", days=60)

    assert [due.due for due in list_due(site.world.workspace, now=get_now() + timedelta(days=61))] == [0]
    assert [due.due for due in list_due(other, now=get_now() + timedelta(days=61))] == [1]
    erase_due_values(now=get_now() + timedelta(days=59))
    assert kept.exists()
    erase_due_values(now=get_now() + timedelta(days=61))
    assert not kept.exists()
    assert LedgerEvent.objects.filter(type="ledger.values_erased", subject_id=str(event.pk), workspace="").exists()


def index():
    maintain_ledger(now=get_now())
    follow_ledger()


def later(days=31):
    return get_now() + timedelta(days=days)


def kept(request):
    ids = LedgerEvent.objects.filter(subject_id=str(request.pk)).values("pk")
    return ErasableValues.objects.filter(pk__in=ids).count()


def post(client, address, **given):
    answer = client.post(address, given, follow=True)
    assert answer.status_code == 200
    return text_of(answer)


def test_what_is_due_is_erased_and_every_proof_stands(site):
    client, row = log_in(officer(site)), submit_ended(site)
    index()
    before = kept(row)
    assert before > 0
    post(client, RULE, event_class="request", days="30")
    assert erase_due_values(now=later(29)) == 0
    assert erase_due_values(now=later(31)) == before
    assert kept(row) == 0
    assert LedgerEvent.objects.filter(type="ledger.values_erased").count() == before
    maintain_ledger(now=get_now())
    assert verify_ledger().is_ok
    assert erase_due_values(now=later(31)) == 0


def test_another_class_and_another_workspace_are_left(site):
    other = make_site("other", agent_name="agent.other")
    row, foreign = submit_ended(site), submit_ended(other)
    index()
    client = log_in(officer(site))
    post(client, RULE, event_class="exception", days="1")
    assert erase_due_values(now=later()) == 0
    post(client, RULE, event_class="request", days="1")
    erase_due_values(now=later())
    assert (kept(row), kept(foreign) > 0) == (0, True)
    post(client, RULE, event_class="request", days="0")
    assert not RetentionRule.objects.filter(event_class="request").exists()


def test_a_hold_on_a_person_keeps_all_of_their_requests_and_no_other():
    """Also the events of a request that do not name them; the page does not show the address."""
    sender = make_sending_site("sending")
    sent = end(submit(sender, **email_to(make_contact(sender, email="jane@acme.example"))).request_id)
    free = end(submit(sender, **email_to(make_contact(sender, email="john@other.example"))).request_id)
    index()
    client = log_in(officer(sender))
    post(client, RULE, event_class="request", days="1", workspace="sending")
    assert "Held" in post(client, HOLD, kind="person", what="JANE+x@acme.example", name="Matter 1", workspace="sending")
    assert LegalHold.objects.get().subject_id == ""
    held = kept(sent)
    assert held > 0
    erase_due_values(now=later())
    assert (kept(sent), kept(free)) == (held, 0)
    assert b"jane" not in client.get(PAGE, {"workspace": "sending"}).content.lower()


@pytest.mark.parametrize("kind", ["record", "case"])
def test_a_hold_on_what_was_written(site, kind):
    row = submit_ended(site)
    index()
    client = log_in(officer(site))
    post(client, RULE, event_class="request", days="1")
    post(
        client, HOLD, kind=kind, what=str(row.pk) if kind == "case" else f"embedded/companies/{site.company}", name="M"
    )
    assert erase_due_values(now=later()) == 0
    assert [(item.due > 0, item.held == item.due) for item in list_due(site.world.workspace, now=later())] == [
        (True, True)
    ]


def test_two_people_lift_a_hold_and_one_does_not(site):
    row = submit_ended(site)
    index()
    first, second = officer(site), officer(site, "Carl Compliance")
    client = log_in(first)
    post(client, RULE, event_class="request", days="1")
    post(client, HOLD, kind="case", what=str(row.pk), name="Matter 1")
    hold = LegalHold.objects.get()
    lift = reverse("approvals:lift_legal_hold", args=[hold.pk])
    assert "Nothing was changed" in post(client, lift, reason="")
    assert "waits for a second person" in post(client, lift, reason="the matter is closed")
    assert erase_due_values(now=later()) == 0
    proposal = ChangeProposal.objects.get()
    with pytest.raises(SamePersonError):
        countersign_change(proposal_id=proposal.pk, person_id=first.person_id, user_id=first.pk, now=get_now())
    assert countersign_change(proposal_id=proposal.pk, person_id=second.person_id, user_id=second.pk, now=get_now())
    hold.refresh_from_db()
    assert hold.lifting_id == proposal.pk
    assert erase_due_values(now=later()) > 0
    types = LedgerEvent.objects.filter(subject_id=str(hold.pk)).order_by("id").values_list("type", flat=True)
    assert list(types) == ["legal_hold.placed", "legal_hold.lifted"]


def test_what_the_search_does_not_know_is_not_erased(site):
    """A hold is found by search terms: without them nothing is known to be free of one."""
    submit_ended(site)
    index()
    post(log_in(officer(site)), RULE, event_class="request", days="1")
    rebuild_index(SEARCH)
    assert erase_due_values(now=later()) == 0
    index()
    assert erase_due_values(now=later()) > 0


def test_a_person_is_not_found_any_more_where_the_values_are_gone():
    sender = make_sending_site("sending")
    end(submit(sender, **email_to(make_contact(sender, email="jane@acme.example"))).request_id)
    index()
    client = log_in(officer(sender))
    search = {"address": "jane@acme.example", "workspace": "sending", "type": "request.decided"}
    page = reverse("approvals:ledger_search")
    assert len(client.post(page, search, follow=True).context["rows"]) == 1
    post(client, RULE, event_class="request", days="1", workspace="sending")
    erase_due_values(now=later())
    assert len(client.post(page, search, follow=True).context["rows"]) == 0
    agent = {"agent": "agent.enrichment", "workspace": "sending", "type": "request.decided"}
    assert len(client.post(page, agent, follow=True).context["rows"]) == 1


def test_batches_pass_what_is_held(site, monkeypatch):
    monkeypatch.setattr(erasing, "BATCH", 1)
    first, second = submit_ended(site, correlation_id="run-1"), submit_ended(site, correlation_id="run-2")
    index()
    client = log_in(officer(site))
    post(client, RULE, event_class="request", days="1")
    post(client, HOLD, kind="case", what=str(first.pk), name="M")
    erase_due_values(now=later())
    assert (kept(first) > 0, kept(second)) == (True, 0)


@pytest.mark.parametrize(
    ("address", "given", "words"),
    [
        (RULE, {"event_class": "request", "days": "-1"}, "give days"),
        (RULE, {"event_class": "nothing", "days": "1"}, "class of events"),
        (HOLD, {"kind": "person", "what": "nobody", "name": "M"}, "address"),
        (HOLD, {"kind": "case", "what": "7", "name": "M"}, "id of a request"),
        (HOLD, {"kind": "record", "what": "7", "name": "M"}, "connection/object/id"),
        (HOLD, {"kind": "all", "what": "7", "name": "M"}, "a person, a record or a case"),
        (HOLD, {"kind": "record", "what": "embedded/companies/1", "name": ""}, "name on one line"),
    ],
)
def test_what_cannot_be_set_is_refused_in_words(site, address, given, words):
    assert words in post(log_in(officer(site)), address, **given)
    assert not RetentionRule.objects.exists()
    assert not LegalHold.objects.exists()


def test_who_may_only_read_changes_nothing(site):
    reader = log_in(make_login(site.world.workspace, "view_ledger", "edit_policy", name="Ada Auditor"))
    page = reader.get(PAGE)
    assert page.status_code == 200
    assert not find_acting_nodes(page.content)
    for address in (RULE, HOLD, reverse("approvals:lift_legal_hold", args=[site.world.workspace.pk])):
        assert reader.post(address, {"event_class": "request", "days": "1"}).status_code == 403
    nobody = log_in(make_login(site.world.workspace, "view_requests", name="Rex"))
    assert nobody.get(PAGE).status_code == 403
    assert nobody.post(RULE, {"event_class": "request", "days": "1"}).status_code == 403


def test_an_agent_is_refused(site):
    """Its token opens none of these doors."""
    for address in (RULE, HOLD, reverse("approvals:lift_legal_hold", args=[site.world.workspace.pk])):
        answer = Client().post(
            address, {"event_class": "request", "days": "1"}, headers={"Authorization": f"Bearer {site.world.token}"}
        )
        assert answer.status_code in {302, 401, 403}
        assert "login" in answer.get("Location", "login")
    assert not RetentionRule.objects.exists()


def test_nobody_but_compliance_countersigns_a_lift(site):
    row = submit_ended(site)
    first, stranger = officer(site), make_login(site.world.workspace, "view_ledger", "edit_policy", name="Rex")
    client = log_in(first)
    post(client, HOLD, kind="case", what=str(row.pk), name="Matter 1")
    post(client, reverse("approvals:lift_legal_hold", args=[LegalHold.objects.get().pk]), reason="closed")
    proposal = ChangeProposal.objects.get()
    with pytest.raises(NotAllowedError):
        countersign_change(proposal_id=proposal.pk, person_id=stranger.person_id, user_id=stranger.pk, now=get_now())
    assert LegalHold.objects.get().lifted_at is None


def test_what_has_not_ended_so_long_ago_is_left(site):
    """A request under way is needed as it is: its days are counted from its end."""
    waits = submit_pending(site)
    index()
    post(log_in(officer(site)), RULE, event_class="request", days="30")
    before = kept(waits)
    assert erase_due_values(now=later()) == 0
    assert [(item.due, item.held, item.under_way) for item in list_due(site.world.workspace, now=later())] == [
        (before, 0, before)
    ]
    assert get(waits.pk).facts
    end(waits.pk)
    index()
    assert erase_due_values(now=later()) > 0
    assert (kept(waits), get(waits.pk).facts) == (0, {})


def test_replay_says_erased_and_the_pages_stay(site):
    """RPL-02: also on the trace, its bundle, and the ledger's own page."""
    row = submit_executed(site)
    index()
    client = log_in(make_login(site.world.workspace, "view_requests", "view_ledger", "manage_dnc", name="Cora"))
    trace = reverse("approvals:trace", args=[row.pk])
    assert replay_decision(get(row.pk)) is Replay.SAME
    assert "Yes: decided again" in text_of(client.get(trace))
    post(client, RULE, event_class="request", days="1")
    erase_due_values(now=later())
    assert replay_decision(get(row.pk)) is Replay.ERASED
    assert get_execution_bundle(get(row.pk)) is None
    assert "No: erased." in text_of(client.get(trace))
    for name in ("replay", "review"):
        assert client.get(reverse(f"approvals:{name}", args=[row.pk])).status_code == 200


def test_a_stranger_verifies_the_export_after_the_erasure(site, tmp_path):
    """AUD-06: the one-file verifier over an export, with the values that are left; no erased value is in it."""
    row, other = submit_executed(site), submit_ended(site, justification="the other register says so")
    index()
    client = log_in(officer(site))
    post(client, RULE, event_class="request", days="1")
    post(client, HOLD, kind="case", what=str(other.pk), name="Matter 1")
    checkpoint = Checkpoint.objects.order_by("-size")[0]
    assert erase_due_values(now=later()) > 0
    assert (kept(row), kept(other) > 0) == (0, True)
    maintain_ledger(now=get_now())
    assert Checkpoint.objects.get(pk=checkpoint.pk).root == checkpoint.root
    assert verify_ledger().is_ok
    folder = tmp_path / "export"
    export_ledger(path=folder, now=get_now(), has_values=True)
    verdict = run(tmp_path, "export", folder, "--pin", get_verifier_key())
    assert verdict.is_verified, verdict
    values = b"".join(path.read_bytes() for path in (folder / "values").rglob("*") if path.is_file())
    assert b"the other register says so" in values
    assert b"the register names 220 employees" not in values
