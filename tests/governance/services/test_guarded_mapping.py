"""Opening stage or lifecycle takes two people, whatever a CRM calls its field (PRM-07, design §6)."""

import pytest
from django.core.exceptions import ValidationError

from governance.models import FieldOwnership, RegisteredField, RevenueField
from tests.builders.governance import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase():
    """A field of the house's own, open to agents by one person's edit."""
    world = make_world()
    for position, name in ((90, "Opportunity Stage"), (91, "Deal Phase")):
        RevenueField.objects.get_or_create(workspace=world.workspace, name=name, defaults={"position": position})
    field = RegisteredField.objects.create(
        connection=world.connection,
        object_type="deals",
        name="house_phase",
        label="Phase",
        field_type="string",
        review_state="reviewed",
    )
    FieldOwnership.objects.create(field=field, permission_level="approval", allowed_writers=["agent"])
    return field


def test_what_is_open_does_not_become_stage_by_one_persons_mapping(phase) -> None:
    phase.revenue_field = RevenueField.objects.get(name="Opportunity Stage")
    with pytest.raises(ValidationError, match="block it in the matrix first"):
        phase.full_clean()
    FieldOwnership.objects.filter(field=phase).update(permission_level="blocked")
    phase.full_clean()


def test_nor_by_a_new_name_of_its_revenue_field(phase) -> None:
    mapped = RevenueField.objects.get(name="Deal Phase")
    RegisteredField.objects.filter(pk=phase.pk).update(revenue_field=mapped)
    mapped.name = "lifecycle  Stage"
    with pytest.raises(ValidationError, match="block it in the matrix first"):
        mapped.full_clean()
    FieldOwnership.objects.filter(field=phase).update(permission_level="blocked")
    mapped.full_clean()


def test_a_field_that_is_guarded_by_its_own_name_is_mapped_at_will(phase) -> None:
    """Its level was opened by two people already."""
    RegisteredField.objects.filter(pk=phase.pk).update(name="hs_lifecycle_stage")
    field = RegisteredField.objects.get(pk=phase.pk)
    field.revenue_field = RevenueField.objects.get(name="Opportunity Stage")
    field.full_clean()


def test_what_stays_as_it_is_mapped_is_not_asked_again(phase) -> None:
    """Two people opened it as a stage: other edits of it go on."""
    stage = RevenueField.objects.get(name="Opportunity Stage")
    RegisteredField.objects.filter(pk=phase.pk).update(revenue_field=stage)
    RegisteredField.objects.get(pk=phase.pk).full_clean()
    stage.name = "opportunity stage"
    stage.full_clean()
