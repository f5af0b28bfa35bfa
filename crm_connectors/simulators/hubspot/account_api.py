"""The account itself, and OAuth: tokens are issued for 1,800 seconds and refreshed."""

import uuid

from crm_connectors.simulators.hubspot.access import TOKEN_SECONDS
from crm_connectors.simulators.hubspot.portal import PORTAL_ID, Portal
from crm_connectors.simulators.hubspot.wire import Answer, Call, Json, WireError


def read_details(portal: Portal, call: Call) -> Answer:
    del call
    return Answer(
        body={
            "portalId": PORTAL_ID,
            "accountType": portal.account_type,
            "timeZone": "UTC",
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": "+00:00",
            "utcOffsetMilliseconds": 0,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
    )


def read_usage(portal: Portal, call: Call) -> Answer:
    del call
    limiter = portal.limiter
    return Answer(body={"results": [{"name": "private-apps-api-calls-daily", "usageLimit": limiter.allowance.per_day}]})


def issue_token(portal: Portal, call: Call) -> Answer:
    """Errors are not those of RFC 6749: a `status` names what is wrong."""
    app, form = portal.access.oauth_app, call.form
    if (form.get("client_id"), form.get("client_secret")) != (app.client_id, app.client_secret):
        raise _refused("BAD_CLIENT_ID", "missing or unknown client id")
    grant = form.get("grant_type")
    if grant == "refresh_token" and form.get("refresh_token") != app.refresh_token:
        raise _refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    if grant == "authorization_code" and form.get("code") != "simulator-code":
        raise _refused("BAD_AUTH_CODE", "missing or unknown auth code")
    if grant not in ("refresh_token", "authorization_code"):
        raise _refused("BAD_GRANT_TYPE", "unsupported grant type")
    body: dict[str, Json] = {
        "token_type": "bearer",
        "token_use": "access_token",
        "access_token": portal.access.issue(portal.clock.now()),
        "refresh_token": app.refresh_token,
        "expires_in": TOKEN_SECONDS,
        "hub_id": PORTAL_ID,
        "user_id": 9_500_001,
        "scopes": sorted(app.scopes),
    }
    return Answer(body=body)


def introspect_token(portal: Portal, call: Call) -> Answer:
    found = portal.access.find(call.form.get("token", ""))
    now = portal.clock.now()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        return Answer(body={"active": False})
    body: dict[str, Json] = {"active": True, "app_id": int(found.app_id), "hub_id": PORTAL_ID}
    if found.expires_at is not None:
        body["expires_in"] = (found.expires_at - now) // 1000
    return Answer(body={**body, "scopes": sorted(found.scopes), "token_use": "access_token"})


def revoke_token(portal: Portal, call: Call) -> Answer:
    portal.access.revoke(call.form.get("token", ""))
    return Answer(status=204)


def _refused(status: str, message: str) -> WireError:
    error = WireError(400, message)
    error.body = {"status": status, "message": message, "correlationId": str(uuid.uuid4())}
    return error
