"""The public pages below `/<pagesEndpoint>/` (`users.md` §18.4).

No key is needed; the path names the application.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpResponse, HttpResponseBase

from parse_auth.asking import ask
from parse_auth.flows import reset_password, verify_email
from parse_auth.pages import catalogue
from parse_auth.pages.files import folder
from parse_auth.pages.responses import content, elsewhere, file, not_found, page
from parse_auth.pages.visits import Visit, text, visit
from parse_auth.providers import magic_link
from parse_core.application import Application, applications
from parse_core.errors import ErrorCode, InternalError, ParseError, PasswordMissing, Unauthorized
from parse_core.rest import exceptions
from parse_core.rest.base import ParseView, UnknownRoute
from parse_core.rest.calls import Answer
from parse_core.rest.reception import Reception
from parse_core.rest.routes import Match, Route, routes

log = logging.getLogger("parse_auth.pages")

Shown = Answer | HttpResponse


class PageRefused(ParseError):
    """The page could not do what was asked."""

    code = ErrorCode.OTHER_CAUSE


class PagesView(ParseView):
    """Every page; `path` is what follows the endpoint."""

    in_batch = False

    def respond(self, reception: Reception, arguments: Mapping[str, str]) -> Answer | HttpResponseBase:
        """The page in place of steps 3-13: there are no credentials."""
        method = "GET" if reception.request.method == "HEAD" else reception.request.method or ""
        path = arguments["path"]
        first, _, rest = path.partition("/")
        if (method, rest) in _FLOWS:
            return _FLOWS[method, rest](_visit(reception, first))
        if (method, path) == ("GET", "choose_password"):
            return choose_password(_visit(reception, reception.request.GET.get("appId", "")))
        known = next((each for each in reception.neighbours if each.id == first), None)
        route = _custom_route(known, method, rest) if known else None
        if known is not None and route is not None:
            return custom_page(_visit(reception, first), route)
        if method != "GET":
            raise UnknownRoute(method, reception.request.path)
        return static(reception, path)


def verify(visited: Visit) -> Shown:
    """The link in a verification mail."""
    token = text(visited.query.get("token"))
    if visited.base_params is None or token is None:
        return page(visited, catalogue.VERIFICATION_LINK_INVALID)
    try:
        verify_email.verify(visited.context, token)
    except ParseError as error:
        _log_defect(error)
        return page(visited, catalogue.VERIFICATION_LINK_INVALID, {"token": token})
    return page(visited, catalogue.VERIFICATION_SUCCESS)


def resend(visited: Visit) -> Shown:
    """The button that asks for another verification mail; it tells nobody whether there was a reason to."""
    token, username = text(visited.body.get("token")), text(visited.body.get("username"))
    if visited.base_params is None or not (token or username):
        return page(visited, catalogue.VERIFICATION_LINK_INVALID)
    try:
        verify_email.resend(visited.context, token=token, username=username)
    except ParseError as error:
        _log_defect(error)
        if not visited.application.options.email_verify_success_on_invalid_email:
            return page(visited, catalogue.VERIFICATION_SEND_FAIL)
    return page(visited, catalogue.VERIFICATION_SEND_SUCCESS)


def choose_password(visited: Visit) -> Shown:
    """The form for a new password, from a page of the application's own."""
    sent = {name: text(visited.query.get(name)) for name in ("token", "username")}
    return page(visited, catalogue.PASSWORD_RESET, sent)


def show_reset(visited: Visit) -> Shown:
    """The link in a reset mail: the form, if the link still works."""
    token = text(visited.query.get("token"))
    if visited.base_params is None or token is None:
        return page(visited, catalogue.PASSWORD_RESET_LINK_INVALID)
    try:
        reset_password.check_token(visited.context, token)
    except reset_password.ResetRefused:
        return page(visited, catalogue.PASSWORD_RESET_LINK_INVALID)
    return page(visited, catalogue.PASSWORD_RESET, {"token": token})


def reset(visited: Visit) -> Shown:
    """The form for a new password, sent: a page for people, JSON for scripts."""
    token, password = text(visited.body.get("token")), text(visited.body.get("new_password"))
    if token is None or password is None:
        if not visited.is_script:
            return page(visited, catalogue.PASSWORD_RESET_LINK_INVALID)
        raise PageRefused("Missing token") if token is None else PasswordMissing("Missing password")
    try:
        reset_password.reset_password(visited.context, token, password)
    except InternalError:
        raise
    except ParseError as error:
        reason = str(exceptions.body(error, visited.application.options)["error"])
        if visited.is_script:
            raise PageRefused(reason) from error
        return page(visited, catalogue.PASSWORD_RESET, {"token": token, "error": reason}, redirects=False)
    if visited.is_script:
        return Answer(b'"Password successfully reset"')
    return page(visited, catalogue.PASSWORD_RESET_SUCCESS, redirects=False)


def show_sign_in(visited: Visit) -> Shown:
    """The link in a sign-in mail: a page with a button, since programs open links of mails before people do."""
    token = text(visited.query.get("token"))
    if visited.base_params is None or token is None:
        return page(visited, catalogue.SIGN_IN_LINK_INVALID)
    try:
        arrival = magic_link.look(visited.context, token)
    except ParseError:
        return page(visited, catalogue.SIGN_IN_LINK_INVALID)
    onward = [arrival.redirect] if arrival.redirect else []
    return page(visited, catalogue.SIGN_IN, {"token": token, "email": arrival.address}, forms=onward)


def sign_in(visited: Visit) -> Shown:
    """The button: the code, shown, or taken along to the application's own page."""
    token = text(visited.body.get("token"))
    if visited.base_params is None or token is None:
        return page(visited, catalogue.SIGN_IN_LINK_INVALID, redirects=False)
    try:
        arrival = magic_link.follow(visited.context, token)
    except ParseError:
        return page(visited, catalogue.SIGN_IN_LINK_INVALID, redirects=False)
    if arrival.redirect:
        return elsewhere(visited, arrival.redirect, {"code": arrival.code})
    return page(visited, catalogue.SIGN_IN_CODE, {"code": arrival.code, "email": arrival.address}, redirects=False)


def custom_page(visited: Visit, route: Mapping[str, object]) -> Shown:
    """A page of the application's own: its handler names the file and what to show in it."""
    shown = ask(route["handler"], visited) or {}
    name = shown.get("file")
    if not isinstance(name, str) or not name.endswith(".html"):
        return not_found()
    params = {key: str(value) for key, value in (shown.get("query") or {}).items() if value is not None}
    return page(visited, catalogue.Page(name.removesuffix(".html")), params, redirects=False)


def static(reception: Reception, path: str) -> Shown:
    """A file of the folder: a page without a flow, or anything that pages need."""
    asked = reception.request.GET.get("appId", "")
    serving = [each for each in reception.neighbours if _is_below(each, reception.path)]
    application = next((each for each in serving if each.id == asked), serving[0])
    reception.application = application
    visited, files = visit(reception, application), folder(application.options.pages)
    if not path.endswith(".html"):
        return file(files, path)
    params = (visited.base_params or {}) if application.id == asked else {}
    token = text(visited.query.get("token"))
    return content(visited, files, path, {**params, "token": token} if params and token else params)


_FLOWS: Final[Mapping[tuple[str, str], Callable[[Visit], Shown]]] = {
    ("GET", "verify_email"): verify,
    ("POST", "resend_verification_email"): resend,
    ("GET", "request_password_reset"): show_reset,
    ("POST", "request_password_reset"): reset,
    ("GET", magic_link.PAGE): show_sign_in,
    ("POST", magic_link.PAGE): sign_in,
}
_ROUTE: Final = Route("pages", PagesView, {})


def find_page(path: str) -> Match | None:
    """The view of a path below the pages' endpoint of any application."""
    for application in applications.values():
        if _is_below(application, path):
            endpoint = application.options.pages.pages_endpoint.strip("/")
            return Match(_ROUTE, {"path": path[len(endpoint) + 1 :]})
    return None


def _is_below(application: Application, path: str) -> bool:
    endpoint = application.options.pages.pages_endpoint.strip("/").lower()
    return path.lower().startswith(f"{endpoint}/")


def _visit(reception: Reception, application_id: str) -> Visit:
    application = next((each for each in reception.neighbours if each.id == application_id), None)
    if application is None:
        raise Unauthorized
    reception.application = application
    return visit(reception, application)


def _custom_route(application: Application, method: str, path: str) -> Mapping[str, object] | None:
    routes_of_its_own = application.options.pages.custom_routes
    found = (each for each in routes_of_its_own if (each["method"], str(each["path"]).strip("/")) == (method, path))
    return next(found, None)


def _log_defect(error: ParseError) -> None:
    """An internal error looks like any other on a page, but somebody has to hear of it."""
    if isinstance(error, InternalError):
        log.error("a page failed", exc_info=error)


routes.add_finder(find_page)
