"""Weibo: codes of an app."""

from __future__ import annotations

from parse_auth.exchange import Reply
from parse_auth.providers.base import NotProved, register
from parse_auth.providers.oauth2 import CodeExchange
from parse_core.errors import ParseError
from parse_core.values.scalars import Document


@register
class Weibo(CodeExchange):
    """`{"code": …, "redirect_uri": …}`; options `clientId`, `clientSecret`."""

    name = "weibo"
    label = "Weibo"
    token_url = "https://api.weibo.com/oauth2/access_token"  # noqa: S105 - an address
    profile_url = "https://api.weibo.com/oauth2/get_token_info"
    id_field = "uid"

    def check_sent(self, data: Document) -> None:
        if not all(data.get(name) and isinstance(data[name], str) for name in ("code", "redirect_uri")):
            raise NotProved("Weibo auth requires code and redirect_uri to be sent.")

    def granted(self, reply: Reply) -> Document:
        if not reply.ok or reply.json.get("errcode") or reply.json.get("error"):
            raise self.invalid()
        return reply.json

    def profile(self, token: str, data: Document) -> Reply:
        return self.exchange.post(self.profile_url, form={"access_token": token})

    def exchange_failed(self, reply: Reply) -> ParseError:
        return self.invalid()
