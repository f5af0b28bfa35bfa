"""Case: one proposal with the policy rules that touch it, looked up once and handed to every check."""

from dataclasses import dataclass

from governance.domain.document import ActionRule
from governance.domain.facts import AgentFacts, Facts, RequestFacts, SwitchFacts
from governance.domain.index import GrantEntry, ObjectEntry, PolicyIndex
from governance.domain.judged import Judged, judged_of


@dataclass(frozen=True, slots=True)
class Case:
    """`agent` is None for a person. `rule`, `grant` and `object_entry` are None where policy names nothing."""

    index: PolicyIndex
    facts: Facts
    request: RequestFacts
    switches: SwitchFacts
    judged: Judged
    agent: AgentFacts | None
    rule: ActionRule | None
    grant: GrantEntry | None
    object_entry: ObjectEntry | None


def open_case(index: PolicyIndex, facts: Facts) -> Case:
    """Look up everything that policy says about this proposal."""
    request, connection = facts.request, facts.connection
    judged = judged_of(facts)
    agent = facts.agent if judged is Judged.AGENT else None
    grant = None
    if agent is not None:
        grant = index.grants.get((agent.name, connection.name, connection.environment, request.object, request.action))
    return Case(
        index,
        facts,
        request,
        facts.switches,
        judged,
        agent,
        index.actions.get(request.action),
        grant,
        index.objects.get((connection.name, request.object)),
    )
