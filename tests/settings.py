"""The settings of a test run: the real ones, on a database of its own per process of the run."""

from __future__ import annotations

import os
from pathlib import Path

# The run must not depend on what the developer's shell configures for a server.
for name in [name for name in os.environ if name.startswith("PARSE_SERVER_")]:
    if name != "PARSE_SERVER_DATABASE_URI":
        del os.environ[name]
# One embedded server for all runs in this checkout; apart from the one that `make run` uses.
os.environ["PARSE_SERVER_DATA_DIR"] = str(Path(__file__).resolve().parent.parent / ".data" / "test")

from parse_server.settings import *  # noqa: E402, F403
from parse_server.settings import DATABASES  # noqa: E402

# The number of the process, so that runs don't meet, and what a killed run leaves behind is known to be left behind.
DATABASES["default"]["NAME"] = f"test_{os.getpid()}"
PARSE_SERVER_CONFIG_FILE = ""
PARSE_DEFAULT_CLOUD = []
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PARSE_LOADS_AT_START = False
PARSE_SWEEPS_TASKS = False  # a test says itself when it is time
PARSE_LOG_FILES = False  # tests that want some say where
