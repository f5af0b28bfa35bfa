"""What stands between a published version and production (SBX-01, SBX-03)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.change_words import Told, tell_changes
from governance.domain.golden import GoldenResult
from governance.domain.index import compile_index
from governance.domain.vocabulary import Environment
from governance.domain.write_behaviour import agents_with_new_writes
from governance.models import ControlEvidence, PolicyBacktest, PolicyRelease, PolicyVersion
from governance.selectors.compilation import decode_document
from governance.selectors.golden import run_golden_cases
from governance.selectors.live_grants import has_waiting_grants
from governance.selectors.releases import get_release

BACKTEST_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """`current` is what production runs on, None before the first promotion. `unproven` are agents that would write
    what they could not before, and for which nobody has seen a rollback in a sandbox. `blockers` says it in words.
    """

    version: PolicyVersion
    current: PolicyRelease | None
    changes: tuple[Told, ...]
    golden: tuple[GoldenResult, ...]
    backtest: PolicyBacktest | None
    unproven: tuple[str, ...]
    blockers: tuple[str, ...]


def get_readiness(version: PolicyVersion, *, now: datetime) -> Readiness:
    """Everything that the promotion of this version is judged by."""
    current = get_release(version.workspace_id, Environment.PRODUCTION)
    before = decode_document(bytes(current.version.document)) if current is not None else None
    after = decode_document(bytes(version.document))
    golden = run_golden_cases(workspace_id=version.workspace_id, index=compile_index(after, version=version.digest))
    backtest = get_valid_backtest(version, current, now=now)
    writers = agents_with_new_writes(before, after, environment=Environment.PRODUCTION)
    unproven = list_unproven(version.workspace_id, writers)
    return Readiness(
        version=version,
        current=current,
        changes=tell_changes(before, after),
        golden=golden,
        backtest=backtest,
        unproven=unproven,
        blockers=_blockers(version, current, golden, backtest, unproven),
    )


def get_valid_backtest(
    version: PolicyVersion, current: PolicyRelease | None, *, now: datetime
) -> PolicyBacktest | None:
    """The newest finished backtest of this very document against what production runs on now."""
    base = current.version.digest if current is not None else None
    rows = PolicyBacktest.objects.filter(
        workspace_id=version.workspace_id, digest=version.digest, state="done", finished_at__gte=now - BACKTEST_AGE
    ).order_by("-created_at")
    return next((row for row in rows.defer("document")[:20] if row.bases.get(Environment.PRODUCTION) == base), None)


def list_unproven(workspace_id: uuid.UUID, agents: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the agents for which no rollback was verified in a sandbox yet."""
    proven = set(
        ControlEvidence.objects.filter(
            workspace_id=workspace_id, kind="sandbox_revert", agent__name__in=agents
        ).values_list("agent__name", flat=True)
    )
    return tuple(agent for agent in agents if agent not in proven)


def _blockers(
    version: PolicyVersion,
    current: PolicyRelease | None,
    golden: tuple[GoldenResult, ...],
    backtest: PolicyBacktest | None,
    unproven: tuple[str, ...],
) -> tuple[str, ...]:
    found = [
        f"the golden case “{result.name}” fails: {', '.join(result.differences)}"
        for result in golden
        if not result.is_kept
    ]
    is_same = current is not None and current.version.digest == version.digest
    if (
        current is not None
        and is_same
        and not has_waiting_grants(workspace_id=version.workspace_id, version_id=current.version_id)
    ):
        found.append("production runs on this already")
    if backtest is None:
        found.append("no backtest of the last seven days compares it with what production runs on now")
    found += [
        f"{agent} would write what it could not before, and no rollback of its work was proven in a sandbox"
        for agent in unproven
    ]
    return tuple(found)
