"""Access reviews: everything that stands is looked at, confirmed or withdrawn by another person, on record (IDN-08)."""

import io
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from openpyxl import load_workbook

from approvals.domain.access_review import subject_of_rights
from approvals.models import AccessReview, AccessReviewDecision, AccessReviewRow
from approvals.selectors.access_reviews import find_review, list_review_lines, list_reviews
from approvals.selectors.standing_rights import list_standing_rights
from approvals.services.access_review import AccessReviewError, decide_row, export_review, start_review
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.roles import Role
from governance.models import ApproverGroup, Credential, Delegation, Grant, Membership
from governance.selectors.access import NotAllowedError, holds_in
from governance.selectors.agent_holders import list_holdings
from governance.services.delegations import grant_delegation
from governance.services.roles import SuperuserError, assign_role
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.console import make_agents_login, make_login
from tests.builders.governance import make_grant, make_person, make_user, make_workspace
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def world(site):
    return site.world


@pytest.fixture
def cleo(world):
    return make_login(world.workspace, "review_access", name="Cleo Compliance")


@pytest.fixture
def rep(world):
    user = make_user(make_person("Ana Rep"), is_staff=False)
    assign_role(
        user_id=user.pk, workspace_id=world.workspace.pk, role=Role.REP, actor=Actor("system", "test"), now=get_now()
    )
    grant_delegation(
        agent_id=world.agent.pk,
        person_id=user.person_id,
        connection_id=None,
        actions=["update"],
        objects=["companies"],
        reason="my accounts",
        days=30,
        user_id=user.pk,
        now=get_now(),
    )
    return user


def begin(world, user, *, days=14, title="4th quarter"):
    now = get_now()
    due = now.date() + timedelta(days=days)
    started = start_review(workspace_id=world.workspace.pk, title=title, due_date=due, user_id=user.pk, now=now)
    return find_review(started)


def line_of(review, kind, subject):
    return next(
        line for line in list_review_lines(review) if (line.row.kind, line.row.subject_id) == (kind, str(subject))
    )


def decide(line, user, verdict="confirm", digest=None):
    decide_row(row_id=line.row.pk, verdict=verdict, digest=digest or line.digest, user_id=user.pk, now=get_now())


def test_a_review_takes_down_every_kind_of_right(world, cleo, rep):
    review = begin(world, cleo)
    kinds = {line.row.kind for line in list_review_lines(review)}
    assert kinds == {"grant", "credential", "delegation", "membership", "login"}
    grant = Grant.objects.get(agent=world.agent, action="update", object_type="companies")
    words = line_of(review, "grant", grant.pk).words
    for field in grant.write_fields:
        assert field in words
    assert line_of(review, "login", rep.pk).words == "rep: report bad actions, view own requests"
    assert LedgerEvent.objects.filter(type="access_review.started", subject_id=str(review.pk)).count() == 1


def test_it_says_when_a_right_was_last_used(site, world, cleo, rep):
    submit(site, on_behalf_of=rep.email, expected=None)
    review = begin(world, cleo)
    used = Grant.objects.get(agent=world.agent, action="update", object_type="companies")
    idle = Grant.objects.get(agent=world.agent, action="create", object_type="companies")
    assert line_of(review, "grant", used.pk).row.last_used_at is not None
    assert line_of(review, "grant", idle.pk).row.last_used_at is None
    assert line_of(review, "delegation", Delegation.objects.get().pk).row.last_used_at is not None


def test_confirming_is_on_record_and_changes_nothing_else(world, cleo):
    review = begin(world, cleo)
    grant = Grant.objects.get(agent=world.agent, action="update", object_type="companies")
    decide(line_of(review, "grant", grant.pk), cleo)
    grant.refresh_from_db()
    assert not grant.is_withdrawn
    line = line_of(review, "grant", grant.pk)
    assert (line.state, line.decision.person) == ("confirmed", cleo.person)
    assert LedgerEvent.objects.filter(type="access_review.decided", subject_id=str(review.pk)).count() == 1
    with pytest.raises(AccessReviewError, match="decided already"):
        decide(line, cleo, "withdraw")


def test_withdrawing_ends_each_kind_of_right_at_once(world, cleo, rep):
    """One click each, by a person who holds nothing but `review_access`."""
    review = begin(world, cleo)
    grant = Grant.objects.get(agent=world.agent, action="update", object_type="companies")
    credential, delegation = Credential.objects.filter(agent=world.agent).first(), Delegation.objects.get()
    membership = Membership.objects.filter(group__workspace=world.workspace).first()
    for kind, row in (
        ("grant", grant),
        ("credential", credential),
        ("delegation", delegation),
        ("membership", membership),
        ("login", rep),
    ):
        decide(line_of(review, kind, row.pk), cleo, "withdraw")
        assert line_of(review, kind, row.pk).state == "withdrawn"
    for row in (grant, credential, delegation):
        row.refresh_from_db()
    assert grant.is_withdrawn
    assert credential.revoked_at is not None
    assert delegation.revoked_by == cleo.person
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert not holds_in(type(rep).objects.get(pk=rep.pk), world.workspace.pk)
    types = set(LedgerEvent.objects.values_list("type", flat=True))
    assert {"config.changed", "credential.revoked", "delegation.revoked", "role.withdrawn"} <= types


def test_nobody_reviews_their_own_right(world, cleo):
    review = begin(world, cleo)
    for verdict in ("confirm", "withdraw"):
        with pytest.raises(AccessReviewError, match="your own"):
            decide(line_of(review, "login", cleo.pk), cleo, verdict)
    twin = make_user(cleo.person, username="cleo-two")
    with pytest.raises(NotAllowedError):
        decide(line_of(review, "login", cleo.pk), twin)
    assert not AccessReviewDecision.objects.exists()


def test_what_changed_while_one_looked_is_read_again(world, cleo):
    review = begin(world, cleo)
    grant = Grant.objects.get(agent=world.agent, action="update", object_type="companies")
    seen = line_of(review, "grant", grant.pk)
    Grant.objects.filter(pk=grant.pk).update(write_fields=["industry"])
    with pytest.raises(AccessReviewError, match="changed while you looked"):
        decide(seen, cleo)
    again = line_of(review, "grant", grant.pk)
    assert again.has_changed
    decide(again, cleo)
    assert line_of(review, "grant", grant.pk).words.endswith("writes industry")


def test_a_right_that_ended_otherwise_is_settled(world, cleo):
    review = begin(world, cleo)
    grant = Grant.objects.get(agent=world.agent, action="update", object_type="companies")
    seen = line_of(review, "grant", grant.pk)
    before = list_reviews(world.workspace)[0].progress.settled
    grant.delete()
    assert line_of(review, "grant", grant.pk or seen.row.subject_id).state == "gone"
    assert list_reviews(world.workspace)[0].progress.settled == before + 1
    with pytest.raises(AccessReviewError, match="ended meanwhile"):
        decide(seen, cleo)


def test_a_superuser_is_listed_and_not_ended_from_here(world, cleo):
    root = make_user(make_person("Root"), username="root")
    root.is_superuser = True
    root.save()
    review = begin(world, cleo)
    line = line_of(review, "login", root.pk)
    assert "superuser" in line.words
    with pytest.raises(SuperuserError):
        decide(line, cleo, "withdraw")
    assert not AccessReviewDecision.objects.exists()
    decide(line, cleo)


@pytest.mark.parametrize(
    "permissions", [(), ("view_ledger",), ("edit_policy", "manage_agents"), ("review_requests", "view_requests")]
)
def test_who_may_not_review_starts_and_decides_nothing(world, cleo, permissions):
    stranger = make_login(world.workspace, *permissions, name="Stan")
    review = begin(world, cleo)
    with pytest.raises(NotAllowedError):
        begin(world, stranger)
    with pytest.raises(NotAllowedError):
        decide(list_review_lines(review)[0], stranger, "withdraw")
    elsewhere = make_login(make_workspace("other"), "review_access", name="Elsa")
    with pytest.raises(NotAllowedError):
        decide(list_review_lines(review)[0], elsewhere, "withdraw")
    assert AccessReview.objects.count() == 1


def test_another_workspaces_rights_are_not_taken_down(world, cleo):
    other = make_workspace("other")
    ApproverGroup.objects.create(workspace=other, slug="x", name="Others")
    theirs = make_login(other, "review_access", name="Elsa")
    subjects = {right.subject_id for right in list_standing_rights(world.workspace) if right.kind == "login"}
    assert str(theirs.pk) not in subjects


def test_a_due_date_in_the_past_and_a_nameless_review_are_refused(world, cleo):
    with pytest.raises(AccessReviewError):
        begin(world, cleo, days=-1)
    with pytest.raises(AccessReviewError):
        begin(world, cleo, title="  ")


def test_the_database_keeps_what_stood_and_was_decided(world, cleo):
    review = begin(world, cleo)
    decide(list_review_lines(review)[0], cleo)
    for model, change in (
        (AccessReview, {"title": "another"}),
        (AccessReviewRow, {"words": "nothing"}),
        (AccessReviewDecision, {"verdict": "withdraw"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all()._raw_delete(using="default")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_in_the_exported_file_acts(world, cleo, kind):
    """Attack case 86: a name that a spreadsheet would compute."""
    person = make_person('=HYPERLINK("https://evil.example","x")', email="evil@example.com")
    Membership.objects.create(group=ApproverGroup.objects.get(workspace=world.workspace), person=person)
    content = export_review(review_id=begin(world, cleo).pk, kind=kind)
    if kind == "csv":
        assert "\"'=HYPERLINK" in content.decode("utf-8-sig") or ",'=HYPERLINK" in content.decode("utf-8-sig")
        return
    sheet = load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert all(cell.value is None for cell in cells if cell.data_type == "n")


def test_the_pages_cost_the_same_for_many_rights(world, cleo):
    review = begin(world, cleo)
    with captured_statements() as few:
        list_review_lines(review)
        list_reviews(world.workspace)
    for action in ("delete", "send_email", "enroll_sequence", "export", "push_to_dialer", "create_meeting"):
        make_grant(world.agent, world.connection, action=action)
    other = begin(world, cleo)
    with captured_statements() as many:
        list_review_lines(other)
        list_reviews(world.workspace)
    assert len(many) == len(few) <= 18


def test_rights_for_one_agent_alone_are_a_row_of_their_own_and_are_withdrawn(world, cleo):
    """IDN-07: what is held for one agent is reviewed like what is held in the workspace."""
    ann = make_agents_login(world.agent, "review_requests", "view_requests")
    review = begin(world, cleo)
    line = line_of(review, "agent_rights", subject_of_rights(world.agent.pk, ann.pk))
    assert "for agent.enrichment alone: sees its requests" in line.words
    decide(line, cleo, "withdraw")
    assert list_holdings([world.agent.pk]) == []
    assert LedgerEvent.objects.filter(type="agent_rights.changed").count() == 1
