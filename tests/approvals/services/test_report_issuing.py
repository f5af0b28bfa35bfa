"""Reports by e-mail: once for each period and person, whatever breaks in between (REP-02, APR-13)."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from guardian.models import UserObjectPermission

from approvals.models import Notification, NotificationChoice, ReportIssue
from approvals.services import report_issuing
from approvals.services.notification_mail import gather_mails, list_due_mails, send_mail
from approvals.services.notifying import send_due
from approvals.services.report_issuing import issue_reports
from approvals.services.report_tallying import REPORTS, Key, add_counts
from audit.models import Follower
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.models import Workspace
from tests.builders.console import make_login
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 16, 0, 5, tzinfo=UTC)  # a Monday
WEEK, MONTH = "2026-W46", "2026-10"


@pytest.fixture
def workspace():
    """A workspace whose agents asked for something in October and last week."""
    made = make_workspace("acme")
    agent = made.pk
    days = (NOW.date() - timedelta(days=3), datetime(2026, 10, 5, tzinfo=UTC).date())
    add_counts({Key(made.pk, day, "received", agent, ""): 4 for day in days})
    return made


@pytest.fixture
def reader(workspace):
    return make_login(workspace, *ROLE_PERMISSIONS[Role.AUDITOR], name="Anna Auditor").person


def ask_by_mail(person, kind="report_weekly"):
    NotificationChoice.objects.create(person=person, kind=kind, timing="at_once")


def told(person):
    return sorted(Notification.objects.filter(person=person).values_list("key", flat=True))


def send():
    """What is due now; the database's clock may count in milliseconds."""
    gather_mails()
    time.sleep(0.005)
    return [send_mail(mail_id=pk) for pk in list_due_mails()]


def test_who_asks_for_it_gets_one_mail_with_the_way_to_the_report(workspace, reader):
    ask_by_mail(reader)
    assert issue_reports(now=NOW) == 2
    assert send() == ["sent"]
    (message,) = mail.outbox
    assert message.to == [reader.email]
    assert f"Weekly report {WEEK}" in message.subject
    assert "/reports/?workspace=acme&week=2026-11-09" in message.body
    assert "Asked for: 4" in message.body


def test_who_does_not_ask_reads_it_on_the_page_alone(reader):
    issue_reports(now=NOW)
    assert told(reader) == [f"acme:{MONTH}", f"acme:{WEEK}"]
    assert send() == []


def test_the_sponsor_review_is_told_by_itself(reader):
    ask_by_mail(reader, "report_monthly")
    issue_reports(now=NOW)
    send()
    (message,) = mail.outbox
    assert f"Monthly sponsor review {MONTH}" in message.subject
    assert "/reports/sponsor/?workspace=acme&month=2026-10" in message.body


def test_a_second_turn_and_a_later_day_tell_nothing_again(reader):
    ask_by_mail(reader)
    issue_reports(now=NOW)
    send()
    for later in (NOW, NOW + timedelta(minutes=1), NOW + timedelta(days=6)):
        assert issue_reports(now=later) == 0
        assert send() == []
    assert len(mail.outbox) == 1


def test_the_next_week_is_told_anew(reader):
    issue_reports(now=NOW)
    assert issue_reports(now=NOW + timedelta(days=7)) == 1
    assert told(reader) == [f"acme:{MONTH}", f"acme:{WEEK}", "acme:2026-W47"]


def test_a_crash_between_marking_and_telling_loses_and_doubles_nothing(reader, monkeypatch):
    ask_by_mail(reader)
    whole = report_issuing.notify

    def break_down(**_):
        raise RuntimeError("the worker died")

    monkeypatch.setattr(report_issuing, "notify", break_down)
    with pytest.raises(RuntimeError):
        issue_reports(now=NOW)
    assert not ReportIssue.objects.exists()
    assert told(reader) == []
    monkeypatch.setattr(report_issuing, "notify", whole)
    assert issue_reports(now=NOW) == 2
    send()
    assert len(mail.outbox) == 1


def test_a_crash_after_telling_sends_the_mail_once(reader):
    """The notification is the job: another turn, or a lost mark, makes no second one."""
    ask_by_mail(reader)
    issue_reports(now=NOW)
    ReportIssue.objects.all().delete()
    issue_reports(now=NOW)
    send()
    send_due(seconds=5)
    assert len(mail.outbox) == 1


def test_the_database_holds_one_report_for_each_period_and_person(workspace, reader):
    issue_reports(now=NOW)
    issue, news = ReportIssue.objects.first(), Notification.objects.first()
    for row in (issue, news):
        row.pk = type(row)().pk
        row._state.adding = True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_who_may_not_read_reports_is_told_nothing(workspace):
    stranger = make_login(workspace, "view_requests", name="Rita Reviewer").person
    ask_by_mail(stranger)
    issue_reports(now=NOW)
    assert told(stranger) == []


def test_it_waits_until_everything_is_counted(site_with_news, reader):
    assert issue_reports(now=NOW) == 0
    Follower.objects.filter(pk=REPORTS.name).update(next_leaf=10**9)
    assert issue_reports(now=NOW) == 2


@pytest.fixture
def site_with_news(workspace):
    """The ledger has events that the tallies have not."""
    from tests.builders.audit import append, new_event

    append(new_event(), now=get_now())
    maintain_ledger(now=get_now())
    Follower.objects.update_or_create(name=REPORTS.name, defaults={"next_leaf": 0})


def test_a_workspace_without_requests_hears_nothing():
    quiet = make_workspace("quiet")
    person = make_login(quiet, *ROLE_PERMISSIONS[Role.AUDITOR]).person
    assert issue_reports(now=NOW) == 0
    assert told(person) == []


def test_a_workspace_whose_report_breaks_keeps_no_other_waiting(workspace, reader, monkeypatch):
    """REP-02: also not in the turn after, and its own is told once it can be made."""
    first, made = Workspace.objects.order_by("pk")[0], report_issuing.make_weekly_report
    assert first == workspace
    other = make_workspace("beta")
    add_counts({Key(other.pk, NOW.date() - timedelta(days=3), "received", other.pk, ""): 1})

    def break_one(*, workspace_id, week):
        if workspace_id == first.pk:
            raise RuntimeError("no report")
        return made(workspace_id=workspace_id, week=week)

    monkeypatch.setattr(report_issuing, "make_weekly_report", break_one)
    with pytest.raises(RuntimeError):
        issue_reports(now=NOW)
    assert ReportIssue.objects.filter(workspace=other, period=WEEK).exists()
    assert ReportIssue.objects.filter(workspace=first, period=MONTH).exists()
    monkeypatch.undo()
    assert issue_reports(now=NOW) == 1


def test_who_may_no_longer_read_reports_is_not_sent_the_headlines(reader):
    """IDN-07: a digest waits for up to a day."""
    ask_by_mail(reader)
    issue_reports(now=NOW)
    UserObjectPermission.objects.filter(user__person=reader, permission__codename="view_reports").delete()
    assert send() == []
    assert mail.outbox == []


def test_what_a_clock_that_ran_ahead_told_too_early_is_told_again_in_its_time(workspace, reader):
    """REP-02: of the unfinished week once too early, of the finished one as ever; nothing a third time."""
    early, week_later = NOW + timedelta(days=7), "2026-W47"
    assert issue_reports(now=early) == 2
    assert issue_reports(now=NOW) == 1
    assert issue_reports(now=NOW + timedelta(hours=1)) == 0
    assert issue_reports(now=early + timedelta(minutes=1)) == 1
    assert issue_reports(now=early + timedelta(hours=1)) == 0
    weekly = [key for key in told(reader) if "-W" in key]
    assert weekly == [f"acme:{WEEK}", f"acme:{week_later}", f"acme:{week_later}:2026-11-23"]
