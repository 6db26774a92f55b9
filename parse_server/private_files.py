"""Files that are made once, hold secrets, and belong to whoever started the server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """The file's text; when there is no file yet, the text that `make` gives, kept with mode 0600.

    Safe between processes: of several that start at once one creates the file, whole, and all return its text.
    """
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
            file.flush()
            os.fsync(descriptor)
        # A link, unlike a rename, fails when another process was first: then theirs counts.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
    return path.read_text("utf-8")
