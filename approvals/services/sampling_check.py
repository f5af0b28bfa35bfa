"""Checking samples: draw everything again from the ledger and compare with what was kept (QAS-01)."""

from dataclasses import dataclass
from uuid import UUID

from approvals.domain.canary import draws, number_of
from approvals.domain.sampling import commitment
from approvals.models import Canary, QualitySample, SamplingPeriod
from approvals.selectors.sampling import rates_of
from approvals.services.sampler import TYPES, Drawn, Sampler, load_rows
from approvals.services.sampling import QUALITY_SAMPLES
from audit.models import Follower
from audit.selectors.events import list_leaves

_STEP = 500


@dataclass(frozen=True, slots=True)
class SampleCheck:
    """What a second draw found. `wrong` tells each difference in a line; without any, every sample is as it must be."""

    executed: int
    drawn: int
    wrong: tuple[str, ...]


def check_samples() -> SampleCheck:
    """Walk the whole ledger as far as the follower has come, and compare. Reads only.

    As much work as the ledger is long; the samples of a step are read with it.
    """
    sampler = Sampler(periods={str(period.pk): period for period in SamplingPeriod.objects.select_related("workspace")})
    end = Follower.objects.filter(pk=QUALITY_SAMPLES.name).values_list("next_leaf", flat=True).first() or 0
    executed = drawn = 0
    wrong: list[str] = []
    seen: set[UUID] = set()
    for start in range(0, end, _STEP):
        entries = list_leaves(start=start, end=min(start + _STEP, end), types=TYPES)
        found = list(sampler.walk(entries, load_rows(entries)))
        executed += len(found)
        drawn += sum(item.choice.is_drawn for item in found)
        wrong += _compare(found)
        seen |= {item.request.pk for item in found if item.choice.is_drawn}
    wrong += [f"{pk}: was sampled, and no draw explains it" for pk in _request_ids() if pk not in seen]
    wrong += _slipped_in()
    return SampleCheck(executed, drawn, tuple(dict.fromkeys(wrong)))


def _slipped_in() -> list[str]:
    """Canaries that the seed of their period did not draw."""
    rows = Canary.objects.select_related("period").order_by("id")
    return [f"{row.drawn_from_id}: drew a canary, and no draw explains it" for row in rows if not _is_drawn(row)]


def _is_drawn(row: Canary) -> bool:
    seed = bytes(row.period.seed)
    number = number_of(seed, row.drawn_from_id)
    return commitment(seed) == row.period.commitment and draws(number, rates_of(row.period).canary_every)


def _request_ids() -> list[UUID]:
    return list(QualitySample.objects.values_list("request_id", flat=True).order_by("id"))


def _compare(found: list[Drawn]) -> list[str]:
    kept = {row.request_id: row for row in QualitySample.objects.filter(request_id__in=[d.request.pk for d in found])}
    return [line for item in found if (line := _difference(item, kept.get(item.request.pk)))]


def _difference(item: Drawn, row: QualitySample | None) -> str:
    if row is None:
        return f"{item.request.pk}: was to be sampled and is not" if item.choice.is_drawn else ""
    if not item.choice.is_drawn:
        return f"{item.request.pk}: was sampled, and no draw explains it"
    kept = (row.percent, tuple(row.reasons), row.period_id)
    if kept != (item.choice.percent, item.choice.reasons, item.period.pk):
        return f"{item.request.pk}: was kept with another rate, reason or period than its draw"
    return ""
