"""Which Python class stands for which class of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parse_cloud.author.current import current

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object
    from parse_core.application import Application


class Subclasses:
    """The subclasses of `Object` that an application's code defined: `application.part(Subclasses)`."""

    def __init__(self, _application: Application) -> None:
        self.by_name: dict[str, type[Object]] = {}


# Those that no application's loading defined: the SDK's own, and modules that several applications import.
_shared: dict[str, type[Object]] = {}


def register(cls: type[Object]) -> None:
    """Makes a class the one that stands for its `class_name`: in the application whose code is running, else in all."""
    found = current.get(None)
    names = _shared if found is None else found.application.part(Subclasses).by_name
    names[cls.class_name] = cls


def unregister(class_name: str) -> None:
    """Nothing but `Object` itself stands for a class any more in the application whose code is running."""
    found = current.get(None)
    names = _shared if found is None else found.application.part(Subclasses).by_name
    names.pop(class_name, None)


def class_for(class_name: str) -> type[Object] | None:
    """The class that stands for a name, None when none is registered."""
    found = current.get(None)
    own = None if found is None else found.application.part(Subclasses).by_name.get(class_name)
    return own or _shared.get(class_name)
