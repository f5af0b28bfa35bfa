"""Canaries: requests that must be denied, mixed into the inbox to see whether people look (QAS-02)."""

from datetime import timedelta

import msgspec
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.domain.canary import CanaryOutcome, draws, number_of
from approvals.models import (
    AgentActionRequest,
    BatchDecision,
    Canary,
    ExceptionCase,
    FirstDone,
    ReportTally,
    SamplingPeriod,
    TrackRecord,
    WrittenField,
)
from approvals.selectors.habits import count_recent
from approvals.selectors.inbox import list_inbox
from approvals.selectors.own_events import is_own_event
from approvals.selectors.requests import find_request, list_requests
from approvals.services.batch_decision import Choice, decide_batch
from approvals.services.canary_planting import plant_canaries
from approvals.services.claim import claim_request
from approvals.services.expiry import expire_request
from approvals.services.pages.quality_results import show_canaries
from approvals.services.sampling_check import check_samples
from approvals.services.standing import StandingRefusedError, give_standing_approval
from audit.domain.identifier import new_id
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import BudgetCounter
from tests.builders.approvals import correct, count_writes, crm_value, get, make_approver, make_principal, vote
from tests.builders.approvals import submit_pending as ask
from tests.builders.console import log_in, make_login, text_of
from tests.builders.crm_connectors import make_record
from tests.builders.quality import make_sampling_site, plant_canary, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    """Every decision of a person draws a canary."""
    return make_sampling_site(
        restricted_percent=0, new_agent_percent=0, safe_percent=0, risky_percent=0, canary_every=1
    )


def told(event_type):
    rows = LedgerEvent.objects.filter(type=event_type).order_by("id")
    return [msgspec.json.decode(bytes(row.body)) for row in rows]


def test_a_decision_draws_one_which_waits_like_the_agents_own(site):
    """QAS-02: same agent, same record, judged by the policy in force; its evidence says something else than it."""
    canary = plant_canary(site)
    page = list_inbox(workspace_id=canary.workspace_id, person_id=site.world.approver.pk)
    assert [row.pk for row in page.requests] == [canary.pk]
    assert (canary.actor_type, canary.agent, canary.status) == ("canary", site.world.agent, "pending")
    [change] = [item for item in canary.patch if item["field"] == "name"]
    assert change["after"] == canary.body["changes"]["name"] != "Umicore NV"
    assert canary.body["evidence"][0]["excerpt"] == "Name: Umicore NV"


def test_the_ledger_says_what_it_is_and_the_page_does_not_until_it_is_decided(site):
    """AUD-02: what is recorded first of it is that it is a canary."""
    canary = plant_canary(site)
    received = next(body for body in told("request.received") if body["subject"]["id"] == str(canary.pk))
    assert received["actor"] == {"type": "system", "id": "canaries"}
    assert received["data"]["canary"]["pattern"] == "another_company"
    client = log_in(site.world.approver_user)
    pages = [reverse(f"approvals:{name}", args=[canary.pk]) for name in ("review", "trace")]
    shown = [text_of(client.get(address)) for address in (*pages, reverse("approvals:requests"))]
    assert all("canar" not in page.replace("quality/canaries", "") for page in shown)

    vote(site, canary, verdict="deny", reason="no")
    assert "made to be denied: nothing was written. Caught by Rosa Revops." in text_of(client.get(pages[0]))
    assert "Canary caught" in text_of(client.get(pages[1]))


def test_who_approves_it_is_told_at_once_and_nothing_is_written(site):
    """QAS-02: the first approval ends it, and an exception opens."""
    canary = plant_canary(site)
    before = crm_value(site, "name")
    client = log_in(site.world.approver_user)
    answer = client.post(reverse("approvals:approve", args=[canary.pk]), {"digest": canary.digest}, follow=True)
    assert "This was a canary" in text_of(answer)
    assert "nothing was written" in text_of(answer)
    settle()
    row, done = Canary.objects.get(request=canary), get(canary.pk)
    assert (row.outcome, row.person, done.status, done.status_code) == (
        "missed",
        site.world.approver,
        "cancelled",
        "canary",
    )
    assert (count_writes(canary.pk), crm_value(site, "name")) == (0, before)
    case = ExceptionCase.objects.get(kind="canary_missed")
    assert (case.agent, case.code, case.field, case.subject) == (None, "another_company", "name", str(canary.pk))


def test_who_denies_it_has_caught_it(site):
    canary = plant_canary(site)
    assert vote(site, canary, verdict="deny", reason="wrong").canary is CanaryOutcome.CAUGHT
    settle()
    assert not ExceptionCase.objects.filter(kind="canary_missed").exists()
    assert told("canary.caught")[0]["data"]["person"] == str(site.world.approver.pk)


def test_a_correction_of_what_is_bad_catches_it_and_any_other_does_not(site):
    """APR-12: nothing of a corrected canary is judged or written either."""
    first = plant_canary(site)
    assert correct(site, first, name="Umicore NV").canary is CanaryOutcome.CAUGHT
    assert (get(first.pk).status, count_writes(first.pk)) == ("cancelled", 0)


@pytest.mark.parametrize("status", ["approved", "held", "executing", "executed", "failed", "unknown", "evaluating"])
def test_the_database_lets_no_canary_go_further(site, status):
    """INVARIANT: whoever asks and whatever path they take, it never runs."""
    canary = plant_canary(site)
    rows = AgentActionRequest.objects.filter(pk=canary.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(status=status)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(actor_type="agent")
    canary.idempotency_key, canary.status = "another", status
    canary.id = new_id()
    with pytest.raises(DatabaseError), transaction.atomic():
        canary.save(force_insert=True)
    assert claim_request(request_id=rows.get().pk, worker="test") is None


def test_in_a_batch_it_is_put_away_and_the_rest_goes_on(site):
    """APR-06: the item says why; the others are decided."""
    canary = plant_canary(site)
    other = ask(site, target={"object": "companies", "id": make_record(site.connection_id, name="Bekaert")})
    decision = decide_batch(
        workspace_id=canary.workspace_id,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        key="k",
        choices=[Choice(row.pk, row.digest) for row in (canary, other)],
        taken_out=[],
        verdict="approve",
        reason="",
        now=get_now(),
    )
    row = BatchDecision.objects.get(pk=decision)
    ended = {item[0]: outcome["outcome"] for item, outcome in zip(row.manifest, row.outcomes, strict=True)}
    assert ended == {str(canary.pk): "was_canary", str(other.pk): "approved"}
    page = text_of(log_in(site.world.approver_user).get(reverse("approvals:batch_report", args=[decision])))
    assert "this was a canary, made to be denied" in page


def test_no_standing_approval_comes_of_one(site):
    canary = plant_canary(site)
    vote(site, canary)
    with pytest.raises(StandingRefusedError):
        give_standing_approval(
            request_id=canary.pk,
            person_id=site.world.approver.pk,
            days=1,
            max_uses=1,
            is_any_value=True,
            confidence_gap=0.0,
            now=get_now(),
        )


def test_the_agent_never_learns_of_it(site):
    """Invariant 8: it is no request of the agent's, though it bears its name."""
    canary = plant_canary(site)
    agent = canary.agent_id
    assert find_request(request_id=canary.pk, agent_id=agent) is None
    assert canary not in list_requests(workspace_id=canary.workspace_id, agent_id=agent)
    event = LedgerEvent.objects.get(type="request.received", subject_id=str(canary.pk))
    assert not is_own_event(make_principal(site.world), event.pk)


@pytest.mark.parametrize("verdict", ["approve", "deny"])
def test_nothing_that_is_told_of_the_agent_counts_it(site, verdict):
    """PRM-11, LIM-05, REP-01: neither acceptance nor volume, budgets, samples, reports or what people overwrote."""
    canary = plant_canary(site)
    counted = counts_of(site)
    vote(site, canary, verdict=verdict, reason="no")
    settle()
    assert counts_of(site) == counted
    assert get(canary.pk).holds == []
    assert not hasattr(get(canary.pk), "sample")


def counts_of(site):
    return (
        list(TrackRecord.objects.order_by("id").values_list("field", "entries")),
        list(ReportTally.objects.order_by("measure", "detail").values_list("measure", "detail", "count")),
        list(BudgetCounter.objects.order_by("id").values()),
        WrittenField.objects.count(),
        FirstDone.objects.count(),
        count_recent(site.world.workspace.pk, get_now()),
    )


def test_a_canary_draws_no_other(site):
    """The rate is of what people decided, and of nothing that we made."""
    vote(site, plant_canary(site), verdict="deny", reason="no")
    settle()
    assert Canary.objects.count() == 1


def test_the_draw_is_by_the_committed_seed_and_can_be_repeated(site):
    """QAS-01: one in so many, by a seed of which the ledger has the sha256 from before."""
    plant_canary(site)
    row, period = Canary.objects.get(), SamplingPeriod.objects.get()
    assert draws(number_of(bytes(period.seed), row.drawn_from_id), 1)
    assert told("canary.drawn")[0]["data"]["drawn_from"] == str(row.drawn_from_id)
    assert check_samples().wrong == ()
    period.rates["canary_every"] = 2**62
    period.save(update_fields=["rates"])
    assert "no draw explains it" in check_samples().wrong[0]
    assert sum(draws(number_of(b"seed", row.pk.__class__(int=n)), 10) for n in range(2_000)) in range(150, 250)


def test_none_is_made_unless_somebody_turned_it_on():
    """Declared means enforced: the rate of the plan is what draws."""
    site = make_sampling_site()
    vote(site, ask(site), verdict="deny", reason="no")
    settle()
    assert not Canary.objects.exists()


def test_where_nothing_fits_none_is_planted(site):
    """A record on which something waits would show two, so it is left out; the draw says that it came to nothing."""
    vote(site, ask(site), verdict="deny", reason="no")
    ask(site)
    settle()
    assert plant_canaries(now=get_now()) == 0
    assert Canary.objects.get().skipped == "nothing_fits"
    assert told("canary.skipped")


def test_one_that_nobody_decides_in_time_counts_for_nobody(site):
    canary = plant_canary(site)
    AgentActionRequest.objects.filter(pk=canary.pk).update(expires_at=get_now() - timedelta(minutes=1))
    expire_request(request_id=canary.pk)
    assert (get(canary.pk).status, Canary.objects.get().outcome) == ("expired", "")


def test_everybody_sees_their_own_results_and_who_answers_for_access_all(site):
    """QAS-02: caught of shown, with an interval; nobody else's."""
    vote(site, plant_canary(site), verdict="deny", reason="no")
    other, other_user = make_approver(site, "Otto Other")
    vote(site, plant_again(site), person=other, user=other_user)
    address = reverse("approvals:canaries")
    mine = text_of(log_in(other_user).get(address))
    assert "0 of 1 caught" in mine
    assert site.world.approver.name not in mine
    lead = make_login(site.world.workspace, "review_access", name="Lena Lead")
    everybody = text_of(log_in(lead).get(address))
    assert "1 of 1 caught" in everybody
    assert "0 of 1 caught" in everybody
    now = get_now()
    with CaptureQueriesContext(connection) as queries:
        show_canaries(workspace_id=site.world.workspace.pk, days=28, person_id=None, now=now)
    assert len(queries) == 2


def plant_again(site):
    Canary.objects.filter(request=None, skipped="").update(skipped="test")
    return plant_canary(site)


def test_who_neither_reviews_nor_answers_for_access_is_refused(site):
    """IDN-07: an auditor who only looks at quality has nothing to see here."""
    viewer = make_login(site.world.workspace, "view_requests", "view_quality")
    assert log_in(viewer).get(reverse("approvals:canaries")).status_code == 403


def shown_facts(client, request):
    """The places and values that the lab offers, without those that name the moment or the proposal itself."""
    page = client.get(reverse("approvals:replay", args=[request.pk]))
    return dict(page.context["page"].facts), text_of(page)


def test_replay_and_lab_tell_it_from_nothing(site):
    """QAS-02, RPL-02: the story names the agent, facts have the same places, and it replays byte for byte."""
    canary = plant_canary(site)
    real = ask(site, changes={"name": "Halden NV"})
    client = log_in(make_login(site.world.workspace, "view_requests", "review_requests", "view_ledger"))
    (facts, page), (others, other) = shown_facts(client, canary), shown_facts(client, real)

    assert "canar" not in page.replace("quality/canaries", "").lower()
    for words in (
        ">agent.enrichment</bdi>",
        "asked to update companies",
        "decided “require approval”",
        "byte for byte",
    ):
        assert words in page
        assert words in other
    assert set(facts) == set(others)
    differing = {place for place, value in facts.items() if value != others[place]}
    assert differing <= {"now", "record/version", "request/changes/name", "request/correlation_id"}, differing


def test_the_ledger_says_as_much_of_it_as_of_any_other_beside_that_it_is_one(site):
    """QAS-02: a page that leaves out that it is one leaves nothing that only agents' requests have."""
    canary = plant_canary(site)
    real = ask(site, changes={"name": "Halden NV"})
    received = {body["subject"]["id"]: body for body in told("request.received")}
    made, others = received[str(canary.pk)], received[str(real.pk)]
    assert set(made["data"]) - {"canary"} == set(others["data"])
    assert set(made["commitments"]) == set(others["commitments"])
