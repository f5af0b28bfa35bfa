"""Replay and lab: the decision again, under another version, with another fact; nothing is committed (RPL-01/02)."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from approvals.models import AgentActionRequest
from approvals.selectors.replay import Replay, find_policy, get_execution_bundle, replay
from audit.models import LedgerEvent
from governance.domain.vocabulary import PermissionLevel
from governance.models import FieldOwnership, PolicyVersion
from tests.builders.api import make_site
from tests.builders.approvals import get, submit, submit_executed, submit_pending
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_workspace, publish
from tests.builders.outward import email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)


def block_field(site, name="numberofemployees"):
    """A version under which what was allowed is not."""
    FieldOwnership.objects.filter(field__name=name, field__connection=site.connection_id).update(
        permission_level=PermissionLevel.BLOCKED
    )
    publish(site.world)
    return PolicyVersion.objects.order_by("-number")[0]


def erase(request):
    AgentActionRequest.objects.filter(pk=request.pk).update(facts={})
    return get(request.pk)


def test_decisions_of_every_kind_come_out_the_same_byte_for_byte():
    """RPL-02: allowed, pending, denied, with a record and without; each engine run asks at most one statement."""
    site = make_sending_site()
    submit(site, **email_to(make_contact(site)))
    submit_pending(site)
    submit(site, changes={"numberofemployees": "many"}, expected=None)
    submit(site)
    rows = list(AgentActionRequest.objects.select_related("workspace", "agent", "agent_version"))
    assert {row.status for row in rows} == {"pending", "denied", "approved"}
    for row in rows:
        result = replay(row)
        assert (result.state, result.differences) == (Replay.SAME, ())


def test_the_engine_is_asked_with_one_statement(django_assert_max_num_queries):
    """RPL-02: the version alone is read, and only when this process does not know it."""
    request = get(submit_executed(make_site()).pk)
    with django_assert_max_num_queries(1):
        replay(request, changed={"request/confidence": "0.2"})


@pytest.mark.parametrize("text", ["²", "v²", "v99", "x"])
def test_a_policy_that_is_none_is_not_found(text):
    """RPL-02: what looks like a number and is none is no error of the server."""
    request = submit_executed(make_site())
    assert find_policy(request.workspace_id, text) == ""


def test_another_version_shows_what_would_come_out_otherwise():
    """RPL-02: outcome and the check that objects, field by field; the row and the ledger are not touched."""
    site = make_site()
    request = submit_executed(site)
    version = block_field(site)
    events = LedgerEvent.objects.count()
    result = replay(get(request.pk), policy=version.digest)
    parts = {item.part: (item.recorded, item.again) for item in result.differences}
    assert parts["outcome"] == ("allow", "deny")
    assert any(part.startswith("check ") and part.endswith("numberofemployees") for part in parts)
    assert replay(get(request.pk)).state is Replay.SAME
    assert LedgerEvent.objects.count() == events


def test_what_was_erased_is_said_to_be():
    """RPL-02, AUD-07: erased, neither an error nor a decision on nothing."""
    site = make_site()
    request = erase(submit_executed(site))
    assert replay(request).state is Replay.ERASED
    assert get_execution_bundle(request) is None
    page = text_of(
        log_in(make_login(site.world.workspace, "view_requests", "view_ledger")).get(f"/requests/{request.pk}/replay/")
    )
    assert "erased" in page


class TestLab:
    """RPL-02: pick a request, change a fact, see the decision."""

    def test_another_fact_gives_another_decision_and_nothing_is_committed(self):
        site = make_site()
        request = submit_executed(site)
        before, events = AgentActionRequest.objects.values().get(), LedgerEvent.objects.count()
        client = log_in(make_login(site.world.workspace, "view_requests", "view_ledger"))
        page = client.get(f"/requests/{request.pk}/replay/", {"place": "agent/lifecycle", "value": "quarantined"})
        text = text_of(page)
        assert "On record: allow." in text
        assert "agent_inactive" in text or "lifecycle" in text
        assert not find_acting_nodes(page.content)
        assert "asked to update companies" in text
        assert AgentActionRequest.objects.values().get() == before
        assert LedgerEvent.objects.count() == events

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            ({"place": "nowhere", "value": "1"}, "there is no such fact"),
            ({"place": "request/confidence", "value": "much"}, "the value is none of its kind"),
            ({"policy": "99"}, "there is no such version"),
        ],
    )
    def test_what_cannot_be_asked_is_said(self, asked, words):
        site = make_site()
        request = submit_executed(site)
        client = log_in(make_login(site.world.workspace, "view_requests", "view_ledger"))
        assert words in text_of(client.get(f"/requests/{request.pk}/replay/", asked))

    def test_facts_are_for_those_who_make_policy_or_watch_over_it(self):
        site = make_site()
        request = submit_executed(site)
        address = f"/requests/{request.pk}/replay/"
        reviewer = make_login(site.world.workspace, "view_requests", "review_requests", name="Rita Reviewer")
        assert log_in(reviewer).get(address).status_code == 403
        stranger = make_login(make_workspace("other"), "view_requests", "view_ledger", name="Otto Other")
        assert log_in(stranger).get(address).status_code == 404


def test_the_command_says_the_same_and_exits_by_it(tmp_path):
    """RPL-01, RPL-02: `manage.py replay`, with the bundle as a file named by its hash."""
    site = make_site()
    request = submit_executed(site)
    out = io.StringIO()
    call_command("replay", str(request.pk), "--json", "--bundle", str(tmp_path / "bundle"), stdout=out)
    told = json.loads(out.getvalue())
    assert told["state"] == "same"
    assert json.loads((tmp_path / "bundle").read_bytes())["request"] == str(request.pk)
    version = block_field(site)
    with pytest.raises(SystemExit):
        call_command("replay", str(request.pk), "--policy", f"v{version.number}", stdout=out)
    assert "outcome: allow -> deny" in out.getvalue()
    with pytest.raises(CommandError, match="no such policy"):
        call_command("replay", str(request.pk), "--policy", "v99")


def test_the_story_of_a_send_and_of_its_links_is_told_in_whole_sentences():
    """RPL-02: no field is listed where none was read, and a link is named with what it opens."""
    site = make_sending_site()
    request = submit(site, **email_to(make_contact(site)))
    client = log_in(make_login(site.world.workspace, "view_requests", "view_ledger"))
    client.post(f"/requests/{request.request_id}/share/", {"note": "KPMG", "days": "7"})
    text = text_of(client.get(f"/requests/{request.request_id}/replay/"))
    assert "asked to send email emails: body, subject" in text
    assert "made a link to its trace, for 7 days" in text
