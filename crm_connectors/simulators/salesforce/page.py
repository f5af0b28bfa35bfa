"""The simulator's own pages: its objects, their records, a record with its history, and a form to edit it as a person.

Beside them, for whoever drives a simulator from another process: the journal and the plan of faults, as JSON.
"""

import json
from html import escape
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from crm_connectors.simulators.faults import Fault
from crm_connectors.simulators.salesforce.call import find_row
from crm_connectors.simulators.salesforce.definition import FieldDefinition, Value
from crm_connectors.simulators.salesforce.errors import ApiError
from crm_connectors.simulators.salesforce.org import Org, Row, object_for
from crm_connectors.simulators.salesforce.saving import Save
from crm_connectors.simulators.salesforce.schema import OBJECTS
from crm_connectors.simulators.salesforce.seed import PERSON

PAGE_ROWS = 100
JOURNAL_ROWS = 1000
_STYLE = """
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8884;
overflow-wrap:anywhere;vertical-align:top}input,select{font:inherit;width:100%;box-sizing:border-box;padding:.2rem}
button{font:inherit;padding:.4rem 1rem;margin:1rem 0}.scroll{overflow-x:auto}.error{color:#c62828;font-weight:600}
nav a{margin-right:1rem}.scroll td,.scroll th{white-space:nowrap}
"""


def answer_page(org: Org, request: Request) -> Response:
    """Everything that is not the API."""
    parts = [part for part in request.path.split("/") if part]
    try:
        with org.lock:
            return _route(org, request, parts)
    except ApiError as error:
        return _page("Refused", f'<p class="error">{escape(error.message)}</p>', status=error.status)


def _route(org: Org, request: Request, parts: list[str]) -> Response:
    match parts:
        case []:
            return _home(org)
        case ["_simulator", "journal"]:
            return _journal(org)
        case ["_simulator", "faults"] if request.method == "POST":
            return _plan(org, request)
        case [name]:
            return _list(org, name, request.args.get("after", ""))
        case [name, record_id]:
            is_edit = request.method == "POST"
            return _edit(org, request, name, record_id) if is_edit else _record(org, name, record_id, "")
        case _:
            return Response(status=404)


def _home(org: Org) -> Response:
    rows = "".join(
        f'<tr><td><a href="/{name}">{escape(OBJECTS[name].plural)}</a></td><td>{len(records)}</td></tr>'
        for name, records in org.rows.items()
    )
    journal = f'<p><a href="/_simulator/journal">Journal of applied writes</a>: {len(org.journal)}</p>'
    return _page("Simulated Salesforce org", f"<table><tr><th>Object<th>Records</tr>{rows}</table>{journal}")


def _list(org: Org, name: str, after: str) -> Response:
    definition = object_for(name)
    columns = [field.name for field in definition.fields if field.name != "Id"][:6]
    live = [row for row in org.rows[definition.name].values() if not row.is_deleted and row.id > after]
    shown = sorted(live, key=lambda row: row.id)[:PAGE_ROWS]
    head = "".join(f"<th>{escape(column)}" for column in columns)
    body = "".join(f"<tr><td>{_link(row)}{_cells(row, columns)}</tr>" for row in shown)
    more = f'<p><a href="?after={shown[-1].id}">Next</a></p>' if len(live) > PAGE_ROWS else ""
    table = f'<div class="scroll"><table><tr><th>Id{head}</tr>{body}</table></div>{more}'
    return _page(definition.plural, table)


def _record(org: Org, name: str, record_id: str, complaint: str) -> Response:
    definition = object_for(name)
    row = find_row(org, definition, record_id)
    fields = "".join(
        f"<tr><th>{escape(item.name)}<td>{_input(item, row.values.get(item.name))}</tr>" for item in definition.fields
    )
    button = "<button>Save as Maya Lindqvist</button>" if definition.is_writable else ""
    error = f'<p class="error">{escape(complaint)}</p>' if complaint else ""
    form = f'{error}<form method="post"><table>{fields}</table>{button}</form>'
    title = str(row.values.get("Name") or row.id)
    return _page(title, form + _history(org, row), status=400 if complaint else 200)


def _history(org: Org, row: Row) -> str:
    definition = OBJECTS[row.object]
    if not definition.history:
        return "<p>This object keeps no history.</p>"
    entries = [
        item.values
        for item in reversed(org.rows[definition.history].values())
        if item.values[definition.history_parent] == row.id
    ]
    columns = ("CreatedDate", "Field", "OldValue", "NewValue", "CreatedById")
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_named(org, entry.get(column)))}" for column in columns) + "</tr>"
        for entry in entries[:PAGE_ROWS]
    )
    head = "".join(f"<th>{column}" for column in columns)
    return f'<h2>History</h2><div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _edit(org: Org, request: Request, name: str, record_id: str) -> Response:
    definition = object_for(name, is_write=True)
    row = find_row(org, definition, record_id)
    changes: dict[str, Value] = {}
    for field in definition.fields:
        if field.is_updateable and field.name in request.form:
            value = _typed(field, request.form[field.name])
            if value != row.values.get(field.name):
                changes[field.name] = value
    try:
        Save(org, org.users[PERSON], definition).update(row, changes)
    except ApiError as error:
        return _record(org, name, record_id, error.message)
    return redirect(f"/{definition.name}/{row.id}", code=303)


def _typed(field: FieldDefinition, text: str) -> Value:
    if text == "":
        return None
    match field.type:
        case "boolean":
            return text == "true"
        case "int" | "double" | "currency" | "percent":
            try:
                return float(text) if "." in text else int(text)
            except ValueError:
                return text
        case _:
            return text


def _input(field: FieldDefinition, value: Value) -> str:
    shown, name = escape(_shown(value)), escape(field.name)
    if not field.is_updateable:
        return shown
    options = ("true", "false") if field.type == "boolean" else field.options
    if not options:
        return f'<input name="{name}" value="{shown}" aria-label="{name}">'
    choices = "".join(
        f"<option{' selected' if option == _shown(value) else ''}>{escape(option)}</option>"
        for option in ("", *options)
    )
    return f'<select name="{name}" aria-label="{name}">{choices}</select>'


def _journal(org: Org) -> Response:
    entries = [
        {
            "verb": item.verb,
            "object": item.object,
            "id": item.id,
            "values": dict(item.values),
            "user": item.user,
            "at": item.at.isoformat(),
        }
        for item in list(org.journal)[-JOURNAL_ROWS:]
    ]
    return _json({"count": len(org.journal), "entries": entries})


def _plan(org: Org, request: Request) -> Response:
    wish = request.get_json()
    fault = wish.pop("fault", None)
    try:
        org.faults.plan(Fault(fault) if fault else None, **wish)
    except (TypeError, ValueError) as error:
        return Response(str(error), 400)
    return Response(status=204)


def _named(org: Org, value: Value) -> str:
    """Users by their names."""
    user = org.user_by_id(value) if isinstance(value, str) else None
    return user.name if user is not None else _shown(value)


def _link(row: Row) -> str:
    return f'<a href="/{row.object}/{row.id}">{row.id}</a>'


def _cells(row: Row, columns: list[str]) -> str:
    return "".join(f"<td>{escape(_shown(row.values.get(column)))}" for column in columns)


def _shown(value: Value) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _json(body: Any) -> Response:
    return Response(json.dumps(body), content_type="application/json")


def _page(title: str, body: str, *, status: int = 200) -> Response:
    heading = escape(title)
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{heading}</title><style>{_STYLE}</style><nav><a href='/'>All objects</a></nav><h1>{heading}</h1>{body}"
    )
    return Response(page, status, content_type="text/html; charset=utf-8")
