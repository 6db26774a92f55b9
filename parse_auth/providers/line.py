"""LINE: codes of a channel."""

from __future__ import annotations

from parse_auth.exchange import Reply
from parse_auth.providers.base import CodeRequired, NotProved, register
from parse_auth.providers.oauth2 import CodeExchange
from parse_core.errors import ParseError
from parse_core.values.scalars import Document


@register
class Line(CodeExchange):
    """`{"code": …, "redirect_uri": …}`; options `clientId`, `clientSecret`."""

    name = "line"
    label = "Line"
    token_url = "https://api.line.me/oauth2/v2.1/token"  # noqa: S105 - an address
    profile_url = "https://api.line.me/v2/profile"
    id_field = "userId"

    def identity(self, token: str, data: Document) -> str:
        identity = super().identity(token, data)
        if not identity:
            raise CodeRequired("Invalid Line user data received.")
        return identity

    def exchange_failed(self, reply: Reply) -> ParseError:
        return NotProved(f"Failed to exchange code for token: {reply.reason}")

    def profile_failed(self, reply: Reply) -> ParseError:
        return NotProved(f"Failed to fetch Line user: {reply.reason}")
