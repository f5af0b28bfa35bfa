"""What a kill switch means for one actor's request."""

from governance.domain.facts import SwitchFacts


def stopped_by(switches: SwitchFacts, actor_type: str) -> str:
    """The code of the switch that stops a write by this actor, empty when none does.

    A person's undoing is exempt from what stops agents; stop-all and write-back-off hold it too.
    """
    if switches.is_all_stopped:
        return "switch_all"
    if switches.is_write_back_off:
        return "switch_write_back"
    if actor_type == "human":
        return ""
    if switches.is_agent_stopped:
        return "switch_agent"
    return "switch_read_only" if switches.is_read_only else ""
