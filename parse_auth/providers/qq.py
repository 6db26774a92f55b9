"""QQ: codes of an app; its answers come as calls of a function, as forms or as JSON."""

from __future__ import annotations

import orjson

from parse_auth.exchange import Reply
from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import CodeExchange, text_of
from parse_core.values.scalars import Document


@register
class Qq(CodeExchange):
    """`{"code": …, "redirect_uri": …}`; options `clientId`, `clientSecret`."""

    name = "qq"
    label = "qq"
    token_url = "https://graph.qq.com/oauth2.0/token"  # noqa: S105 - an address
    profile_url = "https://graph.qq.com/oauth2.0/me"

    def access_token(self, data: Document) -> str:
        reply = self.exchange.get(self.token_url, query=self.grant(data))
        if not reply.ok:
            raise self.exchange_failed(reply)
        answer = _called(reply) or reply.form
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise self.invalid()
        return token

    def identity(self, token: str, data: Document) -> str:
        reply = self.exchange.get(self.profile_url, query={"access_token": token})
        if not reply.ok:
            raise self.profile_failed(reply)
        return text_of((_called(reply) or reply.json).get("openid"))


def _called(reply: Reply) -> Document:
    """The argument of `callback( {…} );`, empty for anything else."""
    text = reply.content.decode("utf-8", "replace")
    argument = text.partition("(")[2].partition(")")[0]
    try:
        value = orjson.loads(argument)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
