"""Node, and the packages that JavaScript Cloud Code runs with."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

import pytest

from parse_cloud.bridge.node_process import HERE as BRIDGE

INSTALL_SECONDS: Final = 300


def need_node() -> None:
    """Installs the bridge's packages where they are missing. Without Node the test is skipped, in CI it fails."""
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        message = "Node 20 and npm are needed to run JavaScript Cloud Code"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    if not (BRIDGE / "node_modules" / "parse").exists():
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=BRIDGE, check=True, timeout=INSTALL_SECONDS
        )
