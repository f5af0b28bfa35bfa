"""Verification: the whole ledger recomputed from its bytes. Trusts no hash that lies in the database."""

from collections.abc import Iterator

from audit.domain.body import EventBody, InvalidEventError, broken_commitments, read_body, read_values
from audit.domain.merkle import leaf_hash
from audit.domain.report import MAX_PROBLEMS, Findings, Report
from audit.domain.tiles import TiledTree
from audit.models import Checkpoint
from audit.services.anchor import AnchorError, check_anchor, list_other_anchors
from audit.services.ledger_rows import LedgerRow, count_events, iter_leaf_rows, iter_pending_rows, list_lost_events
from audit.services.snapshot import read_snapshot
from audit.services.verify_heads import HeadChecker
from audit.services.verify_tiles import TileChecker


def verify_ledger() -> Report:
    """Recompute every leaf from its event's bytes, the tree, its tiles, each checkpoint's root and signature.

    Compares search columns and kept values with the bodies; looks for gaps, lost events, a database behind its anchor.

    Reads one snapshot in batches (bounded memory), changes nothing, sequences nothing. Raises SigningKeyError.
    """
    findings = Findings()
    with read_snapshot():
        tree = _verify_tree(findings)
        pending = _verify_pending(findings)
        for event_id in list_lost_events(MAX_PROBLEMS):
            findings.add("event_lost", f"event {event_id} has no leaf and does not wait for one")
        events, checkpoints = count_events(), Checkpoint.objects.count()
    notes = _verify_anchor(findings)
    return Report(
        events=events,
        leaves=tree.size,
        pending=pending,
        checkpoints=checkpoints,
        problem_count=findings.count,
        problems=tuple(findings.problems),
        notes=notes,
    )


def _verify_tree(findings: Findings) -> TiledTree:
    """Build the tree anew from the stored bytes, comparing tiles and checkpoints on the way."""
    tree, tiles, heads = TiledTree(), TileChecker(findings), HeadChecker(findings)
    for row in _rows_in_order(findings):
        leaf = _verify_row(row, findings)
        if leaf is None:  # the event is gone: go on with what the leaf claims, its absence is on the list
            leaf = row.leaf_hash or b""
        for tile in tree.append(leaf):
            tiles.check(tile)
        if tree.size == heads.next_size:
            heads.check(tree)
    tiles.finish()
    heads.finish(tree)
    return tree


def _rows_in_order(findings: Findings) -> Iterator[LedgerRow]:
    expected = 0
    for batch in iter_leaf_rows():
        for row in batch:
            if row.place != expected:
                findings.add("leaf_gap", f"leaf {expected} is missing: the next one is {row.place}")
                expected = row.place
            expected += 1
            yield row


def _verify_pending(findings: Findings) -> int:
    count = 0
    for batch in iter_pending_rows():
        count += len(batch)
        for row in batch:
            _verify_row(row, findings)
    return count


def _verify_row(row: LedgerRow, findings: Findings) -> bytes | None:
    """Check one event against its leaf, columns and values; returns the leaf hash of its bytes, None if missing."""
    if row.body is None:
        findings.add("event_missing", f"event {row.event_id} is missing")
        return None
    leaf = leaf_hash(row.body)
    if leaf != row.stored_hash or (row.leaf_hash is not None and leaf != row.leaf_hash):
        findings.add("body_changed", f"event {row.event_id}: the bytes are not those of its leaf")
    try:
        body = read_body(row.body)
        if row.columns != _columns(body):
            findings.add("columns_changed", f"event {row.event_id}: the search columns are not what the body says")
        if row.erasable is not None:
            _verify_values(row, body, findings)
    except InvalidEventError as error:
        findings.add("content_malformed", f"event {row.event_id}: {error}")
    return leaf


def _columns(body: EventBody) -> tuple[str, ...]:
    actor, subject = body.actor, body.subject
    return (
        body.id,
        body.type,
        body.workspace,
        actor.type,
        actor.id,
        subject.type,
        subject.id,
        body.correlation_id,
        body.at,
    )


def _verify_values(row: LedgerRow, body: EventBody, findings: Findings) -> None:
    for name in broken_commitments(body, read_values(row.erasable or b"")):
        findings.add("value_changed", f"event {row.event_id}: the kept value `{name}` is not the one committed to")


def _verify_anchor(findings: Findings) -> tuple[str, ...]:
    """Outside the snapshot: the anchor grows meanwhile, and only the database of now must have what it says now.

    Returns notes: an anchor too many may have an innocent reason, but somebody should know it.
    """
    try:
        anchor, others = check_anchor(), list_other_anchors()
    except AnchorError as error:
        findings.add("anchor_unreadable", str(error))
        return ()
    if anchor.is_missing:
        findings.add("anchor_missing", anchor.words)
    elif anchor.is_behind:
        findings.add(
            "behind_anchor",
            f"the database has {anchor.local_size} leaves and not the checkpoint anchored at {anchor.anchored_size}",
        )
    if others and not anchor.local_size:
        findings.add("behind_anchor", f"the database has no leaf, and `{others[0]}` anchors a ledger: it was emptied")
    return tuple(f"`{name}` anchors another ledger: was this database replaced or emptied?" for name in others)
