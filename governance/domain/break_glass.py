"""Break-glass in words, and how long it may last (PRM-10)."""

MAX_MINUTES = 240


def break_glass_words(*, agent: str, action: str, object_type: str, record_id: str, connection: str) -> str:
    """`agent.routing may ask to delete deals 101 at embedded`, for titles and banners."""
    target = f"{object_type} {record_id}" if record_id else f"any of {object_type}"
    return f"{agent} may ask to {action.replace('_', ' ')} {target} at {connection}"
