"""The API's own document as a source of tests: its operations, and a plausible body for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METHODS = {"get", "put", "post", "delete", "patch"}
EXAMPLES = {
    "date-time": "2026-11-24T09:00:00+08:00", "date": "2026-11-24", "time": "09:00", "email": "a@example.cn",
}  # fmt: skip
OF_TYPE = {"string": "文字", "integer": 1, "number": 30.25, "boolean": True, "null": None}


@dataclass(frozen=True)
class Operation:
    """One method of one path; `schema` is the JSON body it takes, or None."""

    method: str
    path: str
    details: dict[str, Any]
    schema: dict[str, Any] | None

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def url(self, ids: dict[str, str]) -> str:
        """The path with real ids where we have them, and a well-formed unknown one elsewhere."""
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return self.path.format(**{name: ids.get(name, "0" * 20) for name in names})


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in sorted(METHODS & set(item)):
            body = item[method].get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            yield Operation(method, path, item[method], resolved(body, document) if body else None)


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema with its first reference followed."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def kinds(schema: dict[str, Any]) -> set[str]:
    named = schema.get("type", "object")
    return set(named) if isinstance(named, list) else {named}


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Something of the right shape; whether it means anything is another question."""
    schema = resolved(schema, document)
    if options := schema.get("enum"):
        return options[0]
    kind = min(kinds(schema) - {"null"} or {"null"})
    if kind == "object":
        return {name: example(part, document) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema.get("items", {}), document)]
    return EXAMPLES.get(schema.get("format", ""), OF_TYPE[kind])
