"""placeholder"""

from __future__ import annotations

from django.apps import AppConfig


class PushConfig(AppConfig):
    """parse_push."""

    name = "parse_push"
