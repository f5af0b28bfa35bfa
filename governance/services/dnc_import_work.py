"""Working on imports that are under way: the row is the job, so that nobody has to resume one by hand (DNC-04)."""

import time
from uuid import UUID

import structlog
from django.db import transaction

from audit.selectors.clock import get_now
from governance.domain.dnc_import_state import DncImportState
from governance.models import DncImport
from governance.selectors.dnc_secret import DncUnavailableError
from governance.services.dnc_import import UNDER_WAY, advance_import

log = structlog.get_logger(__name__)


def work_on_imports(*, seconds: float) -> bool:
    """About `seconds` of the oldest import under way, step by step; whether there is more to do at once.

    Each step is its own transaction. An import whose file is gone has failed; a list that cannot be asked waits.
    """
    until = time.monotonic() + seconds
    while (import_id := _oldest()) is not None:
        try:
            advance_import(import_id=import_id)
        except OSError as error:
            _fail(import_id, error)
        except DncUnavailableError as error:
            log.warning("imports wait", problem=str(error))
            return False
        if time.monotonic() >= until:
            return _oldest() is not None
    return False


def _oldest() -> UUID | None:
    found: UUID | None = (
        DncImport.objects.filter(state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True).first()
    )
    return found


def _fail(import_id: UUID, error: OSError) -> None:
    """What is on the list stays; the page says that the rest of the file cannot be read."""
    log.error("an import's file cannot be read", import_id=str(import_id), error=type(error).__name__)
    with transaction.atomic():
        row = DncImport.objects.select_for_update().get(pk=import_id)
        row.state, row.finished_at = DncImportState.FAILED, get_now()
        row.problem = "Our copy of the file cannot be read any more. Bring the file again: what is listed stays."
        row.save(update_fields=["state", "finished_at", "problem"])
