"""The print of a value: tells equal values from different ones, and keeps none (drift keeps no personal data)."""

import hashlib
import hmac
from decimal import Decimal

from crm_connectors.domain.field_value import is_empty
from crm_connectors.domain.record import JsonValue


def value_print(key: bytes, value: JsonValue) -> str:
    """Keyed, because values are easily guessed: without the key nobody can try them. 64 hexadecimal digits.

    Folds what CRMs change on the way in: empty texts are nothing, texts are trimmed and compared without regard to
    capitals, 220 is 220.0. `True` is never 1, nor `"7"` seven.
    """
    return hmac.new(key, _folded(value).encode(), hashlib.sha256).hexdigest()


def _folded(value: JsonValue) -> str:
    if is_empty(value):
        return ""
    if isinstance(value, bool):
        return f"boolean {value}"
    if isinstance(value, int | float):
        return f"number {Decimal(str(value)).normalize():f}"
    return f"text {' '.join(str(value).split()).casefold()}"
