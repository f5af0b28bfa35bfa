"""Circuit breakers in words: what they count, and how it stands."""

from governance.domain.breaker import Tally
from governance.domain.document import BreakerRule
from governance.domain.vocabulary import BreakerSignal

_MICROS = 1_000_000
_BAD = {
    BreakerSignal.ERRORS: "attempts failed",
    BreakerSignal.DENIALS: "decisions were denials",
    BreakerSignal.BOUNCES: "messages bounced",
    BreakerSignal.COMPLAINTS: "messages drew a complaint",
}


def figures(rule: BreakerRule, tally: Tally) -> str:
    """What was counted, against what is allowed."""
    if rule.signal == BreakerSignal.SPEND:
        spent, allowed = (f"{amount / _MICROS:,.2f}" for amount in (tally.bad, rule.amount))
        return f"{spent} {rule.currency} spent, {allowed} allowed, in {tally.calls} requests"
    bad = _BAD.get(BreakerSignal(rule.signal), rule.signal)
    return f"{tally.bad} of {tally.calls} {bad}; it trips at {rule.ratio * 100:g}%, from {rule.min_calls} on"


def watched(rule: BreakerRule) -> str:
    """Whom and what it watches and stops."""
    actions = ", ".join(action.replace("_", " ") for action in rule.actions) or "every action"
    return f"{actions} of {rule.agent or 'all agents'} in {rule.environment}"
