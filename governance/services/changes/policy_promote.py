"""Bringing a published version to production takes two people, who see the same document and figures (SBX-03)."""

from datetime import datetime, timedelta
from uuid import UUID

from audit.selectors.clock import get_now
from governance.domain.proposed_change import Payload, ProposedChange
from governance.domain.vocabulary import Environment
from governance.models import PolicyBacktest, PolicyVersion
from governance.selectors.promotion import Readiness, get_readiness
from governance.services.backtests import BacktestTamperedError, ensure_intact
from governance.services.change_kind import ChangeKind, ChangeRefusedError
from governance.services.releases import PublishError, Release, put_in_force

_SHOWN = 25


def make_payload(readiness: Readiness) -> Payload:
    """What is countersigned: the version and its digest, what it replaces, its golden cases and its backtest."""
    version, backtest, current = readiness.version, readiness.backtest, readiness.current
    changes = [sentence for change in readiness.changes for sentence in change.sentences]
    return {
        "version": str(version.pk),
        "number": version.number,
        "digest": version.digest,
        "replaces": str(current.pk) if current is not None else "",
        "replaces_number": current.version.number if current is not None else 0,
        "changes": changes[:_SHOWN],
        "changes_count": len(changes),
        "golden_cases": sorted(result.name for result in readiness.golden),
        "backtest": str(backtest.pk) if backtest is not None else "",
        "backtest_result": backtest.result_digest if backtest is not None else "",
    }


def describe(payload: Payload) -> tuple[str, ...]:
    """The change, its tests and its backtest, a line each."""
    before = f"version {payload['replaces_number']}" if payload["replaces"] else "nothing: everything is denied there"
    lines = [f"Version {payload['number']} comes into force in production, in place of {before}."]
    lines += payload["changes"]
    if payload["changes_count"] > _SHOWN:
        lines.append(f"… and {payload['changes_count'] - _SHOWN} more changes")
    lines.append(_golden_words(len(payload["golden_cases"])))
    lines.append(_backtest_words(payload["backtest"]))
    lines.append(f"Document {payload['digest']}")
    return tuple(lines)


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError when what was seen is not what would come into force, or is not ready for it."""
    version = PolicyVersion.objects.filter(pk=payload["version"], workspace_id=change.workspace_id).first()
    if version is None or version.digest != payload["digest"]:
        raise ChangeRefusedError("the workspace has no such version")
    readiness = get_readiness(version, now=get_now())
    if readiness.blockers:
        raise ChangeRefusedError("; ".join(readiness.blockers))
    if make_payload(readiness) != payload:
        raise ChangeRefusedError("production, golden cases or backtest changed meanwhile: propose it again")
    assert readiness.backtest is not None  # noqa: S101 - it would be among the blockers
    try:
        ensure_intact(readiness.backtest)
    except BacktestTamperedError as error:
        raise ChangeRefusedError(str(error)) from error


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:
    version = PolicyVersion.objects.get(pk=payload["version"])
    release = Release(
        version=version,
        environment=Environment.PRODUCTION,
        kind="policy.promoted",
        person_id=change.proposed_by,
        countersigned_by=change.countersigned_by,
        reason=change.reason,
        now=now,
    )
    try:
        put_in_force(release, replaces=get_readiness(version, now=now).current)
    except PublishError as error:
        raise ChangeRefusedError(str(error)) from error


def _golden_words(count: int) -> str:
    if not count:
        return "No golden cases are kept."
    return "The golden case holds." if count == 1 else f"All {count} golden cases hold."


def _backtest_words(backtest_id: str) -> str:
    row = PolicyBacktest.objects.filter(pk=UUID(backtest_id)).defer("document").first() if backtest_id else None
    if row is None or not row.result:
        return "No backtest."
    result = row.result
    return (
        f"Backtest over {row.days} days and {result['replayed']} requests: {result['denied']} newly denied, "
        f"{result['gated']} newly put to a person, {result['automatic']} newly automatic."
    )


KIND = ChangeKind(
    label="Bring a policy version to production",
    propose="publish_policy",
    countersign=("countersign_changes",),
    expires_after=timedelta(days=3),
    describe=describe,
    check=check,
    apply=apply,
)
