"""The requests of triggers that see one object: saves, deletes, logins, logouts."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from parse_cloud.author.requests.base import Request, stored
from parse_cloud.author.sdk.before_save import PendingSave
from parse_cloud.author.sdk.object import Object
from parse_cloud.invocations import AfterSaveCall, BeforeSaveCall, ObjectCall

O = TypeVar("O", bound=Object)  # noqa: E741 - of an object


class TriggerRequest(Request, Generic[O]):
    """A moment of one object.

    `object` is the object: before a save with its changes pending; after one, or for deletes and logins, as stored.
    """

    _invocation: BeforeSaveCall | AfterSaveCall | ObjectCall

    @property
    def trigger_name(self) -> str:
        """`beforeSave` and its like."""
        return str(self._invocation.kind)

    @property
    def object(self) -> O:
        """The object it is about."""
        return cast("O", self._object)

    @cached_property
    def original(self) -> O | None:
        """The object as it was stored before an update; None when it is created."""
        document = self._invocation.original
        return None if document is None else cast("O", stored(document, self._invocation.name))

    @property
    def is_challenge(self) -> bool:
        """Whether this is about a challenge of a sign-in provider."""
        return isinstance(self._invocation, ObjectCall) and self._invocation.is_challenge

    @cached_property
    def pending(self) -> PendingSave:
        """The save that is about to happen."""
        call = cast("BeforeSaveCall", self._invocation)
        return PendingSave(
            call.context.application, call.name, call.changes, original=call.original, object_id=call.object_id
        )

    @cached_property
    def _object(self) -> Any:
        if isinstance(self._invocation, BeforeSaveCall):
            return self.pending.object
        return stored(self._invocation.object, self._invocation.name)
