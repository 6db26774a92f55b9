"""The Django app that knows who asks: users, sessions, roles and the ways to sign in."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class AuthConfig(AppConfig):
    """parse_auth."""

    name = "parse_auth"
    verbose_name = "Users and sessions"

    def ready(self) -> None:
        """Registers providers, classes, routes and the session resolver, and listens for what makes caches stale."""
        from parse_auth import caches, challenges, classes, provider_indexes, providers, read_filters
        from parse_auth.authentication import resolve
        from parse_auth.mail import configuration
        from parse_core.registry import autoload
        from parse_core.rest.authentication import SESSION_TOKEN, session_resolvers
        from parse_core.signals import (
            after_find,
            application_configured,
            application_configuring,
            application_reset,
            class_emptied,
        )

        autoload(providers)
        autoload(classes)
        import_module("parse_auth.views")
        import_module("parse_auth.pages.views")
        session_resolvers.add(SESSION_TOKEN, resolve)
        after_find.listen(read_filters.on_found, read_filters.is_needed)
        application_configured.connect(provider_indexes.on_configured)
        application_reset.connect(provider_indexes.on_reset)
        application_configuring.connect(configuration.check)
        application_configured.connect(caches.on_configured)
        application_reset.connect(caches.on_reset)
        application_reset.connect(challenges.on_reset)
        class_emptied.connect(caches.on_class_emptied)
