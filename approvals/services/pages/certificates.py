"""A certificate for people: what its file says, as a PDF that names the file (DNC-07)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from approvals.adapters.report_pdf import Headline, Section, write_pdf
from approvals.models import ContactCertificate

_PROVEN = (
    "Every day's map of recipients stands under a signed checkpoint of the ledger, and no map has one of the names "
    "unless it is listed here as a send."
)
_CHECKED = (
    "Run audit/verifier/noncontact.py on the JSON file with the verifier key that you pinned. It needs nothing of ours."
)
_HOW = (
    ("What is proven", _PROVEN),
    ("How to check it", _CHECKED),
    ("What this page is", "A reading of the JSON file for people. The file alone is signed."),
)


def make_certificate_pdf(row: ContactCertificate, content: bytes) -> bytes:
    """The PDF beside the file: names, days, attempts with what became of them, and how to check."""
    told: dict[str, Any] = msgspec.json.decode(content)["certificate"]
    period = f"{row.workspace.name}, {row.first_day} to {row.last_day} (UTC, both included)"
    return write_pdf(
        title="Certificate of non-contact" if not row.sends else "Certificate of contacts",
        note=f"{period}. SHA-256 of the file {row.sha256}",
        sections=[
            Section("Person", ("Known as", "Label"), [(item["name"], item["label"]) for item in told["names"]], (3, 4)),
            Section("Requests", ("Time", "Action", "What happened"), _request_rows(told), (3, 2, 5), words=(1, 2)),
            Section("On the do-not-contact list", ("Kind", "From", "Until"), _list_rows(told), (2, 3, 3), words=(1, 2)),
            Section("About this certificate", ("What", "Said"), [*_about(told), *_HOW], (2, 6)),
        ],
        made_at=row.issued_at,
        headlines=[
            Headline(str(row.sends), "sends handed over"),
            Headline(str(row.attempts), "requests to contact"),
            Headline(str(len(told["days"])), "days proven"),
        ],
    )


def _request_rows(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for request in told["requests"]:
        for item in request["events"]:
            event = msgspec.json.decode(item["body"])
            code = event["data"].get("code") or event["data"].get("outcome") or ""
            what = event["type"].removeprefix("request.").replace("_", " ")
            rows.append(
                (event["at"][:19].replace("T", " "), request["action"].replace("_", " "), f"{what} {code}".strip())
            )
    return rows


def _list_rows(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (item["kind"], item["from"][:10], (item["removed"] or item["until"] or "still in force")[:14])
        for item in told["listed"]
    ]


def _about(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Given by", f"{told['issued_by']}, {told['issued_at'][:19].replace('T', ' ')} UTC"),
        ("Ledger", f"{told['origin']}, {told['checkpoint'].splitlines()[1]} events under the checkpoint"),
        ("Late sends looked for", f"in every map up to {told['known_until']}"),
    ]


def default_period(now: datetime) -> tuple[str, str]:
    """The last seven finished days, as the form offers them."""
    today = now.astimezone(UTC).date()
    return (today - timedelta(days=7)).isoformat(), (today - timedelta(days=1)).isoformat()
