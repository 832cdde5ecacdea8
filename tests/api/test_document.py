"""The OpenAPI document: valid, complete, and made from the schemas that check the calls."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.spec import operations

PREFIX = "/api/v1"
OWN = f"{PREFIX}/openapi.json"


@pytest.fixture
def document(client):
    return client.get(OWN).get_json()


def test_it_is_a_valid_document_of_version_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def _routes(app):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        if path.startswith(PREFIX) and path != OWN:
            yield from (f"{method} {path}" for method in rule.methods - {"HEAD", "OPTIONS"})


def test_every_route_of_the_api_is_in_it(site, document):
    assert {operation.name for operation in operations(document)} == set(_routes(site))


def test_every_operation_says_what_it_does(document):
    assert not [one.name for one in operations(document) if not one.details.get("summary")]


def test_every_operation_that_takes_a_body_describes_it(document):
    """An empty body is described too: a schema without fields."""
    writing = [one for one in operations(document) if one.method in {"post", "put", "patch"}]
    open_ended = [one.name for one in writing if one.schema and one.schema.get("additionalProperties") is True]
    assert not open_ended


def test_names_of_operations_are_told_apart(document):
    names = [one.details["operationId"] for one in operations(document) if "operationId" in one.details]
    assert len(names) == len(set(names))


def test_the_page_for_people_lists_every_operation(client, document):
    page = client.get("/docs/api").get_data(as_text=True)
    assert not [one.name for one in operations(document) if one.path not in page]
