"""placeholder until the full list lands: see `Options.parse`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Options:
    app_id: str
    master_key: str
    database_uri: str | None = None
    allow_client_class_creation: bool = False
    allow_custom_object_id: bool = False
    object_id_size: int = 10
    default_limit: int = 100
    max_limit: int | None = None

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Options:
        return cls(app_id=options["appId"], master_key=options["masterKey"])
