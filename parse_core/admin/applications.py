"""The applications that this process serves, and their options without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404, HttpRequest

from parse_core.admin.pages import Cell, Column, PageAdmin, Table, page_slice
from parse_core.application import applications
from parse_core.options import SECTIONS, Options
from parse_core.options.dangers import dangers
from parse_core.options.describing import described
from parse_core.options.fields import declarations


class ApplicationAdmin(PageAdmin):
    """One row per application."""

    detail_template = "parse_core/admin/application.html"

    def table(self, request: HttpRequest) -> Table:
        columns = [Column(title) for title in ("Application id", "Name", "Server URL", "PostgreSQL schema", "Classes")]
        rows = [
            (
                Cell(served.id, self.detail_url(served.id)),
                Cell(served.options.app_name or ""),
                Cell(served.options.server_url),
                Cell(served.namespace),
                Cell(len(served.schemas)),
            )
            for served in page_slice(applications.values(), request, self.page_size)
        ]
        return Table(columns, rows, len(applications))

    def detail(self, request: HttpRequest, key: str) -> Mapping[str, Any]:
        if key not in applications:
            raise Http404
        application = applications[key]
        return {
            "title": application.id,
            "dangers": list(dangers(application.options)),
            "notices": application.options.notices,
            "sections": list(_sections(application.options)),
        }


def _sections(options: Options) -> Iterator[Mapping[str, Any]]:
    """The options by section: `{"title", "options": [{"name", "value", "is_set", "help"}]}`."""
    values = described(options)
    for section in SECTIONS:
        yield {
            "title": (section.__doc__ or "").splitlines()[0].rstrip("."),
            "options": [
                {
                    "name": name,
                    "value": _text(values[name]),
                    "is_set": options.set_explicitly(name),
                    "help": declaration.help,
                }
                for name, declaration in declarations(section).items()
            ],
        }


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
