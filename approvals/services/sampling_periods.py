"""Periods of sampling: a secret seed is committed to the ledger, used for a week, then shown (QAS-01)."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.domain.sampling import SEED_SIZE, commitment
from approvals.models import SamplingPeriod, SamplingPlan
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event

_BY = Actor("system", "sampling")


def keep_periods(*, now: datetime) -> int:
    """Open the next period wherever the week is over or the plan was edited; returns how many were opened.

    Each workspace is a transaction of its own. A second call changes nothing.
    """
    return sum(
        keep_period(workspace_id=pk, now=now) for pk in SamplingPlan.objects.values_list("workspace_id", flat=True)
    )


def keep_period(*, workspace_id: UUID, now: datetime) -> bool:
    """Open the workspace's next period if it is time, and show the seed of the one before.

    Commits the row with `sampling.opened` and, for the one before, `sampling.revealed`. INVARIANT: what a seed is used
    for comes after its commitment in the ledger, and the seed itself after all of it: no choice can be foreseen by who
    reads the ledger, and none be made up afterwards.
    """
    with transaction.atomic():
        plan = (
            SamplingPlan.objects.select_for_update(of=("self",))
            .select_related("workspace")
            .get(workspace_id=workspace_id)
        )
        rates = msgspec.to_builtins(plan.rates())
        before = SamplingPeriod.objects.filter(workspace_id=workspace_id).order_by("-number").first()
        if before is not None and before.rates == rates and _week(before.opened_at) == _week(now):
            return False
        if before is not None and before.first_leaf is None:
            return False  # its opening is not in the tree yet
        slug = plan.workspace.slug
        if before is not None:
            _reveal(before, slug, now)
        _open(plan, rates, (before.number if before is not None else 0) + 1, slug, now)
    return True


def _open(plan: SamplingPlan, rates: dict[str, object], number: int, slug: str, now: datetime) -> None:
    seed = secrets.token_bytes(SEED_SIZE)
    period = SamplingPeriod.objects.create(
        workspace_id=plan.workspace_id,
        number=number,
        seed=seed,
        commitment=commitment(seed),
        rates=rates,
        opened_at=now,
    )
    data = {"period": str(period.pk), "number": number, "commitment": period.commitment, "rates": rates}
    append_event(_event("sampling.opened", period, slug, data), now=now)


def _reveal(period: SamplingPeriod, slug: str, now: datetime) -> None:
    """The seed is told in the event that follows it; what is still to be drawn by it was executed before."""
    period.revealed_at = now
    period.save(update_fields=["revealed_at"])
    data = {"period": str(period.pk), "number": period.number, "seed": bytes(period.seed).hex()}
    append_event(_event("sampling.revealed", period, slug, data), now=now)


def _event(name: str, period: SamplingPeriod, slug: str, data: dict[str, object]) -> NewEvent:
    return NewEvent(
        type=name,
        workspace=slug,
        actor=_BY,
        subject=Subject("sampling_period", str(period.pk)),
        correlation_id=f"sampling-{period.pk}",
        data=data,
    )


def _week(moment: datetime) -> tuple[int, int]:
    year, week, _ = moment.isocalendar()
    return year, week
