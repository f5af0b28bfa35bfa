"""The OpenAPI document says what the doors do."""

import json
import re
from typing import Any

import jsonschema
import msgspec
import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from approvals.api import answers
from approvals.api.examples import CREATE_TASK, OUTWARD, UPDATE
from approvals.api.urls import urlpatterns
from approvals.domain.proposal_parsing import parse_proposal
from tests.builders.api import get, make_site, propose


def load_document() -> Any:
    return json.loads(Client().get("/api/v1/schema/").content)


def test_the_document_names_every_path_and_every_reference_resolves() -> None:
    """APR-02."""
    document = load_document()
    assert document["openapi"].startswith("3.1")
    assert len(document["paths"]) == len(urlpatterns) - 3  # schema, docs and the path of all that is missing
    text = json.dumps(document)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named <= set(document["components"]["schemas"])


def test_the_document_is_openapi() -> None:
    """By the OpenAPI Initiative's own schema of version 3.1."""
    validate_schema(load_document())


@pytest.mark.django_db
def test_answers_and_problems_are_what_the_document_says() -> None:
    """A client that was generated from the document understands them."""
    document = load_document()
    site = make_site()
    token = site.world.token
    request_id = propose(site)["id"]
    for path, name in (
        (f"/action-requests/{request_id}/", "FollowedRequestAnswer"),
        (f"/action-requests/{request_id}/trace/", "TraceAnswer"),
        ("/action-requests/", "RequestPage"),
        ("/me/", "MeAnswer"),
        (f"/records/embedded/companies/{site.company}/", "RecordAnswer"),
        ("/nothing/", "Problem"),
        ("/action-requests/?nothing=1", "Problem"),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(get(path, token=token).json())


@pytest.mark.parametrize("example", [UPDATE, CREATE_TASK, *OUTWARD])
def test_the_examples_are_proposals(example: dict[str, Any]) -> None:
    assert parse_proposal(example).body == example


@pytest.mark.django_db
def test_answers_have_the_documented_shape() -> None:
    """Neither a member more nor one less."""
    site = make_site()
    request_id = propose(site)["id"]
    for path, shape in (
        (f"/action-requests/{request_id}/", answers.FollowedRequestAnswer),
        (f"/action-requests/{request_id}/trace/", answers.TraceAnswer),
        ("/action-requests/", answers.RequestPage),
        ("/me/", answers.MeAnswer),
        (f"/records/embedded/companies/{site.company}/", answers.RecordAnswer),
        ("/nothing/", answers.Problem),
    ):
        msgspec.convert(get(path, token=site.world.token).json(), shape)


def test_the_page_has_neither_inline_script_nor_inline_style() -> None:
    """The content security policy holds on it."""
    page = Client().get("/api/v1/docs/").content.decode()
    assert not re.search(r"<style|style=|<script(?! src=)|\son\w+=", page)
