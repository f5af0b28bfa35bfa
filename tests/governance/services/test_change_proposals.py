"""Two-person changes: who may, who may not, and that nothing happens on one word alone (PRM-08, KIL-03)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from guardian.shortcuts import remove_perm

from approvals.services.sweep import sweep
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.change_status import ChangeStatus
from governance.models import ChangeDecision, ChangeProposal, FieldOwnership, User
from governance.selectors.access import NotAllowedError
from governance.services.change_errors import (
    ChangeDecidedError,
    ChangeExpiredError,
    ChangeNotFoundError,
    ChangeReasonMissingError,
    ChangeWaitingError,
    NotTheProposerError,
    SamePersonError,
)
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_kinds import UnknownKindError
from governance.services.change_proposals import (
    countersign_change,
    expire_late_changes,
    propose_change,
    reject_change,
    withdraw_change,
)
from tests.builders.console import make_login
from tests.builders.governance import allow, make_user, make_workspace, make_world, stray_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def rosa(world):
    return make_login(world.workspace, "edit_policy", "countersign_changes", name="Rosa Proposes")


@pytest.fixture
def carl(world):
    return make_login(world.workspace, "countersign_changes", name="Carl Countersigns")


def stage_row() -> FieldOwnership:
    return FieldOwnership.objects.select_related("field").get(field__name="dealstage")


def propose(world, user: User, *, now=None, **changes: Any):
    row = stage_row()
    values = {
        "kind": "field.raise",
        "payload": {
            "ownership": str(row.pk),
            "name": "deals.dealstage",
            "from": row.permission_level,
            "to": "approval",
        },
        "subject": "Open deals.dealstage",
        "reason": "the pipeline agent shall suggest stages",
        "person_id": user.person_id,
        **changes,
    }
    return propose_change(workspace_id=world.workspace.pk, user_id=user.pk, now=now or get_now(), **values)


def countersign(proposal_id, user: User) -> bool:
    return countersign_change(proposal_id=proposal_id, person_id=user.person_id, user_id=user.pk, now=get_now())


def reject(proposal_id, user: User, reason: str = "not now") -> None:
    reject_change(proposal_id=proposal_id, person_id=user.person_id, user_id=user.pk, reason=reason, now=get_now())


def withdraw(proposal_id, user: User, reason: str = "a mistake") -> None:
    withdraw_change(proposal_id=proposal_id, person_id=user.person_id, user_id=user.pk, reason=reason, now=get_now())


def level() -> str:
    return stage_row().permission_level


def event_types() -> list[str]:
    return list(LedgerEvent.objects.filter(type__startswith="change.").order_by("id").values_list("type", flat=True))


def test_nothing_happens_before_another_person_agrees(world, rosa, carl) -> None:
    proposal_id = propose(world, rosa)
    assert level() == "blocked"
    assert countersign(proposal_id, carl) is True
    assert level() == "approval"
    assert "agent" in stage_row().allowed_writers
    proposal = ChangeProposal.objects.get()
    assert (proposal.status, proposal.ended_by_id) == (ChangeStatus.APPLIED, carl.person_id)
    assert event_types() == ["change.proposed", "change.countersigned"]


def test_the_ledger_names_both_and_keeps_the_reason_erasable(world, rosa, carl) -> None:
    countersign(propose(world, rosa), carl)
    event = LedgerEvent.objects.get(type="change.countersigned")
    body = json.loads(bytes(event.body))
    assert body["actor"]["id"] == str(carl.person_id)
    assert body["data"]["proposed_by"] == str(rosa.person_id)
    proposed = bytes(LedgerEvent.objects.get(type="change.proposed").body).decode()
    assert "the pipeline agent" not in proposed


def test_nobody_countersigns_their_own_change(world, rosa) -> None:
    with pytest.raises(SamePersonError):
        countersign(propose(world, rosa), rosa)
    assert level() == "blocked"


@pytest.mark.parametrize("end", ["the right", "the login", "the person"])
def test_whoever_left_meanwhile_is_no_second_person(world, rosa, carl, end) -> None:
    """PRM-08: what somebody proposed before they were let go is not done in their name by one person alone."""
    proposal_id = propose(world, rosa)
    if end == "the right":
        remove_perm("governance.edit_policy", rosa, world.workspace)
    elif end == "the login":
        User.objects.filter(pk=rosa.pk).update(is_active=False)
    else:
        type(rosa.person).objects.filter(pk=rosa.person_id).update(is_active=False)

    with pytest.raises(ChangeRefusedError):
        countersign(proposal_id, carl)

    assert level() == "blocked"
    assert ChangeProposal.objects.get().status == ChangeStatus.WAITING
    assert event_types() == ["change.proposed"]


def test_a_second_account_of_the_same_person_is_no_second_person(world, rosa) -> None:
    """Two accounts of one human count once."""
    twin = make_user(rosa.person, username="rosa.two")
    allow(twin, world.workspace, "countersign_changes")
    proposal_id = propose(world, rosa)
    for deed in (countersign, reject):
        with pytest.raises(SamePersonError):
            deed(proposal_id, twin)
    assert level() == "blocked"


def test_the_database_itself_refuses_one_person_for_two(world, rosa) -> None:
    proposal_id = propose(world, rosa)
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeProposal.objects.filter(pk=proposal_id).update(
            status="applied", ended_by=rosa.person_id, ended_at=get_now()
        )


def test_without_the_permission_nobody_proposes_countersigns_or_rejects(world, rosa, carl) -> None:
    stray = make_login(world.workspace, "view_requests", name="Stray")
    elsewhere = make_login(make_workspace("other"), "edit_policy", "countersign_changes", name="Elsewhere")
    for user in (stray, elsewhere, carl):
        with pytest.raises(NotAllowedError):
            propose(world, user)
    proposal_id = propose(world, rosa)
    for user in (stray, elsewhere):
        for deed in (countersign, reject):
            with pytest.raises(NotAllowedError):
                deed(proposal_id, user)
    assert ChangeDecision.objects.count() == 0


def test_a_login_speaks_only_for_its_own_active_person(world, rosa, carl) -> None:
    proposal_id = propose(world, rosa)
    with pytest.raises(NotAllowedError):
        countersign_change(proposal_id=proposal_id, person_id=carl.person_id, user_id=rosa.pk, now=get_now())
    nobody = make_user(username="nobody")
    allow(nobody, world.workspace, "edit_policy")
    with pytest.raises(NotAllowedError):
        propose(world, nobody)
    carl.person.is_active = False
    carl.person.save()
    with pytest.raises(NotAllowedError):
        countersign(proposal_id, carl)


def test_a_late_countersignature_changes_nothing(world, rosa, carl) -> None:
    """Expiry is judged by the database's clock: no `now` of a caller makes it earlier."""
    proposal_id = propose(world, rosa, now=get_now() - timedelta(days=30))
    with pytest.raises(ChangeExpiredError):
        countersign_change(
            proposal_id=proposal_id,
            person_id=carl.person_id,
            user_id=carl.pk,
            now=get_now() - timedelta(days=29, hours=23),
        )
    assert level() == "blocked"
    assert ChangeDecision.objects.count() == 0


def test_the_sweep_ends_what_is_late_and_says_so(world, rosa, carl) -> None:
    proposal_id = propose(world, rosa, now=get_now() - timedelta(days=30))
    sweep(now=get_now())
    assert ChangeProposal.objects.get().status == ChangeStatus.EXPIRED
    assert event_types()[-1] == "change.expired"
    assert expire_late_changes(now=get_now()) == 0
    for deed in (countersign, reject):
        with pytest.raises(ChangeExpiredError):
            deed(proposal_id, carl)


def test_what_is_decided_is_not_decided_again(world, rosa, carl) -> None:
    proposal_id = propose(world, rosa)
    reject(proposal_id, carl)
    for deed in (countersign, reject):
        with pytest.raises(ChangeDecidedError):
            deed(proposal_id, carl)
    with pytest.raises(ChangeDecidedError):
        withdraw(proposal_id, rosa)
    assert level() == "blocked"
    assert ChangeProposal.objects.get().status == ChangeStatus.REJECTED


def test_what_changed_meanwhile_is_refused_and_keeps_waiting(world, rosa, carl) -> None:
    proposal_id = propose(world, rosa)
    FieldOwnership.objects.filter(pk=stage_row().pk).update(permission_level="read_only")
    with pytest.raises(ChangeRefusedError, match="read_only"):
        countersign(proposal_id, carl)
    assert ChangeProposal.objects.get().status == ChangeStatus.WAITING
    assert ChangeDecision.objects.count() == 0
    withdraw(proposal_id, rosa)


def test_only_the_proposer_withdraws_and_says_why(world, rosa, carl) -> None:
    proposal_id = propose(world, rosa)
    with pytest.raises(NotTheProposerError):
        withdraw(proposal_id, carl)
    for deed in (withdraw, reject):
        with pytest.raises(ChangeReasonMissingError):
            deed(proposal_id, rosa, reason="  ")
    withdraw(proposal_id, rosa)
    assert event_types() == ["change.proposed", "change.withdrawn"]


def test_one_change_waits_once(world, rosa, carl) -> None:
    proposal_id = propose(world, rosa)
    with pytest.raises(ChangeWaitingError):
        propose(world, rosa)
    reject(proposal_id, carl)
    propose(world, rosa)


def test_what_makes_no_sense_is_not_proposed(world, rosa) -> None:
    row = stage_row()
    asked = {"ownership": str(row.pk), "name": "deals.dealstage", "from": "blocked", "to": "approval"}
    with pytest.raises(ChangeRefusedError, match="never higher"):
        propose(world, rosa, payload={**asked, "to": "safe_write"})
    with pytest.raises(ChangeRefusedError, match="no such field"):
        propose(world, rosa, payload={**asked, "ownership": str(stray_id())})
    plain = FieldOwnership.objects.get(field__name="industry")
    with pytest.raises(ChangeRefusedError, match="only stage"):
        propose(world, rosa, payload={**asked, "ownership": str(plain.pk)})
    with pytest.raises(ChangeReasonMissingError):
        propose(world, rosa, reason=" ")
    with pytest.raises(UnknownKindError):
        propose(world, rosa, kind="no.such.kind")
    with pytest.raises(ChangeNotFoundError):
        countersign(stray_id(), rosa)
    assert not ChangeProposal.objects.exists()


def test_a_field_of_another_workspace_is_not_raised_from_here(rosa, world) -> None:
    make_world("other", agent_name="agent.other")
    foreign = FieldOwnership.objects.get(field__name="dealstage", field__connection__workspace__slug="other")
    payload = {"ownership": str(foreign.pk), "name": "deals.dealstage", "from": "blocked", "to": "approval"}
    with pytest.raises(ChangeRefusedError, match="no such field"):
        propose_change(
            workspace_id=world.workspace.pk,
            user_id=rosa.pk,
            now=get_now(),
            kind="field.raise",
            payload=payload,
            subject="x",
            reason="y",
            person_id=rosa.person_id,
        )


@pytest.mark.parametrize("column", ["payload", "reason", "expires_at", "proposed_by_id", "digest"])
def test_what_was_proposed_never_changes(world, rosa, carl, column) -> None:
    values = {"payload": {}, "reason": "other", "expires_at": get_now(), "proposed_by_id": carl.person_id, "digest": ""}
    proposal_id = propose(world, rosa)
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeProposal.objects.filter(pk=proposal_id).update(**{column: values[column]})


def test_decisions_and_ends_are_never_changed_or_removed(world, rosa, carl) -> None:
    countersign(propose(world, rosa), carl)
    statements = (
        "UPDATE governance_changeproposal SET status = 'waiting', ended_by_id = NULL, ended_at = NULL",
        "DELETE FROM governance_changedecision",
        "DELETE FROM governance_changeproposal",
        "UPDATE governance_changedecision SET verdict = 'reject', reason = 'x'",
    )
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
