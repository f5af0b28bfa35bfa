"""The rows behind compile errors, so that a page can lead to where each is mended (POL-03)."""

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from governance.domain.compile_error import CompileError
from governance.models import (
    ActionTier,
    Anomaly,
    Breaker,
    Budget,
    FieldOwnership,
    FrequencyCap,
    Grant,
    ProvenanceFields,
    RegisteredField,
    Rule,
    StageRequirement,
    StageTransition,
    Workspace,
)

Match = re.Match[str]
Finder = Callable[[Workspace, Match], Any]
"""The rows that a name may stand for, the one to mend among them."""


@dataclass(frozen=True, slots=True)
class RowError:
    """A row to mend. `model` and `pk` name the page where it is edited, empty when it cannot be told."""

    error: CompileError
    model: str
    pk: str


def find_rows(workspace_id: uuid.UUID, errors: Iterable[CompileError]) -> list[RowError]:
    """Each error with the page of its row. A few queries for each error."""
    workspace = Workspace.objects.get(pk=workspace_id)
    return [RowError(error, *_find_row(workspace, error.row)) for error in errors]


def _find_row(workspace: Workspace, row: str) -> tuple[str, str]:
    for pattern, find in _NAMES:
        if match := pattern.match(row):
            rows = find(workspace, match)
            return rows.model._meta.model_name, str(rows.values_list("pk", flat=True).first() or "")
    return "", ""


def _field(workspace: Workspace, match: Match) -> Any:
    """The field's row in the matrix, or in the registry when nobody owns it yet."""
    fields = RegisteredField.objects.filter(
        connection__workspace=workspace,
        connection__name=match["connection"],
        object_type=match["object"],
        name=match["name"],
    )
    owned = FieldOwnership.objects.filter(field__in=fields)
    return owned if owned.exists() else fields


def _grant(workspace: Workspace, match: Match) -> Any:
    return Grant.objects.filter(
        agent__workspace=workspace,
        agent__name=match["agent"],
        action=match["action"],
        object_type=match["object"],
        connection__name=match["connection"],
    )


def _stage(workspace: Workspace, match: Match) -> Any:
    return StageRequirement.objects.filter(
        connection__workspace=workspace,
        connection__name=match["connection"],
        object_type=match["object"],
        stage=match["stage"],
    )


def _transition(workspace: Workspace, match: Match) -> Any:
    start = "" if match["start"] == "empty" else match["start"]
    return StageTransition.objects.filter(
        connection__workspace=workspace,
        connection__name=match["connection"],
        object_type=match["object"],
        stage_field=match["field"],
        from_stage=start,
    )


def _provenance(workspace: Workspace, match: Match) -> Any:
    return ProvenanceFields.objects.filter(
        connection__workspace=workspace, connection__name=match["connection"], object_type=match["object"]
    )


def _tier(workspace: Workspace, match: Match) -> Any:
    return ActionTier.objects.filter(workspace=workspace, action=match["action"])


def _breaker(workspace: Workspace, match: Match) -> Any:
    return Breaker.objects.filter(workspace=workspace, name=match["name"])


def _anomaly(workspace: Workspace, match: Match) -> Any:
    scope = "" if match["scope"] == "each agent" else match["scope"]
    return Anomaly.objects.filter(workspace=workspace, signal=match["signal"], window=match["window"], scope=scope)


def _budget(workspace: Workspace, match: Match) -> Any:
    return Budget.objects.filter(
        workspace=workspace,
        unit=match["unit"],
        currency=match["currency"] or "",
        window=match["window"],
        scope=match["scope"] or "",
        segment_field=match["segment"] or "",
        key=match["key"],
    )


def _frequency(workspace: Workspace, match: Match) -> Any:
    return FrequencyCap.objects.filter(workspace=workspace, name=match["name"])


def _rule(workspace: Workspace, match: Match) -> Any:
    return Rule.objects.filter(workspace=workspace, name=match["name"])


_NAMES: tuple[tuple[re.Pattern[str], Finder], ...] = tuple(
    (re.compile(pattern), find)
    for pattern, find in (
        (r"field `(?P<object>[^.`]+)\.(?P<name>[^`]+)` of `(?P<connection>[^`]+)`", _field),
        (
            r"grant of `(?P<agent>[^`]+)` to `(?P<action>[^`]+)` `(?P<object>[^`]+)` on `(?P<connection>[^`]+)`",
            _grant,
        ),
        (r"tier of `(?P<action>[^`]+)`", _tier),
        (
            r"stage rule `(?P<object>[^.`]+)\.(?P<field>[^`]+)` = `(?P<stage>[^`]+)` of `(?P<connection>[^`]+)`",
            _stage,
        ),
        (
            r"transition of `(?P<object>[^.`]+)\.(?P<field>[^`]+)` from `(?P<start>[^`]+)` of `(?P<connection>[^`]+)`",
            _transition,
        ),
        (r"provenance of `(?P<object>[^`]+)` of `(?P<connection>[^`]+)`", _provenance),
        (r"breaker `(?P<name>[^`]+)`", _breaker),
        (r"anomaly stop of (?P<signal>\S+) an? (?P<window>\S+) for `(?P<scope>[^`]+)`", _anomaly),
        (
            (
                r"budget of (?P<unit>\S+)(?: in (?P<currency>\S+))? an? (?P<window>\S+) for "
                r"(?:`(?P<scope>[^`]+)`|each [^`]*?)(?: by `(?P<segment>[^`]+)`)? \((?P<key>[^)]+)\)"
            ),
            _budget,
        ),
        (r"frequency cap “(?P<name>.+)”$", _frequency),
        (r"rule “(?P<name>.+)”$", _rule),
    )
)
"""How the compiler calls rows (`name_…` of the coherence modules), and where they are."""
