"""`Cloud`: the programming interface of one application's Cloud Code."""

from __future__ import annotations

from typing import NoReturn

from parse_cloud.author.registrar import Registrar
from parse_cloud.author.sdk.error import ParseError


class Cloud(Registrar):
    """What `cloud` is for one application: decorators that register code, and what code calls.

    One is made for each load of the application's code; the one whose load succeeded last is in force.
    """

    @staticmethod
    def error(message: object) -> NoReturn:
        """Fails with code 141 and a text, as clients get it."""
        raise ParseError(ParseError.SCRIPT_FAILED, message)
