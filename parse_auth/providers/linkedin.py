"""LinkedIn: codes of an app."""

from __future__ import annotations

from parse_auth.exchange import Reply, bearer
from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import CodeExchange
from parse_core.values.scalars import Document


@register
class LinkedIn(CodeExchange):
    """`{"code": …, "redirect_uri": …, "is_mobile_sdk"?: true}`; options `clientId`, `clientSecret`."""

    name = "linkedin"
    label = "LinkedIn"
    token_url = "https://www.linkedin.com/oauth/v2/accessToken"  # noqa: S105 - an address
    profile_url = "https://api.linkedin.com/v2/me"

    def profile(self, token: str, data: Document) -> Reply:
        mobile = {"x-li-src": "msdk"} if data.get("is_mobile_sdk") else {}
        return self.exchange.get(self.profile_url, headers={**bearer(token), "x-li-format": "json", **mobile})
