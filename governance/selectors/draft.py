"""The draft as people see it before they publish: rows to mend, changes in words, golden cases, backtest."""

import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from governance.domain.change_words import Told, tell_changes
from governance.domain.compile_error import CompileError
from governance.domain.golden import GoldenResult
from governance.domain.index import compile_index
from governance.domain.vocabulary import Environment
from governance.models import (
    ActionTier,
    FieldOwnership,
    Grant,
    PolicyBacktest,
    PolicyRelease,
    RegisteredField,
    ShadowRun,
    StageRequirement,
    Workspace,
)
from governance.selectors.compilation import compile_policy, decode_document, encode_document
from governance.selectors.golden import run_golden_cases
from governance.selectors.releases import get_release


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """A row to mend. `model` and `pk` name the page where it is edited, empty when it cannot be told."""

    error: CompileError
    model: str
    pk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`is_ready`: nothing stands against publishing. `backtest` is the newest of exactly these rows."""

    digest: str
    errors: tuple[RowError, ...]
    changes: tuple[Told, ...]
    golden: tuple[GoldenResult, ...]
    backtest: PolicyBacktest | None
    shadow: ShadowRun | None
    sandbox: PolicyRelease | None
    production: PolicyRelease | None

    @property
    def failed(self) -> tuple[GoldenResult, ...]:
        return tuple(result for result in self.golden if not result.is_kept)

    @property
    def is_ready(self) -> bool:
        return bool(self.changes) and not self.errors and not self.failed


def get_draft(workspace_id: uuid.UUID) -> Draft:
    """Compiles the rows and asks the golden cases. Raises Workspace.DoesNotExist."""
    compilation = compile_policy(workspace_id=workspace_id)
    document = encode_document(compilation.document)
    digest = f"sha256:{hashlib.sha256(document).hexdigest()}"
    sandbox = get_release(workspace_id, Environment.SANDBOX)
    before = decode_document(bytes(sandbox.version.document)) if sandbox is not None else None
    backtests = PolicyBacktest.objects.filter(workspace_id=workspace_id, digest=digest).order_by("-created_at")
    shadows = ShadowRun.objects.filter(workspace_id=workspace_id).defer("document").order_by("-started_at")
    golden = (
        run_golden_cases(workspace_id=workspace_id, index=compile_index(compilation.document, version=digest))
        if not compilation.errors
        else ()
    )
    return Draft(
        digest=digest,
        errors=tuple(find_rows(workspace_id, compilation.errors)),
        changes=tell_changes(before, compilation.document),
        golden=golden,
        backtest=backtests.defer("document").first(),
        shadow=shadows.first(),
        sandbox=sandbox,
        production=get_release(workspace_id, Environment.PRODUCTION),
    )


_FIELD = re.compile(r"^field `(?P<object>[^.`]+)\.(?P<name>[^`]+)` of `(?P<connection>[^`]+)`")
_GRANT = re.compile(
    r"^grant of `(?P<agent>[^`]+)` to `(?P<action>[^`]+)` `(?P<object>[^`]+)` on `(?P<connection>[^`]+)`"
)
_TIER = re.compile(r"^tier of `(?P<action>[^`]+)`")
_STAGE = re.compile(
    r"^stage rule `(?P<object>[^.`]+)\.(?P<field>[^`]+)` = `(?P<stage>[^`]+)` of `(?P<connection>[^`]+)`"
)


def find_rows(workspace_id: uuid.UUID, errors: Iterable[CompileError]) -> list[RowError]:
    """The rows behind compile errors, so that a page can link to them. A few queries for each error."""
    workspace = Workspace.objects.get(pk=workspace_id)
    found = []
    for error in errors:
        model, pk = _find_row(workspace, error.row)
        found.append(RowError(error=error, model=model, pk=pk))
    return found


def _find_row(workspace: Workspace, row: str) -> tuple[str, str]:
    if match := _FIELD.match(row):
        return _find_field(workspace, match)
    if match := _GRANT.match(row):
        grants = Grant.objects.filter(
            agent__workspace=workspace,
            agent__name=match["agent"],
            action=match["action"],
            object_type=match["object"],
            connection__name=match["connection"],
        )
        return "grant", str(grants.values_list("pk", flat=True).first() or "")
    if match := _TIER.match(row):
        tiers = ActionTier.objects.filter(workspace=workspace, action=match["action"])
        return "actiontier", str(tiers.values_list("pk", flat=True).first() or "")
    if match := _STAGE.match(row):
        stages = StageRequirement.objects.filter(
            connection__workspace=workspace,
            connection__name=match["connection"],
            object_type=match["object"],
            stage=match["stage"],
        )
        return "stagerequirement", str(stages.values_list("pk", flat=True).first() or "")
    return "", ""


def _find_field(workspace: Workspace, match: re.Match[str]) -> tuple[str, str]:
    """The field's row in the matrix, or in the registry when nobody owns it yet."""
    fields = RegisteredField.objects.filter(
        connection__workspace=workspace,
        connection__name=match["connection"],
        object_type=match["object"],
        name=match["name"],
    )
    ownership = FieldOwnership.objects.filter(field__in=fields).values_list("pk", flat=True).first()
    if ownership is not None:
        return "fieldownership", str(ownership)
    return "registeredfield", str(fields.values_list("pk", flat=True).first() or "")
