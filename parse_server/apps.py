"""The Django app of the process itself: it has commands and no models."""

from __future__ import annotations

from django.apps import AppConfig


class ServerConfig(AppConfig):
    """parse_server."""

    name = "parse_server"
    verbose_name = "Parse server"
