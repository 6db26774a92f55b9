"""Definitions as a project would have them."""

from __future__ import annotations

from typing import Any

definitions: list[dict[str, Any]] = [
    {
        "className": "Post",
        "fields": {"title": {"type": "String", "required": True}},
        "indexes": {"byTitle": {"title": 1}},
        "classLevelPermissions": {"find": {"*": True}, "get": {"*": True}},
    }
]
delete_extra_fields = True
began = 0


def note_that_it_began() -> None:
    global began  # noqa: PLW0603 - what a hook leaves behind
    began += 1


before_migration = note_that_it_began
