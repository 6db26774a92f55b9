"""`cloud`, as modules import it: the `Cloud` of the application that is being loaded, or whose code runs."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, cast

from parse_cloud.author.cloud import Cloud
from parse_cloud.author.current import current
from parse_core.application import applications

if TYPE_CHECKING:
    from parse_core.application import Application

# What decorators register with while code is loaded.
loading: Final[ContextVar[Cloud | None]] = ContextVar("parse_cloud.loading", default=None)


class InForce:
    """The `Cloud` of the last load that succeeded: `application.part(InForce).cloud`."""

    def __init__(self, application: Application) -> None:
        self._lock = threading.Lock()
        self.cloud = Cloud(application)
        self.cloud.take_effect()

    def replace(self, cloud: Cloud) -> None:
        """Puts the handlers of another load in force."""
        with self._lock:
            self.cloud.retire()
            self.cloud = cloud
            cloud.take_effect()


def cloud_of_this_code() -> Cloud:
    """The `Cloud` that is meant here. Raises `RuntimeError` where it could be that of several applications, or none."""
    found = loading.get()
    if found is not None:
        return found
    now = current.get(None)
    if now is not None:
        return now.application.part(InForce).cloud
    known = list(applications)
    if len(known) != 1:
        there = "There are several applications" if known else "There is no application"
        raise RuntimeError(f"{there}: `cloud` works inside Cloud Code, or as the argument of setup(cloud)")
    return applications[known[0]].part(InForce).cloud


class Proxy:
    """Stands for the `Cloud` that is meant wherever it is used."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(cloud_of_this_code(), name)

    def __repr__(self) -> str:
        return "<cloud>"


cloud: Final = cast("Cloud", Proxy())
