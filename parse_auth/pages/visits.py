"""A visit of a page: who visits which application, with what, and in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from parse_auth.mail.configuration import public_url
from parse_auth.pages.localization import valid_locale
from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.rest import query_string
from parse_core.rest.addresses import client_address
from parse_core.rest.headers import RequestHeaders
from parse_core.rest.parsers import parser, read_body
from parse_core.rest.reception import Reception
from parse_core.values.scalars import Document

LOCALE_HEADER = "HTTP_X_PARSE_PAGE_PARAM_LOCALE"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a page. `query` and `body` hold what was sent, `headers` the request's."""

    context: RequestContext
    method: str
    query: Document
    body: Document
    headers: Mapping[str, str]
    locale: str | None
    is_script: bool  # a script asked, which wants JSON

    @property
    def application(self) -> Application:
        return self.context.application

    @property
    def base_params(self) -> dict[str, str] | None:
        """What every page can show; None when the application lacks a name or an address to show pages with."""
        options = self.application.options
        url = public_url(options)
        if not url or not options.app_name:
            return None
        params = {"appId": options.app_id, "appName": options.app_name, "publicServerUrl": url}
        return {**params, "locale": self.locale} if self.locale else params


def visit(reception: Reception, application: Application) -> Visit:
    """The visit that a request is. Raises what reading a body raises."""
    request, meta = reception.request, reception.meta
    query = query_string.parse(meta["QUERY_STRING"]) if meta.get("QUERY_STRING") else {}
    raw = read_body(request, application.options.max_upload_size) if request.method == "POST" else b""
    body = parser.parse(BytesIO(raw), meta.get("CONTENT_TYPE")) if raw else {}
    context = RequestContext(
        application,
        client_address=client_address(meta, application.options.trust_proxy),
        base_url=reception.base_url,
        request_id=reception.request_id,
        headers=RequestHeaders(meta),
    )
    return Visit(
        context,
        request.method or "",
        query,
        body,
        context.headers,
        valid_locale(query.get("locale"), body.get("locale"), meta.get(LOCALE_HEADER)),
        meta.get("HTTP_X_REQUESTED_WITH", "").lower() == "xmlhttprequest",
    )


def text(value: Any) -> str | None:
    """What was sent, if it is a text and says anything."""
    return value if isinstance(value, str) and value else None
