"""What readers that are none of ours are told of events is what the code says (AUD-01)."""

import json

import jsonschema

from audit.domain.body_schema import body_schema
from tests.architecture.source import ROOT


def test_the_published_schema_is_the_one_of_the_code():
    """After a new type of event: write `body_schema()` there, with two spaces and sorted names."""
    jsonschema.Draft202012Validator.check_schema(body_schema())
    written = json.dumps(body_schema(), indent=2, sort_keys=True) + "\n"
    assert (ROOT / "docs/event.schema.json").read_text("utf-8") == written
