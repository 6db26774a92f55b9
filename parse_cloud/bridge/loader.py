"""The option `cloud` with a JavaScript file: this origin's place among those that load Cloud Code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from parse_cloud.author.loading import CloudCodeError, loaders
from parse_cloud.bridge.bridge import Bridge
from parse_cloud.bridge.node_process import NodeMissing
from parse_cloud.bridge.packages import SUFFIXES
from parse_cloud.bridge.reloading import watch
from parse_cloud.bridge.session import LoadingFailed
from parse_core.application import Application


def load(application: Application, main: Path) -> Callable[[], None]:
    """Starts the application's Node process with a main.js; gives back what ends it. Raises `CloudCodeError`."""
    bridge = application.part(Bridge)
    try:
        bridge.start(main)
    except (LoadingFailed, NodeMissing) as error:
        raise CloudCodeError(f"Cloud Code cannot be loaded: {error}", str(main)) from error
    if application.options.cloud_auto_reload:
        watch(bridge, main)
    return bridge.stop


def on_removed(application: Application, **_signal: Any) -> None:
    """Ends the process of an application that is served no more."""
    application.part(Bridge).stop()


def register() -> None:
    """Makes JavaScript files loadable."""
    for suffix in SUFFIXES:
        loaders.add(suffix, load)
