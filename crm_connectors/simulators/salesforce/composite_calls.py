"""Composite calls: up to 25 calls in one, with references between them; and batches of independent ones."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crm_connectors.simulators.salesforce.call import Answer, Call
from crm_connectors.simulators.salesforce.errors import ApiError

MAX_PARTS = 25
_REFERENCE = re.compile(r"@\{(\w+)\.(\w+)\}")
_HALTED = ApiError(
    400,
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)
Perform = Callable[[Call], Answer]


def composite(call: Call, perform: Perform) -> Answer:
    """`POST /composite`. A malformed body runs nothing; `allOrNone` takes everything back."""
    body = call.body()
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS or not all(map(_is_part, parts)):
        raise ApiError(400, "JSON_PARSER_ERROR", f"compositeRequest must hold 1 to {MAX_PARTS} subrequests")
    answers: dict[str, Answer] = {}
    with call.org.all_or_nothing() as roll_back:
        for part in parts:
            answers[part["referenceId"]] = _run(call, part, answers, perform)
        if body.get("allOrNone") is True and any(answer.status >= 300 for answer in answers.values()):
            roll_back()
            halted = Answer(status=400, body=_HALTED.as_body())
            answers = {name: answer if answer.status >= 300 else halted for name, answer in answers.items()}
    return Answer(body={"compositeResponse": [_shown(name, answer) for name, answer in answers.items()]})


def batch(call: Call, perform: Perform) -> Answer:
    """`POST /composite/batch`: independent calls; with `haltOnError` those after a failure are 412."""
    body = call.body()
    parts = body.get("batchRequests")
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS:
        raise ApiError(400, "JSON_PARSER_ERROR", f"batchRequests must hold 1 to {MAX_PARTS} requests")
    answers: list[Answer] = []
    for part in parts:
        if body.get("haltOnError") is True and any(answer.status >= 300 for answer in answers):
            error = ApiError(412, "BATCH_PROCESSING_HALTED", "Batch processing halted per request")
            answers.append(Answer(status=412, body=error.as_body()))
            continue
        url = f"/services/data/{str(part.get('url', '')).removeprefix('/services/data/')}"
        answers.append(perform(_part_call(call, part.get("method", "GET"), url, part.get("richInput"), {})))
    results = [{"statusCode": answer.status, "result": answer.body} for answer in answers]
    return Answer(body={"hasErrors": any(answer.status >= 300 for answer in answers), "results": results})


def _is_part(part: object) -> bool:
    return isinstance(part, dict) and all(isinstance(part.get(key), str) for key in ("method", "url", "referenceId"))


def _run(call: Call, part: dict[str, Any], answers: Mapping[str, Answer], perform: Perform) -> Answer:
    try:
        url = _resolve(part["url"], answers)
        content = _resolve(part.get("body"), answers)
    except KeyError:
        return Answer(status=400, body=_HALTED.as_body())
    headers = {str(name).lower(): str(value) for name, value in (part.get("httpHeaders") or {}).items()}
    return perform(_part_call(call, part["method"], url, content, headers))


def _part_call(call: Call, method: str, url: str, content: Any, headers: Mapping[str, str]) -> Call:
    address = urlsplit(url)
    inherited = {name: value for name, value in call.headers.items() if name.startswith("sforce-")}
    return replace(
        call,
        method=method.upper(),
        path=address.path,
        query=dict(parse_qsl(address.query)),
        headers={**inherited, **headers},
        content=content,
    )


def _resolve(value: Any, answers: Mapping[str, Answer]) -> Any:
    """References to earlier answers, as `@{ref.id}`. Raises KeyError for one that is not there."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: str(_field_of(answers[match[1]], match[2])), value)
    if isinstance(value, dict):
        return {key: _resolve(item, answers) for key, item in value.items()}
    return [_resolve(item, answers) for item in value] if isinstance(value, list) else value


def _field_of(answer: Answer, name: str) -> Any:
    if answer.status >= 300 or not isinstance(answer.body, dict):
        raise KeyError(name)
    return answer.body[name]


def _shown(reference: str, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }
