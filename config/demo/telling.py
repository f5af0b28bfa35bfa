"""The story in words, with the counts that the ledger backs."""

from collections.abc import Callable

from config.demo.counts import Counts

Say = Callable[[str], object]
WORDS = {  # the codes that a demo meets, in words; any other stands for itself
    "validation_failed": "a value the CRM cannot hold (the agent then leaves that field out)",
    "older_than_held": "data older than what the CRM holds",
    "stopped_agent": "the agent's kill switch",
    "level_read_only": "a commitment of people, like the amount of a deal",
    "empty_diff": "a change of nothing: the record says so already",
    "not_granted": "an action the agent was never given",
    "field_not_granted": "a field the agent was never given",
    "budget_exhausted": "a budget that had run out",
    "frequency_capped": "somebody who had been touched lately",
    "recipient_stopped": "somebody whom nobody may touch for now",
    "dnc_blocked": "somebody on the do-not-contact list",
    "delegation_missing": "acting for a person who had not delegated it",
    "send_off": "sending was stopped",
    "rule_denied": "a rule",
    "tier_blocked": "an action that policy blocks",
    "confidence_too_low": "too little confidence",
    "breaker_open": "an open circuit breaker",
    "agent_not_active": "an agent in quarantine",
}


def tell_counts(counts: Counts, say: Say) -> None:
    """What the agents asked for, what became of it, and whether the ledger proves it."""
    say("")
    say(f"{counts.requests} proposals in {counts.seconds} s, and what became of them:")
    say(
        f"  policy   {counts.allowed} allowed, {counts.redirected} of them as suggestions · "
        f"{counts.asked} for people to decide · {counts.denied} denied"
    )
    for code, count in list(counts.denied_because.items())[:6]:
        say(f"           {count:>4} denied: {WORDS.get(code, code)}")
    say(
        f"  people   {counts.approved} approved · {counts.rejected} denied · {counts.expired} expired unread · "
        f"{counts.pending} still waiting"
    )
    say(
        f"  the CRM  {counts.executed} executed, {counts.reverted} of them taken back · "
        f"{counts.conflicts} ended as conflict, nobody was overwritten · {counts.failed} failed"
    )
    say(f"  lessons  {counts.exceptions_counted} things went wrong and are {counts.exceptions} exceptions with a cause")
    for agent, statuses in counts.by_agent.items():
        say(f"  {agent}: " + " · ".join(f"{count} {status}" for status, count in sorted(statuses.items())))
    verdict = "verified" if counts.ledger_verified else "NOT VERIFIED: run `manage.py verify_ledger`"
    say(f"  ledger   {counts.ledger_events} events, {verdict}")
    say("")


def tell_logins(url: str, logins: dict[str, str], say: Say) -> None:
    say(f"The console: {url}/admin/   the inbox: {url}/review/   the API: {url}/api/v1/docs/")
    for login, password in logins.items():
        say(f"  {login:<28} {password}")
    say("Stop with Ctrl-C.")
