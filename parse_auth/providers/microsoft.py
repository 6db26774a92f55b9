"""Microsoft: codes of an app, for accounts of any tenant."""

from __future__ import annotations

from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import CodeExchange


@register
class Microsoft(CodeExchange):
    """`{"code": …, "redirect_uri": …}`; options `clientId`, `clientSecret`."""

    name = "microsoft"
    label = "Microsoft"
    token_url = "https://login.microsoftonline.com/common/oauth2/v2.0/token"  # noqa: S105 - an address
    profile_url = "https://graph.microsoft.com/v1.0/me"
