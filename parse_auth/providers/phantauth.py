"""PhantAuth: access tokens of made-up users, for development."""

from __future__ import annotations

from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import ProfileToken, text_of


@register
class PhantAuth(ProfileToken):
    """`{"id": …, "access_token": …}`; option `enableInsecureAuth`."""

    name = "phantauth"
    label = "PhantAuth"
    not_allowed = "PhantAuth only works with enableInsecureAuth: true"

    def identity(self, token: str) -> str:
        headers = {"Authorization": f"bearer {token}", "User-Agent": "parse-server"}
        return text_of(self.exchange.get("https://phantauth.net/auth/userinfo", headers=headers).json.get("sub"))
