"""Read-only pages of the admin that show something else than rows of a model: a list, and one thing of it.

The model behind such a page gives it its place in the index, its address and its permission to view; the content comes
from the applications that this process serves.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from parse_core.application import Application, applications

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Model]
else:
    Base = admin.ModelAdmin


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a table, and where a click on it leads."""

    value: Any
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column. `url` orders by it; `direction` is `asc` or `desc` when the table is ordered by it."""

    title: str
    url: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What a list shows. `count` is the number of all rows, of which `rows` are one page."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    count: int
    notice: str = ""


class ReadOnlyAdmin(Base):
    """Nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PageAdmin(ReadOnlyAdmin):
    """A list at the model's place in the admin, and a page for each entry of it."""

    list_template: ClassVar[str] = "parse_core/admin/list.html"
    detail_template: ClassVar[str]
    searches: ClassVar[str] = ""  # what the search field looks in, for its placeholder; "" without a search field
    page_size: ClassVar[int] = 50

    @abstractmethod
    def table(self, request: HttpRequest) -> Table:
        """The rows of the request's page."""

    @abstractmethod
    def detail(self, request: HttpRequest, key: str) -> Mapping[str, Any]:
        """What the template of one entry is given; at least `title`. Raises `Http404`."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.list_page), name=f"{name}_changelist"),
            path("<path:key>/change/", view(self.detail_page), name=f"{name}_change"),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        self._check_permission(request)
        table, page = self.table(request), page_of(request)
        pages = max(1, -(-table.count // self.page_size))
        return self._render(
            request,
            self.list_template,
            {
                "title": str(self.opts.verbose_name_plural).capitalize(),
                "table": table,
                "search": request.GET.get("q", ""),
                "order": request.GET.get("order", ""),
                "page": page,
                "pages": pages,
                "previous": link(request, page=page - 1) if page > 1 else "",
                "next": link(request, page=page + 1) if page < pages else "",
                **self.surroundings(request),
            },
        )

    def detail_page(self, request: HttpRequest, key: str) -> HttpResponse:
        """One entry."""
        self._check_permission(request)
        return self._render(request, self.detail_template, {**self.surroundings(request), **self.detail(request, key)})

    def surroundings(self, request: HttpRequest) -> Mapping[str, Any]:
        """What the templates are given beside the content."""
        return {"searches": self.searches}

    def detail_url(self, key: str) -> str:
        """The address of one entry."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[key])

    def _check_permission(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _render(self, request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name  # as Django's own admin views do
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


class PageOfApplicationAdmin(PageAdmin):
    """A list of things of one application at a time; the request's `application` chooses it, by default the first."""

    @abstractmethod
    def table_of(self, application: Application, request: HttpRequest) -> Table:
        """The rows of the request's page."""

    @abstractmethod
    def detail_of(self, application: Application, request: HttpRequest, key: str) -> Mapping[str, Any]:
        """What the template of one entry is given; at least `title`. Raises `Http404`."""

    def table(self, request: HttpRequest) -> Table:
        application = _chosen(request)
        return Table((), (), 0) if application is None else self.table_of(application, request)

    def detail(self, request: HttpRequest, key: str) -> Mapping[str, Any]:
        application = _chosen(request)
        if application is None:
            raise Http404
        return self.detail_of(application, request, key)

    def surroundings(self, request: HttpRequest) -> Mapping[str, Any]:
        return {**super().surroundings(request), "application": _chosen(request), "applications": list(applications)}

    def url_in(self, application: Application, key: str) -> str:
        """The address of one entry of an application."""
        return self.detail_url(key) + "?" + urlencode({"application": application.id})


def _chosen(request: HttpRequest) -> Application | None:
    """The application the request names, or the first; None when none is served. Raises `Http404`."""
    name = request.GET.get("application") or next(iter(applications), None)
    if name is None:
        return None
    if name not in applications:
        raise Http404
    return applications[name]


def link(request: HttpRequest, **changes: Any) -> str:
    """The query of the request with some members changed."""
    members = {**request.GET.dict(), **changes}
    return "?" + urlencode({name: value for name, value in members.items() if value})


def page_of(request: HttpRequest) -> int:
    """The number of the page that is asked for, from 1."""
    number = request.GET.get("page", "")
    return max(1, int(number)) if number.isdecimal() and len(number) < 10 else 1


def page_slice(entries: Iterable[Any], request: HttpRequest, size: int) -> list[Any]:
    """The entries on the request's page."""
    start = (page_of(request) - 1) * size
    return list(entries)[start : start + size]
