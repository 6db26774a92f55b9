"""Instagram: codes of an app; the address of the API is never the client's."""

from __future__ import annotations

from parse_auth.exchange import Reply
from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import CodeExchange
from parse_core.values.scalars import Document


@register
class Instagram(CodeExchange):
    """`{"code": …, "redirect_uri"?: …}`; options `clientId`, `clientSecret`, `redirectUri`."""

    name = "instagram"
    label = "Instagram"
    token_url = "https://api.instagram.com/oauth/access_token"  # noqa: S105 - an address
    profile_url = "https://graph.instagram.com/me"

    def profile(self, token: str, data: Document) -> Reply:
        return self.exchange.get(self.profile_url, query={"fields": "id", "access_token": token})
