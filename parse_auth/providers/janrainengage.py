"""Janrain Engage: tokens that say nothing of the application they were given to."""

from __future__ import annotations

from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import ProfileToken, text_of


@register
class JanrainEngage(ProfileToken):
    """`{"id": …, "auth_token": …}`; option `api_key`, and both switches for insecure providers."""

    name = "janrainengage"
    label = "Janrain engage"
    not_allowed = "janrainengage adapter only works with enableInsecureAuth: true"
    needs_global_switch = True
    token_field = "auth_token"  # noqa: S105 - a key

    def identity(self, token: str) -> str:
        fields = {"token": token, "apiKey": str(self.options.get("api_key") or ""), "format": "json"}
        answer = self.exchange.post("https://rpxnow.com/api/v2/auth_info", form=fields).json
        profile = answer.get("profile")
        return text_of(profile.get("identifier")) if answer.get("stat") == "ok" and isinstance(profile, dict) else ""
