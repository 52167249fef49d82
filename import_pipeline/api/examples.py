"""Examples of requests and answers in the API's documentation, put together from the examples of their fields.

An example stands where a field is described, and so is written once; here it becomes part of every body that has the
field.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

Schema = Mapping[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 8


def add_examples(app: FastAPI) -> None:
    """Let the OpenAPI document of an application hold an example of each body."""
    plain = app.openapi

    def with_examples() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            schemas = document.get("components", {}).get("schemas", {})
            for calls in document["paths"].values():
                for method in _METHODS:
                    _add_to(calls.get(method, {}), schemas)
        return app.openapi_schema or plain()

    app.openapi = with_examples


def example_of(schema: Schema, schemas: Mapping[str, Schema], depth: int = 0) -> Any:
    """An example of what a schema describes.

    Args:
        schema: The schema, in the words of OpenAPI 3.1.
        schemas: The schemas that it may refer to, by name.
        depth: How deep in the body it stands; beyond `_DEEPEST` there is nothing any more.
    """
    if "$ref" in schema:
        named = schemas[schema["$ref"].rpartition("/")[2]]
        return example_of({**named, **{key: value for key, value in schema.items() if key != "$ref"}}, schemas, depth)
    for key in ("example", "const"):
        if key in schema:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("default") is not None:
        return schema["default"]
    if {"type": "null"} in schema.get("anyOf", ()):
        return None
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return example_of(choices[0], schemas, depth)
    if depth > _DEEPEST:
        return None
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas, depth + 1)]
    if "properties" in schema:
        properties = schema["properties"].items()
        return {name: example_of(one, schemas, depth + 1) for name, one in properties if _is_shown(name, one, schema)}
    return {"object": {}, "integer": 0, "number": 0, "boolean": False, "string": "…"}.get(schema.get("type", ""))


def _is_shown(name: str, schema: Schema, whole: Schema) -> bool:
    """Whether a field belongs into an example: what must be there, and what somebody gave an example for."""
    return name in whole.get("required", ()) or not {"examples", "example", "const"}.isdisjoint(schema)


def _add_to(call: Mapping[str, Any], schemas: Mapping[str, Schema]) -> None:
    bodies = [call.get("requestBody", {}), *call.get("responses", {}).values()]
    for body in bodies:
        media = body.get("content", {}).get("application/json")
        if media and "schema" in media and not {"example", "examples"} & set(media):
            media["example"] = example_of(media["schema"], schemas)
