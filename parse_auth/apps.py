"""placeholder"""

from __future__ import annotations

from django.apps import AppConfig


class AuthConfig(AppConfig):
    """parse_auth."""

    name = "parse_auth"
