"""The embedded CRM's own screens: what a person sees, changes, and may not (CON-03)."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_connectors.models import CrmField, CrmFieldChange, CrmRecord
from crm_connectors.port import ConflictError
from crm_connectors.services.connectors import get_connector
from governance.models import User
from tests.builders.crm_connectors import make_embedded_connection, make_operation, make_record
from tests.builders.governance import make_user

pytestmark = pytest.mark.django_db
HOSTILE = '<img src=x onerror="alert(1)">{{ 7|add:7 }}</script>'


def sign_in(client: Client, *codenames: str) -> User:
    """A member of staff with these permissions on the CRM's screens."""
    user = make_user(username="maya")
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="crm_connectors", codename__in=codenames)
    )
    client.force_login(user, backend="config.model_permissions.ModelPermissionsBackend")
    return user


def url_of(connection_id: UUID, record_id: str, kind: str = "company", object_type: str = "companies") -> str:
    record = CrmRecord.objects.get(
        crm_object__connection_id=connection_id, crm_object__name=object_type, number=int(record_id)
    )
    return reverse(f"admin:crm_connectors_{kind}_change", args=[record.pk])


def fill(client: Client, url: str, **changes: str) -> dict[str, str]:
    """The form as the page shows it, with some inputs changed."""
    form = client.get(url).context["form"]
    shown: dict[str, Any] = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in {**shown, **changes}.items()}


def read(connection_id: UUID, record_id: str, *fields: str) -> dict[str, Any]:
    return get_connector(connection_id).read(object_type="companies", record_id=record_id, fields=fields).values


def test_an_edit_writes_history_under_the_persons_name(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, industry="Software", numberofemployees=5)
    sign_in(client, "change_company")
    url = url_of(connection_id, record_id)

    answer = client.post(url, fill(client, url, industry="Retail", description="two\r\nlines"), follow=True)

    assert "was saved" in answer.content.decode()
    assert read(connection_id, record_id, "industry", "numberofemployees", "description") == {
        "industry": "Retail",
        "numberofemployees": 5,
        "description": "two\nlines",
    }
    change = CrmFieldChange.objects.get(field="industry", before="Software")
    assert (change.after, change.actor, change.operation_key) == ("Retail", "human:maya", "")
    assert CrmRecord.objects.get().version == 2


def test_saving_an_untouched_page_changes_nothing(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(
        connection_id,
        industry="Software",
        description="two\nlines",
        icp_fit_score=0.5,
        ai_last_action_at="2026-11-21T04:00:00Z",
    )
    sign_in(client, "change_company")
    url = url_of(connection_id, record_id)

    client.post(url, fill(client, url))

    assert CrmRecord.objects.get().version == 1


def test_an_agents_pending_patch_meets_the_persons_edit_as_a_conflict(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, industry="Software")
    patch = make_operation(record_id, values={"industry": "Food"}, before={"industry": "Software"})
    sign_in(client, "change_company")
    url = url_of(connection_id, record_id)

    client.post(url, fill(client, url, industry="Retail"))

    with pytest.raises(ConflictError, match="`industry` changed"):
        get_connector(connection_id).send(patch)


def test_a_page_that_an_agent_overtook_is_not_saved(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, industry="Software")
    sign_in(client, "change_company")
    url = url_of(connection_id, record_id)
    filled = fill(client, url, industry="Retail")
    get_connector(connection_id).send(make_operation(record_id, values={"industry": "Food"}))

    page = client.post(url, filled)

    assert "changed since you opened it" in page.content.decode()
    assert read(connection_id, record_id, "industry") == {"industry": "Food"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("industry", "Witchcraft"),
        ("numberofemployees", "many"),
        ("numberofemployees", "9007199254740993"),
        ("website", "javascript:alert(1)"),
        ("icp_fit_score", "nan"),
        ("icp_fit_score", "1e999"),
        ("ai_last_action_at", "tomorrow"),
        ("name", "x" * 201),
    ],
)
def test_a_wrong_value_is_shown_at_its_field_and_nothing_is_saved(client: Client, field: str, value: str) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, name="Umicore")
    sign_in(client, "change_company")
    url = url_of(connection_id, record_id)

    page = client.post(url, fill(client, url, **{field: value, "city": "Brussels"}))

    assert page.status_code == 200
    assert page.context["form"][field].errors
    assert read(connection_id, record_id, "city") == {"city": None}
    assert CrmRecord.objects.get().version == 1


def test_a_field_the_crm_keeps_is_shown_but_is_no_input(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id)
    sign_in(client, "change_company")
    url = url_of(connection_id, record_id)

    page = client.get(url)
    client.post(url, {**fill(client, url), "last_activity_date": "2020-01-01"})

    assert "Last activity" in page.content.decode()
    assert "last_activity_date" not in page.context["form"].fields
    assert read(connection_id, record_id, "last_activity_date") == {"last_activity_date": None}


def test_who_may_only_look_cannot_save_or_archive(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, industry="Software")
    sign_in(client, "view_company")
    url = url_of(connection_id, record_id)

    assert "_save" not in client.get(url).content.decode()
    assert client.post(url, {"version": "1", "name": "Mine", "industry": "Retail"}).status_code == 403
    assert client.post(url, {"_archive": ""}).status_code == 403
    assert read(connection_id, record_id, "industry") == {"industry": "Software"}


def test_who_may_nothing_sees_nothing(client: Client) -> None:
    connection_id = make_embedded_connection()
    url = url_of(connection_id, make_record(connection_id, name="Hidden"))
    stranger = client.get(url)
    sign_in(client, "change_deal")

    assert stranger.status_code == 302
    assert client.get(url).status_code == 403
    assert client.get(reverse("admin:crm_connectors_company_changelist")).status_code == 403
    assert client.get(reverse("admin:crm_connectors_company_add")).status_code == 403


def test_a_form_from_elsewhere_is_refused() -> None:
    connection_id = make_embedded_connection()
    url = url_of(connection_id, make_record(connection_id))
    client = Client(enforce_csrf_checks=True)
    sign_in(client, "change_company")

    assert client.post(url, {"version": "1", "name": "Mine"}).status_code == 403
    assert CrmRecord.objects.get().version == 1


@pytest.mark.parametrize("key", ["0", "999999", "9" * 30, "x", "-1"])
def test_a_page_of_no_record_is_not_found(client: Client, key: str) -> None:
    make_embedded_connection()
    sign_in(client, "change_company")

    assert client.get(reverse("admin:crm_connectors_company_change", args=[key])).status_code == 404


def test_a_deal_is_not_reachable_as_a_company(client: Client) -> None:
    connection_id = make_embedded_connection()
    make_record(connection_id, "deals")
    sign_in(client, "change_company")
    deal = CrmRecord.objects.get()

    assert client.get(reverse("admin:crm_connectors_company_change", args=[deal.pk])).status_code == 404


def test_adding_and_archiving(client: Client) -> None:
    connection_id = make_embedded_connection()
    sign_in(client, "add_company", "change_company", "view_company")
    add_url = reverse("admin:crm_connectors_company_add")

    missing = client.post(add_url, fill(client, add_url))
    client.post(add_url, fill(client, add_url, name="Solvay", country="Belgium"))

    assert missing.context["form"]["name"].errors
    assert read(connection_id, "101", "name", "country") == {"name": "Solvay", "country": "Belgium"}

    client.post(url_of(connection_id, "101"), {"_archive": ""})

    assert CrmRecord.objects.get().archived_at is not None
    assert not client.get(reverse("admin:crm_connectors_company_changelist")).context["cl"].result_list
    page = client.get(url_of(connection_id, "101"))
    assert "archived" in page.content.decode()
    assert "_save" not in page.content.decode()


def test_the_list_finds_by_name_id_and_content(client: Client) -> None:
    connection_id = make_embedded_connection()
    make_record(connection_id, name="Umicore", domain="umicore.example")
    make_record(connection_id, name="Solvay")
    make_record(connection_id, "deals", dealname="Umicore, pilot")
    sign_in(client, "view_company")

    def find(words: str) -> set[str]:
        page = client.get(reverse("admin:crm_connectors_company_changelist"), {"q": words})
        return {str(row) for row in page.context["cl"].result_list}

    assert find("umicore.example") == find("Umic") == find("101") == {"Umicore"}
    assert find("") == {"Umicore", "Solvay"}


def test_hostile_values_are_shown_as_text(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, name=HOSTILE, description=HOSTILE, city=HOSTILE[:50])
    make_record(connection_id, "deals", dealname=HOSTILE, company=record_id)
    sign_in(client, "change_company", "view_company", "change_deal")

    pages = [
        client.get(url_of(connection_id, record_id)),
        client.get(url_of(connection_id, "101", "deal", "deals")),
        client.get(reverse("admin:crm_connectors_company_changelist")),
    ]

    for page in pages:
        text = page.content.decode()
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text
        assert "{{ 7|add:7 }}" in text


def test_an_option_that_is_gone_stays_visible_until_it_is_changed(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, industry="Software", city="Gent")
    CrmField.objects.filter(crm_object__name="companies", name="industry").update(options=[["Tea", "Tea"]])
    sign_in(client, "change_company")
    url = url_of(connection_id, record_id)

    assert "Software (no longer an option)" in client.get(url).content.decode()
    client.post(url, fill(client, url, city="Brussels"))

    assert read(connection_id, record_id, "industry", "city") == {"industry": "Software", "city": "Brussels"}


def test_a_persons_change_of_the_options_holds_at_once(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id)
    sign_in(client, "change_crmfield", "view_crmfield")
    field = CrmField.objects.get(crm_object__name="companies", name="industry")
    url = reverse("admin:crm_connectors_crmfield_change", args=[field.pk])
    form = client.get(url).context["adminform"].form
    filled = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in filled.items() if value not in (None, False)}

    answer = client.post(url, {**filled, "options": "tea | Tea and coffee\nBanking\n"})

    assert answer.status_code == 302
    field.refresh_from_db()
    assert field.options == [["tea", "Tea and coffee"], ["Banking", "Banking"]]
    get_connector(connection_id).send(make_operation(record_id, values={"industry": "tea"}))


def test_syncing_needs_permission_and_tells_the_registry(client: Client) -> None:
    connection_id = make_embedded_connection()
    companies = CrmField.objects.filter(crm_object__connection_id=connection_id).first()
    assert companies is not None
    url = reverse("admin:crm_connectors_crmobject_changelist")
    action = {"action": "sync_schema", "_selected_action": str(companies.crm_object_id)}
    user = sign_in(client, "view_crmobject")
    client.post(url, action)
    before = user.pk and companies.crm_object.connection.fields.count()

    user.user_permissions.add(Permission.objects.get(codename="change_crmobject"))
    client.post(url, action)

    assert before == 0
    assert companies.crm_object.connection.fields.count() == CrmField.objects.count()


def test_a_page_costs_the_same_whatever_hangs_on_the_record(client: Client) -> None:
    connection_id = make_embedded_connection()
    record_id = make_record(connection_id, "deals", company=make_record(connection_id))
    sign_in(client, "change_deal")
    url = url_of(connection_id, record_id, "deal", "deals")

    def count_queries(tasks: int) -> int:
        for _ in range(tasks):
            get_connector(connection_id).send(
                make_operation(None, "create", "tasks", values={"subject": "Call"}, association=("deals", record_id))
            )
        with CaptureQueriesContext(database) as queries:
            client.get(url)
        return len(queries)

    client.get(url)  # what the process learns once (content types) is not the page's cost
    assert count_queries(1) == count_queries(14)
