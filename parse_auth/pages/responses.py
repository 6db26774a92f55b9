"""Pages as responses: content or a redirect, and the headers that keep a page from being misused (`users.md` §18)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.http import HttpResponse

from parse_auth.asking import ask
from parse_auth.pages.catalogue import Page
from parse_auth.pages.files import Folder, folder, media_type
from parse_auth.pages.localization import Translations
from parse_auth.pages.policy import policy
from parse_auth.pages.templates import complete, filled, script_sources
from parse_auth.pages.visits import Visit
from parse_core.options import Options
from parse_core.options.pages import is_elsewhere

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_HTML: Final = "text/html; charset=utf-8"

Params = Mapping[str, str | None]


def page(
    visit: Visit,
    shown: Page,
    params: Params | None = None,
    *,
    redirects: bool | None = None,
    forms: Sequence[str] = (),
) -> HttpResponse:
    """The page as content, or the way to it.

    A GET is answered with the page, a POST with a redirect to it, so that reloading repeats nothing; `redirects` says
    otherwise, and the options `forceRedirect` and `customUrls` have the last word. `forms` are addresses that its forms
    may lead on to, which only the content can allow.
    """
    options, base = visit.application.options, visit.base_params
    if base is None:
        return not_found()
    known = {name: value for name, value in {**(params or {}), **base}.items() if value is not None}
    custom = getattr(options.pages.custom_urls, shown.name, None)
    if custom and is_elsewhere(custom):
        return _redirect(options, custom, known)
    files = folder(options.pages)
    path = files.localized(shown.file, visit.locale if options.pages.enable_localization else None)
    if not forms and (options.pages.force_redirect or (visit.method == "POST" if redirects is None else redirects)):
        return _redirect(options, f"{base['publicServerUrl']}/{options.pages.pages_endpoint}/{path}", known)
    return content(visit, files, path, known, forms)


def content(
    visit: Visit, files: Folder, path: str, params: Mapping[str, str], forms: Sequence[str] = ()
) -> HttpResponse:
    """A template of the folder with everything filled in; later wins: parameters, placeholders, translations."""
    options = visit.application.options
    template = files.text(path)
    if template is None:
        return not_found()
    template = complete(template, files.text)
    placeholders = options.pages.placeholders
    given = ask(placeholders, dict(params)) if callable(placeholders) else placeholders
    texts = visit.application.part(Translations).texts(visit.locale, params)
    values: dict[str, Any] = {"pagesEndpoint": options.pages.pages_endpoint, **params, **(given or {}), **texts}
    response = HttpResponse(filled(template, values), content_type=_HTML)
    response.headers["Content-Security-Policy"] = policy(
        options, [params.get("publicServerUrl"), *forms], script_sources(template)
    )
    return _guarded(response, options, params)


def elsewhere(visit: Visit, url: str, params: Mapping[str, str]) -> HttpResponse:
    """The way to an address that the application has listed, with parameters in its query."""
    return _redirect(visit.application.options, url, params, told={})


def file(files: Folder, path: str) -> HttpResponse:
    """A file of the folder as it is."""
    found = files.find(path)
    if found is None:
        return not_found()
    response = HttpResponse(found.read_bytes(), content_type=media_type(found))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def not_found() -> HttpResponse:
    """Nothing is here."""
    return HttpResponse("Not found.", status=404, content_type="text/plain; charset=utf-8")


def _redirect(
    options: Options, url: str, params: Mapping[str, str], told: Mapping[str, str] | None = None
) -> HttpResponse:
    """To a URL with the parameters in its query, in place of what it has by the same names.

    `told` is what the headers say, by default the parameters.
    """
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in params]
    location = urlunsplit(parts._replace(query=urlencode([*kept, *params.items()])))
    response = HttpResponse("See other.", status=303, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = location
    return _guarded(response, options, params if told is None else told)


def _guarded(response: HttpResponse, options: Options, params: Mapping[str, str]) -> HttpResponse:
    """The response with its parameters as headers, kept from caches, frames and referrers: links hold secrets."""
    for name, value in params.items():
        if _HEADER_NAME.fullmatch(name):
            response.headers[f"x-parse-page-param-{name.lower()}"] = _header_value(options, value)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if not options.custom_pages.parse_frame_url:
        response.headers["X-Frame-Options"] = "DENY"
    return response


def _header_value(options: Options, value: str) -> str:
    """The value without control characters, encoded if the application wants that or a header could not hold it."""
    clean = _CONTROL.sub("", value)
    if options.pages.encode_page_param_headers:
        return quote(clean, safe="!'()*")
    try:
        clean.encode("latin-1")
    except UnicodeEncodeError:
        return quote(clean, safe="!'()*")
    return clean
