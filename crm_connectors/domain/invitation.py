"""The invitation to a meeting, as calendars read it. Source: RFC 5545."""

from collections.abc import Mapping
from datetime import UTC, datetime

from crm_connectors.domain.record import JsonValue


def make_invitation(values: Mapping[str, JsonValue], *, uid: str, stamp: datetime) -> bytes:
    """One event in UTC, its people as attendees. Lines are folded at 73 characters, texts escaped."""
    people = [str(values.get("invitee", "")), *str(values.get("attendees", "")).split(", ")]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Countersign//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}@countersign.example",
        f"DTSTAMP:{_moment(stamp)}",
        f"DTSTART:{_moment(datetime.fromisoformat(str(values['starts_at'])))}",
        f"DTEND:{_moment(datetime.fromisoformat(str(values['ends_at'])))}",
        f"SUMMARY:{_escaped(values.get('title'))}",
        f"LOCATION:{_escaped(values.get('location'))}",
        f"DESCRIPTION:{_escaped(values.get('description'))}",
        *(f"ATTENDEE:mailto:{person}" for person in people if person),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(value: JsonValue) -> str:
    text = str(value or "").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    return "\r\n ".join(line[start : start + 73] for start in range(0, len(line), 73))
