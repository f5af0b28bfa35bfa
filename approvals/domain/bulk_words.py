"""Bulk reverts in words and tones, as pages and files show them."""

from approvals.domain.bulk_revert import BulkState, Finding, Result

STATE_WORDS: dict[str, str] = {
    BulkState.PLANNING: "dry run under way",
    BulkState.PLANNED: "planned, nothing started",
    BulkState.COUNTERSIGNING: "waits for a second person",
    BulkState.RUNNING: "running",
    BulkState.PAUSED: "paused",
    BulkState.STOPPING: "being stopped",
    BulkState.FINISHED: "finished",
    BulkState.STOPPED: "stopped",
}
STATE_TONE: dict[str, str] = {
    BulkState.PLANNING: "wait",
    BulkState.PLANNED: "",
    BulkState.COUNTERSIGNING: "warn",
    BulkState.RUNNING: "wait",
    BulkState.PAUSED: "warn",
    BulkState.STOPPING: "wait",
    BulkState.FINISHED: "good",
    BulkState.STOPPED: "bad",
}
FINDING_WORDS: dict[str, str] = {
    Finding.CLEAN: "clean",
    Finding.AUTOMATION: "clean, automation fired",
    Finding.EDITED: "edited since",
    Finding.IRREVERSIBLE: "irreversible",
    Finding.TAKEN_BACK: "already taken back",
    Finding.NOT_PERMITTED: "not permitted",
    Finding.GONE: "nothing left to take back",
}
FINDING_TONE: dict[str, str] = {
    Finding.CLEAN: "good",
    Finding.AUTOMATION: "warn",
    Finding.EDITED: "warn",
    Finding.IRREVERSIBLE: "bad",
    Finding.TAKEN_BACK: "",
    Finding.NOT_PERMITTED: "bad",
    Finding.GONE: "",
}
RESULT_WORDS: dict[str, str] = {
    Result.REVERTED: "reverted",
    Result.WAITING: "waiting",
    Result.CONFLICT: "conflict",
    Result.DENIED: "denied",
    Result.FAILED: "failed",
    Result.STOPPED: "not done, stopped",
}
RESULT_TONE: dict[str, str] = {
    Result.REVERTED: "good",
    Result.WAITING: "wait",
    Result.CONFLICT: "warn",
    Result.DENIED: "bad",
    Result.FAILED: "bad",
    Result.STOPPED: "",
}
