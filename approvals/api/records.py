"""Doors for governed reads (RDG-01)."""

import re
from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from approvals.api.base import AgentView
from approvals.api.documented import documented
from approvals.api.problem import ProblemError
from approvals.api.response import Response
from approvals.domain.proposal_parsing import to_struct
from approvals.domain.record_query import RecordQuery
from approvals.services.reads import read_record, search_records
from governance.domain import scopes

_FIELDS = OpenApiParameter("fields", description="Names with commas between; all that are granted when left out")
_RECORD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:-]{0,119}", re.ASCII)


class RecordView(AgentView):
    """One record: `?fields=a,b`, or all that are granted."""

    scopes: ClassVar = {"get": scopes.READ_RECORDS}

    @documented(
        "Read granted fields of a record", {200: "RecordAnswer"}, problems=(404, 422, 503), parameters=[_FIELDS]
    )
    def get(self, request: Request, connection: str, object_type: str, record_id: str) -> Response:
        record = read_record(
            principal=self.principal,
            connection=_checked_name(connection),
            object_type=_checked_name(object_type),
            record_id=_checked_id(record_id),
            fields=_read_fields(request),
            correlation_id=self.correlation_id,
            now=self.principal.now,
        )
        return Response(record)


class RecordSearchView(AgentView):
    """Records by equal values."""

    scopes: ClassVar = {"post": scopes.READ_RECORDS}

    @documented("Search records by equal values", {200: "RecordPage"}, body="RecordQuery", problems=(404,))
    def post(self, _request: Request, connection: str, object_type: str) -> Response:
        page = search_records(
            principal=self.principal,
            connection=_checked_name(connection),
            object_type=_checked_name(object_type),
            query=to_struct(self.body, RecordQuery),
            correlation_id=self.correlation_id,
            now=self.principal.now,
        )
        return Response(page)


def _checked_name(name: str) -> str:
    if "\x00" in name:  # PostgreSQL takes no such text, not even to compare with
        raise ProblemError(404, "not_found", "no such connection or object")
    return name


def _checked_id(record_id: str) -> str:
    if not _RECORD_ID.fullmatch(record_id):
        raise ProblemError(422, "invalid_id", "the record's id holds characters that no id has")
    return record_id


def _read_fields(request: Request) -> list[str] | None:
    for name in request.query_params:
        if name != "fields":
            raise ProblemError(422, "unknown_parameter", f"`{name}` is no parameter of this call")
    if "fields" not in request.query_params:
        return None
    fields = [name for text in request.query_params.getlist("fields") for name in text.split(",")]
    if not 1 <= len(fields) <= 200 or not all(1 <= len(name) <= 120 and "\x00" not in name for name in fields):
        raise ProblemError(422, "invalid_parameter", "`fields` names 1 to 200 fields, with commas between")
    return fields
