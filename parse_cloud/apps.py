"""The Django app of Cloud Code."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

from parse_core.signals import application_configured, applications_loaded


class CloudConfig(AppConfig):
    """parse_cloud."""

    name = "parse_cloud"
    verbose_name = "Cloud Code"

    def ready(self) -> None:
        """Registers the classes and routes of the app, and listens to the moments of objects."""
        import_module("parse_cloud.classes")
        import_module("parse_cloud.views")
        import_module("parse_cloud.triggers").connect()
        import_module("parse_cloud.jobs.views")
        loading = import_module("parse_cloud.author.loading")
        application_configured.connect(loading.when_configured)
        applications_loaded.connect(loading.when_all_are_configured)
