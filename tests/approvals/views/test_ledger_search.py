"""The ledger's search: found by what one knows, by whom it is for, and no address kept (AUD-04, IDN-07)."""

import pytest
from django.urls import reverse

from approvals.services.followers import follow_ledger
from approvals.services.search_terms import SEARCH
from audit.models import SearchTerm
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from audit.services.search_index import rebuild_index
from tests.builders.api import make_site, post
from tests.builders.approvals import submit, submit_pending
from tests.builders.console import find_acting_nodes, log_in, make_agents_login, make_login, text_of
from tests.builders.governance import make_integration, make_integration_token
from tests.builders.outward import email_to, make_contact, make_sending_site
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
ADDRESS = reverse("approvals:ledger_search")
JANE = "jane.doe@example.com"


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    return log_in(make_login(site.world.workspace, "view_ledger", "view_requests", name="Ada Auditor"))


def index():
    maintain_ledger(now=get_now())
    follow_ledger()


def subjects(answer):
    return {row.entry.subject.id for row in answer.context["rows"] if row.entry.subject.type == "request"}


def search(client, **criteria):
    answer = client.post(ADDRESS, criteria, follow=True)
    assert answer.status_code == 200, answer.content
    return answer


def test_an_event_is_found_by_agent_record_field_correlation_type_and_day(site, client):
    row = submit_pending(site, correlation_id="run-7")
    index()
    today = get_now().date().isoformat()
    for criteria in (
        {"agent": "agent.enrichment", "type": "request.received"},
        {"record": f"embedded/companies/{site.company}"},
        {"field": "companies.name"},
        {"correlation": "run-7"},
        {"type": "request.decided"},
        {"first": today, "last": today, "agent": "agent.enrichment"},
    ):
        assert subjects(search(client, **criteria)) == {str(row.pk)}, criteria


@pytest.mark.parametrize(
    "criteria",
    [
        {"agent": "agent.other"},
        {"record": "embedded/companies/999"},
        {"field": "companies.industry"},
        {"correlation": "run-8"},
        {"type": "request.executed"},
        {"last": "2020-01-01"},
        {"address": "john@example.com"},
    ],
)
def test_what_does_not_match_is_not_found(site, client, criteria):
    submit_pending(site, correlation_id="run-7")
    index()
    assert not subjects(search(client, **criteria))
    assert "Nothing matches" in text_of(search(client, **criteria))


def test_a_person_is_found_by_every_spelling_and_the_address_is_kept_nowhere():
    """AUD-04, AUD-07: as the do-not-contact list matches; neither the index nor an address of ours holds it."""
    sender = make_sending_site("sending")
    sent = submit(sender, **email_to(make_contact(sender, email=JANE)))
    client = log_in(make_login(sender.world.workspace, "view_ledger", "view_requests", name="Aldo Auditor"))
    index()
    for spelling in (JANE, " JANE.DOE@EXAMPLE.COM ", "jane.doe+crm@example.com", "ｊane.doe@example.com"):
        answer = search(client, address=spelling)
        assert str(sent.request_id) in subjects(answer), spelling
        assert "doe" not in str(answer.redirect_chain).lower()
        assert "doe@" not in text_of(answer).lower()
    assert SearchTerm.objects.exists()
    assert {field.name for field in SearchTerm._meta.fields} == {"pk", "term", "event_id"}


def test_pages_follow_on_and_keep_what_was_asked(site, client):
    for number in range(30):
        submit(site, correlation_id=f"run-{number}", changes={"numberofemployees": 500 + number})
    index()
    answer = search(client, agent="agent.enrichment", type="request.received")
    assert len(answer.context["rows"]) == 30
    everything = client.get(ADDRESS)
    following = client.get(ADDRESS, {"before": str(everything.context["page"].next)})
    assert not {row.entry.id for row in everything.context["rows"]} & {
        row.entry.id for row in following.context["rows"]
    }
    assert "Earlier ones" in text_of(everything)


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ({"record": "101"}, "connection/object/id"),
        ({"field": "industry"}, "with its object"),
        ({"address": "nobody"}, "address"),
        ({"type": "nothing.happened"}, "no such type"),
        ({"first": "tomorrow"}, "Write a day"),
        ({"agent": "a\u202e"}, "cannot be seen"),
        ({"person": "zz"}, "anew"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client, criteria, words):
    answer = client.post(ADDRESS, criteria, follow=True)
    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert not find_acting_nodes(answer.content)


def test_what_the_search_does_not_know_yet_is_said(site, client):
    submit_pending(site)
    maintain_ledger(now=get_now())
    rebuild_index(SEARCH)
    assert "cannot be found by agent" in text_of(client.get(ADDRESS))
    follow_ledger()
    assert "knows every event" in text_of(client.get(ADDRESS))


def test_it_takes_the_right_and_shows_no_other_workspace(site):
    row = submit_pending(site, correlation_id="run-1")
    index()
    world = site.world
    for user in (
        make_login(world.workspace, "view_requests", "edit_policy"),
        make_agents_login(world.agent, "view_requests"),
    ):
        assert log_in(user).get(ADDRESS).status_code == 403
        assert log_in(user).post(ADDRESS, {"agent": "agent.enrichment"}).status_code == 403
    other = make_site("other", agent_name="agent.other")
    foreign = log_in(make_login(other.world.workspace, "view_ledger", name="Fay Foreign"))
    assert foreign.get(ADDRESS, {"workspace": "acme"}).status_code == 404
    for criteria in ({"correlation": "run-1"}, {"agent": "agent.enrichment"}, {}):
        assert str(row.pk) not in subjects(search(foreign, **criteria))


def test_the_number_of_statements_does_not_grow_with_the_page(site, client):
    def count():
        with captured_statements() as statements:
            assert client.get(ADDRESS, {"agent": "agent.enrichment"}).status_code == 200
        return len(statements)

    submit_pending(site, correlation_id="run-1")
    index()
    few = count()
    for number in range(10):
        submit(site, correlation_id=f"run-{number}", changes={"numberofemployees": 500 + number})
    index()
    assert count() <= few


def test_an_integration_searches_its_own_workspace_and_an_agent_never(site):
    """IDN-07: whatever scope an agent's token claims."""
    row = submit_pending(site, correlation_id="run-7")
    submit(make_site("other", agent_name="agent.other"), correlation_id="run-7")
    index()
    integration = make_integration(site.world.workspace, scopes=["ledger:read"])
    token = make_integration_token(integration, scope="ledger:read")
    answer = post("/ledger/search/", {"correlation_id": "run-7", "limit": 1}, token=token)
    assert answer.status_code == 200, answer.content
    page = answer.json()
    rest = post("/ledger/search/", {"correlation_id": "run-7", "after": page["next"]}, token=token).json()
    events = page["events"] + rest["events"]
    assert {event["subject"]["id"] for event in events} == {str(row.pk)}
    assert {"request.received", "request.decided"} <= {event["type"] for event in events}
    assert post("/ledger/search/", {"correlation_id": "run-7"}, token=site.world.token).status_code == 403
    writer = make_integration_token(make_integration(site.world.workspace, "integration.two"), scope="dnc:write")
    assert post("/ledger/search/", {}, token=writer).status_code == 403
    for wrong in ({"record": "1"}, {"after": "x"}, {"sql": "1"}, {"limit": 0}, {"person": "\x00"}):
        assert post("/ledger/search/", wrong, token=token).status_code == 422, wrong
