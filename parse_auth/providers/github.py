"""GitHub: codes of an OAuth app."""

from __future__ import annotations

from parse_auth.exchange import Reply, bearer
from parse_auth.providers.base import CodeRequired, register
from parse_auth.providers.oauth2 import CodeExchange, text_of
from parse_core.errors import ParseError
from parse_core.values.scalars import Document


@register
class GitHub(CodeExchange):
    """`{"code": …}`; options `clientId`, `clientSecret`."""

    name = "github"
    label = "GitHub"
    token_url = "https://github.com/login/oauth/access_token"  # noqa: S105 - an address
    profile_url = "https://api.github.com/user"
    failure = CodeRequired

    def exchange_code(self, data: Document) -> Reply:
        fields = {
            "client_id": self.options.get("clientId"),
            "client_secret": self.options.get("clientSecret"),
            "code": data["code"],
        }
        return self.exchange.post(self.token_url, json=fields)

    def identity(self, token: str, data: Document) -> str:
        reply = self.exchange.get(self.profile_url, headers=bearer(token))
        if not reply.ok:
            raise self.profile_failed(reply)
        if not reply.json.get("id") or not reply.json.get("login"):
            raise CodeRequired("Invalid GitHub user data received.")
        return text_of(reply.json["id"])

    def exchange_failed(self, reply: Reply) -> ParseError:
        return CodeRequired(f"Failed to exchange code for token: {reply.reason}")

    def profile_failed(self, reply: Reply) -> ParseError:
        return CodeRequired(f"Failed to fetch GitHub user: {reply.reason}")
