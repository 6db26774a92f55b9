"""Where the moments of the core meet user code: each receiver makes an invocation, runs it and applies what it left.

A class without a handler of a kind is not listened to, so it keeps the byte path and its one statement.
"""

from __future__ import annotations

from importlib import import_module


def connect() -> None:
    """Begins to listen."""
    for name in ("saves", "deletes", "finds", "logins", "configs"):
        import_module(f"parse_cloud.triggers.{name}")
