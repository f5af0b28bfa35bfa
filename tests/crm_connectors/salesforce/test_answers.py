"""Every answer of the catalogue has its typed error, decided by status and code (CON-06, EXE-03)."""

import json
from typing import Any

import pytest
from urllib3 import HTTPHeaderDict

from crm_connectors.adapters.http_client import Answer
from crm_connectors.port import (
    AmbiguousError,
    AuthError,
    ConflictError,
    ConnectorError,
    LimitedError,
    NotFoundError,
    RejectedError,
    TransientError,
)
from crm_connectors.salesforce.answers import raise_for
from crm_connectors.salesforce.writing import _made_id

LOCK = "unable to obtain exclusive access to this record or 1 records: 001000000000001AAA"
CASES: list[tuple[int, Any, type[ConnectorError], type[ConnectorError]]] = [
    # status, body, as a write, as a read
    (400, [{"errorCode": "INVALID_FIELD", "message": "No such column 'Nope__c'"}], RejectedError, NotFoundError),
    (
        400,
        [{"errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "fields": ["LastActivityDate"]}],
        RejectedError,
        RejectedError,
    ),
    (400, [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Amount"]}], RejectedError, RejectedError),
    (
        400,
        [{"errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "fields": ["Industry"]}],
        RejectedError,
        RejectedError,
    ),
    (400, [{"errorCode": "REQUIRED_FIELD_MISSING", "fields": ["LastName"]}], RejectedError, RejectedError),
    (400, [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": LOCK}], TransientError, TransientError),
    (
        400,
        [
            {
                "errorCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "message": "Trg: caused by: UNABLE_TO_LOCK_ROW, unable",
            }
        ],
        TransientError,
        TransientError,
    ),
    (400, [{"errorCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": "Trg: x"}], RejectedError, RejectedError),
    (400, [{"errorCode": "DUPLICATES_DETECTED", "duplicateResult": {"allowSave": True}}], RejectedError, RejectedError),
    (400, [{"errorCode": "DUPLICATE_VALUE", "message": "duplicate value found"}], RejectedError, RejectedError),
    (400, [{"errorCode": "MALFORMED_ID", "message": "bad id"}], NotFoundError, NotFoundError),
    (400, [{"errorCode": "MALFORMED_ID", "fields": ["OwnerId"]}], RejectedError, RejectedError),
    (300, ["/services/data/v62.0/sobjects/Account/001"], RejectedError, RejectedError),
    (300, "<html>", AmbiguousError, TransientError),
    (300, [], AmbiguousError, TransientError),
    (301, "", AmbiguousError, TransientError),
    (302, "<html>Moved</html>", AmbiguousError, TransientError),
    (307, "", AmbiguousError, TransientError),
    (308, "", AmbiguousError, TransientError),
    (401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], AuthError, AuthError),
    (
        403,
        [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}],
        LimitedError,
        LimitedError,
    ),
    (403, [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY"}], RejectedError, RejectedError),
    (403, [{"errorCode": "API_DISABLED_FOR_ORG"}], AuthError, AuthError),
    (403, "<html>Forbidden</html>", AmbiguousError, TransientError),
    (404, [{"errorCode": "ENTITY_IS_DELETED"}], NotFoundError, NotFoundError),
    (404, [{"errorCode": "NOT_FOUND"}], NotFoundError, NotFoundError),
    (404, "<html>", NotFoundError, NotFoundError),
    (412, [{"errorCode": "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE_CHECK"}], ConflictError, ConflictError),
    (412, "", ConflictError, ConflictError),
    (414, "", RejectedError, RejectedError),
    (420, "", TransientError, TransientError),
    (500, [{"errorCode": "UNKNOWN_EXCEPTION"}], AmbiguousError, TransientError),
    (502, "<html>Bad Gateway</html>", AmbiguousError, TransientError),
    (503, [{"errorCode": "SERVER_UNAVAILABLE"}], AmbiguousError, TransientError),
    (504, "", AmbiguousError, TransientError),
    (400, {"error": "something else"}, AmbiguousError, TransientError),
    (400, [7, {"errorCode": ["x"], "fields": "a'b", "message": None}], RejectedError, RejectedError),
]


@pytest.mark.parametrize(("status", "body", "as_write", "as_read"), CASES)
def test_an_answer_is_what_its_status_and_code_say(
    status: int, body: Any, as_write: type[ConnectorError], as_read: type[ConnectorError]
) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    answer = Answer(status, HTTPHeaderDict(), content.encode())
    for is_write, expected in ((True, as_write), (False, as_read)):
        with pytest.raises(ConnectorError) as caught:
            raise_for(answer, is_write=is_write)
        assert expected in type(caught.value).__mro__
        assert type(caught.value) is not LimitedError or expected is LimitedError
        assert "001000000000001AAA" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            {"success": False, "errors": [{"statusCode": "REQUIRED_FIELD_MISSING", "fields": ["Subject"]}]},
            RejectedError,
        ),
        ({"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW"}]}, TransientError),
        ({"success": True}, AmbiguousError),
        (["what"], AmbiguousError),
        (None, AmbiguousError),
    ],
)
def test_a_success_that_is_none_is_an_error(body: Any, error: type[ConnectorError]) -> None:
    with pytest.raises(error):
        _made_id(body)
