"""The Django app of push notifications."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PushConfig(AppConfig):
    """parse_push."""

    name = "parse_push"
    verbose_name = "Push notifications"

    def ready(self) -> None:
        """Registers the classes and routes of the app."""
        import_module("parse_push.classes")
        import_module("parse_push.views")
