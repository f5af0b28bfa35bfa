"""People of an embedded CRM by e-mail, over Leads and Contacts (CNT-05)."""

from collections.abc import Collection
from typing import Any

from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from crm_connectors.models import CrmObject, CrmRecord

PEOPLE = ("contacts", "leads")


def list_people_with_emails(
    *, workspace_id: Any, connection: str, emails: Collection[str]
) -> list[tuple[str, str]] | None:
    """(`object:id`, e-mail in small letters) of everyone not archived who has one of these e-mails (small letters).

    None when the connection has no embedded CRM: nothing can be said about its people. Two queries at most.
    """
    objects = CrmObject.objects.filter(
        connection__workspace_id=workspace_id, connection__name=connection, name__in=PEOPLE
    )
    names = dict(objects.values_list("pk", "name"))
    if not names:
        return None
    if not emails:
        return []
    rows = CrmRecord.objects.filter(crm_object_id__in=names, archived_at__isnull=True)
    rows = rows.annotate(held=Lower(KeyTextTransform("email", "values"))).filter(held__in=list(emails))
    found = rows.values_list("crm_object_id", "number", "held")
    return [(f"{names[object_id]}:{number}", held) for object_id, number, held in found]
