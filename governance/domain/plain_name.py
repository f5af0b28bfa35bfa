"""What a name must not hold: people decide by names, so none may read as another (APR-03).

Source: Unicode Technical Report 36 §3.
"""

import re

UNSEEN_IN_NAMES = (
    r"[\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Control, zero-width and direction characters, and blanks that are no space: a regular expression that Python and
PostgreSQL read alike."""

NAME_PROBLEM = "a name holds no characters that cannot be seen"

_UNSEEN = re.compile(UNSEEN_IN_NAMES)


def seen_name(name: str, *, longest: int) -> str:
    """The name with each such character spelled out, like ⟦U+202E⟧; cut to `longest` characters."""
    return _UNSEEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", name)[:longest]
