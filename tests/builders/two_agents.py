"""Two agents of one workspace, each with its own requests, and people who hold rights for one of them alone."""

from dataclasses import dataclass, replace

from approvals.models import AgentActionRequest
from governance.domain.agent_rights import AGENT_RIGHTS
from governance.models import Membership, Person, User
from tests.builders.api import Site, make_site
from tests.builders.approvals import submit_pending
from tests.builders.console import make_agents_login
from tests.builders.governance import make_agent, make_credential, make_grants, make_token, publish
from tests.builders.kept import kept


@dataclass(frozen=True)
class TwoAgents:
    """`mine` is the site as its first agent asks, `theirs` as the second one; `ann` holds every right for the first
    agent alone and is of the approver group."""

    mine: Site
    theirs: Site
    ann: User

    @property
    def person(self) -> Person:
        assert self.ann.person is not None
        return self.ann.person


@kept
def make_two_agents() -> TwoAgents:
    mine = make_site(agent_name="agent.mine")
    agent = make_agent(mine.world.workspace, mine.world.owner, name="agent.theirs")
    make_grants(agent, mine.world.connection)
    credential = make_credential(agent)
    world = replace(mine.world, agent=agent, credential=credential, token=make_token(credential))
    publish(world)
    ann = make_agents_login(mine.world.agent, *AGENT_RIGHTS)
    Membership.objects.create(group=mine.world.group, person=ann.person)
    return TwoAgents(mine, Site(world, mine.company), ann)


def submit_both(two: TwoAgents) -> tuple[AgentActionRequest, AgentActionRequest]:
    """One that waits of each agent."""
    return submit_pending(two.mine), submit_pending(two.theirs, changes={"annualrevenue": 5_000_000})
