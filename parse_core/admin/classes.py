"""The classes of an application: their fields, permissions and indexes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404, HttpRequest

from parse_core.admin.pages import Cell, Column, PageOfApplicationAdmin, Table, page_slice
from parse_core.application import Application
from parse_core.permissions.actions import Action
from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema
from parse_core.schema.system_class import system_class


class ClassAdmin(PageOfApplicationAdmin):
    """One row per class."""

    detail_template = "parse_core/admin/class.html"
    searches = "class and field names"

    def table_of(self, application: Application, request: HttpRequest) -> Table:
        schemas = [schema for schema in application.schemas.values() if _matches(schema, request.GET.get("q", ""))]
        columns = [Column(title) for title in ("Class", "Fields", "Class-level permissions", "Indexes", "Table")]
        rows = [
            (
                Cell(schema.name, self.url_in(application, schema.name)),
                Cell(len(schema.fields)),
                Cell(_openness(schema)),
                Cell(", ".join(schema.indexes)),
                Cell(f"{schema.namespace}.{schema.table}"),
            )
            for schema in page_slice(schemas, request, self.page_size)
        ]
        return Table(columns, rows, len(schemas))

    def detail_of(self, application: Application, request: HttpRequest, key: str) -> Mapping[str, Any]:
        schema = application.schemas[key]
        if not schema.exists:
            raise Http404
        return {
            "title": schema.name,
            "schema": schema,
            "fields": sorted(_fields(schema), key=lambda field: (field["is_default"], field["name"])),
            "permissions": None if schema.permissions is None else list(_permissions(schema.permissions)),
            "other_permissions": _other_permissions(schema.permissions or {}),
            "indexes": [(name, json.dumps(dict(index))) for name, index in schema.indexes.items()],
        }


def _openness(schema: ClassSchema) -> str:
    if system_class(schema.name).master_only:
        return "master key only"
    return "everybody may do everything" if schema.permissions is None else "set"


def _matches(schema: ClassSchema, text: str) -> bool:
    text = text.lower()
    return text in schema.name.lower() or any(text in name.lower() for name in schema.fields)


def _fields(schema: ClassSchema) -> Iterator[Mapping[str, Any]]:
    for name, field in schema.fields.items():
        yield {
            "name": name,
            "type": str(field),
            "required": field.required,
            "default": "" if field.default is None else json.dumps(field.default, ensure_ascii=False),
            "is_default": name in DEFAULT_FIELDS,
        }


def _permissions(permissions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each action and who may do it: `("find", "*, role:Admin, readers in owner")`."""
    for action in Action:
        allowed = permissions.get(action.value, {})
        entities = [entity for entity, value in allowed.items() if value is True]
        pointers = [f"users in {field}" for field in allowed.get("pointerFields", ())]
        yield action.value, ", ".join((*entities, *pointers)) or "nobody"


def _other_permissions(permissions: Mapping[str, Any]) -> list[tuple[str, str]]:
    actions = {action.value for action in Action}
    return [
        (name, json.dumps(value, ensure_ascii=False))
        for name, value in permissions.items()
        if name not in actions and value
    ]
