"""Where the server listens, by which addresses clients know it, and what it accepts from them at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parse_core.options.errors import Refused
from parse_core.options.fields import Group, option
from parse_core.options.kinds import (
    ADAPTER,
    ARRAY,
    BOOLEAN,
    CALLABLE,
    NUMBER,
    NUMBER_OR_BOOLEAN,
    SIZE,
    STRING,
    STRINGS,
    TRUST,
    Kind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _check_public_url(value: Any) -> Any:
    if callable(value):
        return value
    if not isinstance(value, str):
        message = f"The option {{path}} must be a string or function, but got {javascript_type(value)}."
        raise Refused(message)
    if not value.startswith(("http://", "https://")):
        raise Refused
    return value.rstrip("/")


def javascript_type(value: object) -> str:
    """The word JavaScript's `typeof` has for a JSON value; the reference's texts use it."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "object"


def _check_headers(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Refused
    if not all(isinstance(header, str) for header in value):
        message = "Allow headers must only contain strings"
        raise Refused(message)
    if not all(header.strip() for header in value):
        message = "Allow headers must not contain empty strings"
        raise Refused(message)
    return tuple(value)


def _check_origins(value: Any) -> tuple[str, ...]:
    origins: Iterable[Any] = [value] if isinstance(value, str) else value
    return tuple(STRINGS.check(origins))


def _check_server_url(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Refused
    return value.rstrip("/")


PUBLIC_URL = Kind(
    "URL or callable", "The option {path} must be a valid URL starting with http:// or https://.", _check_public_url
)
HEADERS = ARRAY.but(label="array of strings", refusal="Allow headers must be an array", check=_check_headers)
ORIGINS = STRINGS.but(label="string or array of strings", check=_check_origins)
SERVER_URL = STRING.but(label="URL", refusal="You must provide a serverURL!", check=_check_server_url)


@dataclass(frozen=True, kw_only=True, eq=False)
class ServingOptions(Group):
    """URLs, mounting, process."""

    env_prefix = "PARSE_SERVER_"

    server_url: str = option(
        "",
        SERVER_URL,
        "The URL of the API with its mount path: file URLs, batch paths and the check after the start use it. "
        "By default `http://localhost:<port><mountPath>`.",
        name="serverURL",
        env="PARSE_SERVER_URL",
    )
    public_server_url: str | Callable[[], str] | None = option(
        None,
        PUBLIC_URL,
        "The URL by which clients and people outside reach the API: mails, pages and file URLs use it. A callable is "
        "asked for each request.",
        name="publicServerURL",
        env="PARSE_PUBLIC_SERVER_URL",
    )
    mount_path: str = option("/parse", STRING, "The path below which the API is served.")
    host: str = option("0.0.0.0", STRING, "The address to listen at.")  # noqa: S104 - as the reference; keys guard
    port: int = option(1337, NUMBER, "The port to listen at.", env="PORT")
    cluster: int | bool | None = option(None, NUMBER_OR_BOOLEAN, "Worker processes; `true`: one per core.")
    middleware: Any = option(None, ADAPTER, "A Django middleware, by its dotted path, in front of everything.")
    request_context_middleware: Any = option(
        None,
        CALLABLE.but(refusal="requestContextMiddleware must be a function"),
        "A callable that runs after the session is resolved and before the route, on REST and GraphQL.",
    )
    direct_access: bool = option(True, BOOLEAN, "Calls of Cloud Code skip HTTP. They always do here.", need="accepted")
    trust_proxy: Any = option(
        [],
        TRUST,
        "Which proxies' `X-Forwarded-*` headers count: true, false, a number of hops, or addresses, CIDR ranges and "
        "the names `loopback`, `linklocal`, `uniquelocal`.",
    )
    allow_origin: tuple[str, ...] = option(("*",), ORIGINS, "Origins that browsers may call from.")
    allow_headers: tuple[str, ...] = option((), HEADERS, "Request headers that browsers may send besides ours.")
    verify_server_url: bool = option(True, BOOLEAN, "Ask `<serverURL>/health` after the start and warn if it fails.")
    server_close_complete: Any = option(None, CALLABLE, "Called when the shutdown has finished.")
    enable_express_error_handler: bool = option(
        False, BOOLEAN, "Hands errors to the Express application; there is none here.", need="accepted"
    )
    max_upload_size: int = option(
        20 << 20, SIZE, "The largest request body and file, in bytes or as `20mb` (kb, mb, gb of 1024)."
    )
