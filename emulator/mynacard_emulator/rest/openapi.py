"""The OpenAPI description of the control socket, made of the table of verbs."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from .schema import Schema
from .verb import ERROR, Verb


def describe(
    verbs: Iterable[Verb[Any]], title: str, about: str, *, below: str = "", token: bool = False
) -> dict[str, Any]:
    """Describe all verbs, below which path they are, and whether each request needs the token."""
    paths: dict[str, dict[str, Any]] = {}
    for verb in verbs:
        paths.setdefault(verb.path, {})[verb.method.lower()] = _operation(verb)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": title, "description": about, "version": version("mynacard")},
        "paths": paths,
        "components": {"schemas": {"Error": ERROR}},
    }
    if below:
        document["servers"] = [{"url": below}]
    if token:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
    return document


def _operation(verb: Verb[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": verb.name,
        "summary": verb.summary,
        "responses": {
            str(verb.status): _content(verb.answer, "Done."),
            "default": _content({"$ref": "#/components/schemas/Error"}, "Not done; nothing has changed."),
        },
    }
    parameters = [
        {"name": name, "in": place, "required": place == "path", "schema": schema}
        for place, found in (("path", verb.parameters), ("query", verb.query))
        for name, schema in found.items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if verb.body is not None:
        needed = bool(verb.body.get("required"))
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": verb.body}}}
    return operation


def _content(schema: Schema, description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
