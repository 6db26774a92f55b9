"""The routes of installations: the class routes under a name of their own."""

from __future__ import annotations

from parse_core.rest.views.classes import add_class_routes

add_class_routes("installations", "_Installation")
