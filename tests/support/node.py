"""Node, and the packages that JavaScript Cloud Code runs with."""

from __future__ import annotations

import os
import shutil

import pytest

from parse_cloud.bridge import packages


def need_node() -> None:
    """Installs the bridge's packages where they are missing. Without Node the test is skipped, in CI it fails."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        message = "Node 20 and npm are needed to run JavaScript Cloud Code"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    if not packages.are_installed():
        packages.install()
