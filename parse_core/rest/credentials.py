"""What a request says about who sends it: in headers, Basic authorization and the body (`contract/objects.md` §2).

Here it is only collected; `keys.py` says what it is worth.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parse_core.application import applications
from parse_core.context import Level
from parse_core.errors import Unauthorized
from parse_core.rest import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parse_core.values.scalars import Document, Json

# Members of a body that speak about the request; never part of the object. (`_method` is read before them.)
CONTROL_MEMBERS = frozenset(
    {
        "_ApplicationId",
        "_ClientVersion",
        "_ContentType",
        "_InstallationId",
        "_JavaScriptKey",
        "_MaintenanceKey",
        "_MasterKey",
        "_RevocableSession",
        "_SessionToken",
        "_context",
        "_noBody",
    }
)
_JAVASCRIPT_KEY = "javascript-key="
_KEY_OF_SERVER = "cloud"  # the installation of requests that a server makes with a key of its own


@dataclass(frozen=True, slots=True)
class Credentials:
    """As sent, nothing checked. `cloud_context` and `content_type` are only ever set by a body."""

    application_id: str | None = None
    master_key: str | None = None
    maintenance_key: str | None = None
    client_keys: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)
    session_token: str | None = None
    installation_id: str | None = None
    cloud_context: Json = None
    content_type: str | None = None


def from_headers(meta: Mapping[str, str]) -> Credentials:
    """The credentials in the headers; Basic authorization for a known application replaces them."""
    get = meta.get
    credentials = Credentials(
        get("HTTP_X_PARSE_APPLICATION_ID"),
        get("HTTP_X_PARSE_MASTER_KEY"),
        get("HTTP_X_PARSE_MAINTENANCE_KEY"),
        (
            get("HTTP_X_PARSE_CLIENT_KEY"),
            get("HTTP_X_PARSE_JAVASCRIPT_KEY"),
            get("HTTP_X_PARSE_REST_API_KEY"),
            get("HTTP_X_PARSE_WINDOWS_KEY"),
        ),
        get("HTTP_X_PARSE_SESSION_TOKEN"),
        get("HTTP_X_PARSE_INSTALLATION_ID"),
    )
    authorization = get("HTTP_AUTHORIZATION")
    return credentials if authorization is None else _with_basic(credentials, authorization)


def _with_basic(credentials: Credentials, authorization: str) -> Credentials:
    if authorization[:6].lower() != "basic ":
        return credentials
    try:
        decoded = b64decode(authorization[6:] + "==").decode(errors="replace")
    except ValueError:
        return credentials
    application_id, _, key = decoded.partition(":")
    if decoded.count(":") != 1 or application_id not in applications:
        return credentials
    if key.startswith(_JAVASCRIPT_KEY):
        client, javascript, rest, windows = credentials.client_keys
        javascript = key.removeprefix(_JAVASCRIPT_KEY) or javascript
        return replace(credentials, application_id=application_id, client_keys=(client, javascript, rest, windows))
    return replace(credentials, application_id=application_id, master_key=key or credentials.master_key)


def from_body(body: Document, headers: Credentials) -> Credentials:
    """The credentials of a request whose headers name no application: those of the body, then of the headers.

    Raises `Unauthorized` for a member of another type, and for a master key in the headers that is not the one of the
    application the body names.
    """
    application = applications.get(text) if isinstance(text := body.get("_ApplicationId"), str) else None
    if application is None:
        raise Unauthorized
    if headers.master_key is not None and not keys.equal(headers.master_key, keys.master_key(application)):
        raise Unauthorized
    client, _, rest, windows = headers.client_keys
    return Credentials(
        application.id,
        _text(body, "_MasterKey") or headers.master_key,
        _text(body, "_MaintenanceKey") or headers.maintenance_key,
        (client, _text(body, "_JavaScriptKey") or "", rest, windows),
        _text(body, "_SessionToken") or headers.session_token,
        _text(body, "_InstallationId") or headers.installation_id,
        body.get("_context") or None,
        _text(body, "_ContentType"),
    )


def _text(body: Document, name: str) -> str | None:
    value = body.get(name)
    if value and not isinstance(value, str):
        raise Unauthorized
    return value or None


def without_control_members(body: Document) -> Document:
    """The body as the object a handler sees."""
    if CONTROL_MEMBERS.isdisjoint(body):
        return body
    return {name: value for name, value in body.items() if name not in CONTROL_MEMBERS}


def installation(credentials: Credentials, level: Level, *, by_headers: bool) -> str | None:
    """The installation that calls: `"cloud"` for a server's key in a header without any."""
    if credentials.installation_id or not by_headers or level is Level.CLIENT:
        return credentials.installation_id
    return _KEY_OF_SERVER
