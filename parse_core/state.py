"""How far an application has come on its way to serving requests (`contract/config.md` §12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from parse_core.application import Application

State = Literal["initialized", "starting", "ok", "error"]


class Readiness:
    """The state of one application in this process: `application.part(Readiness).state`."""

    def __init__(self, _application: Application) -> None:
        self.state: State = "ok"
