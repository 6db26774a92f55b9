"""What a fresh checkout needs to serve: an application with generated keys, and a login for the admin.

Both are made once and kept in the data folder, so that an app built against them works after a restart too.
"""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from parse_server.private_files import read_or_create

ALPHABET = string.ascii_letters + string.digits
ADMIN = "admin"


@dataclass(frozen=True)
class AdminLogin:
    """How to log in to the admin. `password` is None once somebody has changed it there."""

    username: str
    password: str | None


def create_application() -> None:
    """Writes the configuration file with an application, unless applications are configured already."""
    generated = settings.PARSE_DATA_DIR / "application.json"
    if not settings.PARSE_SERVER and Path(settings.PARSE_SERVER_CONFIG_FILE) == generated:
        read_or_create(generated, lambda: json.dumps(new_application(), indent=2) + "\n")


def new_application() -> dict[str, Any]:
    """Options in the reference's names.

    No client keys: they are optional, every copy of an app carries them, and without them each SDK connects with the
    application id alone.
    """
    return {
        "appId": _random(20),
        "masterKey": _random(40),
        "readOnlyMasterKey": _random(40),
        "maintenanceKey": _random(40),
        # For development; the option's own default is false.
        "allowClientClassCreation": True,
    }


def create_admin() -> AdminLogin:
    """The admin's login: a superuser made on the first call with a password kept in the data folder."""
    kept = json.loads(read_or_create(settings.PARSE_DATA_DIR / "admin.json", _new_login))
    username, password = kept["username"], kept["password"]
    users = get_user_model()._default_manager  # noqa: SLF001 - its public name, whatever the model calls it
    user = users.filter(**{users.model.USERNAME_FIELD: username}).first()
    if user is None:
        user = users.create_superuser(username, password=password)
    return AdminLogin(username, password if user.check_password(password) else None)


def _new_login() -> str:
    return json.dumps({"username": ADMIN, "password": _random(16)}, indent=2) + "\n"


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
