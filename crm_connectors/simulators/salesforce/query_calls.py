"""Query calls and the org's limits."""

from crm_connectors.simulators.salesforce.call import Answer, Call
from crm_connectors.simulators.salesforce.errors import ApiError
from crm_connectors.simulators.salesforce.selecting import DEFAULT_PAGE, page_of, run_query

_MIN_PAGE = 200


def query(call: Call) -> Answer:
    """`GET /query?q=`."""
    return _run(call, kind="query", has_deleted=False)


def query_all(call: Call) -> Answer:
    """`GET /queryAll?q=`: what lies in the recycle bin too."""
    return _run(call, kind="queryAll", has_deleted=True)


def query_more(call: Call, locator: str) -> Answer:
    """`GET {nextRecordsUrl}`."""
    name, _, start = locator.partition("-")
    if not start.isdigit():
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    records, size = call.cursors.get(name)
    base = f"/services/data/v{call.version}/query/{name}"
    return Answer(body=page_of(records, start=int(start), size=size, next_url=lambda at: f"{base}-{at}"))


def limits(call: Call) -> Answer:
    """`GET /limits`."""
    org = call.org
    left = max(0, org.daily_requests - org.used_requests)
    return Answer(body={"DailyApiRequests": {"Max": org.daily_requests, "Remaining": left}})


def _run(call: Call, *, kind: str, has_deleted: bool) -> Answer:
    text = call.query.get("q", "")
    records, count = run_query(call.org, call.user, text, version=call.version, has_deleted=has_deleted)
    if not records:
        return Answer(body={"totalSize": count, "done": True, "records": []})
    size = _page_size(call)
    locator = call.cursors.keep(records, size) if len(records) > size else ""
    base = f"/services/data/v{call.version}/{kind}/{locator}"
    return Answer(body=page_of(records, start=0, size=size, next_url=lambda at: f"{base}-{at}"))


def _page_size(call: Call) -> int:
    wish = call.headers.get("sforce-query-options", "").replace(" ", "").partition("batchSize=")[2]
    return min(max(int(wish), _MIN_PAGE), DEFAULT_PAGE) if wish.isdigit() else DEFAULT_PAGE
