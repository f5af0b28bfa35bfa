"""Every path that we call, from one map of area and version: the version sits in another place in each area."""

from urllib.parse import quote

_OLD = {
    "objects": "/crm/v3/objects",
    "properties": "/crm/v3/properties",
    "pipelines": "/crm/v3/pipelines",
    "account": "/account-info/v3",
    "oauth": "/oauth/v1",
}
_DATED = {
    "objects": "/crm/objects/{}",
    "properties": "/crm/properties/{}",
    "pipelines": "/crm/pipelines/{}",
    "account": "/account-info/{}",
    "oauth": "/oauth/{}",
}


def path_of(area: str, version: str, *parts: str) -> str:
    """The path of an area, with these parts, quoted, behind it."""
    base = _OLD[area] if version == "v3" else _DATED[area].format(version)
    return "/".join((base, *(quote(part, safe="") for part in parts)))
