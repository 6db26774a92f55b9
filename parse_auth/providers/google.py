"""Google: id tokens of Google sign-in."""

from __future__ import annotations

from parse_auth.providers.base import register
from parse_auth.providers.openid_connect import SignedToken


@register
class Google(SignedToken):
    """`{"id": …, "id_token": "<JWT>"}`; option `clientId`, a text or several."""

    name = "google"
    label = "Google"
    keys_url = "https://www.googleapis.com/oauth2/v3/certs"
    issuers = ("accounts.google.com", "https://accounts.google.com")
    expected = "correct provider"
