"""Lists of the objects of one class, read through the inner door with the master's rights, without their secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import orjson
from django.http import Http404, HttpRequest

from parse_core.admin.pages import Cell, Column, PageOfApplicationAdmin, Table, link, page_of
from parse_core.application import Application
from parse_core.context import MASTER, RequestContext
from parse_core.errors import ObjectNotFound
from parse_core.objects.find import find, get
from parse_core.objects.requests import FindRequest
from parse_core.values.scalars import Document, Json


class ObjectAdmin(PageOfApplicationAdmin):
    """The objects of a class in one application at a time, a page at a time, by default the newest first."""

    detail_template = "parse_core/admin/object.html"

    class_name: ClassVar[str]
    columns: ClassVar[Sequence[str]]  # fields, of which the first links to the object
    includes: ClassVar[Sequence[str]] = ()
    secrets: ClassVar[Sequence[str]] = ()  # fields that are shown to nobody

    def condition(self, context: RequestContext, text: str) -> Json:
        """The `where` of the objects that a search for `text` finds."""
        raise NotImplementedError

    def table_of(self, application: Application, request: HttpRequest) -> Table:
        context = RequestContext(application, MASTER)
        text, order = request.GET.get("q", "").strip(), self._order(request)
        found = find(
            context,
            FindRequest(
                self.class_name,
                where=self.condition(context, text) if text else None,
                keys=tuple(self.columns),
                include=tuple(self.includes),
                order=(order,),
                limit=self.page_size,
                skip=(page_of(request) - 1) * self.page_size,
                count=True,
            ),
        )
        documents: list[Document] = orjson.loads(found.json)
        return Table(
            [self._column(request, name, order) for name in self.columns],
            [self._row(application, document) for document in documents],
            found.count or 0,
        )

    def detail_of(self, application: Application, request: HttpRequest, key: str) -> Mapping[str, Any]:
        asked = FindRequest(
            self.class_name, object_id=key, include=tuple(self.includes), exclude_keys=tuple(self.secrets)
        )
        try:
            found = get(RequestContext(application, MASTER), asked)
        except ObjectNotFound:
            raise Http404 from None
        document: Document = orjson.loads(found.json)
        # A secret that came all the same, as a field the class adds to what is read by id.
        shown = {name: value for name, value in document.items() if name not in self.secrets}
        return {"title": key, "fields": [(name, pretty(value)) for name, value in sorted(shown.items())]}

    def _order(self, request: HttpRequest) -> str:
        order = request.GET.get("order", "")
        return order if order.removeprefix("-") in self.columns else "-createdAt"

    def _column(self, request: HttpRequest, name: str, order: str) -> Column:
        direction = {name: "asc", f"-{name}": "desc"}.get(order, "")
        following = f"-{name}" if direction == "asc" else name
        return Column(name, link(request, order=following, page=None), direction)

    def _row(self, application: Application, document: Document) -> list[Cell]:
        first, *others = self.columns
        link = self.url_in(application, document["objectId"])
        return [Cell(short(document.get(first)), link), *(Cell(short(document.get(name))) for name in others)]


def contains(text: str) -> Json:
    """The constraint of a text field that contains `text`, whatever the case."""
    return {"$regex": re.escape(text), "$options": "i"}


def short(value: Json) -> str:
    """A value in a cell."""
    if value is None:
        return ""
    if isinstance(value, dict):
        match value.get("__type"):
            case "Date":
                return str(value["iso"])
            case "Pointer" | "Object":
                return str(value["objectId"])
            case "File":
                return str(value["name"])
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:100] + "…"


def pretty(value: Json) -> str:
    """A value on a page of its own."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
