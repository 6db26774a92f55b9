"""The Django app of Cloud Code."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

from parse_core.signals import application_configured, application_removed, applications_loaded


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
        import_module("parse_cloud.webhooks.views")
        import_module("parse_cloud.webhooks.telling")
        import_module("parse_cloud.analytics")
        import_module("parse_cloud.purchases")
        from parse_cloud.webhooks import hooks
        from parse_core.signals import application_reset

        application_configured.connect(hooks.load)
        application_reset.connect(hooks.load)
        loading = import_module("parse_cloud.author.loading")
        application_configured.connect(loading.when_configured)
        applications_loaded.connect(loading.when_all_are_configured)
        application_removed.connect(loading.when_removed)
        import_module("parse_cloud.author.reloading").connect()
        loader = import_module("parse_cloud.bridge.loader")
        loader.register()
        application_removed.connect(loader.on_removed)
