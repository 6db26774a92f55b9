"""The embedded PostgreSQL: found, initialised, shared by every process of the project, and stopped after the last one.

`EmbeddedServer` is the door. How it works: every process that uses the server holds a shared lock, its *lease*, for as
long as it lives; the kernel drops it however the process ends. A detached watcher (`watcher.py`) runs PostgreSQL and
stops it once nobody holds a lease. `docs/decisions/0010-embedded-postgresql.md` tells why it is built like this.
"""

from __future__ import annotations

from .errors import EmbeddedDatabaseError
from .server import EmbeddedServer

__all__ = ["EmbeddedDatabaseError", "EmbeddedServer"]
