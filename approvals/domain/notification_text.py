"""News in words: one line, a few facts, a link. Never a value of a field, nor what a person wrote (APR-13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approvals.domain.visible_text import reveal_as_text

MAX_LINE = 160
MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class News:
    """`title` is a sentence; `facts` are labels and names; `path` leads into the product."""

    kind: str
    title: str
    path: str
    facts: tuple[tuple[str, str], ...] = ()
    correlation_id: str = ""


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """Text of somebody else on one line: nothing hidden, no line break, not long. Safe in a header."""
    return " ".join(reveal_as_text(" ".join(text.split())).split())[:limit]


def mail_subject(news: Sequence[News]) -> str:
    """One line for one piece of news or many."""
    if len(news) == 1:
        return one_line(f"Countersign: {news[0].title}")
    return f"Countersign: {len(news)} pieces of news"


def mail_body(news: Sequence[News], *, public_url: str, left_out: int = 0) -> str:
    """Plain text: one block for each, at most 50, and how many more the page holds."""
    blocks = [_block(item, public_url) for item in news[:MAX_LISTED]]
    more = len(news) - MAX_LISTED
    if more > 0:
        blocks.append(f"And {more} more: {public_url}/notifications/")
    if left_out:
        blocks.append(f"{left_out} more were settled before this was sent.")
    blocks.append(
        f"--\nDecisions are made in Countersign, never by an answer to this e-mail.\n{public_url}/notifications/"
    )
    return "\n\n".join(blocks) + "\n"


def _block(item: News, public_url: str) -> str:
    facts = [f"  {label}: {one_line(value)}" for label, value in item.facts]
    reference = [f"  Reference: {one_line(item.correlation_id)}"] if item.correlation_id else []
    return "\n".join([one_line(item.title), *facts, *reference, f"  {public_url}{item.path}"])


def message_payload(item: News, *, public_url: str) -> dict[str, Any]:
    """What Slack and its likes show: a text for the notification, blocks for the message."""
    link = f"{public_url}{item.path}"
    facts = [*item.facts, *((("Reference", item.correlation_id),) if item.correlation_id else ())]
    fields = [{"type": "plain_text", "text": f"{label}: {one_line(value)}", "emoji": False} for label, value in facts]
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "plain_text", "text": one_line(item.title), "emoji": False}}
    ]
    if fields:
        blocks[0]["fields"] = fields[:10]
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open in Countersign"}, "url": link}
    blocks.append({"type": "actions", "elements": [button]})
    return {"text": f"{escape_mrkdwn(one_line(item.title))} {link}", "blocks": blocks}


def event_payload(item: News, *, public_url: str, data: Mapping[str, str], at: str) -> dict[str, Any]:
    """What a program reads: the kind, when, and codes and ids."""
    return {
        "type": item.kind,
        "timestamp": at,
        "data": {**data, "correlation_id": item.correlation_id, "url": f"{public_url}{item.path}"},
    }


def escape_mrkdwn(text: str) -> str:
    """Slack's three control characters, so that a name is no link and no mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
