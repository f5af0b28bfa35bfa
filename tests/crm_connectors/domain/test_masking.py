"""Masks of a shadow sandbox keep no personal data, and the same value bears the same mask (SBX-02)."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_connectors.domain.masking import MaskedField, mask_record
from governance.domain.vocabulary import Classification, FieldType

KEY = b"of-the-workspace"
HARMLESS = MaskedField(
    name="stage",
    field_type=FieldType.STRING,
    classification=Classification.ENRICHMENT,
    is_reviewed=True,
    is_sensitive=False,
)


def field(**changes):
    return msgspec.structs.replace(HARMLESS, **changes)


def mask(value, key=KEY, **changes):
    chosen = field(**changes)
    return mask_record(key, [chosen], {chosen.name: value}).get(chosen.name)


@pytest.mark.parametrize(
    ("value", "told", "pattern"),
    [
        ("Mei@Umicore.com", {"field_type": FieldType.EMAIL}, r"p[0-9a-f]{8}@d[0-9a-f]{6}\.example\.com"),
        ("+32 2 227 71 11", {"field_type": FieldType.PHONE}, r"\+1\d{3}55501\d\d"),
        ("https://www.umicore.com/x", {"field_type": FieldType.URL}, r"https://d[0-9a-f]{6}\.example\.com/"),
        ("umicore.com", {"name": "domain"}, r"d[0-9a-f]{6}\.example\.com"),
        ("Mei Novak", {"name": "firstname"}, r"Masked [0-9a-f]{6}"),
        ("mei@umicore.com", {"name": "nickname"}, r"p[0-9a-f]{8}@d[0-9a-f]{6}\.example\.com"),
        ("anything", {"name": "custom_17"}, r"x[0-9a-f]{8}"),
        ("+32 2 227 71 11", {"name": "mobilephone"}, r"\+1\d{3}55501\d\d"),
        ("Jane Doe", {"field_type": FieldType.PICKLIST}, r"x[0-9a-f]{8}"),
    ],
)
def test_every_text_is_made_here(value, told, pattern):
    assert re.fullmatch(pattern, str(mask(value, **told)))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("free words of Mei", {"field_type": FieldType.TEXT}),
        ("17", {"field_type": FieldType.REFERENCE}),
        ("Jane Doe", {"field_type": FieldType.PICKLIST, "offered": frozenset({"Retail"})}),
        (7, {"field_type": FieldType.INTEGER, "is_reviewed": False}),
        (7, {"field_type": FieldType.INTEGER, "is_sensitive": True}),
        (7, {"field_type": FieldType.INTEGER, "classification": Classification.UNCLASSIFIED}),
        (True, {"field_type": FieldType.BOOLEAN, "classification": Classification.COMPLIANCE}),
        ("1970-01-01", {"field_type": FieldType.DATE, "name": "date_of_birth"}),
        ("Mei", {"field_type": FieldType.INTEGER}),
        ("call Mei 2026", {"field_type": FieldType.DATE}),
        (["Mei"], {"field_type": FieldType.NUMBER}),
    ],
)
def test_what_is_not_known_to_be_harmless_is_left_out(value, told):
    """Fails closed: unreviewed, unclassified and sensitive fields, free text, and values that are not of their type."""
    assert mask(value, **told) is None


@pytest.mark.parametrize(
    ("value", "kept", "told"),
    [
        (220, 220, {"field_type": FieldType.INTEGER}),
        (3225551234, 3200000000, {"field_type": FieldType.INTEGER}),
        (0.25, 0.25, {"field_type": FieldType.NUMBER}),
        (True, True, {"field_type": FieldType.BOOLEAN}),
        ("2027-01-31", "2027-01-31", {"field_type": FieldType.DATE}),
        ("Retail", "Retail", {"field_type": FieldType.PICKLIST, "offered": frozenset({"Retail"})}),
    ],
)
def test_what_a_person_reviewed_as_business_is_kept(value, kept, told):
    assert mask(value, **told) == kept


def test_the_same_value_bears_the_same_mask_and_another_key_another():
    told = {"field_type": FieldType.EMAIL}
    assert mask("Mei@Umicore.com ", **told) == mask("mei@umicore.com", **told)
    assert str(mask("a@umicore.com", **told)).split("@")[1] == str(mask("b@umicore.com", **told)).split("@")[1]
    assert mask("a@umicore.com", **told) != mask("a@umicore.com", key=b"another", **told)


def test_no_telephone_number_hides_in_a_count():
    assert mask(5551234, field_type=FieldType.INTEGER) == 5600000
    assert mask(-5551234.5, field_type=FieldType.NUMBER) == -5600000.0


TEXTS = [FieldType.STRING, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.PICKLIST]


@given(
    st.text(min_size=4), st.sampled_from(TEXTS), st.sampled_from(["name", "email", "x", "website", "phone", "città"])
)
def test_whatever_the_text_its_mask_is_plain_ascii_of_ours(text, field_type, name):
    """Unicode in every disguise."""
    made = mask(text, field_type=field_type, name=name)
    assert made is None or re.fullmatch(
        r"p[0-9a-f]{8}@d[0-9a-f]{6}\.example\.com|\+1\d{3}55501\d\d|(https://)?d[0-9a-f]{6}\.example\.com/?"
        r"|Masked [0-9a-f]{6}|x[0-9a-f]{8}",
        str(made),
    )
