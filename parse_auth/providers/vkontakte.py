"""VK: access tokens that say nothing of the application they were given to."""

from __future__ import annotations

from parse_auth.providers.base import NotProved, register
from parse_auth.providers.oauth2 import ProfileToken, text_of


@register
class Vkontakte(ProfileToken):
    """`{"id": …, "access_token": …}`; options `appIds`, `appSecret`, `apiVersion`, and both switches."""

    name = "vkontakte"
    label = "Vk"
    not_allowed = "Vk only works with enableInsecureAuth: true"
    needs_global_switch = True

    def identity(self, token: str) -> str:
        app_id, secret = self.options.get("appIds"), self.options.get("appSecret")
        app_id = app_id[0] if isinstance(app_id, list | tuple) and app_id else app_id
        if not app_id or not secret:
            raise NotProved("Vk auth is not configured. Missing appIds or appSecret.")
        version = str(self.options.get("apiVersion") or "5.124")
        query = {"client_id": str(app_id), "client_secret": str(secret), "v": version}
        query["grant_type"] = "client_credentials"
        if not self.exchange.get("https://oauth.vk.com/access_token", query=query).json.get("access_token"):
            raise NotProved("Vk appIds or appSecret is incorrect.")
        query = {"access_token": token, "v": version}
        found = self.exchange.get("https://api.vk.com/method/users.get", query=query).json.get("response")
        first = found[0] if isinstance(found, list) and found else None
        return text_of(first.get("id")) if isinstance(first, dict) else ""
