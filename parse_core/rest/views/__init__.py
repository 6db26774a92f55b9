"""The routes this app owns; each module adds its own to the table."""

from __future__ import annotations

from parse_core.rest.views import batch, classes, purge, schemas, server

__all__ = ["batch", "classes", "purge", "schemas", "server"]
