"""The part of the reference server's JSON file that concerns the process, not an application: where it listens.

The options of applications are read from the same file by `parse_core/configuration.py`, which also refuses wrong ones.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def process_options(path: str) -> dict[str, Any]:
    """Host, port, mount path, database address and how the console logs, as far as the file says it.

    In a file with several applications (`{"apps": [...]}`) what stands beside the list wins over its first entry.
    """
    try:
        content = json.loads(Path(path).read_bytes()) if path else {}
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ImproperlyConfigured(f"{path} is not JSON: {error}") from None
    first: dict[str, Any] = next(iter(content.get("apps", [])), {})
    return {
        name: value
        for name in ("host", "port", "mountPath", "databaseURI", "logLevel", "silent", "verbose", "jsonLogs")
        if (value := content.get(name, first.get(name))) is not None
    }
