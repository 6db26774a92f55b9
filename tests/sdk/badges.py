"""A sign-in provider for the cases: whoever knows the secret signs badges, and is who a badge says he is."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from parse_auth.providers.base import NotProved


class Badges:
    """`{"id": …, "signature": hex of HMAC-SHA256(secret, id)}`; reads show the id alone."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._secret = str(options["secret"]).encode()

    def validate_auth_data(self, auth_data: Mapping[str, Any], _options: object, _request: object) -> None:
        """Accepts a badge, or raises `NotProved` (101)."""
        wanted = hmac.new(self._secret, str(auth_data.get("id")).encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, str(auth_data.get("signature"))):
            message = "This badge is not ours."
            raise NotProved(message)

    def after_find(self, auth_data: Mapping[str, Any], _options: object, _request: object) -> dict[str, Any]:
        """What reads show."""
        return {"id": auth_data["id"]}
