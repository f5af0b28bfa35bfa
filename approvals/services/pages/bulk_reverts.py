"""Pages of bulk reverts: the list, one job with its items, and the items as a file (RVT-02, RVT-03)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from approvals.domain.bulk_revert import ENDED, TAKEN_UP, BulkState, Finding, Result, is_two_person
from approvals.domain.bulk_words import FINDING_TONE, FINDING_WORDS, RESULT_TONE, RESULT_WORDS, STATE_TONE, STATE_WORDS
from approvals.domain.shown_value import ShownValue, show_value
from approvals.domain.switches import stopped_by
from approvals.domain.wording import irreversible_words, record_words
from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem
from approvals.selectors.bulk_choices import Words, describe_choice, describe_choices
from approvals.selectors.bulk_releases import read_job_stops
from approvals.selectors.bulk_reverts import count_results, count_results_of, count_started_alone
from approvals.services.gathering import read_switches
from approvals.services.pages.labels import fields_of, label_of
from approvals.services.pages.records import RecordNow, read_records
from crm_connectors.domain.csv_file import make_csv_lines
from governance.domain.change_status import ChangeStatus

PER_PAGE = 100
_MOVING = (BulkState.PLANNING, BulkState.COUNTERSIGNING, BulkState.RUNNING, BulkState.STOPPING)
_COLUMNS = ("place", "request", "action", "object", "record", "finding", "code", "needs approval", "result", "revert")
_FIELD_COLUMNS = ("field", "before", "ours", "now", "edited since", "by", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One number of the report, and the filter that shows its items."""

    name: str
    words: str
    number: int
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """A job in a line. `done` of `of` for its bar: items looked at, then items with a result."""

    job: BulkRevert
    words: str
    state: str
    tone: str
    done: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownField:
    label: str
    before: ShownValue
    ours: ShownValue
    now: ShownValue
    is_edited: bool
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """`left_to_a_person` when the three-way page of the request is where it is decided."""

    item: BulkRevertItem
    record: str
    finding: str
    tone: str
    why: str
    result: str
    result_tone: str
    fields: tuple[ShownField, ...]
    left_to_a_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """`is_moving` while a worker has something to do; the page looks again by itself."""

    card: JobCard
    chosen: tuple[str, ...]
    findings: tuple[Total, ...]
    results: tuple[Total, ...]
    items: tuple[ShownItem, ...]
    after: int | None
    is_moving: bool
    takes_two: bool
    started_alone: int
    left: int


def show_job_cards(jobs: Sequence[BulkRevert]) -> tuple[JobCard, ...]:
    """A card each, of jobs of one workspace. Three queries at most, however many there are."""
    if not jobs:
        return ()
    words = describe_choices([job.choice for job in jobs], workspace_id=jobs[0].workspace_id)
    counted = count_results_of([job.pk for job in jobs if job.started_at is not None])
    return tuple(_card(job, counted.get(job.pk, {}), told) for job, told in zip(jobs, words, strict=True))


def show_job(
    job: BulkRevert, *, person_id: UUID | None, now: datetime, finding: str = "", result: str = "", after: int = -1
) -> JobPage:
    """One page of the report for this person: the items behind `after`, by place, of this finding and result."""
    counted = _count(job)
    chosen = describe_choice(job.choice, workspace_id=job.workspace_id)
    rows = filter_items(job, finding=finding, result=result).filter(position__gt=after)
    found = list(rows.select_related("request__connection", "request__agent").order_by("position")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    records = read_records([item.request for item in shown], is_local_only=True)
    started = _count_started(job, person_id, now)
    return JobPage(
        card=_card(job, counted, chosen),
        chosen=chosen,
        findings=_findings(job.counts),
        results=_results(counted),
        items=tuple(_item(item, records) for item in shown),
        after=shown[-1].position if len(found) > PER_PAGE else None,
        is_moving=job.state in _MOVING,
        takes_two=is_two_person(job.taken_up, started=started),
        started_alone=started,
        left=max(0, job.total - job.taken_up),
    )


def _count_started(job: BulkRevert, person_id: UUID | None, now: datetime) -> int:
    """What counts towards the second person besides the job; asked only while it may be started."""
    if person_id is None or job.state != BulkState.PLANNED:
        return 0
    return count_started_alone(workspace_id=job.workspace_id, person_id=person_id, now=now)


def is_held(job: BulkRevert) -> bool:
    """Whether a stop holds it now."""
    switches = read_switches(workspace_id=job.workspace_id, agent_id=None)
    return bool(stopped_by(read_job_stops(job, switches), "human", "update"))


def is_release_open(job: BulkRevert) -> bool:
    """Whether an incident release waits for its second person."""
    return job.release is not None and job.release.status == ChangeStatus.WAITING


def filter_items(job: BulkRevert, *, finding: str, result: str) -> QuerySet[BulkRevertItem]:
    """Items by what the dry run says and by what became of them; empty for any."""
    rows = job.items.all()
    if finding in set(Finding):
        rows = rows.filter(finding=finding)
    if result in {*Result, "open"}:
        rows = rows.filter(result="" if result == "open" else result, finding__in=TAKEN_UP)
    return rows


def export_items(job: BulkRevert, *, finding: str, result: str) -> Iterator[bytes]:
    """The items as CSV, a line for each field, so many at a time that memory does not grow with them."""
    rows = filter_items(job, finding=finding, result=result).select_related("request").order_by("position")
    lines = (line for item in rows.iterator(chunk_size=500) for line in _csv_rows(item))
    return make_csv_lines((*_COLUMNS, *_FIELD_COLUMNS), lines)


def _csv_rows(item: BulkRevertItem) -> Iterator[dict[str, Any]]:
    common = dict(
        zip(
            _COLUMNS,
            (
                item.position + 1,
                str(item.request_id),
                item.request.action,
                item.object_type,
                item.record_id,
                FINDING_WORDS.get(item.finding, ""),
                item.code,
                "yes" if item.needs_person else "no",
                RESULT_WORDS.get(item.result, ""),
                str(item.revert_id or ""),
            ),
            strict=True,
        )
    )
    for field in item.fields or [{}]:
        values = (field.get(name) for name in ("field", "before", "ours", "now", "is_edited", "by", "at"))
        yield common | dict(zip(_FIELD_COLUMNS, values, strict=True))


def _count(job: BulkRevert) -> dict[str, int]:
    return count_results(job) if job.started_at is not None else {}


def _card(job: BulkRevert, counted: Mapping[str, int], chosen: Words) -> JobCard:
    if job.state == BulkState.PLANNING:
        done, of = job.looked, job.total
    else:
        open_items = counted.get("", 0) + counted.get(Result.WAITING, 0)
        done, of = sum(counted.values()) - open_items, job.taken_up
    return JobCard(
        job=job,
        words=" ".join([*chosen[:2], *(f"and {line}" for line in chosen[2:])]),
        state=STATE_WORDS[job.state],
        tone=STATE_TONE[job.state],
        done=done if job.state not in ENDED else of,
        of=of,
    )


def _findings(counts: Mapping[str, int]) -> tuple[Total, ...]:
    rows = [(finding.value, FINDING_WORDS[finding], FINDING_TONE[finding]) for finding in Finding]
    return tuple(
        Total(name=name, words=words, number=counts[name], tone=tone) for name, words, tone in rows if counts.get(name)
    )


def _results(counted: Mapping[str, int]) -> tuple[Total, ...]:
    rows = [("open", "", "to do", "wait")]
    rows += [(result.value, result.value, RESULT_WORDS[result], RESULT_TONE[result]) for result in Result]
    return tuple(
        Total(name=name, words=words, number=counted[key], tone=tone)
        for name, key, words, tone in rows
        if counted.get(key)
    )


def _item(item: BulkRevertItem, records: Mapping[Any, RecordNow]) -> ShownItem:
    request: AgentActionRequest = item.request
    record = records.get(request.pk)
    labels = fields_of(request, request.object_type)
    is_irreversible = item.finding == Finding.IRREVERSIBLE
    return ShownItem(
        item=item,
        record=record_words(item.object_type, item.record_id, record.title if record else ""),
        finding=FINDING_WORDS.get(item.finding, "being looked at"),
        tone=FINDING_TONE.get(item.finding, ""),
        why=irreversible_words(request.action) if is_irreversible else _why(item),
        result=RESULT_WORDS.get(item.result, ""),
        result_tone=RESULT_TONE.get(item.result, ""),
        fields=tuple(
            ShownField(
                label=label_of(labels, field["field"]),
                before=show_value(field["before"]),
                ours=show_value(field["ours"]),
                now=show_value(field["now"]),
                is_edited=field["is_edited"],
                by=field["by"],
                at=datetime.fromisoformat(field["at"]) if field["at"] else None,
            )
            for field in item.fields
        ),
        left_to_a_person=item.finding == Finding.EDITED or item.result == Result.CONFLICT,
    )


def _why(item: BulkRevertItem) -> str:
    if item.finding == Finding.AUTOMATION and not item.result:
        return f"{item.code} wrote to the record after it; what that did stays"
    words = item.code.replace("_", " ")
    return words if words != FINDING_WORDS.get(item.finding) else ""
