"""placeholder"""

from __future__ import annotations

from django.apps import AppConfig


class CloudConfig(AppConfig):
    """parse_cloud."""

    name = "parse_cloud"
