"""What a trial of a rule found, in words."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from approvals.services.pages.rows import show_rows
from approvals.services.rule_trial import RuleTrial

SHOWN = 20


def show_trial(trial: RuleTrial, *, now: datetime) -> dict[str, Any]:
    """As the rule builder shows it: a summary, and the newest of the matches with links."""
    matches = [
        {
            "title": row.words,
            "detail": f"{row.requester}, {row.age} ago · {row.status}",
            "link": reverse("approvals:trace", args=[row.request.pk]),
        }
        for row in show_rows(trial.matches[:SHOWN], now=now)
    ]
    return {"summary": _summary(trial), "matches": matches}


def _summary(trial: RuleTrial) -> str:
    if not trial.looked_at:
        return "There are no requests yet to try it on."
    words = f"It would have matched {len(trial.matches)} of the last {trial.looked_at} requests."
    if trial.untold:
        words += f" For {len(trial.untold)} more the facts on record are not enough to tell."
    if len(trial.matches) > SHOWN:
        words += f" The newest {SHOWN} are shown."
    return words
