"""What flask-smorest cannot know of our OpenAPI document: what a refusal looks like, who needs a token, which bodies
may be left out. Programs are generated from it, and the contract tests hold the server to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask
from marshmallow import fields
from webargs.flaskparser import FlaskParser

from app.kernel.schema import typed

PROBLEM_TYPE = "application/problem+json"
TOKEN = "token"  # noqa: S105 - the scheme's name
_METHODS = {"get", "put", "post", "delete", "patch"}


class Parser(FlaskParser):
    """Bodies keep the types that JSON gave them."""

    def load_json(self, req: Any, schema: Any) -> Any:
        return typed(super().load_json(req, schema))


flask_smorest.Blueprint.ARGUMENTS_PARSER = Parser()  # its documented place for a parser of one's own


class Mistake(ma.Schema):
    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class Problem(ma.Schema):
    """RFC 9457. `errors` names the fields at fault; further members depend on `code`."""

    class Meta:
        unknown = ma.INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(Mistake))


class Api(flask_smorest.Api):
    """Refusals are problems, in their own media type."""

    ERROR_SCHEMA = Problem

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE


def finish(app: Flask, api: Api) -> None:
    """Once every route is registered."""
    document = api.spec.to_dict()
    if TOKEN not in document.get("components", {}).get("securitySchemes", {}):
        api.spec.components.security_scheme(TOKEN, {"type": "http", "scheme": "bearer"})
    public = set(_public(app))
    for path, method, operation in _operations(document):
        operation["security"] = [] if (path, method) in public else [{TOKEN: []}]
        body = operation.get("requestBody")
        if body and not _demands(body, document):
            body["required"] = False


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS & set(item):
            yield path, method, item[method]


def _public(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if getattr(app.view_functions[rule.endpoint], "access", "") == "public":
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            yield from ((path, method.lower()) for method in rule.methods or ())


def _demands(body: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether some field of the body must be there."""
    shape = body["content"].get("application/json", {}).get("schema", {})
    if "$ref" in shape:
        shape = document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
    return bool(shape.get("required"))
