"""The HTML of the portal's pages. Every value is escaped where it is put in."""

from collections.abc import Iterable, Sequence
from html import escape

from crm_connectors.simulators.hubspot.clock import iso
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import StoredRecord

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent);
  --quiet: color-mix(in srgb, currentColor 65%, transparent); --warm: #d9480f; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }
header { border-bottom: 3px solid var(--warm); margin-bottom: 1.5rem; padding-bottom: .5rem; }
header a { font-weight: 600; text-decoration: none; color: inherit; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; min-width: 6rem; }
th { font-weight: 600; } .quiet { color: var(--quiet); }
.complaint { border-left: 4px solid var(--warm); padding: .5rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; } label { display: grid; gap: .2rem; }
input, select, button { font: inherit; padding: .35rem .5rem; max-width: 100%; }
"""


def overview(portal: Portal) -> str:
    """Object types with their counts, and the last writes that were applied."""
    rows = (
        (f'<a href="/records/{name}">{name}</a>', str(len(records)))
        for name, records in portal.records.items()
        if records
    )
    latest = list(portal.journal.entries)[-25:][::-1]
    writes = (
        (str(item.number), item.at, item.kind, f"{item.object} {escape(item.id)}", escape(item.source))
        for item in latest
    )
    return _page(
        "Simulated HubSpot portal",
        f"<p>{portal.journal.count} writes were applied.</p>{_table(('Object', 'Records'), rows)}"
        f"<h2>Latest writes</h2>{_table(('No.', 'When', 'What', 'Record', 'By'), writes)}",
    )


def record_list(object_type: str, records: Sequence[StoredRecord], start: int, total: int) -> str:
    """One page of records, by what names them."""
    rows = (
        (
            f'<a href="/records/{object_type}/{escape(record.id)}">{escape(record.id)}</a>',
            escape(name_of(record)),
            "archived" if record.archived_at else iso(record.updated_at),
        )
        for record in records
    )
    end = start + len(records)
    more = f'<p><a href="?start={end}">More</a></p>' if end < total else ""
    return _page(object_type.capitalize(), f"<p>{total} records.</p>{_table(('Id', 'Name', 'Changed'), rows)}{more}")


def record_page(portal: Portal, record: StoredRecord, *, complaint: str = "") -> str:
    """Values, a form for one of them, and every change of each property."""
    values = ((escape(name), escape(value)) for name, value in sorted(record.values.items()))
    changes = sorted(
        ((item.at, name, item) for name, items in record.history.items() for item in items),
        key=lambda row: (-row[0], row[1]),
    )
    history = (
        (iso(at), escape(name), escape(item.value or "(empty)"), escape(f"{item.source.type} {item.source.id}"))
        for at, name, item in changes
    )
    said = f'<p class="complaint" role="alert">{escape(complaint)}</p>' if complaint else ""
    return _page(
        name_of(record),
        f'<p class="quiet">{record.object} {escape(record.id)}'
        f"{' · archived' if record.archived_at else ''}</p>{said}{_form(portal, record)}"
        f"<h2>Properties</h2>{_table(('Property', 'Value'), values)}"
        f"<h2>History</h2>{_table(('When', 'Property', 'Value', 'By'), history)}",
    )


def name_of(record: StoredRecord) -> str:
    """What a person calls the record."""
    names = ("name", "dealname", "subject", "hs_task_subject", "hs_meeting_title", "hs_note_body", "email")
    person = f"{record.values.get('firstname', '')} {record.values.get('lastname', '')}".strip()
    return person or next((record.values[name] for name in names if name in record.values), f"Record {record.id}")


def _form(portal: Portal, record: StoredRecord) -> str:
    if record.archived_at is not None:
        return ""
    writable = (item.name for item in portal.definitions[record.object].values() if not item.is_read_only)
    options = "".join(f"<option>{escape(name)}</option>" for name in sorted(writable))
    return (
        f'<h2>Edit as a person</h2><form method="post">'
        f'<label>Property <select name="property">{options}</select></label>'
        '<label>Value <input name="value" autocomplete="off"></label><button>Save</button></form>'
    )


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    empty = '<p class="quiet">Nothing yet.</p>'
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>' if body else empty


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f'<header><a href="/">HubSpot simulator</a></header><main><h1>{escape(title)}</h1>{body}</main></body></html>'
    )
