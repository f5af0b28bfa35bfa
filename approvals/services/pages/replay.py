"""The replay page and the reliability lab: the decision again, under another version, with another fact (RPL-02)."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvals.domain.replayed import FactError, list_facts
from approvals.domain.visible_text import Piece, reveal
from approvals.selectors.replay import Replay, Replayed, find_policy, get_execution_bundle, replay
from approvals.selectors.trace import Trace
from approvals.services.pages.narrative import Sentence, narrate
from governance.models import PolicyVersion

VERSIONS_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDifference:
    part: str
    recorded: tuple[Piece, ...]
    again: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage:
    """`recorded` is the replay under the version on record; `asked` the one with another version or fact, if any.

    `facts` are places with their values; `refused` says why the lab could not ask.
    """

    bundle: str
    recorded: Replayed
    asked: Replayed | None
    differences: tuple[ShownDifference, ...]
    versions: tuple[PolicyVersion, ...]
    facts: tuple[tuple[str, str], ...]
    story: tuple[Sentence, ...]
    refused: str


def show_replay(trace: Trace, *, policy: str, place: str, value: str) -> ReplayPage:
    """Everything about replaying one request. Asks the engine at most twice; commits nothing, reads no CRM."""
    request = trace.request
    bundle = get_execution_bundle(request)
    asked, refused = None, ""
    changed: Mapping[str, str] = {place: value} if place else {}
    digest = find_policy(request.workspace_id, policy) if policy else ""
    try:
        if policy and not digest:
            refused = "there is no such version"
        elif changed or digest:
            asked = replay(request, policy=digest, changed=changed)
    except FactError as error:
        refused = str(error)
    versions = PolicyVersion.objects.filter(workspace=request.workspace_id).order_by("-number").defer("document")
    return ReplayPage(
        bundle=bundle.address if bundle is not None else "",
        recorded=replay(request),
        asked=asked,
        differences=_shown(asked) if asked is not None else (),
        versions=tuple(versions[:VERSIONS_SHOWN]),
        facts=list_facts(request.facts) if request.facts else (),
        story=narrate(trace),
        refused=refused,
    )


def _shown(asked: Replayed) -> tuple[ShownDifference, ...]:
    return tuple(
        ShownDifference(part=item.part, recorded=reveal(item.recorded or "–"), again=reveal(item.again or "–"))
        for item in asked.differences
    )


STATE_WORDS = {
    Replay.SAME: "The same decision, byte for byte.",
    Replay.DIFFERENT: "Another decision.",
    Replay.ERASED: "erased: what it rested on was taken away with the person's data.",
    Replay.IMPOSSIBLE: "Facts, policy or decision are not on record.",
}
