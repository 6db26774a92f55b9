"""The Django app that owns objects, schemas, queries, permissions and the REST and GraphQL edges."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """parse_core."""

    name = "parse_core"
    verbose_name = "Objects and schemas"
    default_auto_field = "django.db.models.BigAutoField"
