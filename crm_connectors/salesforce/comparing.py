"""Whether what Salesforce holds is what was sent, given what it does to values on their way in."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from crm_connectors.domain.field_value import is_empty, is_same_value
from crm_connectors.domain.record import JsonValue
from crm_connectors.salesforce.describing import FieldInfo
from crm_connectors.salesforce.naming import find_id, read_moment


def is_same_stored(field: FieldInfo, sent: JsonValue, found: JsonValue) -> bool:
    """Trimmed texts, rounded numbers, picklists in any case, ids of 15 and of 18 characters, and times in any zone and
    without their fractions are the same to Salesforce."""
    if field.type == "boolean":
        return bool(sent) is bool(found)
    if is_empty(sent) or is_empty(found) or type(sent) is bool or type(found) is bool:
        return is_same_value(sent, found)
    if isinstance(sent, int | float) and isinstance(found, int | float):
        return _rounded(sent, field.scale) == _rounded(found, field.scale)
    if isinstance(sent, str) and isinstance(found, str):
        return _folded(field, sent) == _folded(field, found)
    return False


def _rounded(value: float, scale: int) -> Decimal | None:
    try:
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    except InvalidOperation:
        return None


def _folded(field: FieldInfo, text: str) -> str:
    match field.type:
        case "date":
            return text[:10]
        case "datetime":
            try:
                return read_moment(text).replace(microsecond=0).isoformat()
            except ValueError:
                return text
        case "picklist":
            return text.strip().casefold()
        case "reference" | "id":
            return find_id(text) or text
        case _:
            return text.strip()
