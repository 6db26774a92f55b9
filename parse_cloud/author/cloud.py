"""`Cloud`: the programming interface of one application's Cloud Code."""

from __future__ import annotations

from typing import Any, NoReturn

from parse_cloud.author import http_request
from parse_cloud.author.calls import Calls
from parse_cloud.author.http_request import HTTPResponse
from parse_cloud.author.registrar import Registrar
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.server import Server
from parse_cloud.author.transactions import CloudTransaction


class Cloud(Registrar, Calls):
    """What `cloud` is for one application: decorators that register code, and what code calls.

    One is made for each load of the application's code; the one whose load succeeded last is in force.
    """

    @property
    def server(self) -> Server:
        """The configuration, as a mapping and as attributes; what is set holds at once (`Parse.Server`)."""
        return Server(self.application)

    def transaction(self) -> CloudTransaction:
        """`with` and `async with`: the writes of the block are stored together or not at all."""
        return CloudTransaction()

    @blocks
    def http_request(self, **options: Any) -> HTTPResponse:
        """An answer of another server; raises `HTTPRequestFailed` for one that is an error.

        `url`, `method`, `headers`, `body` (members are sent as a form, or as the content type says), `params` for the
        query, `follow_redirects` (False), `timeout` (60 seconds). Redirects that are not followed are answers.
        """
        return http_request.request(_options(options))

    async def ahttp_request(self, **options: Any) -> HTTPResponse:
        """`http_request` for the event loop."""
        return await http_request.arequest(_options(options))

    @staticmethod
    def error(message: object) -> NoReturn:
        """Fails with code 141 and a text, as clients get it."""
        raise ParseError(ParseError.SCRIPT_FAILED, message)


def _options(options: dict[str, Any]) -> dict[str, Any]:
    follows = options.get("follow_redirects", options.get("followRedirects"))
    return {**options, "follow_redirects": follows}
