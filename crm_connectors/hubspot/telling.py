"""Which records of a portal were changed, and how its history names our app."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_connectors.domain.record import ChangedPage, ChangedRecord
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.reading import moment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def own_writers(portal: Portal) -> frozenset[str]:
    """By the app's id; a portal without it in its settings tells nobody's app from ours. No call."""
    app_id = portal.settings.app_id
    return frozenset({f"integration:{app_id}"} if app_id else ())


def list_changed(portal: Portal, object_type: str, *, since: datetime, after: str, limit: int) -> ChangedPage:
    """One search, two where more records than a page holds bear one stamp: HubSpot sorts by one property, so that the
    last stamp of a full page may be there in part and is left for the next one."""
    name = "lastmodifieddate" if object_type == "contacts" else "hs_lastmodifieddate"
    at = str(_milliseconds(since))
    same = [_filter(name, "EQ", at), _filter("hs_object_id", "GT", after or "0")]
    groups = [[_filter(name, "GT", at)], same]
    found = _search(portal, object_type, groups, sort=name, limit=limit)
    if len(found) < limit:
        return ChangedPage(found, is_last=True)
    last = found[-1].at
    whole = tuple(one for one in found if one.at != last)
    if whole:
        return ChangedPage(whole, is_last=False)
    stamp = _filter(name, "EQ", str(_milliseconds(last)))
    beyond = _filter("hs_object_id", "GT", after if after and last == since else "0")
    return ChangedPage(_search(portal, object_type, [[stamp, beyond]], sort="hs_object_id", limit=limit), is_last=False)


def _search(
    portal: Portal, object_type: str, groups: Sequence[Sequence[Mapping[str, str]]], *, sort: str, limit: int
) -> tuple[ChangedRecord, ...]:
    body = {
        "filterGroups": [{"filters": list(filters)} for filters in groups],
        "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
        "properties": [],
        "limit": limit,
    }
    answer = portal.ask("objects", object_type, "search", json=body)
    found = [_changed(item) for item in answer.get("results") or ()]
    return tuple(sorted(found, key=lambda one: (one.at, int(one.id))))


def _changed(item: Mapping[str, Any]) -> ChangedRecord:
    return ChangedRecord(str(item["id"]), moment(str(item.get("updatedAt") or "")) or _EPOCH)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}
