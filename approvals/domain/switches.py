"""What a kill switch means for one actor's request."""

from governance.domain.action_class import SENDS
from governance.domain.facts import SwitchFacts
from governance.domain.vocabulary import Action


def stopped_by(switches: SwitchFacts, actor_type: str, action: str) -> str:
    """The code of the switch that stops this action of this actor, empty when none does.

    A person's undoing is exempt from what stops agents; stop-all and write-back-off hold it too. `send` stops whatever
    touches a person, enrolments among it.
    """
    is_agents = actor_type != "human"
    stops = (
        (switches.is_all_stopped, "switch_all"),
        (switches.is_write_back_off, "switch_write_back"),
        (switches.is_send_off and action in SENDS, "switch_send"),
        (switches.is_enroll_off and action == Action.ENROLL_SEQUENCE, "switch_enroll"),
        (switches.is_agent_stopped and is_agents, "switch_agent"),
        (switches.is_read_only and is_agents, "switch_read_only"),
    )
    return next((code for is_stopped, code in stops if is_stopped), "")
