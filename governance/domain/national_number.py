"""Phone numbers as people write them at home: read with the country that they belong to, or left alone."""

import re

import phonenumbers

from governance.domain.country_names import CODES_BY_NAME

_NATIONAL = re.compile(r"[0-9(][0-9 ().\-/]{4,30}")  # no letters, no extension, no country code


def with_country_code(number: str, *, country: str, default_region: str) -> str:
    """A number in E.164 if it is given without a country code and is a valid one in its country; else as it is.

    `country` is what the record says, a code or an English name. It counts before the default, and where it names no
    country the number stays as it is: nobody guesses whom a call would reach.
    """
    region = region_of(country) if country.strip() else default_region
    if not region or not _NATIONAL.fullmatch(number):
        return number
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number
    is_plain = parsed.extension is None and phonenumbers.is_valid_number_for_region(parsed, region)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if is_plain else number


def region_of(country: str) -> str:
    """The two letters of a country's code or English name; empty when it is neither."""
    plain = country.strip()
    if plain.upper() in phonenumbers.SUPPORTED_REGIONS:
        return plain.upper()
    return CODES_BY_NAME.get(plain.casefold(), "")
