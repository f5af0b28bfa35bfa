"""The CRM's schema moves on: a field comes, one changes, one goes; a person reviews all three (REG-01)."""

from collections.abc import Callable

from config.demo.browser import Browser
from config.demo.story import wait_for
from crm_connectors.models import CrmField
from governance.models import Connection, SchemaSync
from governance.models.schema_sync import OPEN

Say = Callable[[str], object]
_OLD, _NEW, _WIDENED = "mobilephone", "mobile_phone", "jobtitle"
"""Fields of leads. One is renamed, which to the registry is one gone and one new; one takes longer values."""
_CLASS = "operational_metadata"
_PAGE = "/admin/governance/schemasync/"


def review_schema(*, revops: Browser, say: Say) -> None:
    """RevOps changes the CRM's schema, syncs, and reviews what waits."""
    connection = Connection.objects.get(name="embedded")
    _change_schema(revops, connection)
    syncs = SchemaSync.objects.filter(connection=connection)
    before = syncs.count()
    page = revops.get(_PAGE)
    start = next((form for form in page.forms if form.action.endswith(f"/start/{connection.pk}/")), None)
    if start is None:
        say("The schema is being synced by somebody else already.")
        return
    revops.submit(page, start)
    wait_for(lambda: syncs.count() > before and not syncs.filter(state__in=OPEN).exists(), seconds=20)
    counts = {kind: _review(revops, kind) for kind in ("new", "changed", "gone")}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    say(f"The CRM's schema moved on. RevOps synced it and reviewed: {told}.")


def _change_schema(revops: Browser, connection: Connection) -> None:
    """At the pages of the embedded CRM's own schema. Renamed once: later runs find both names."""
    fields = CrmField.objects.filter(crm_object__connection=connection, crm_object__name="leads")
    renamed = fields.filter(name=_OLD)
    if renamed.exists() and not fields.filter(name=_NEW).exists():
        revops.act(f"/admin/crm_connectors/crmfield/{renamed.get().pk}/change/", "max_length", name=_NEW)
    for field in fields.filter(name=_WIDENED):
        longer = str((field.max_length or 150) + 10)
        revops.act(f"/admin/crm_connectors/crmfield/{field.pk}/change/", "max_length", max_length=longer)


def _review(revops: Browser, kind: str) -> int:
    """Tick all of a kind that the page shows, leave the matrix as it is; returns how many."""
    page = revops.get(f"{_PAGE}?kind={kind}")
    form = next((form for form in page.forms if "/review/" in form.action), None)
    ticked = [value for name, value in form.boxes if name == "field"] if form is not None else []
    if form is None or not ticked:
        return 0
    given = {"classification": _CLASS} if kind == "new" else {}
    after = revops.submit(page, form, field=ticked, answer="keep", **given)
    left = {value for form in after.forms for name, value in form.boxes if name == "field"}
    return sum(field not in left for field in ticked)
