"""The draft as people see it before they publish: rows to mend, changes in words, golden cases, backtest."""

import hashlib
import uuid
from dataclasses import dataclass

from governance.domain.change_words import Told, tell_changes
from governance.domain.golden import GoldenResult
from governance.domain.index import compile_index
from governance.domain.vocabulary import Environment
from governance.models import PolicyBacktest, PolicyRelease, ShadowRun
from governance.selectors.compilation import compile_policy, decode_document, encode_document
from governance.selectors.golden import run_golden_cases
from governance.selectors.releases import get_release
from governance.selectors.rows_to_mend import RowError, find_rows


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
