"""The npm packages of the Node side, as its lock file has them: whether they are there, and getting them there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent / "node"
SUFFIXES: Final = (".js", ".mjs", ".cjs")
_INSTALL: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class InstallationFailed(Exception):
    """npm is missing, or could not install; the text is npm's."""


def are_installed() -> bool:
    """Whether the SDK that main.js runs with is there."""
    return (HERE / "node_modules" / "parse" / "package.json").exists()


def are_needed(applications: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the configured applications has Cloud Code in JavaScript."""
    return any(str(options.get("cloud") or "").endswith(SUFFIXES) for options in applications)


def install() -> None:
    """Has npm install them; takes seconds. Raises `InstallationFailed`."""
    npm = shutil.which("npm")
    if npm is None:
        raise InstallationFailed("there is no `npm` in PATH")
    done = subprocess.run([npm, *_INSTALL], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallationFailed(done.stderr.strip() or f"npm ended with {done.returncode}")
