"""The routes this app owns; each module adds its own to the table."""

from __future__ import annotations

from parse_core.rest.views import aggregate, batch, classes, config, logs, purge, schemas, security, server

__all__ = ["aggregate", "batch", "classes", "config", "logs", "purge", "schemas", "security", "server"]
