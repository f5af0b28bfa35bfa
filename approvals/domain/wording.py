"""Wording: what a request would do, and where it stands, in words that a salesperson reads at once (APR-03)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from approvals.domain.visible_text import reveal_as_text

TITLE_FIELDS = ("name", "dealname", "subject", "title", "company_name", "email")
PERSON_FIELDS = ("firstname", "lastname")
CONTEXT_FIELDS = (
    *TITLE_FIELDS,
    *PERSON_FIELDS,
    "owner",
    "dealstage",
    "lifecyclestage",
    "lead_status",
    "amount",
    "closedate",
    "domain",
    "jobtitle",
    "country",
)
"""What tells a reviewer which record this is and how it stands, where the CRM has such fields."""

_PREPARED = {
    "create_task": "Create a task",
    "create_note": "Add a note",
    "draft": "Save a draft",
    "queue": "Queue an item",
    "send_email": "Send an email",
    "enroll_sequence": "Enroll in a sequence",
    "create_meeting": "Invite to a meeting",
    "push_to_dialer": "Put into the dialer queue",
    "export": "Export records",
    "delete": "Delete",
}
_PREPOSITIONS = {
    "send_email": "to",
    "enroll_sequence": "for",
    "create_meeting": "with",
    "push_to_dialer": "for",
    "export": "of",
}
_STATUS = {
    "evaluating": "being evaluated",
    "pending": "waiting for review",
    "approved": "approved, waiting to run",
    "held": "in its send window",
    "executing": "running",
    "executed": "executed",
    "denied": "denied",
    "expired": "expired",
    "cancelled": "cancelled",
    "conflict": "conflict",
    "failed": "failed",
    "unknown": "outcome unknown",
    "reverted": "reverted",
}
_TONES = {
    "pending": "wait",
    "evaluating": "wait",
    "approved": "wait",
    "held": "wait",
    "executing": "wait",
    "executed": "good",
    "denied": "bad",
    "failed": "bad",
    "conflict": "warn",
    "unknown": "warn",
    "expired": "mute",
    "cancelled": "mute",
    "reverted": "mute",
}


def object_label(name: str) -> str:
    """What one record of the object is called: `companies` → `Company`, `Opportunity` and `status` as they are."""
    word = name.replace("_", " ").strip()
    if word.endswith("ies") and not word.lower().endswith("series"):
        word = f"{word[:-3]}y"
    elif word.endswith(("sses", "xes", "ches", "shes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is", "series")):
        word = word[:-1]
    return f"{word[:1].upper()}{word[1:]}"


def record_title(values: Mapping[str, object]) -> str:
    """What the record is called, empty when it has no name."""
    person = " ".join(str(values[name]) for name in PERSON_FIELDS if values.get(name))
    named = next((str(values[name]) for name in TITLE_FIELDS if values.get(name)), "")
    title = person or named
    return reveal_as_text(title if len(title) <= 80 else f"{title[:79]}…")


def record_words(object_type: str, record_id: str, title: str) -> str:
    """`Company 101 · Acme AG`."""
    place = f"{object_label(object_type)} {record_id}".strip()
    return f"{place} · {title}" if title else place


def action_words(*, action: str, target: str, labels: Sequence[str]) -> str:
    """`Set Industry on Company 101 · Acme AG`. `labels` are those of the changed fields."""
    if action == "update":
        return f"Set {_listed(labels)} on {target}" if labels else f"Change {target}"
    if action == "create":
        return f"Create {target}"
    done = _PREPARED.get(action, action.replace("_", " ").capitalize())
    return f"{done} {_PREPOSITIONS.get(action, 'on')} {target}"


def irreversible_words(action: str) -> str:
    """Why nothing takes this action back."""
    if action == "send_email":
        return "an email that left cannot be called back"
    return "what was archived cannot be brought back through the CRM's API"


def status_words(status: str) -> str:
    return _STATUS.get(status, status)


def status_tone(status: str) -> str:
    """One of wait, good, warn, bad, mute: how a status is coloured."""
    return _TONES.get(status, "mute")


def duration_words(length: timedelta) -> str:
    """`3 d 4 h`, `12 min`, `40 s`: the two largest units that matter; a negative length counts as none."""
    seconds = max(0, int(length.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def safe_host(url: str) -> str:
    """The host of a web address that may be followed, empty for every other scheme and for what is no address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and not parts.username and not parts.password
    return host if is_web and "\\" not in url and url.isprintable() else ""


def short_digest(digest: str) -> str:
    """The first twelve hex digits: enough to compare by eye."""
    return digest.removeprefix("sha256:")[:12]


def _listed(labels: Sequence[str]) -> str:
    if len(labels) <= 2:
        return " and ".join(labels)
    return f"{labels[0]}, {labels[1]} and {len(labels) - 2} more"
