"""Change lists of what may grow to millions: few statements, no count of the table, no SELECT DISTINCT (OPS-01)."""

import pytest
from django.contrib import admin
from django.urls import reverse

from audit.admin.paginator import CappedPaginator
from audit.admin.read_only import ReadOnlyRows
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed, submit_pending, vote
from tests.builders.console import log_in
from tests.builders.governance import make_user
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db

LEDGERS = ("agentactionrequest", "attempt", "vote", "exceptioncase")
READ_ONLY = [screen for screen in admin.site._registry.values() if isinstance(screen, ReadOnlyRows)]
MOST = 12


@pytest.fixture
def reader(settings):
    user = make_user(username="root@example.com")
    type(user).objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)
    return log_in(type(user).objects.get(pk=user.pk))


@pytest.mark.parametrize("screen", READ_ONLY, ids=lambda screen: screen.model.__name__)
def test_a_ledger_is_neither_counted_nor_asked_for_its_values(screen):
    assert issubclass(screen.paginator, CappedPaginator)
    assert not screen.show_full_result_count
    for name in (item for item in screen.list_filter if isinstance(item, str)):
        field = screen.model._meta.get_field(name)
        assert field.choices or field.is_relation or field.get_internal_type() == "BooleanField", name


@pytest.mark.parametrize("model", LEDGERS)
def test_a_list_takes_few_statements_for_any_number_of_rows(reader, model):
    site, address = make_site(), reverse(f"admin:approvals_{model}_changelist")
    submit_executed(site)
    vote(site, submit_pending(site))
    reader.get(address)
    with captured_statements() as few:
        assert reader.get(address).status_code == 200
    for number in range(3):
        vote(site, submit_pending(site, correlation_id=f"run-{number}"))
    with captured_statements() as many:
        reader.get(address)
    assert len(many) <= len(few) <= MOST
    assert not [sql for sql in many if "COUNT(" in sql.upper() and "LIMIT" not in sql.upper()]
    assert not [sql for sql in many if "DISTINCT" in sql.upper()]
