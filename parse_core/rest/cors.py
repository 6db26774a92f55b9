"""The headers that let browsers of other origins call the API (`contract/objects.md` §3, `contract/config.md` §10)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parse_core.options import Options

Headers = tuple[tuple[str, str], ...]

METHODS = "GET,PUT,POST,DELETE,OPTIONS"
REQUEST_HEADERS = (
    "X-Parse-Master-Key, X-Parse-REST-API-Key, X-Parse-Javascript-Key, X-Parse-Application-Id, "
    "X-Parse-Client-Version, X-Parse-Session-Token, X-Requested-With, X-Parse-Revocable-Session, "
    "X-Parse-Request-Id, Content-Type, Pragma, Cache-Control"
)
# What the reference leaves out although browsers send it: Flutter web, the Dashboard's import, binary uploads.
FURTHER_REQUEST_HEADERS = (
    "X-Parse-Installation-Id, X-Parse-Client-Key, X-Parse-Windows-Key, X-Parse-Maintenance-Key, "
    "X-Parse-Cloud-Context, X-Parse-Upload-Mode, X-Parse-File-Directory, X-Parse-File-Metadata, X-Parse-File-Tags, "
    "X-Parse-File-Max-Upload-Size, X-Parse-App-Build-Version, X-Parse-App-Display-Version, X-Parse-OS-Version, "
    "Authorization, Range"
)
# The JavaScript SDK splits this at ", ".
EXPOSED_HEADERS = "X-Parse-Job-Status-Id, X-Parse-Push-Status-Id"
_ANYBODY = ("*",)


def headers(options: Options | None, origin: str | None) -> Headers:
    """The CORS headers of a response to a request from `origin`; of the defaults where no application is known."""
    if options is None:
        return _headers("*", ())
    allowed = options.allow_origin or _ANYBODY
    return _headers(origin if origin in allowed else allowed[0], options.allow_headers)


@lru_cache(maxsize=256)
def _headers(origin: str, further: tuple[str, ...]) -> Headers:
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", ", ".join((REQUEST_HEADERS, FURTHER_REQUEST_HEADERS, *further))),
        ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
    )
