"""Apple: id tokens of Sign in with Apple."""

from __future__ import annotations

from parse_auth.providers.base import register
from parse_auth.providers.openid_connect import SignedToken


@register
class Apple(SignedToken):
    """`{"id": …, "token": "<JWT>"}`; option `clientId`, a text or several."""

    name = "apple"
    label = "Apple"
    token_field = "token"  # noqa: S105 - a key
    keys_url = "https://appleid.apple.com/auth/keys"
    issuers = ("https://appleid.apple.com",)
