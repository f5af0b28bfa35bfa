"""Exception queue and case: what pages show, what clicks do, who is refused (EXC-01, EXC-02, EXC-03, IDN-07)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import DutyEntry, ExceptionCase
from approvals.services.exception_alarms import raise_alarms
from approvals.services.exception_news import EXCEPTIONS
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import AgentVersion, Rule
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.exceptions import DENIED, make_case, take_news
from tests.builders.governance import allow, make_agent, make_person, make_user, make_workspace, stray_id
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
ALL = ("view_requests", "handle_exceptions", "edit_policy", "view_ledger")
POSTS = ["close_exception", "comment_exception", "move_exception", "reopen_exception"]
HOSTILE = "<img src=x onerror=alert(1)>\u202e\"'</script>"


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def worker(site):
    return make_login(site.world.workspace, *ALL, name="Wanda Worker")


@pytest.fixture
def case(site):
    submit(site, **DENIED)
    take_news()
    return ExceptionCase.objects.get()


def post(user, name, case, **data):
    return log_in(user).post(reverse(f"approvals:{name}", args=[case.pk]), data, follow=True)


def triage(user, *cases, **data):
    owners = {f"owner-{row.pk}": str(row.owner_id or "") for row in cases}
    chosen = [str(row.pk) for row in cases]
    return log_in(user).post(reverse("approvals:triage_exceptions"), {"chosen": chosen, **owners, **data}, follow=True)


def events(case, name):
    return LedgerEvent.objects.filter(type=f"exception.{name}", subject_id=str(case.pk)).count()


class TestTheQueue:
    @pytest.mark.usefixtures("case")
    def test_it_shows_cause_agent_field_count_age_and_clock(self, worker):
        text = text_of(log_in(worker).get(reverse("approvals:exceptions")))
        for part in (
            *("The value is not one that the field takes", "agent.enrichment", "companies.numberofemployees"),
            *("validation_failed", "review due in", "no owner", "Nobody is on duty"),
        ):
            assert part in text

    def test_empty_is_said_in_each_view(self, worker):
        for view, words in (
            ("open", "No exception is open"),
            ("overdue", "Nothing is overdue"),
            ("closed", "None was"),
        ):
            assert words in text_of(log_in(worker).get(reverse("approvals:exceptions"), {"view": view}))

    def test_filters_and_views_narrow(self, site, case, worker):
        other = make_case(site.world.workspace, agent="", code="rule_denied", field="stage")
        make_case(make_workspace("other"), code="not_granted")
        client = log_in(worker)

        def seen(**query):
            page = client.get(reverse("approvals:exceptions"), query)
            return {row.pk for row in (case, other) if str(row.pk) in text_of(page)}

        assert seen() == {case.pk, other.pk}
        assert seen(field="stage") == seen(code="rule_denied") == {other.pk}
        assert seen(agent="agent.enrichment") == {case.pk}
        assert seen(kind="conflict") == seen(view="mine") == seen(view="snoozed") == set()
        assert seen(owner="nobody") == {case.pk, other.pk}
        assert "not granted" not in text_of(client.get(reverse("approvals:exceptions")))

    def test_pages_follow_each_other_without_loss(self, site, worker):
        for number in range(53):
            make_case(site.world.workspace, field=f"field_{number}")
        client, found, address = log_in(worker), [], reverse("approvals:exceptions")
        page = client.get(address)
        found += [row.case.pk for row in page.context["rows"]]
        page = client.get(address, {"after": page.context["after"]})
        found += [row.case.pk for row in page.context["rows"]]
        assert len(found) == len(set(found)) == 53
        assert not page.context["after"]

    def test_queries_do_not_grow_with_cases_and_stay_few(self, site, worker):
        client, counts = log_in(worker), []
        for number in (1, 40):
            for position in range(number):
                make_case(site.world.workspace, field=f"f{number}_{position}", agent=site.world.agent.name)
            client.get(reverse("approvals:exceptions"))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("approvals:exceptions"))
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[1] <= 9, "four of them are the console's frame"

    def test_hostile_text_in_every_column_does_nothing(self, site, worker):
        row = make_case(site.world.workspace, code=HOSTILE[:40], field=HOSTILE, object_type=HOSTILE[:30])
        post(worker, "comment_exception", row, comment=HOSTILE)
        for address in (reverse("approvals:exceptions"), reverse("approvals:exception", args=[row.pk])):
            page = log_in(worker).get(address)
            assert page.status_code == 200
            assert find_acting_nodes(page.content) == []


class TestTriage:
    def test_each_ticked_case_is_done_by_itself_with_one_event(self, site, worker):
        rows = [make_case(site.world.workspace, field=name) for name in ("a", "b", "c")]
        assert "Done: 3 of 3" in text_of(triage(worker, *rows, verb="own"))
        assert [events(row, "owned") for row in rows] == [1, 1, 1]
        assert set(ExceptionCase.objects.values_list("owner", flat=True)) == {worker.person_id}
        assert "Done: 3 of 3" in text_of(triage(worker, *rows, verb="close", outcome="accepted"))
        assert {row.state for row in ExceptionCase.objects.all()} == {"closed"}

    def test_one_that_is_closed_already_keeps_no_other_waiting(self, site, worker):
        rows = [make_case(site.world.workspace, field=name) for name in ("a", "b")]
        triage(worker, rows[0], verb="close", outcome="accepted")
        text = text_of(triage(worker, *rows, verb="close", outcome="accepted"))
        assert "Done: 1 of 2" in text
        assert "it was closed by Wanda Worker" in text

    def test_an_outcome_that_names_a_change_cannot_be_given_in_bulk(self, site, worker):
        row = make_case(site.world.workspace)
        assert "name the change" in text_of(triage(worker, row, verb="close", outcome="new_rule"))
        row.refresh_from_db()
        assert row.state == "open"

    @pytest.mark.parametrize("data", [{"verb": "explode"}, {"verb": "own", "chosen": []}, {"verb": "assign"}, {}])
    def test_nonsense_does_nothing(self, site, worker, data):
        row = make_case(site.world.workspace)
        assert "Nothing was done" in text_of(triage(worker, row, **data))

    def test_handing_over_is_for_people_who_may(self, site, worker):
        row = make_case(site.world.workspace)
        able = make_login(site.world.workspace, *ALL, name="Abel Able")
        looker = make_login(site.world.workspace, "view_requests", name="Lena Looker")
        assert "may not work" in text_of(triage(worker, row, verb="assign", to=str(looker.person_id)))
        triage(worker, row, verb="assign", to=str(able.person_id))
        row.refresh_from_db()
        assert (row.owner_id, row.reviewed_at) == (able.person_id, None)

    def test_snoozing_leaves_the_queue_and_stops_no_clock(self, site, worker):
        row = make_case(site.world.workspace)
        triage(worker, row, verb="snooze", days="3")
        client = log_in(worker)
        assert str(row.pk) not in text_of(client.get(reverse("approvals:exceptions")))
        assert str(row.pk) in text_of(client.get(reverse("approvals:exceptions"), {"view": "snoozed"}))
        assert raise_alarms(now=get_now() + timedelta(hours=25)) == 1


class TestOneCase:
    def test_it_shows_requests_reasons_and_timeline(self, case, worker):
        text = text_of(log_in(worker).get(reverse("approvals:exception", args=[case.pk])))
        for part in (str(case.links.get().request_id), "What policy said", "Opened", "Draft a rule", "validation"):
            assert part in text

    def test_queries_of_the_page_are_few(self, site, case, worker):
        client = log_in(worker)
        client.get(reverse("approvals:exception", args=[case.pk]))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("approvals:exception", args=[case.pk]))
        for _ in range(8):
            submit(site, **DENIED)
        take_news()
        with CaptureQueriesContext(connection) as more:
            client.get(reverse("approvals:exception", args=[case.pk]))
        assert len(more) <= len(queries)

    def test_a_comment_is_shown_and_lies_in_the_erasable_values(self, case, worker):
        assert "we look into it" in text_of(post(worker, "comment_exception", case, comment="we look into it"))
        event = LedgerEvent.objects.get(type="exception.commented")
        assert b"look into" not in bytes(event.body)
        case.refresh_from_db()
        assert case.reviewed_at is not None
        assert case.due_at == case.remediation_due_at

    def test_closing_with_a_rule_needs_one_that_is_newer_and_of_this_workspace(self, site, case, worker):
        old = make_rule(site.world.workspace, "old")
        Rule.history.filter(id=old.pk).update(history_date=case.opened_at - timedelta(days=1))
        foreign = make_rule(make_workspace("other"), "foreign")
        for rule in (old, foreign):
            data = {"outcome": "new_rule", "change-new_rule": f"rule:{rule.pk}"}
            assert "name the change" in text_of(post(worker, "close_exception", case, **data))
        fresh = make_rule(site.world.workspace, "fresh")
        post(worker, "close_exception", case, outcome="new_rule", **{"change-new_rule": f"rule:{fresh.pk}"})
        case.refresh_from_db()
        assert (case.state, case.change_kind, case.change_id) == ("closed", "rule", str(fresh.pk))
        assert case.alarm_at is None

    def test_a_prompt_change_is_a_newer_version_of_that_agent(self, site, case, worker):
        other = make_agent(site.world.workspace, name="agent.other")
        found = [make_version(agent) for agent in (other, site.world.agent)]
        data = [{"outcome": "prompt_change", "change-prompt_change": f"agent:{row.pk}"} for row in found]
        assert "name the change" in text_of(post(worker, "close_exception", case, **data[0]))
        post(worker, "close_exception", case, **data[1])
        case.refresh_from_db()
        assert case.outcome == "prompt_change"

    def test_a_duplicate_names_another_case_of_the_workspace(self, site, case, worker):
        other = make_case(site.world.workspace)
        foreign = make_case(make_workspace("other"))
        for wrong in (case, foreign):
            post(worker, "close_exception", case, outcome="duplicate", duplicate_of=str(wrong.pk))
            case.refresh_from_db()
            assert case.state == "open"
        post(worker, "close_exception", case, outcome="duplicate", duplicate_of=str(other.pk))
        case.refresh_from_db()
        assert case.duplicate_of_id == other.pk

    def test_it_can_be_opened_again_unless_a_newer_one_is_open(self, site, case, worker):
        post(worker, "close_exception", case, outcome="accepted")
        post(worker, "reopen_exception", case, comment="not at all")
        case.refresh_from_db()
        assert (case.state, case.outcome, case.owner_id) == ("open", "", worker.person_id)
        post(worker, "close_exception", case, outcome="accepted")
        submit(site, **DENIED)
        take_news()
        assert "newer case" in text_of(post(worker, "reopen_exception", case, comment="again"))

    def test_a_rule_made_from_it_is_linked_by_the_ledger(self, case, worker):
        page = log_in(worker).get(reverse("approvals:exception", args=[case.pk]))
        query = page.context["page"].rule_query
        client, address = log_in(worker), f"{reverse('admin:governance_rule_add')}?{query}"
        desk = client.get(address).context["desk"]
        assert desk["is_prefilled"]
        assert (desk["rule"]["objects"], desk["rule"]["fields"]) == (["companies"], ["numberofemployees"])
        rule = {**desk["rule"], "key": "", "owner": str(worker.person_id), "effect": "deny"}
        is_active = rule.pop("is_active")
        answer = client.post(address, {"rule": rule, "is_active": is_active}, content_type="application/json")
        assert answer.json() == {"next": reverse("approvals:exception", args=[case.pk])}
        take_news()
        case.refresh_from_db()
        assert (case.change_kind, case.change_id, case.outcome) == ("rule", str(Rule.objects.get().pk), "new_rule")
        assert (case.state, events(case, "linked")) == ("open", 1)


def make_rule(workspace, name):
    owner = make_person(f"Owner of {name}")
    return Rule.objects.create(workspace=workspace, key=name, name=name, reason="r", owner=owner, effect="deny")


def make_version(agent):
    return AgentVersion.objects.create(
        agent=agent, fingerprint=f"sha256:{agent.name}", model="m", prompt_template="p", first_seen_at=get_now()
    )


class TestDuty:
    def test_a_new_case_belongs_to_who_is_on_duty_and_who_left_is_skipped(self, site):
        workspace = site.world.workspace
        first, second = (make_login(workspace, *ALL, name=name) for name in ("Fay First", "Sol Second"))
        for weekday in range(7):
            DutyEntry.objects.create(workspace=workspace, weekday=weekday, person=first.person, stand_in=second.person)
        assert make_case(workspace, field="a").owner_id == first.person_id
        first.person.is_active = False
        first.person.save()
        assert make_case(workspace, field="b").owner_id == second.person_id

    def test_each_clock_raises_one_alarm(self, site, worker):
        row = make_case(site.world.workspace)
        now = get_now()
        assert [raise_alarms(now=now + timedelta(hours=hours)) for hours in (23, 25, 26, 73, 74)] == [0, 1, 0, 1, 0]
        assert events(row, "overdue") == 2
        page = log_in(worker).get(reverse("approvals:exception", args=[row.pk]))
        assert text_of(page).count("Overdue") == 2

    def test_who_took_it_up_is_only_told_of_the_remediation(self, site, worker):
        row = make_case(site.world.workspace)
        triage(worker, row, verb="own")
        now = get_now()
        assert [raise_alarms(now=now + timedelta(hours=hours)) for hours in (25, 73, 74)] == [0, 1, 0]


class TestRefusals:
    def test_a_stranger_is_sent_to_the_login(self, case):
        addresses = [reverse("approvals:exceptions"), reverse("approvals:exception", args=[case.pk])]
        for address in addresses:
            assert Client().get(address).status_code == 302
        for name in POSTS:
            assert Client().post(reverse(f"approvals:{name}", args=[case.pk])).status_code == 302
        assert Client().post(reverse("approvals:triage_exceptions")).status_code == 302

    @pytest.mark.parametrize("name", POSTS)
    def test_who_only_looks_changes_nothing(self, site, case, name):
        looker = make_login(site.world.workspace, "view_requests")
        data = {"outcome": "accepted", "verb": "own", "comment": "x"}
        assert post(looker, name, case, **data).status_code == 403
        assert triage(looker, case, verb="own").status_code == 403
        page = text_of(log_in(looker).get(reverse("approvals:exception", args=[case.pk])))
        assert "Your role may look" in page
        assert "data-close" not in page
        assert not LedgerEvent.objects.filter(type__startswith="exception.").exclude(type="exception.opened").exists()

    @pytest.mark.parametrize("name", POSTS)
    def test_another_workspaces_people_find_nothing(self, case, name):
        other = make_login(make_workspace("other"), *ALL)
        assert post(other, name, case, outcome="accepted", verb="own", comment="x").status_code == 404
        assert log_in(other).get(reverse("approvals:exception", args=[case.pk])).status_code == 404
        assert "not among your permissions" in text_of(triage(other, case, verb="own"))
        case.refresh_from_db()
        assert case.owner_id is None

    def test_a_rep_sees_no_queue(self, site, case):
        rep = make_login(site.world.workspace, "view_own_requests", "report_bad_actions")
        assert log_in(rep).get(reverse("approvals:exceptions")).status_code == 403
        assert log_in(rep).get(reverse("approvals:exception", args=[case.pk])).status_code == 404

    def test_what_is_not_there_is_not_found(self, worker):
        assert log_in(worker).get(reverse("approvals:exception", args=[stray_id()])).status_code == 404
        assert EXCEPTIONS.name == "exceptions"


def test_a_case_page_asks_twelve_statements_however_many_changes_it_offers(case, worker, site):
    client = log_in(worker)
    address = reverse("approvals:exception", args=[case.pk])
    client.get(address)
    for number in range(30):
        make_rule(site.world.workspace, f"Rule {number}")
        if number in (0, 29):
            with captured_statements() as statements:
                page = client.get(address).context["page"]
            assert len(statements) <= 12, statements
    offered = next(choice for choice in page.outcomes if choice.value == "new_rule").changes
    assert [change.words for change in offered][:2] == ["Rule “Rule 29”", "Rule “Rule 28”"]
    assert len(offered) <= 2 * 20


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_or_own_at_once_one_wins_and_the_other_is_told():
    workspace = make_workspace()
    users = []
    for name in ("Ann One", "Ben Two"):
        user = make_user(make_person(name))
        allow(user, workspace, *ALL)
        users.append(user)
    row = make_case(workspace)
    answers = together(*[lambda user=user: text_of(triage(user, row, verb="own")) for user in users])
    assert sorted("Done: 1 of 1" in text for text in answers) == [False, True]
    assert events(row, "owned") == 1
    row.refresh_from_db()
    answers = together(
        *[lambda user=user: text_of(triage(user, row, verb="close", outcome="accepted")) for user in users]
    )
    assert sorted("Done: 1 of 1" in text for text in answers) == [False, True]
    assert events(row, "closed") == 1
