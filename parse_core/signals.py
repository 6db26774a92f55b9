"""The moments of an object's life that higher apps listen to. The second extension primitive, beside `Registry`.

Each signal is sent with `sender=Application` (the class), and keyword arguments `context` (`RequestContext`) and
`event` (see `parse_core/objects/requests.py`). A receiver filters by the event's class name. Classes somebody listens
to leave the byte path, so a receiver that cares for few classes says so through `listens_to`.

Order in a save: authorize → system class `before_triggers` → `before_save` → system class `before_write` → fit to
schema → write → relations → system class `after_write` → on commit `object_changed`, then `after_save`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from parse_core.application import Application

Interest = Callable[["Application", str], bool]


class Moment(Signal):
    """A Django signal that can tell whether anybody listens to it for a class.

    Connect with `interest=` to name the classes a receiver wants; without it the receiver hears of every class.
    """

    def __init__(self) -> None:
        super().__init__()
        self._interests: list[Interest] = []

    def listen(self, receiver: Callable[..., object], interest: Interest = lambda _application, _name: True) -> None:
        """Connects a receiver for the classes `interest(application, class_name)` says yes to."""
        self._interests.append(interest)
        self.connect(receiver, weak=False)

    def has_listener(self, application: Application, class_name: str) -> bool:
        """Whether a send for this class would reach anybody; costs nothing when nobody ever listened."""
        return any(interest(application, class_name) for interest in self._interests)


before_save = Moment()
after_save = Moment()
before_delete = Moment()
after_delete = Moment()
before_find = Moment()
after_find = Moment()
object_changed = Moment()
before_config_change = Moment()
after_config_change = Moment()

# Sent with `options` before they take effect; a receiver raises `ConfigurationError` for what it cannot work with
application_configuring = Signal()
application_configured = Signal()  # sent with `application` when it was added or reconfigured
# Sent when all applications that the process starts with were configured; their requests may come in by then
applications_loaded = Signal()
application_removed = Signal()  # sent with `application` when this process serves it no more
application_reset = Signal()  # sent with `application` when all its data was removed
# Sent with `context` and `class_name` when all objects of a class were removed at once, without other moments
class_emptied = Signal()
