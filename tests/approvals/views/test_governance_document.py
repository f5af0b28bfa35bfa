"""The governance document: written from the live configuration, by version, with what changed (REP-03)."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from guardian.shortcuts import assign_perm

from approvals.services import report_taking
from approvals.services.governance_document import make_governance_document
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.models import ActionTier, Agent, ApproverGroup, Grant, Rule
from tests.builders.api import make_site
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_person, make_user, make_workspace, publish

pytestmark = pytest.mark.django_db
PAGE = reverse("approvals:governance_document")
CHAPTERS = (
    "Read and write rules",
    "How each action is treated",
    "Ownership matrix",
    "Rules",
    "Limits",
    "Safe actions and blocked list",
    "Exception playbook",
    "Where the record is",
    "Contacts",
    "How policy changes",
)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def auditor(site):
    return log_in(make_login(site.world.workspace, "view_ledger", name="Aldo"))


def file_at(kind):
    return reverse("approvals:governance_file", kwargs={"kind": kind})


def test_the_page_tells_all_that_governs(site, auditor):
    """REP-03: rules, matrix, playbook, where the log is, contacts, how it changes; and nothing on it acts."""
    answer = auditor.get(PAGE)
    page = text_of(answer)
    assert [chapter.title for chapter in answer.context["document"].chapters] == list(CHAPTERS)
    for expected in (
        "annualrevenue",
        "agent.enrichment",
        site.world.owner.name,
        "denied by policy",
        "Policy version 1",
    ):
        assert expected in page
    assert not find_acting_nodes(answer.content)
    assert auditor.post(PAGE).status_code == 405


def test_an_earlier_version_is_told_as_it_was_and_what_changed_since(site, auditor):
    ActionTier.objects.filter(action="update").update(risk_tier="blocked")
    assert "blocked" not in told(auditor, "How each action is treated")
    publish(site.world)
    assert "blocked" in told(auditor, "How each action is treated")
    assert "blocked" not in told(auditor, "How each action is treated", version=1)
    [first, *_] = auditor.get(PAGE, {"since": 1}).context["document"].chapters
    assert first.title == "What changed since version 1"
    assert "update" in str(first.tables)
    [same, *_] = auditor.get(PAGE, {"version": 1, "since": 1}).context["document"].chapters
    assert same.words == ("Nothing differs.",)


def told(client, title, **query):
    [chapter] = [row for row in client.get(PAGE, query).context["document"].chapters if row.title == title]
    return str(chapter.tables)


@pytest.mark.parametrize(("kind", "starts"), [("md", b"# How agents are governed"), ("pdf", b"%PDF-")])
def test_a_file_is_taken_away_and_that_is_on_record(site, auditor, kind, starts):
    """REP-03, AUD-01."""
    answer = auditor.get(file_at(kind))
    assert answer.content.startswith(starts)
    assert f"governance-{site.world.workspace.slug}-v1.{kind}" in answer["Content-Disposition"]
    [event] = LedgerEvent.objects.filter(type="report.downloaded")
    assert (event.subject_type, event.subject_id) == ("report", "governance-v1")


def test_no_file_leaves_unrecorded(site, auditor, monkeypatch):
    """AUD-08."""

    def refuse(*_, **__):
        raise LedgerUnavailableError("full")

    monkeypatch.setattr(report_taking, "append_event", refuse)
    assert auditor.get(file_at("md")).status_code == 503


@pytest.mark.parametrize(
    "query",
    [{"version": 9}, {"since": 9}, {"version": "x"}, {"version": "-1"}, {"version": "٣"}, {"version": "9" * 30}],
)
def test_what_is_no_version_is_not_found(site, auditor, query):
    assert auditor.get(file_at("md"), query).status_code == 404
    if query != {"since": 9}:
        assert auditor.get(PAGE, query).status_code == 404


def test_before_the_first_publishing_it_says_so():
    workspace = make_workspace("fresh")
    client = log_in(make_login(workspace, "view_ledger", name="Aldo"))
    assert "No policy is in force" in text_of(client.get(PAGE))
    assert client.get(file_at("pdf")).status_code == 404


def test_another_workspace_and_single_agents_rights_open_nothing(site):
    """IDN-07: it tells of all agents and all contacts."""
    stranger = log_in(make_login(make_workspace("other"), "view_ledger", name="Stranger"))
    assert stranger.get(PAGE, {"workspace": site.world.workspace.slug}).status_code == 404
    alone = make_user(make_person("Alona One"))
    assign_perm("governance.view_requests", alone, site.world.agent)
    for address in (PAGE, file_at("md")):
        assert log_in(alone).get(address).status_code == 403


def test_hostile_names_act_in_no_form_of_it(site, auditor):
    """REP-03: a purpose that is Markdown, HTML or hides its direction is text."""
    Agent.objects.update(purpose="x | y\n# <script>alert(1)</script> [a](javascript:b) \u202egnp")
    page, text = auditor.get(PAGE), auditor.get(file_at("md")).content.decode()
    assert not find_acting_nodes(page.content)
    assert "⟦U+202E⟧" in text_of(page)
    assert "⟦U+202E⟧" in text
    assert "\\<script\\>" in text
    assert "\\| y \\# " in text
    assert auditor.get(file_at("pdf")).content.startswith(b"%PDF-")


def test_it_asks_as_often_for_many_rows_as_for_one(site, auditor):
    auditor.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        auditor.get(PAGE)
    for number in range(20):
        ApproverGroup.objects.create(workspace=site.world.workspace, slug=f"g{number}", name=f"Group {number}")
        Agent.objects.create(
            workspace=site.world.workspace, name=f"agent.more.{number}", owner=site.world.owner, purpose="More"
        )
    with CaptureQueriesContext(connection) as many:
        auditor.get(PAGE)
    assert len(many) == len(few)


def test_the_command_writes_the_same(site, auditor, tmp_path, capsys):
    call_command("governance_document", site.world.workspace.slug)
    text = capsys.readouterr().out
    assert text.splitlines()[:40] == auditor.get(file_at("md")).content.decode().splitlines()[:40]
    call_command("governance_document", site.world.workspace.slug, to=tmp_path / "g.pdf")
    assert (tmp_path / "g.pdf").read_bytes().startswith(b"%PDF-")
    for wrong in ({"policy": 7}, {"since": 7}, {"to": tmp_path / "g.docx"}):
        with pytest.raises(CommandError):
            call_command("governance_document", site.world.workspace.slug, **wrong)
    with pytest.raises(CommandError, match="no such workspace"):
        call_command("governance_document", "nowhere")


def test_two_makings_of_one_version_differ_in_the_time_alone(site):
    """REP-03: diffable."""
    one, other = (make_governance_document(workspace=site.world.workspace, now=get_now()) for _ in range(2))
    assert one.chapters[:6] == other.chapters[:6]
    assert Grant.objects.exists()
    assert not Rule.objects.exists()
