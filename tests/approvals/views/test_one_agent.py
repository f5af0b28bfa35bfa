"""Who holds rights for one agent alone sees and does that agent's things, and nothing of another's (IDN-07)."""

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.urls import reverse
from guardian.models import UserObjectPermission
from guardian.shortcuts import assign_perm

from approvals.models import BatchDecision, DrillRun, Incident, Notification, RequestBatch, SamplingPlan, Vote
from approvals.selectors.inbox import list_inbox
from approvals.services.bad_action import report_by_person
from approvals.services.exception_desk import Worker
from approvals.services.followers import follow_ledger
from approvals.services.incidents import mitigate_incident
from approvals.services.notification_audience import Audience
from approvals.services.quarantine import quarantine_queue
from approvals.services.resolution import resolve_unknown
from approvals.services.revert import revert_request
from approvals.services.revert_errors import RevertError
from approvals.services.review_errors import NotAnApproverError
from approvals.services.sampling_periods import keep_periods
from approvals.services.standing import give_standing_approval
from approvals.services.stop import stop
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from config.console.header import get_header
from config.console.home import show_home
from governance.domain.agent_rights import AGENT_RIGHTS
from governance.models import KillSwitch, Membership
from governance.selectors.access import NotAllowedError
from governance.selectors.held import get_held
from tests.builders.api import make_site
from tests.builders.approvals import NAME_CHANGE, execute, get, submit, submit_executed, submit_pending, vote
from tests.builders.console import log_in, make_agents_login, make_login, text_of
from tests.builders.exceptions import make_case, make_incident
from tests.builders.governance import allow
from tests.builders.quality import decide_canary, settle
from tests.builders.two_agents import make_two_agents, submit_both
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
LISTS = (
    *("inbox", "requests", "exceptions", "stops", "leaving", "on_hold", "suggestions", "standing", "stranded"),
    *("quality", "quality_results", "report", "catalog", "mine", "notifications", "incidents", "drills", "canaries"),
)


@pytest.fixture
def two():
    return make_two_agents()


@pytest.fixture
def client(two):
    return log_in(two.ann)


def url(name, *args):
    return reverse(f"approvals:{name}", args=args)


def test_what_is_held_for_one_agent_is_not_held_in_the_workspace(two):
    held, workspace = get_held(two.ann), two.mine.world.workspace
    assert held.at(workspace.pk) == frozenset()
    assert held.list_where(*AGENT_RIGHTS) == ()
    assert held.at_agent(workspace.pk, two.mine.world.agent.pk) == AGENT_RIGHTS
    assert held.at_agent(workspace.pk, two.theirs.world.agent.pk) == frozenset()
    assert held.get_scope(workspace.pk, "view_requests") == {two.mine.world.agent.pk}
    assert held.list_reach("view_requests") == (workspace,)
    assert held.get_scope(make_site("other").world.workspace.pk, "view_requests") == frozenset()


def test_all_that_a_login_holds_is_read_by_one_statement_however_many_agents(two):
    with captured_statements() as few:
        get_held(type(two.ann).objects.get(pk=two.ann.pk))
    make_agents_login(two.theirs.world.agent, *AGENT_RIGHTS, name="Bert Both")
    with captured_statements() as more:
        get_held(type(two.ann).objects.get(pk=two.ann.pk))
    assert len(few) == len(more) == 2  # the login, and what it holds


@pytest.mark.parametrize("name", LISTS)
def test_a_list_holds_the_one_agent_alone(two, client, name):
    everything = dict.fromkeys(("restricted_percent", "new_agent_percent", "safe_percent", "risky_percent"), 100)
    SamplingPlan.objects.create(workspace=two.mine.world.workspace, **everything)
    settle()
    submit_both(two)
    make_case(two.mine.world.workspace, agent="agent.mine")
    make_case(two.mine.world.workspace, agent="agent.theirs", code="validation_failed")
    submit_executed(two.mine)
    submit_executed(two.theirs, changes={"industry": "Retail"}, expected=None)
    settle()
    for agent in ("agent.mine", "agent.theirs"):
        make_incident(make_case(two.mine.world.workspace, agent=agent, kind="breaker_trip"), title=agent)
        make_case(two.mine.world.workspace, agent=agent, kind="agent_stopped")
        DrillRun.objects.create(
            workspace=two.mine.world.workspace, agent_name=agent, run_at=get_now(), held=0, total=0, results=[]
        )
    page = text_of(client.get(url(name)))
    assert "agent.theirs" not in page
    if name in {"incidents", "drills", "inbox", "requests", "exceptions", "stops", "catalog", "quality", "report"}:
        assert "agent.mine" in page


@pytest.mark.parametrize("name", ["review", "trace", "revert", "report_action"])
def test_a_page_about_another_agents_request_does_not_exist(two, client, name):
    mine, theirs = submit_both(two)
    assert client.get(url(name, mine.pk)).status_code in (200, 409)
    assert client.get(url(name, theirs.pk)).status_code == 404


@pytest.mark.parametrize(
    "name", ["approve", "deny", "edit", "escalate", "hold", "bring_back", "look", "cancel", "settle", "stop", "revert"]
)
def test_nothing_is_done_to_another_agents_request(two, client, name):
    _, theirs = submit_both(two)
    answer = client.post(url(name, theirs.pk), {"digest": theirs.digest, "reason": "x", "preset": "wrong_value"})
    assert answer.status_code == 404
    assert get(theirs.pk).status == "pending"
    assert not Vote.objects.exists()
    assert not KillSwitch.objects.exists()


def test_their_vote_counts_for_the_one_agent_and_is_refused_for_the_other(two):
    mine, theirs = submit_both(two)
    assert vote(two.mine, mine, person=two.person, user=two.ann).status == "approved"
    with pytest.raises(NotAnApproverError):
        vote(two.theirs, theirs, person=two.person, user=two.ann)
    assert get(theirs.pk).status == "pending"


def test_seeing_alone_decides_nothing(two):
    viewer = make_agents_login(two.mine.world.agent, "view_requests", name="Vic Viewer")
    mine, _ = submit_both(two)
    client = log_in(viewer)
    assert client.get(url("review", mine.pk)).status_code == 200
    for name in ("approve", "stop", "settle", "cancel"):
        assert client.post(url(name, mine.pk), {"digest": mine.digest, "reason": "x"}).status_code == 403
    assert client.get(url("quality")).status_code == 403
    assert client.get(url("report")).status_code == 403


def test_the_inbox_of_who_sees_all_and_reviews_one_holds_that_one(two):
    allow(two.ann, two.mine.world.workspace, "view_requests")
    submit_both(two)
    client = log_in(two.ann)
    inbox = client.get(url("inbox")).context
    assert {entry.line.row.request.agent.name for entry in inbox["entries"] if hasattr(entry, "line")} <= {"agent.mine"}
    assert inbox["count"] == 1
    assert client.get(url("requests")).content.count(b"agent.theirs") > 0


def test_of_a_batch_each_is_asked_about_by_itself(two, client):
    mine, theirs = submit_both(two)
    items = [f"{row.pk}:{row.digest}" for row in (mine, theirs)]
    shown = text_of(client.post(url("batch_confirm"), {"item": items}))
    assert "agent.theirs" not in shown
    client.post(
        url("batch_decide"), {"item": items, "verdict": "deny", "preset": "wrong_value", "note": "no", "key": "k"}
    )
    assert (get(mine.pk).status, get(theirs.pk).status) == ("denied", "pending")
    report = client.get(url("batch_report", BatchDecision.objects.get().pk))
    assert report.status_code == 200
    assert "agent.theirs" not in text_of(report)


def test_a_batch_tells_nothing_of_what_is_anothers(two, client):
    """IDN-07: not whether it reaches a person, nor whether its record changed meanwhile."""
    theirs = submit_both(two)[1]
    type(theirs).objects.filter(pk=theirs.pk).update(risk_tier="blocked")
    client.post(url("batch_decide"), {"item": [f"{theirs.pk}:{theirs.digest}"], "verdict": "approve", "key": "k"})
    assert [item["outcome"] for item in BatchDecision.objects.get().outcomes] == ["not_allowed"]


def test_who_may_review_no_agent_decides_no_batch(two):
    mine, _ = submit_both(two)
    viewer = log_in(make_agents_login(two.mine.world.agent, "view_requests", name="Vic Viewer"))
    form = {"item": [f"{mine.pk}:{mine.digest}"], "verdict": "approve", "key": "k"}
    assert viewer.post(url("batch_decide"), form).status_code == 403
    assert not BatchDecision.objects.exists()


def test_an_agents_batch_belongs_to_the_agent(two, client):
    for site, status in ((two.mine, 200), (two.theirs, 404)):
        batch = RequestBatch.objects.create(
            workspace=site.world.workspace,
            agent=site.world.agent,
            idempotency_key="b",
            manifest_digest="sha256:x",
            items_count=1,
            created_at=get_now(),
        )
        assert client.get(url("agent_batch", batch.pk)).status_code == status


def test_their_reverts_are_of_the_one_agent_and_stay_in_sight(two, client):
    mine, theirs = submit_executed(two.mine), submit_executed(two.theirs, changes={"industry": "Retail"}, expected=None)
    done = revert_request(
        request_id=mine.pk, person_id=two.person.pk, user_id=two.ann.pk, reason="wrong", now=get_now()
    )
    assert client.get(url("trace", done.request_id)).status_code == 200
    assert str(done.request_id) in text_of(client.get(url("requests")))
    with pytest.raises(RevertError):
        revert_request(request_id=theirs.pk, person_id=two.person.pk, user_id=two.ann.pk, reason="x", now=get_now())


def test_they_stop_the_one_agent_and_nothing_else(two, client):
    workspace, mine, theirs = two.mine.world.workspace, two.mine.world.agent, two.theirs.world.agent
    who = {"workspace_id": workspace.pk, "reason": "x", "actor": Actor("human", "a"), "user_id": two.ann.pk}
    for kind, agent in (("all", None), ("write_back", None), ("agent", theirs.pk)):
        with pytest.raises(NotAllowedError):
            stop(kind=kind, agent_id=agent, now=get_now(), **who)
    for agent in (None, theirs.pk):
        with pytest.raises(NotAllowedError):
            quarantine_queue(agent_id=agent, now=get_now(), **who)
    client.post(url("engage"), {"kind": "agent", "agent": str(mine.pk), "reason": "wrong values"})
    assert [switch.agent for switch in KillSwitch.objects.all()] == [mine]
    quarantine_queue(agent_id=mine.pk, now=get_now(), **who)


def test_the_header_and_the_home_page_tell_of_the_one_agent(two):
    submit_both(two)
    request = RequestFactory().get("/admin/")
    request.user = two.ann
    panel = get_header(request)["stop_panel"]
    assert ([agent.name for agent in panel.agents], panel.kinds) == (["agent.mine"], ())
    home = show_home(request, {})["home"]
    assert (home.overview.waiting, home.overview.pending) == (1, 1)
    assert (home.later, home.ledger, home.changes) == (None, None, None)


def test_a_stop_of_another_agent_is_not_told_but_one_of_all_is(two):
    request = RequestFactory().get("/admin/")
    request.user = two.ann
    place = {"workspace_id": two.mine.world.workspace.pk, "reason": "x", "actor": Actor("human", "a")}
    stop(kind="agent", agent_id=two.theirs.world.agent.pk, now=get_now(), **place)
    assert get_header(request)["banners"] == ()
    stop(kind="all", agent_id=None, now=get_now(), **place)
    assert len(get_header(request)["banners"]) == 1


def test_exceptions_are_worked_on_for_the_one_agent(two, client):
    workspace = two.mine.world.workspace
    mine = make_case(workspace, agent="agent.mine")
    theirs = make_case(workspace, agent="agent.theirs")
    nobodys = make_case(workspace, code="check_failed", agent="")
    assert client.get(url("exception", mine.pk)).status_code == 200
    assert [client.get(url("exception", case.pk)).status_code for case in (theirs, nobodys)] == [404, 404]
    client.post(url("comment_exception", mine.pk), {"comment": "looked"})
    chosen = {
        "case": [f"{case.pk}:" for case in (mine, theirs)],
        "chosen": [str(mine.pk), str(theirs.pk)],
        "verb": "own",
    }
    client.post(url("triage_exceptions"), chosen)
    theirs.refresh_from_db()
    assert theirs.owner is None
    mine.refresh_from_db()
    assert mine.reviewed_at is not None


def test_incidents_are_told_and_worked_on_for_the_one_agent(two, client):
    """EXC-04, IDN-07: another agent's, and one of no agent, do not exist; none is declared of them."""
    workspace = two.mine.world.workspace
    mine, theirs = (make_incident(make_case(workspace, agent=name)) for name in ("agent.mine", "agent.theirs"))
    nobodys = make_incident(make_case(workspace, code="check_failed", agent=""))
    found = [client.get(url("incident", row.pk)).status_code for row in (mine, theirs, nobodys)]
    assert found == [200, 404, 404]
    for row in (mine, theirs, nobodys):
        client.post(url("change_incident", row.pk), {"verb": "mitigate"})
    assert set(Incident.objects.filter(state="mitigated")) == {mine}
    for told in ({"agent": "agent.theirs"}, {}, {"case": theirs.case_id}, {"case": nobodys.case_id}):
        client.post(url("declare_incident"), {"title": "Mine now", "severity": "high", **told})
    assert not Incident.objects.filter(title="Mine now").exists()
    client.post(url("declare_incident"), {"title": "Mine now", "severity": "high", "agent": "agent.mine"})
    assert Incident.objects.get(title="Mine now").agent == mine.agent


def test_no_service_moves_another_agents_incident(two):
    """EXC-04, IDN-07: whatever the page allowed."""
    theirs = make_incident(make_case(two.mine.world.workspace, agent="agent.theirs"))
    with pytest.raises(NotAllowedError):
        mitigate_incident(incident_id=theirs.pk, worker=Worker(two.person.pk, two.ann.pk), now=get_now())


def test_an_incident_does_not_lead_on_to_another_agents_exception(two, client):
    """EXC-04, IDN-07: neither a link to it, nor its comments in the timeline."""
    case = make_case(two.mine.world.workspace, agent="agent.theirs")
    row = make_incident(case, agent=two.mine.world.agent)
    case_page = url("exception", case.pk)
    whole = log_in(make_login(two.mine.world.workspace, "view_requests", name="Will Whole"))
    assert case_page in text_of(whole.get(url("incident", row.pk)))
    assert case_page not in text_of(client.get(url("incident", row.pk)))
    assert "Opened" not in text_of(client.get(url("incident", row.pk)))


def test_an_incident_is_of_the_agent_of_its_exception(two):
    """EXC-04: else who sees the one would read about the other."""
    case = make_case(two.mine.world.workspace, agent="agent.theirs")
    worker = make_login(two.mine.world.workspace, "view_requests", "handle_exceptions", name="Will Whole")
    told = {"title": "Both", "severity": "high", "case": case.pk, "agent": "agent.mine"}
    answer = log_in(worker).post(url("declare_incident"), told, follow=True)
    assert "the exception is another agent" in text_of(answer)
    assert not Incident.objects.exists()


def test_their_canaries_are_the_one_agents(two, client):
    """QAS-02, IDN-07: also of those that they decided themselves, when they still reviewed the other."""
    SamplingPlan.objects.create(workspace=two.mine.world.workspace)
    keep_periods(now=get_now())
    decide_canary(two.mine, two.person)
    decide_canary(two.theirs, two.person)
    page = client.get(url("canaries")).context["page"]
    assert [item.row.request.agent.name for item in page.canaries] == ["agent.mine"]
    assert [rate.total for _, rate in page.reviewers] == [1]


def test_what_they_reported_of_an_agent_shows_while_they_see_it(two, client):
    """IDN-07: the report stays theirs; the request in it, with what its record holds now, is the agent's."""
    mine = submit_executed(two.mine)
    report_by_person(user_id=two.ann.pk, request_id=mine.pk, reason="wrong_value", text="", now=get_now())
    assert len(client.get(url("own_reports")).context["reports"]) == 1
    UserObjectPermission.objects.filter(user=two.ann).delete()
    assign_perm("view_requests", two.ann, two.theirs.world.agent)
    assert client.get(url("own_reports")).context["reports"] == []


def test_who_is_asked_to_decide_leaves_out_who_reviews_other_agents_alone(two):
    mine, theirs = submit_both(two)
    workspace = two.mine.world.workspace
    audience = Audience({workspace.slug: workspace}, {})
    entry = type("Entry", (), {"type": "request.decided", "data": {}})()
    assert two.person.pk in audience.of_waiting(entry, mine)
    assert audience.of_waiting(entry, theirs) == {two.mine.world.approver.pk}


def test_who_may_not_review_an_agents_requests_hears_of_none_though_of_its_group(two):
    """IDN-07: seeing one agent, or having reviewed it before the right was taken, tells of no other agent by mail."""
    vic = make_agents_login(two.mine.world.agent, "view_requests", name="Vic Viewer")
    Membership.objects.create(group=two.mine.world.group, person=vic.person)
    UserObjectPermission.objects.filter(user=two.ann).delete()
    _, theirs = submit_both(two)
    workspace = two.mine.world.workspace
    audience = Audience({workspace.slug: workspace}, {})
    entry = type("Entry", (), {"type": "request.decided", "data": {}})()
    assert audience.of_waiting(entry, theirs) == {two.mine.world.approver.pk}


@pytest.mark.parametrize("is_by_group", [False, True])
def test_a_vote_counts_at_the_claim_while_its_person_may_review_the_agent(two, is_by_group):
    """IDN-07, APR-05: rights that were taken after the last vote bite before anything is written."""
    request = submit_pending(two.mine)
    vote(two.mine, request, person=two.person, user=two.ann)
    group = Group.objects.create(name="reviewers of mine")
    two.ann.groups.add(group)
    if is_by_group:
        assign_perm("review_requests", group, two.mine.world.agent)
    UserObjectPermission.objects.filter(user=two.ann, permission__codename="review_requests").delete()
    assign_perm("review_requests", two.ann, two.theirs.world.agent)
    execute(request.pk)
    assert get(request.pk).status == ("executed" if is_by_group else "pending")


def test_a_standing_approval_falls_with_the_right_to_review_the_agent(two):
    """IDN-07, APR-11: it approves what its person could approve alone right now."""
    request = submit_pending(two.mine)
    vote(two.mine, request, person=two.person, user=two.ann)
    terms = {"days": 3, "max_uses": 5, "is_any_value": True, "confidence_gap": 0.05, "now": get_now()}
    give_standing_approval(request_id=request.pk, person_id=two.person.pk, **terms)
    assert submit(two.mine, **NAME_CHANGE).status == "approved"
    UserObjectPermission.objects.filter(user=two.ann).delete()
    assert submit(two.mine, **NAME_CHANGE).status == "pending"


def test_an_outcome_that_nobody_knows_is_settled_for_the_one_agent(two):
    _, theirs = submit_both(two)
    with pytest.raises(Exception, match="no outcome of this request waits"):
        resolve_unknown(
            request_id=theirs.pk,
            person_id=two.person.pk,
            user_id=two.ann.pk,
            outcome="applied",
            reason="x",
            now=get_now(),
        )


def test_the_palette_finds_the_one_agents_things(two, client):
    mine, theirs = submit_both(two)
    for text in ("agent.", str(theirs.pk), theirs.correlation_id):
        assert "agent.theirs" not in text_of(client.get(url("palette"), {"q": text}))
    assert "agent.mine" in text_of(client.get(url("palette"), {"q": "agent."}))
    assert str(mine.pk) in text_of(client.get(url("palette"), {"q": str(mine.pk)}))


@pytest.mark.parametrize("path", ["report_file", "report_cases", "quality_rows"])
def test_files_and_numbers_hold_the_one_agent(two, client, path):
    for site in (two.mine, two.theirs):
        submit(site, changes={"numberofemployees": "many"}, expected=None)
    maintain_ledger(now=get_now())
    follow_ledger()
    week = f"{get_now().date():%Y-%m-%d}"
    asked = {
        "report_file": (url("report_file", "csv"), {}),
        "report_cases": (url("report_cases"), {"week": week, "what": "opened"}),
        "quality_rows": (url("quality_rows"), {"kind": "judged", "agent": "agent.theirs", "object": "companies"}),
    }
    address, query = asked[path]
    answer = client.get(address, query)
    assert answer.status_code == 200
    body = text_of(answer) if not answer.streaming else b"".join(answer.streaming_content).decode()
    if path != "quality_rows":  # which repeats what was asked
        assert "agent.theirs" not in body


def test_pages_ask_no_more_however_many_agents_there_are(two):
    submit_both(two)
    client = log_in(two.ann)
    client.get(url("requests"))
    with captured_statements() as few:
        client.get(url("requests"))
    for number in range(3):
        submit_pending(two.theirs, changes={"annualrevenue": number})
        make_agents_login(two.mine.world.agent, "view_requests", name=f"More {number}")
    with captured_statements() as more:
        client.get(url("requests"))
    assert len(more) == len(few)


def test_what_is_taken_bites_with_the_next_click(two, client):
    mine, _ = submit_both(two)
    assert client.get(url("review", mine.pk)).status_code == 200
    UserObjectPermission.objects.filter(user=two.ann).delete()
    assert client.get(url("review", mine.pk)).status_code == 404
    assert client.get(url("inbox")).status_code == 403


def test_rights_in_the_workspace_hold_for_every_agent(two):
    _, theirs = submit_both(two)
    client = log_in(make_login(two.mine.world.workspace, "view_requests"))
    assert client.get(url("review", theirs.pk)).status_code == 200
    assert Notification.objects.count() == 0
    assert (
        list_inbox(workspace_id=two.mine.world.workspace.pk, person_id=two.person.pk, agents=frozenset()).requests == ()
    )


@pytest.mark.parametrize("name", ["sponsor", "sponsor_file"])
def test_the_sponsor_review_is_of_the_whole_workspace_and_not_theirs(client, name):
    """IDN-07: refused, and no way leads to it."""
    assert client.get(url(name)).status_code == 403
    assert url("sponsor") not in text_of(client.get(url("report")))
