"""What a team learns from: a rep silently corrects an agent, and RevOps makes a rule from a case (EXC-02, QAS-01)."""

from collections.abc import Callable
from datetime import datetime

from approvals.models import ExceptionCase, WrittenField
from approvals.services.exception_desk import CaseError, Worker, own_case
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.scene import Scene
from config.demo.story import HYGIENE, REVOPS, wait_for, who
from governance.domain.rule import RiskRule
from governance.models import Rule
from governance.services.rules import RuleDraft, RuleRefusedError, save_rule

Say = Callable[[str], None]
WRONG = {"numberofemployees": 12}
"""What the rep knows better, by field."""


def correct_silently(*, since: datetime, scene: Scene, say: Say) -> WrittenField | None:
    """A rep puts an agent's number right at the CRM and tells nobody. Returns the value that is watched."""
    there = scene.dialect.object("companies")
    wrong = scene.dialect.values("companies", WRONG)
    rows = WrittenField.objects.filter(
        connection__name=scene.connection, written_at__gte=since, fate="", field__in=list(wrong), object_type=there
    )
    row = rows.order_by("next_look_at").first()
    if row is None:
        return None
    scene.edit(row.object_type, row.record_id, {row.field: wrong[row.field]}, actor="grace.liu@example.com")
    say("A rep put a headcount right that an agent had written, at the CRM, and told nobody.")
    return row


def tell_corrected(row: WrittenField | None, say: Say) -> None:
    """Whether it was noticed: soon after the write often, later less often, so not in every run."""
    if row is None:
        return
    judged = WrittenField.objects.filter(pk=row.pk, fate="overwritten")
    if wait_for(judged.exists, seconds=20):
        say("It counts as a silent rejection: an exception, a mark in quality's results, and the agent is told.")


def make_rule_of_case(say: Say) -> None:
    """RevOps takes up what the hygiene agent keeps asking for, and drafts a rule from it, switched off until read."""
    cases = ExceptionCase.objects.filter(state="open", agent__name=HYGIENE, code="level_read_only", change_id="")
    case = cases.exclude(field="").order_by("-count").first()
    if case is None:
        return
    person, now = who(REVOPS), get_now()
    worker = Worker(person["person_id"], person["user_id"])
    rule = RiskRule(
        key="",
        name=f"{HYGIENE} asks for {case.field}",
        owner=str(person["person_id"]),
        reason="It is a commitment of people; the agent should propose a next step instead.",
        effect="deny",
        objects=(case.object_type,),
        fields=(case.field,),
    )
    try:
        own_case(case_id=case.pk, worker=worker, seen_owner=str(case.owner_id or ""), now=now)
        save_rule(
            rule_id=None,
            workspace_id=case.workspace_id,
            draft=RuleDraft(rule=rule, is_active=False),
            actor=Actor("human", str(person["person_id"])),
            now=now,
            origin=f"exception:{case.pk}",
        )
    except (CaseError, RuleRefusedError) as error:
        say(f"RevOps looked at what {HYGIENE} keeps asking for; no rule came of it: {error}.")
        return
    linked = ExceptionCase.objects.filter(pk=case.pk).exclude(change_id="")
    wait_for(linked.exists, seconds=15)
    name = Rule.objects.order_by("-pk").values_list("name", flat=True).first()
    say(f"RevOps took up an exception that came {case.count} times and drafted a rule from it: “{name}”.")
