"""What the agent said for itself: shown as its words, never as ours, and with nothing in it that acts (APR-03)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from approvals.domain.visible_text import Piece, reveal
from approvals.domain.wording import safe_host


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvidence:
    """`href` only when the address is http(s) and may be followed; `host` is where it leads."""

    kind: str
    text: tuple[Piece, ...]
    address: tuple[Piece, ...] = ()
    href: str = ""
    host: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWords:
    justification: tuple[Piece, ...]
    intent: tuple[Piece, ...]
    plan: tuple[tuple[Piece, ...], ...]
    reason_code: tuple[Piece, ...]
    workflow: tuple[Piece, ...]
    evidence: tuple[ShownEvidence, ...]
    confidence_percent: int | None
    flags: tuple[tuple[Piece, ...], ...]


def show_agent_words(body: dict[str, Any]) -> AgentWords:
    """From the accepted body; whatever is missing stays empty."""
    confidence = body.get("confidence")
    return AgentWords(
        justification=_text(body, "justification"),
        intent=_text(body, "intent"),
        plan=tuple(reveal(str(step)) for step in _items(body, "plan")),
        reason_code=_text(body, "reason_code"),
        workflow=_text(body, "source_workflow"),
        evidence=tuple(_evidence(item) for item in _items(body, "evidence") if isinstance(item, dict)),
        confidence_percent=round(confidence * 100) if isinstance(confidence, int | float) else None,
        flags=tuple(reveal(str(flag)) for flag in _items(body, "risk_flags")),
    )


def _text(body: dict[str, Any], name: str) -> tuple[Piece, ...]:
    return reveal(str(body.get(name) or ""))


def _items(body: dict[str, Any], name: str) -> Iterable[Any]:
    found = body.get(name)
    return found if isinstance(found, list | tuple) else ()


def _evidence(item: dict[str, Any]) -> ShownEvidence:
    kind = str(item.get("kind", ""))
    if kind == "source":
        url = str(item.get("url") or "")
        host = safe_host(url)
        return ShownEvidence(
            kind="Source",
            text=reveal(str(item.get("excerpt") or "")),
            address=reveal(url),
            href=url if host else "",
            host=host,
            note=f"read {str(item.get('retrieved_at'))[:16].replace('T', ' ')}" if item.get("retrieved_at") else "",
        )
    if kind == "fact":
        return ShownEvidence(kind="Fact", text=reveal(str(item.get("statement") or "")), note=_fact_note(item))
    return ShownEvidence(
        kind="Signal", text=reveal(str(item.get("name") or "")), note=f"strength {item.get('strength')}"
    )


def _fact_note(item: dict[str, Any]) -> str:
    source = item.get("source")
    rests_on = f", rests on entry {source + 1}" if isinstance(source, int) else ""
    return f"confidence {item.get('confidence')}{rests_on}"
