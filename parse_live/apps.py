"""The Django app of live queries: subscriptions over WebSockets."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """parse_live. It keeps no classes of its own."""

    name = "parse_live"
    verbose_name = "Live queries"
