"""Formats and ranges that the matrix asks of values, beyond their type (REG-08). The set is closed."""

import re
from collections.abc import Callable

from governance.domain.document import FieldRule
from governance.domain.facts import JsonValue
from governance.domain.vocabulary import ValueFormat

_EMAIL = re.compile(r"[^@\s]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{1,62}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_URL = re.compile(r"https?://(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{1,62}(?::[0-9]{1,5})?(?:[/?#]\S*)?")
# Source: ISO 3166-1 alpha-2, officially assigned codes.
_COUNTRY_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV
BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES
ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE
IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU
NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM
SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRY_CODES.split())
_FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    ValueFormat.EMAIL: (lambda text: _EMAIL.fullmatch(text) is not None, "one e-mail address"),
    ValueFormat.PHONE_E164: (lambda text: _E164.fullmatch(text) is not None, "a phone number like +4721234567"),
    ValueFormat.URL: (lambda text: _URL.fullmatch(text) is not None, "an http or https address"),
    ValueFormat.COUNTRY: (COUNTRIES.__contains__, "a country's two capital letters, like NO"),
}


def format_judge(rule: FieldRule) -> Callable[[JsonValue], str]:
    """Takes a value that its type allows; answers a complaint, or an empty text. An unknown format refuses all."""
    if rule.value_format:
        is_formed, wanted = _FORMATS.get(rule.value_format, (lambda _: False, "a format that cannot be checked"))
        return lambda value: "" if isinstance(value, str) and is_formed(value) else f"`{rule.field}` takes {wanted}"
    low = rule.min_value if rule.min_value is not None else float("-inf")
    high = rule.max_value if rule.max_value is not None else float("inf")
    complaint = f"`{rule.field}` lies between {_shown(rule.min_value)} and {_shown(rule.max_value)}"
    return lambda value: "" if isinstance(value, int | float) and low <= value <= high else complaint


def _shown(bound: float | None) -> str:
    return "any number" if bound is None else f"{bound:g}"
