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


def find_gaps(line: str) -> list[str]:
    """What the story promises and its counts do not show."""
    counts = json.loads(line)
    missing = [f"{name} is not counted" for name in (*HAPPENS, *COUNTED) if name not in counts]
    return missing + [f"{name} is {counts[name]}" for name in HAPPENS if name in counts and not counts[name]]


if __name__ == "__main__":
    last = ""
    for last in sys.stdin:
        sys.stdout.write(last)
    gaps = find_gaps(last)
    sys.exit("the story has gaps: " + ", ".join(gaps) if gaps else 0)
