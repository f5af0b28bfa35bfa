"""What is stopped now: read live at every decision and every claim, never cached (KIL-01)."""

from uuid import UUID

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast

from governance.domain.facts import BreakerFacts, SwitchFacts
from governance.domain.vocabulary import SwitchKind
from governance.models import AgentBaseline, BreakerState, Grant, KillSwitch

_USUAL = "usual"


def get_switch_facts(*, workspace_id: UUID, agent_id: UUID | None) -> SwitchFacts:
    """The switches in force that touch this agent, the breakers that are not closed, and what is usual for it.

    None asks for a human's action. One query.
    """
    switches = KillSwitch.objects.filter(
        Q(agent__isnull=True) | Q(agent_id=agent_id), workspace_id=workspace_id, lifted_at__isnull=True
    )
    breakers = BreakerState.objects.filter(workspace_id=workspace_id, opened_at__isnull=False)
    rows = switches.annotate(breaker=Value("")).values_list("kind", "breaker", "engaged_at")
    usual = AgentBaseline.objects.filter(Q(agent_id=agent_id), per_hour__isnull=False)
    found = list(
        rows.union(
            breakers.annotate(kind=Value("")).values_list("kind", "name", "opened_at"),
            usual.annotate(kind=Value(_USUAL), text=Cast("per_hour", CharField())).values_list(
                "kind", "text", "computed_at"
            ),
            all=True,
        )
    )
    kinds = {kind for kind, _, _ in found}
    return SwitchFacts(
        is_all_stopped=SwitchKind.ALL in kinds,
        is_agent_stopped=agent_id is not None and SwitchKind.AGENT in kinds,
        is_write_back_off=SwitchKind.WRITE_BACK in kinds,
        is_send_off=SwitchKind.SEND in kinds,
        is_enroll_off=SwitchKind.ENROLL in kinds,
        is_read_only=SwitchKind.READ_ONLY in kinds,
        breakers=tuple(BreakerFacts(name, at) for kind, name, at in sorted(found) if not kind),
        usual=next((int(text) for kind, text, _ in found if kind == _USUAL), None),
    )


def is_grant_withdrawn(*, agent_id: UUID, connection_id: UUID, object_type: str, action: str) -> bool:
    """Whether the grant that a published policy may still name was withdrawn since, or its row is gone. One query."""
    rows = Grant.objects.filter(
        agent_id=agent_id, connection_id=connection_id, object_type=object_type, action=action, is_withdrawn=False
    )
    return not rows.exists()


def list_switches_in_force(workspace_id: UUID) -> QuerySet[KillSwitch]:
    """Newest first, each with its agent."""
    rows = KillSwitch.objects.filter(workspace_id=workspace_id, lifted_at__isnull=True)
    return rows.select_related("agent").order_by("-engaged_at")
