"""WeChat: codes of an app; the exchange itself tells the id."""

from __future__ import annotations

from parse_auth.exchange import Reply
from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import CodeExchange, text_of
from parse_core.errors import ParseError
from parse_core.values.scalars import Document

BASE = "https://api.weixin.qq.com/sns"


@register
class WeChat(CodeExchange):
    """`{"code": …}`; options `clientId`, `clientSecret`."""

    name = "wechat"
    label = "WeChat"

    def access_token(self, data: Document) -> str:
        query = {
            "appid": str(self.options["clientId"]),
            "secret": str(self.options["clientSecret"]),
            "code": str(data["code"]),
            "grant_type": "authorization_code",
        }
        reply = self.exchange.get(f"{BASE}/oauth2/access_token", query=query)
        answer = reply.json if reply.ok else {}
        token, identity = answer.get("access_token"), text_of(answer.get("openid"))
        if answer.get("errcode") or not isinstance(token, str) or not identity:
            raise self.invalid()
        if data.setdefault("id", identity) != identity:
            raise self.invalid()
        return token

    def identity(self, token: str, data: Document) -> str:
        identity = text_of(data.get("id"))
        reply = self.exchange.get(f"{BASE}/auth", query={"access_token": token, "openid": identity})
        if not reply.ok or reply.json.get("errcode") != 0:
            raise self.invalid()
        return identity

    def exchange_failed(self, reply: Reply) -> ParseError:
        return self.invalid()
