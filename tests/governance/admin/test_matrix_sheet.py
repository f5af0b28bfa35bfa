"""The matrix sheet in the console: who may look, who may save, and what a page answers (REG-03)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.models import FieldOwnership, TableImport
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_workspace, make_world

pytestmark = pytest.mark.django_db


def address(kind, *args):
    return reverse(f"admin:governance_fieldownership_{kind}", args=args)


def load(client, world):
    return client.get(address("sheet", world.workspace.pk)).json()


def save(client, world, body):
    url = address("sheet", world.workspace.pk)
    return client.post(url, body if isinstance(body, str) else json.dumps(body), content_type="application/json")


def edit(answer, name, **cells):
    row = next(row for row in answer["rows"] if row[3][2] == name)
    return {"id": row[0], "version": row[2], "cells": cells}


def test_the_page_holds_nothing_inline_and_is_read_only_for_the_auditor():
    world = make_world()
    auditor = log_in(make_login(world.workspace, "view_ledger", name="Aldo Auditor"))
    page = auditor.get(address("changelist"))
    assert find_acting_nodes(page.content) == []
    assert 'id="cs-save"' not in text_of(page)
    assert not load(auditor, world)["is_editable"]
    answer = load(auditor, world)
    assert save(auditor, world, {"rows": [edit(answer, "industry", is_golden="yes")]}).status_code == 403
    assert auditor.get(address("import", world.workspace.pk)).status_code == 403


def test_a_save_answers_with_the_rows_as_they_are_now():
    world = make_world()
    client = log_in(make_login(world.workspace, "edit_policy"))
    before = load(client, world)
    answer = save(client, world, {"rows": [edit(before, "industry", permission_level="approval")]})
    assert answer.status_code == 200
    (row,) = answer.json()["rows"]
    assert row["cells"]["permission_level"] == "approval"
    assert [row["id"], row["version"]] != edit(before, "industry")
    assert edit(load(client, world), "industry")["version"] == row["version"]


def test_errors_and_conflicts_come_back_by_cell():
    world = make_world()
    client = log_in(make_login(world.workspace, "edit_policy"))
    answer = load(client, world)
    FieldOwnership.objects.filter(field__name="country").update(source_of_truth="ERP")
    body = {"rows": [edit(answer, "industry", permission_level="all"), edit(answer, "country", is_sensitive="yes")]}
    refused = save(client, world, body)
    assert refused.status_code == 409
    assert [(item["row"], item["column"]) for item in refused.json()["errors"]] == [
        ("companies.industry", "permission_level")
    ]
    assert refused.json()["conflicts"][0]["cells"]["source_of_truth"] == "ERP"


@pytest.mark.parametrize("body", ["", "[]", "{", '{"rows": 1}', '{"rows": [{"id": 1}]}', '{"rows": [], "x": 1}'])
def test_a_malformed_save_is_refused(body):
    world = make_world()
    client = log_in(make_login(world.workspace, "edit_policy"))
    answer = save(client, world, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_people_of_another_workspace_see_and_change_nothing_here():
    world, elsewhere = make_world(), make_workspace("elsewhere")
    mine = log_in(make_login(world.workspace, "edit_policy"))
    content = b"connection,object,field,is_golden\nembedded,companies,industry,yes\n"
    upload = {"file": SimpleUploadedFile("m.csv", content)}
    assert mine.post(address("import", world.workspace.pk), upload).status_code == 302
    stranger = log_in(make_login(elsewhere, "edit_policy", name="Stray Stranger"))
    for kind, args in (
        ("sheet", [world.workspace.pk]),
        ("export", [world.workspace.pk, "csv"]),
        ("import", [world.workspace.pk]),
        ("preview", [TableImport.objects.get().pk]),
    ):
        assert stranger.get(address(kind, *args)).status_code == 403
        assert stranger.post(address(kind, *args), {"take": "all"}).status_code == 403


def test_a_file_is_looked_at_and_then_taken():
    world = make_world()
    client = log_in(make_login(world.workspace, "edit_policy"))
    exported = client.get(address("export", world.workspace.pk, "csv"))
    assert exported["Content-Disposition"].startswith("attachment")
    assert exported["X-Content-Type-Options"] == "nosniff"
    assert client.get(address("export", world.workspace.pk, "exe")).status_code == 404
    content = exported.content.replace(b"industry,Industry", b"industry,<b>Industry")
    lines = content.decode("utf-8-sig").splitlines()
    changed = [line.replace("safe_write", "approval") if "companies,industry" in line else line for line in lines]
    file = SimpleUploadedFile("matrix.csv", "\n".join(changed).encode())
    preview = client.post(address("import", world.workspace.pk), {"file": file}, follow=True)
    assert "1 row would change" in text_of(preview)
    assert find_acting_nodes(preview.content) == []
    taken = client.post(preview.redirect_chain[-1][0], {"take": "all"}, follow=True)
    assert "This file was taken" in text_of(taken)
    assert FieldOwnership.objects.get(field__name="industry").permission_level == "approval"


def test_a_file_that_cannot_be_read_says_why():
    world = make_world()
    client = log_in(make_login(world.workspace, "edit_policy"))
    upload = {"file": SimpleUploadedFile("m.csv", b"\xe9")}
    page = client.post(address("import", world.workspace.pk), upload)
    assert "CSV UTF-8" in text_of(page)
