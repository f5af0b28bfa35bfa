"""A record has one id, however it is written (DNC-03)."""

import pytest

from governance.domain.dnc_key import asked_keys, key_of, record_key
from governance.domain.record_id import id_spellings, long_id, one_record_id

LONG = "001A0000006Vm9rIAC"
"""From Salesforce's own documents."""
SHORT = LONG[:15]


@pytest.mark.parametrize(
    ("short", "long"),
    [(SHORT, LONG), ("003000000000001", "003000000000001AAA"), ("ABCDEFGHIJKLMNO", "ABCDEFGHIJKLMNO555")],
)
def test_fifteen_characters_are_the_eighteen_of_the_same_record(short, long):
    assert long_id(short) == long_id(long) == one_record_id("salesforce", short) == long


@pytest.mark.parametrize("text", ["", "101", SHORT[:14], "001A0000006Vm9rIAB", "001A0000006Vm9é", f"{SHORT}\n"])
def test_what_is_no_short_id_stays_as_it_is(text):
    assert long_id(text) == text
    assert id_spellings(text) == (text,)


def test_another_crms_id_is_never_respelled():
    assert one_record_id("hubspot", SHORT) == SHORT


def test_a_listed_record_is_found_under_each_of_its_spellings():
    """DNC-03: and under the key that an entry was given before a record had one."""
    for listed in (f"sf/Contact/{SHORT}", f"sf/Contact/{LONG}"):
        assert key_of("person", listed, region="US") == record_key("sf", "Contact", LONG)
        asked = asked_keys("person", listed, region="US")
        assert asked == (f"record:sf/contact/{LONG}", f"record:sf/contact/{SHORT}")
