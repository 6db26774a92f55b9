"""The Django app that owns objects, schemas, queries, permissions and the REST and GraphQL edges."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """parse_core."""

    name = "parse_core"
    verbose_name = "Objects and schemas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the classes of the core, its checks, and what other apps have in their `parse_extensions.py`."""
        import_module("parse_core.objects.core_classes")
        import_module("parse_core.query.indexes")
        import_module("parse_core.checks")
        from parse_core import security, tasks
        from parse_core.configuration import log_notices
        from parse_core.rest import throttling
        from parse_core.signals import application_configured, application_configuring, application_reset

        application_configuring.connect(security.refuse_malformed_groups)
        application_configured.connect(log_notices)
        application_configured.connect(security.log_report)
        application_reset.connect(throttling.on_reset)
        application_reset.connect(tasks.on_reset)
        autodiscover_modules("parse_extensions")
