"""Drawing samples: the follower that takes each executed request once and keeps what was drawn (QAS-01)."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from approvals.models import FirstDone, QualitySample, SampledField, SamplingPeriod
from approvals.selectors.sampling import list_periods
from approvals.services.events import request_event, system
from approvals.services.sampler import OPENED, TYPES, Drawn, FirstTime, Key, Sampler, keys_of, load_rows
from audit.domain.event import NewEvent
from audit.selectors.events import LedgerEntry
from audit.services.append import append_events
from audit.services.follow import Following

_BY = system("sampling")


def draw_samples(entries: Sequence[LedgerEntry]) -> None:
    """Draw among what these events say was executed. In the follower's transaction: each request once (QAS-01).

    A handful of queries for any number of events. The draws are in the ledger too, so that none can be dropped.
    """
    rows = load_rows(entries)
    sampler = _load(entries, {key for row in rows.values() for key in keys_of(row)})
    known = {period.pk: period.first_leaf for period in sampler.periods.values()}
    drawn = [item for item in sampler.walk(entries, rows) if item.choice.is_drawn]
    _note_periods(period for period in sampler.periods.values() if known[period.pk] != period.first_leaf)
    _note_first(sampler)
    _keep(drawn)


def _load(entries: Sequence[LedgerEntry], keys: Collection[Key]) -> Sampler:
    """What the walk must know before these events."""
    slugs = {entry.workspace for entry in entries}
    known = list_periods(slugs)
    opened = [entry.data["period"] for entry in entries if entry.type == OPENED]
    new = SamplingPeriod.objects.filter(pk__in=opened) if opened else ()
    return Sampler(
        periods={str(period.pk): period for period in (*known, *new)},
        current={period.workspace.slug: period for period in known},
        first=_load_first(keys),
    )


def _load_first(keys: Collection[Key]) -> dict[Key, FirstTime]:
    if not keys:
        return {}
    rows = FirstDone.objects.filter(agent_id__in={key[0] for key in keys}, key__in={key[2] for key in keys})
    return {(row.agent_id, row.kind, row.key): FirstTime(row.first_at, row.reverted_at) for row in rows}


def _note_periods(periods: Iterable[SamplingPeriod]) -> None:
    for period in periods:
        period.save(update_fields=["first_leaf"])


def _note_first(sampler: Sampler) -> None:
    rows = [
        FirstDone(agent_id=key[0], kind=key[1], key=key[2], first_at=time.first_at, reverted_at=time.reverted_at)
        for key in sampler.changed
        for time in (sampler.first[key],)
    ]
    if rows:
        FirstDone.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["agent", "kind", "key"],
            update_fields=["reverted_at"],
            batch_size=200,
        )


def _keep(drawn: Sequence[Drawn]) -> None:
    if not drawn:
        return
    samples = [_sample(item) for item in drawn]
    QualitySample.objects.bulk_create(samples, batch_size=200)
    fields = [
        SampledField(sample=sample, object_type=item.request.object_type, field=name)
        for sample, item in zip(samples, drawn, strict=True)
        for name in item.fields
    ]
    SampledField.objects.bulk_create(fields, batch_size=200)
    events = [_event(sample.pk, item) for sample, item in zip(samples, drawn, strict=True)]
    append_events(events, now=max(item.at for item in drawn))


def _sample(item: Drawn) -> QualitySample:
    return QualitySample(
        workspace_id=item.request.workspace_id,
        request=item.request,
        agent=item.request.agent,
        period=item.period,
        percent=item.choice.percent,
        share=item.choice.share,
        reasons=list(item.choice.reasons),
        drawn_at=item.at,
    )


def _event(sample_id: UUID, item: Drawn) -> NewEvent:
    data = {
        "sample": str(sample_id),
        "period": item.period.number,
        "percent": item.choice.percent,
        "share": f"{item.choice.share:.4f}",
        "reasons": list(item.choice.reasons),
    }
    return request_event(item.request, "sample.drawn", _BY, data=data)


QUALITY_SAMPLES = Following("quality_samples", TYPES, draw_samples)
