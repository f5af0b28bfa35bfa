"""Nobody turns a production connection elsewhere alone: its secrets would follow (IDN-05, SEC-01)."""

import pytest

from approvals.services.study import study
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import ConnectionEndpoint, ConnectionSecret
from crm_connectors.services.address_change import work_on_address_changes
from crm_connectors.services.connecting import change_settings
from crm_connectors.services.secret_changes import set_secret
from governance.models import ChangeProposal, Connection
from governance.selectors.access import NotAllowedError
from governance.services.change_errors import ChangeReasonMissingError, ChangeWaitingError, SamePersonError
from governance.services.change_proposals import countersign_change, reject_change
from tests.builders.console import log_in
from tests.builders.governance import allow, make_person, make_user, make_workspace
from tests.doubles.remote_kind import add_far_kind

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"connect_seconds": "5", "read_seconds": "30", "total_seconds": "60", "version": "v2"}
HERE, THERE = {"base_url": "https://crm.example"}, {"base_url": "https://other.example"}


@pytest.fixture(autouse=True)
def far(monkeypatch):
    add_far_kind(monkeypatch)


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def keeper(workspace):
    return holder("Kim Keeper", workspace, "manage_agents")


@pytest.fixture
def second(workspace):
    return holder("Sam Second", workspace, "countersign_changes")


@pytest.fixture
def connection_id(workspace, keeper):
    made = Connection.objects.create(workspace=workspace, name="far", kind="far", environment="production")
    ConnectionEndpoint.objects.create(connection=made, settings=HERE)
    set_secret(connection_id=made.pk, name="access_token", value="typed-once", user_id=keeper.pk, now=get_now())
    return made.pk


def holder(name, workspace, permission):
    user = make_user(make_person(name))
    allow(user, workspace, permission)
    return user


def turn(connection_id, user, settings=THERE, reason="the org has moved"):
    return change_settings(
        connection_id=connection_id, settings=settings, reason=reason, user_id=user.pk, now=get_now()
    )


def agree(proposal_id, user):
    return countersign_change(proposal_id=proposal_id, person_id=user.person_id, user_id=user.pk, now=get_now())


def settings_of(connection_id):
    return ConnectionEndpoint.objects.get(pk=connection_id).settings


def test_it_is_turned_when_another_person_agreed_and_forgets_its_secrets(connection_id, keeper, second):
    """Until then the CRM is where it was, with its secrets; and both names are on record."""
    proposal_id = turn(connection_id, keeper).proposal_id
    assert not work_on_address_changes()
    assert settings_of(connection_id) == HERE
    assert ConnectionSecret.objects.count() == 1

    agree(proposal_id, second)
    study(seconds=0.1)

    assert settings_of(connection_id) == THERE
    assert not ConnectionSecret.objects.exists()
    assert not work_on_address_changes()
    types = list(LedgerEvent.objects.order_by("at", "id").values_list("type", flat=True))
    told = [
        name for name in types if name in ("change.proposed", "change.countersigned", "connection.secret_forgotten")
    ]
    assert told == ["change.proposed", "change.countersigned", "connection.secret_forgotten"]


def test_the_same_person_cannot_agree_with_herself_by_another_login(connection_id, keeper, workspace):
    proposal_id = turn(connection_id, keeper).proposal_id
    twin = make_user(keeper.person, username="kim-two")
    allow(twin, workspace, "countersign_changes")

    with pytest.raises(SamePersonError):
        agree(proposal_id, twin)

    assert not work_on_address_changes()
    assert settings_of(connection_id) == HERE


def test_whoever_may_not_countersign_does_not(connection_id, keeper, workspace):
    proposal_id = turn(connection_id, keeper).proposal_id
    other = holder("Olga Other", workspace, "manage_agents")

    with pytest.raises(NotAllowedError):
        agree(proposal_id, other)

    assert settings_of(connection_id) == HERE


def test_whoever_may_not_manage_connections_proposes_nothing(connection_id, second):
    with pytest.raises(NotAllowedError):
        turn(connection_id, second)
    assert not ChangeProposal.objects.exists()


def test_a_refusal_leaves_it_where_it_is(connection_id, keeper, second):
    proposal_id = turn(connection_id, keeper).proposal_id
    who = {"person_id": second.person_id, "user_id": second.pk}
    reject_change(proposal_id=proposal_id, reason="we have not moved", now=get_now(), **who)

    assert not work_on_address_changes()
    assert settings_of(connection_id) == HERE


def test_it_takes_a_reason_and_one_waits_at_a_time(connection_id, keeper):
    with pytest.raises(ChangeReasonMissingError):
        turn(connection_id, keeper, reason=" ")
    turn(connection_id, keeper)
    with pytest.raises(ChangeWaitingError):
        turn(connection_id, keeper, {"base_url": "https://third.example"})
    assert ConnectionEndpoint.objects.get().wanted == THERE


def test_what_was_agreed_on_is_not_made_over_settings_that_changed_since(connection_id, keeper, second):
    """The countersigned digest names both what is replaced and what replaces it."""
    proposal_id = turn(connection_id, keeper).proposal_id
    turn(connection_id, keeper, {**HERE, "calls_per_10_seconds": 7})
    agree(proposal_id, second)

    work_on_address_changes()

    assert settings_of(connection_id) == {**HERE, "calls_per_10_seconds": 7}
    assert not work_on_address_changes()


def test_settings_that_were_swapped_after_the_agreement_are_not_made(connection_id, keeper, second):
    agree(turn(connection_id, keeper).proposal_id, second)
    ConnectionEndpoint.objects.update(wanted={"base_url": "https://evil.example"})

    work_on_address_changes()

    assert settings_of(connection_id) == HERE


@pytest.mark.parametrize(
    ("environment", "before", "wanted"),
    [("sandbox", HERE, THERE), ("production", HERE, {**HERE, "calls_per_10_seconds": 7})],
)
def test_a_sandbox_and_the_limits_take_one(workspace, keeper, environment, before, wanted):
    made = Connection.objects.create(workspace=workspace, name="far-2", kind="far", environment=environment)
    ConnectionEndpoint.objects.create(connection=made, settings=before)
    assert turn(made.pk, keeper, wanted).proposal_id is None
    assert settings_of(made.pk) == wanted


def test_a_new_production_connection_is_set_up_by_one(workspace, keeper):
    made = Connection.objects.create(workspace=workspace, name="far-3", kind="far", environment="production")
    ConnectionEndpoint.objects.create(connection=made)
    assert turn(made.pk, keeper).proposal_id is None


def test_the_page_asks_why_and_says_that_it_waits(connection_id, keeper, second):
    client = log_in(keeper)
    page = f"/admin/crm_connectors/connectionendpoint/{connection_id}/change/"
    assert 'name="reason"' in client.get(page).content.decode()

    told = client.post(page, {**THERE, **FORM, "reason": "the org has moved"}, follow=True).content.decode()

    assert "waits for a second person" in told
    assert settings_of(connection_id) == HERE
    (proposal,) = ChangeProposal.objects.all()
    shown = log_in(second).get(f"/admin/governance/changeproposal/{proposal.pk}/change/").content.decode()
    assert "from `https://crm.example` to `https://other.example`" in shown


def test_a_missing_reason_is_asked_for_beside_its_field(connection_id, keeper):
    """IDN-05: below the address that it is about; nothing is proposed, and what was typed is still there."""
    page = f"/admin/crm_connectors/connectionendpoint/{connection_id}/change/"
    told = log_in(keeper).post(page, {**THERE, **FORM}).content.decode()
    assert "tell them why" in told
    assert told.index('name="base_url"') < told.index('name="reason"') < told.index('name="connect_seconds"')
    assert "https://other.example" in told
    assert not ChangeProposal.objects.exists()
