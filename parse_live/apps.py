"""placeholder"""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """parse_live."""

    name = "parse_live"
