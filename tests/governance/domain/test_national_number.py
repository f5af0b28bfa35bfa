"""Numbers without a country code: read where their country is known, never guessed."""

import pytest

from governance.domain.national_number import region_of, with_country_code


@pytest.mark.parametrize(
    ("number", "country", "default", "read"),
    [
        ("030 123456", "Germany", "US", "+4930123456"),
        ("030 123456", "de", "US", "+4930123456"),
        ("(020) 7946 0958", "United Kingdom", "US", "+442079460958"),
        ("(202) 555-0123", "", "US", "+12025550123"),
        ("+49 30 123456", "United States", "US", "+49 30 123456"),
    ],
)
def test_a_number_is_read_with_its_country(number, country, default, read):
    assert with_country_code(number, country=country, default_region=default) == read


@pytest.mark.parametrize(
    ("number", "country", "default"),
    [
        ("030 123456", "", "US"),
        ("202 555 0123", "Atlantis", "US"),
        ("202 555 0123", "", ""),
        ("911", "", "US"),
        ("011 49 30 123456", "", "US"),
        ("800 FLOWERS", "", "US"),
        ("202 555 0123 x5", "", "US"),
        ("202 555 0123, 202 555 0199", "", "US"),
        ("\u0662\u0660\u0662 555 0123", "", "US"),
    ],
)
def test_what_stays_ambiguous_stays_as_it_is(number, country, default):
    """Such a number has no country code, so the recipient check refuses it."""
    assert with_country_code(number, country=country, default_region=default) == number


def test_a_country_is_known_by_its_code_or_its_name():
    assert [region_of(country) for country in (" de ", "Germany", "GERMANY", "Atlantis", "")] == ["DE"] * 3 + ["", ""]
