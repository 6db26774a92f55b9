"""Answers as bytes: what storage rendered goes out as it is, everything else through orjson."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from rest_framework.renderers import BaseRenderer

if TYPE_CHECKING:
    from parse_core.application import Application


class WireRenderer(BaseRenderer):
    """JSON in UTF-8; bytes are JSON already."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"
    content_type = f"{media_type}; charset={charset}"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body of a response."""
        return data if isinstance(data, bytes) else orjson.dumps(data)


renderer = WireRenderer()


class FileUrls:
    """Where an application's files are served from: put in the place of the marker that stored documents hold."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._marker = application.file_marker.encode()

    def filled_in(self, body: bytes) -> bytes:
        """The body with real file URLs: never from the Host header, which is the client's to choose."""
        return body.replace(self._marker, self._base()) if self._marker in body else body

    def _base(self) -> bytes:
        base = public_url(self._application) or self._application.options.server_url
        # It goes into the middle of a JSON text: quoted, so that no configured character can end the string.
        return f"{quote(base, safe='/:@[]')}/files/{quote(self._application.id, safe='')}/".encode()


def public_url(application: Application) -> str | None:
    """The option `publicServerURL`; a callable is asked."""
    url = application.options.public_server_url
    return url() if callable(url) else url
