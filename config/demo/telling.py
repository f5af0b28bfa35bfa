"""The story in words, with the counts that the ledger backs."""

from collections.abc import Callable

from config.demo.counts import Counts

Say = Callable[[str], object]


def tell_counts(counts: Counts, say: Say) -> None:
    """What the agents asked for, what became of it, and whether the ledger proves it."""
    say("")
    say(f"{counts.requests} proposals in {counts.seconds} s, and what became of them:")
    say(f"  policy   {counts.allowed} allowed · {counts.denied} denied · {counts.redirected} redirected to suggestions")
    say(f"  people   {counts.approved} approved · {counts.rejected} rejected · {counts.expired} expired unread")
    say(
        f"  the CRM  {counts.executed} executed · {counts.conflicts} conflicts (nobody was overwritten) · "
        f"{counts.reverted} reverted · {counts.failed} failed"
    )
    say(f"  stopped  {counts.stopped} by a kill switch · still waiting {counts.pending}")
    for code, count in list(counts.denied_because.items())[:6]:
        say(f"    denied because {code}: {count}")
    for agent, statuses in counts.by_agent.items():
        say(f"  {agent}: " + ", ".join(f"{count} {status}" for status, count in sorted(statuses.items())))
    verdict = "verified" if counts.ledger_verified else "NOT VERIFIED: run `manage.py verify_ledger`"
    say(f"  ledger   {counts.ledger_events} events, {verdict}")
    say("")


def tell_logins(url: str, logins: dict[str, str], say: Say) -> None:
    say(f"The console: {url}/admin/   the inbox: {url}/review/   the API: {url}/api/v1/docs/")
    for login, password in logins.items():
        say(f"  {login:<28} {password}")
    say("Stop with Ctrl-C.")
