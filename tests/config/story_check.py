"""`… manage.py demo --exit --json | python -m tests.config.story_check`: the last line counts all that the story tells.

Exit code 1 names what is missing or did not happen.
"""

import json
import sys

HAPPENS = (
    "requests",
    "allowed",
    "denied",
    "redirected",
    "approved",
    "rejected",
    "expired",
    "executed",
    "conflicts",
    "reverted",
    "stopped",
    "ledger_events",
    "ledger_verified",
    "seconds",
)
COUNTED = ("pending",)
"""May be none: how many still wait when the story ends."""
GOVERNED = (
    "sends_cancelled",
    "dumb_failures_stopped",
    "backtested",
    "promotions",
    "delegations",
    "agents_raised",
    "bounces",
    "breakers_opened",
    "exports",
    "attachments",
    "replies",
    "dnc_imported",
    "dnc_refused_rows",
    "dnc_asked",
    "glass_broken",
    "standing_approved",
    "shadow_judged",
    "shadow_differing",
    "schema_reviewed",
    "access_rights",
    "access_decided",
    "quarantines",
    "restores",
)
"""What people set and did, and what of it shows."""
SENT = ("create_meeting", "enroll_sequence", "push_to_dialer", "send_email")
"""Each at least once."""


def find_gaps(line: str) -> list[str]:
    """What the story promises and its counts do not show."""
    counts = json.loads(line)
    governed = counts.get("governed", {})
    sent = governed.get("sent_by_action", {})
    missing = [f"{name} is not counted" for name in COUNTED if name not in counts]
    for told, promised in ((counts, HAPPENS), (governed, GOVERNED), (sent, SENT)):
        missing += [f"{name} is not counted" for name in promised if name not in told]
        missing += [f"{name} is {told[name]}" for name in promised if name in told and not told[name]]
    return missing


if __name__ == "__main__":
    last = ""
    for last in sys.stdin:
        sys.stdout.write(last)
    gaps = find_gaps(last)
    sys.exit("the story has gaps: " + ", ".join(gaps) if gaps else 0)
