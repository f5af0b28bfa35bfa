"""The starter's systems and write paths."""

from datetime import datetime
from uuid import UUID

from django.db import models, transaction

from governance.domain.starter.inventory import STARTER_PATHS, STARTER_SYSTEMS
from governance.models import Connection, System, WritePath
from governance.services.config_changes import ConfigChange, record_config_changes
from governance.services.starter.people import SEED


def load_inventory(*, connection_id: UUID, now: datetime) -> dict[str, int]:
    """All of it into empty tables; where people keep an inventory of their own, nothing. Commits once."""
    with transaction.atomic():
        connection = Connection.objects.select_related("workspace").get(pk=connection_id)
        workspace = connection.workspace
        is_kept = System.objects.filter(workspace=workspace).exists()
        if is_kept or WritePath.objects.filter(connection__workspace=workspace).exists():
            return {"systems": 0, "write_paths": 0}
        systems = {
            item.name: System.objects.create(
                workspace=workspace,
                name=item.name,
                purpose=item.purpose,
                reads=list(item.reads),
                writes=list(item.writes),
            )
            for item in STARTER_SYSTEMS
        }
        paths = [
            WritePath.objects.create(
                connection=connection,
                name=item.name,
                kind=item.kind,
                system=systems.get(item.system),
                triggers=list(item.triggers),
                changes=list(item.changes),
            )
            for item in STARTER_PATHS
        ]
        rows: list[models.Model] = [*systems.values(), *paths]
        changes = [ConfigChange(row, "created", ["name"]) for row in rows]
        record_config_changes(workspace_id=workspace.pk, changes=changes, actor=SEED, now=now)
    return {"systems": len(systems), "write_paths": len(paths)}
