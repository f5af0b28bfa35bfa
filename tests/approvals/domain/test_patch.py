"""Laws of the patch: applied and inverted, nothing has changed (RVT-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.domain.patch import PatchMismatchError, apply_patch, dump_patch, invert_patch, read_patch
from governance.domain.decision import FieldChange

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8)
NAMES = st.sampled_from(["a", "b", "c", "d"])
RECORDS = st.dictionaries(NAMES, SCALARS, min_size=4, max_size=4)


@given(before=RECORDS, after=RECORDS, names=st.lists(NAMES, unique=True))
def test_apply_then_inverse_gives_the_record_back(before, after, names):
    """RVT-01: what was put in can be taken out, whatever the values."""
    patch = tuple(FieldChange(name, before[name], after[name]) for name in names)

    changed = apply_patch(patch, before)

    assert apply_patch(invert_patch(patch), changed) == before
    assert {name: changed[name] for name in names} == {name: after[name] for name in names}
    assert all(changed[name] == before[name] for name in before if name not in names)


@given(before=RECORDS, after=RECORDS)
def test_inverting_twice_is_the_same_patch(before, after):
    patch = tuple(FieldChange(name, before[name], after[name]) for name in sorted(before))

    assert invert_patch(invert_patch(patch)) == patch
    assert read_patch(dump_patch(patch)) == patch


def test_apply_refuses_a_record_that_holds_something_else():
    """EXE-05: a value that a person wrote meanwhile is not overwritten."""
    with pytest.raises(PatchMismatchError) as refusal:
        apply_patch((FieldChange("industry", "IT", "Software"),), {"industry": "Retail"})

    assert refusal.value.field == "industry"


@pytest.mark.parametrize(("held", "before"), [(True, 1), (1, True), ("7", 7), (0, None), (False, None)])
def test_apply_coerces_nothing(held, before):
    with pytest.raises(PatchMismatchError):
        apply_patch((FieldChange("x", before, "new"),), {"x": held})


def test_an_absent_field_counts_as_empty():
    assert apply_patch((FieldChange("x", None, "new"),), {}) == {"x": "new"}
