"""The status codes of what a stop took out of its way, or a person put away because of one (KIL-02, KIL-03)."""

FINISHED_BY_STOP = (
    "switch_all",
    "switch_agent",
    "switch_write_back",
    "switch_read_only",
    "switch_send",
    "switch_enroll",
)
QUARANTINED = "quarantined"
PUT_AWAY = (*FINISHED_BY_STOP, QUARANTINED)
