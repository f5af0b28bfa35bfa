"""What the governance document tells of the settings now: exceptions, ledger, contacts, releases (REP-03)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from approvals.domain.case_words import KIND_WORDS, OUTCOME_WORDS
from approvals.domain.playbook import CHANGING, FIRST_STEPS
from approvals.models import DutyEntry, ExceptionCalendar, LedgerSink
from approvals.selectors.duty import REMEDIATION_HOURS, REVIEW_HOURS
from audit.models import Checkpoint
from audit.services.known_keys import list_verifier_keys
from governance.domain.chapters import Chapter, Table
from governance.models import Agent, ApproverGroup, Person, PolicyRelease, RetentionRule, Workspace
from governance.selectors.holders import list_holders

_RELEASES = 20
_DUTIES = (
    ("publish_policy", "Publishes policy"),
    ("countersign_changes", "Countersigns what takes two people"),
    ("engage_switches", "Stops agents"),
    ("lift_switches", "Lifts stops"),
    ("handle_exceptions", "Works on exceptions"),
    ("manage_dnc", "Keeps the do-not-contact list"),
    ("view_ledger", "Reads the ledger"),
)


def write_exceptions(workspace_id: UUID) -> Chapter:
    """The playbook: kinds with their first steps, clocks, rota. Two queries."""
    calendar = ExceptionCalendar.objects.filter(workspace_id=workspace_id).first()
    review = calendar.review_hours if calendar else REVIEW_HOURS
    remediation = calendar.remediation_hours if calendar else REMEDIATION_HOURS
    running = f"counted in working time ({calendar})" if calendar else "round the clock"
    return Chapter(
        "Exception playbook",
        (
            f"Whoever is on duty looks at it within {review} hours and closes it within {remediation}, {running}.",
            f"It ends with one of these: {'; '.join(OUTCOME_WORDS.values())}.",
        ),
        (
            Table(
                ("Exception", "What to do first"), tuple((KIND_WORDS[kind], FIRST_STEPS[kind]) for kind in KIND_WORDS)
            ),
            Table(("Day", "On duty", "Stands in"), _rota(workspace_id), "Duty rota"),
        ),
    )


def _rota(workspace_id: UUID) -> tuple[tuple[str, ...], ...]:
    rows = DutyEntry.objects.filter(workspace_id=workspace_id).select_related("person", "stand_in")
    return tuple(
        (
            f"{row.on_date:%Y-%m-%d}" if row.on_date else row.get_weekday_display(),
            row.person.name,
            row.stand_in.name if row.stand_in else "",
        )
        for row in rows.order_by("on_date", "weekday")
    )


def write_log(workspace_id: UUID) -> Chapter:
    """Where the record is, how it is checked, how long values are kept. Four queries at most."""
    newest = Checkpoint.objects.order_by("-size").first()
    state = (
        f"{newest.size:,} events signed by {newest.signed_at:%Y-%m-%d %H:%M} UTC."
        if newest
        else "Nothing is signed yet."
    )
    sinks = LedgerSink.objects.filter(workspace_id=workspace_id).order_by("name")
    rules = RetentionRule.objects.filter(workspace_id=workspace_id).order_by("event_class")
    return Chapter(
        "Where the record is",
        (
            "Every proposal, decision, vote, execution and change of settings is an event of the append-only ledger.",
            "It is read in the console under Ledger; one action on its trace; all of it in an export.",
            f"{state} “manage.py verify_ledger” checks the database, “countersign_verify.py” an export without it.",
        ),
        (
            Table(("Key to pin, the present one first",), tuple((key,) for key in list_verifier_keys())),
            Table(
                ("Sink", "Kind", "State"),
                tuple((row.name, row.get_kind_display(), "paused" if row.is_paused else "runs") for row in sinks),
                "Sent on to",
            ),
            Table(
                ("Events", "Values are erased after"),
                tuple((row.event_class, f"{row.days:,} days") for row in rules),
                "Retention: what no row names is kept",
            ),
        ),
    )


def write_contacts(workspace: Workspace) -> Chapter:
    """Who approves, who owns which agent, whom to call. A query for each duty and four more."""
    groups = ApproverGroup.objects.filter(workspace=workspace).select_related("backup_group").order_by("name")
    agents = Agent.objects.filter(workspace=workspace).exclude(lifecycle="retired").select_related("owner")
    holders = {words: list_holders(workspace, permission) for permission, words in _DUTIES}
    names = dict(Person.objects.filter(pk__in=set().union(*holders.values())).values_list("pk", "name"))
    duties = tuple((words, _listed(names[key] for key in keys)) for words, keys in holders.items())
    return Chapter(
        "Contacts",
        (),
        (
            Table(("Duty", "People"), duties),
            Table(
                ("Group", "Members", "Backup", "Reminded, escalated after"),
                tuple(map(_group, groups.prefetch_related("members"))),
                "Approvers",
            ),
            Table(
                ("Agent", "Owner", "Purpose"),
                tuple((row.name, row.owner.name, row.purpose) for row in agents.order_by("name")),
                "Agents and who answers for them",
            ),
        ),
    )


def _group(group: ApproverGroup) -> tuple[str, ...]:
    members = _listed(person.name for person in group.members.all() if person.is_active)
    clocks = f"{group.reminder_after_minutes or 'never'}, {group.escalation_after_minutes or 'never'} min"
    return (f"{group.name} ({group.slug})", members, group.backup_group.name if group.backup_group else "", clocks)


def write_changing(workspace_id: UUID) -> Chapter:
    """How policy changes, and the newest releases. One query."""
    rows = PolicyRelease.objects.filter(workspace_id=workspace_id).select_related(
        "version", "released_by", "countersigned_by"
    )
    told = tuple(
        (
            f"{row.created_at:%Y-%m-%d %H:%M} UTC",
            f"{row.version} in {row.environment}",
            row.released_by.name,
            row.countersigned_by.name if row.countersigned_by else "",
            row.reason,
        )
        for row in rows.defer("version__document").order_by("-created_at", "-number")[:_RELEASES]
    )
    head = ("When", "Version", "Released by", "Countersigned by", "Why")
    return Chapter("How policy changes", CHANGING, (Table(head, told, "Newest releases"),))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nobody"


def as_of(now: datetime) -> str:
    """Where the chapters above come from."""
    return f"Read from the settings of {now:%Y-%m-%d %H:%M} UTC."
