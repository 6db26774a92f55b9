"""Google Play Games: server auth codes of a player."""

from __future__ import annotations

from urllib.parse import quote

from parse_auth.exchange import Reply, bearer
from parse_auth.providers.base import CodeRequired, register
from parse_auth.providers.oauth2 import CodeExchange, text_of
from parse_core.errors import ParseError
from parse_core.values.scalars import Document


@register
class GooglePlayGames(CodeExchange):
    """`{"id"?: …, "code": …, "redirect_uri"?: …}`; options `clientId`, `clientSecret`."""

    name = "gpgames"
    label = "Google Play Games Services"
    prefix = "gpgames"
    token_url = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    profile_url = "https://www.googleapis.com/games/v1/players/"

    def exchange_code(self, data: Document) -> Reply:
        return self.exchange.post(self.token_url, json={**self.grant(data), "redirect_uri": self.redirect_uri(data)})

    def identity(self, token: str, data: Document) -> str:
        player = quote(str(data.get("id") or "me"), safe="")
        reply = self.exchange.get(self.profile_url + player, headers=bearer(token))
        if not reply.ok:
            raise self.profile_failed(reply)
        if not reply.json.get("playerId"):
            raise CodeRequired(f"Invalid {self.label} user data received.")
        return text_of(reply.json["playerId"])

    def exchange_failed(self, reply: Reply) -> ParseError:
        return CodeRequired(f"Failed to exchange code for token: {reply.reason}")

    def profile_failed(self, reply: Reply) -> ParseError:
        return CodeRequired(f"Failed to fetch {self.label} user: {reply.reason}")
