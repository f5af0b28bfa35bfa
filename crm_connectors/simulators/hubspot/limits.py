"""HubSpot's limits: ten rolling seconds per app, one second for searches, a day per account."""

import uuid
from collections import defaultdict, deque
from dataclasses import dataclass

from crm_connectors.simulators.hubspot.access import Access
from crm_connectors.simulators.hubspot.wire import WireError

_WINDOW_MS = 10_000
_DAY_MS = 86_400_000


@dataclass(slots=True, kw_only=True)
class Allowance:
    """Calls that are let through. The day ends at midnight UTC, the zone of this portal's account."""

    per_ten_seconds: int = 190
    searches_per_second: int = 5
    per_day: int = 625_000
    says_retry_after: bool = True


class Limiter:
    """Counts calls; the caller holds the portal's lock."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._calls: defaultdict[str, deque[int]] = defaultdict(deque)
        self._searches: deque[int] = deque()
        self._day = 0
        self._today = 0

    def reset(self) -> None:
        self._calls.clear()
        self._searches.clear()
        self._today = 0

    def count(self, access: Access, *, is_search: bool, now: int) -> dict[str, str]:
        """Let one call through; returns the headers that tell of it (none for a search). Raises WireError 429."""
        self._turn_day(now)
        if self._today >= self.allowance.per_day:
            raise self.refusal("DAILY", app_id=access.app_id)
        if is_search:
            _forget(self._searches, now - 1000)
            if len(self._searches) >= self.allowance.searches_per_second:
                raise self.refusal("SECONDLY", app_id=access.app_id)
            self._searches.append(now)
        calls = self._calls[access.app_id]
        _forget(calls, now - _WINDOW_MS)
        if len(calls) >= self.allowance.per_ten_seconds:
            raise self.refusal("TEN_SECONDLY_ROLLING", app_id=access.app_id)
        calls.append(now)
        self._today += 1
        return {} if is_search else self._headers(access, len(calls))

    def refusal(self, policy: str, *, app_id: str) -> WireError:
        """429 as HubSpot words it; often it has no category."""
        headers = {"Retry-After": "1" if policy == "SECONDLY" else "10"} if policy != "DAILY" else {}
        return WireError(
            429,
            f"You have reached your {policy.lower()} limit.",
            errorType="RATE_LIMIT",
            policyName=policy,
            groupName=f"publicapi:private-app-api-calls-{policy.lower()}:{app_id}",
            requestId=str(uuid.uuid4()),
            headers=headers if self.allowance.says_retry_after else {},
        )

    def _headers(self, access: Access, used: int) -> dict[str, str]:
        most = self.allowance.per_ten_seconds
        headers = {
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(most - used),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(_WINDOW_MS),
        }
        if not access.is_oauth:
            headers["X-HubSpot-RateLimit-Daily"] = str(self.allowance.per_day)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(self.allowance.per_day - self._today)
        return headers

    def _turn_day(self, now: int) -> None:
        if now // _DAY_MS != self._day:
            self._day, self._today = now // _DAY_MS, 0


def _forget(calls: deque[int], before: int) -> None:
    while calls and calls[0] <= before:
        calls.popleft()
